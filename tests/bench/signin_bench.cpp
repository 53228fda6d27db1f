// A sign-in from the request to Net2's receipt of the call: through D-Bus and through the LAN interface,
// while nothing happens, while a million rows drain, and while everybody is read again.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "connectors/https/https_client.hpp"
#include "daemon/cli/bus_client.hpp"
#include "daemon/control/bus_names.hpp"
#include "tests/bench/measurements.hpp"
#include "tests/whole/house.hpp"

namespace gatehouse::bench {
namespace {

using namespace whole;
namespace json = boost::json;
using std::chrono::microseconds;

constexpr int everybody = 100'000;
constexpr int queued = 1'000'000;
constexpr int samples = 600;  ///< of each way
/// Of a Net2 server of its own: the one that everybody is read from makes its list of 100,000 in one go, and
/// its own standing still meanwhile is no time of ours.
constexpr auto door = "net2-doors/6203980";
constexpr auto token = "a-token-of-the-reception-kiosk-0123456789";
/// A client on the LAN has 20 requests a second.
constexpr Millis between_two{55};

/// GATEHOUSE_BENCH_SCALE, for a look whether it works at all.
double scale() {
  const char* said = std::getenv("GATEHOUSE_BENCH_SCALE");
  return said == nullptr ? 1.0 : std::clamp(std::atof(said), 1e-4, 1.0);
}
int scaled(int whole) {
  return std::max(20, static_cast<int>(whole * scale()));
}

std::int64_t wall_us() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<microseconds>(now).count();
}

double at_share(const std::vector<double>& ascending, double share) {
  const auto place = static_cast<std::size_t>(share * static_cast<double>(ascending.size()));
  return ascending[std::min(place, ascending.size() - 1)];
}

std::string sha256_hex(const std::string& text) {
  unsigned char digest[32];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  std::string hex;
  for (const auto byte : digest) {
    constexpr auto digits = "0123456789abcdef";
    hex += {digits[byte >> 4], digits[byte & 15]};
  }
  return hex;
}

/// The server of the doors, with nobody who comes in from it.
std::string server_of_doors(const Simulator& server, const std::string& folder) {
  return "  - id: net2-doors\n    name: Doors\n    kind: net2\n    enabled: true\n    sites: [hq]\n    url: "
         "https://127.0.0.1:" +
         std::to_string(server.port()) + "\n    username: Gateway Service\n    password: {file: " + folder +
         "/password}\n    client_id: {file: " + folder +
         "/client_id}\n    timezone: Europe/London\n    tls: {ca: " + test_certificates() +
         "/ca.pem, server_name: NET2PC}\n    sync: {first: auto, groups: {Nobody: employee}, fields: "
         "{first_name: firstName, last_name: lastName, phone: telephone}}\n";
}

/// The doors, who may enter, and a kiosk.
std::string at_the_door(int lan_port) {
  const auto& made = test_certificates();
  return std::string("policy:\n  employees: {open: true}\ndoors:\n  - {id: ") + door +
         ", name: Front door, site: hq, kind: timed, open: 1s}\n"
         "access_points:\n  - {id: reception, name: Reception, site: hq, doors: [" +
         door +
         "], open_on: [in], open_modes: [kiosk]}\n"
         "lan_api:\n  listen: \"127.0.0.1:" +
         std::to_string(lan_port) + "\"\n  tls: {cert: " + made + "/broker.pem, key: {file: " + made +
         "/broker.key}}\n  clients: [{id: reception, token_sha256: " + sha256_hex(token) +
         ", access_points: [reception]}]\n";
}

/// A kiosk that keeps its connection.
class Kiosk {
 public:
  explicit Kiosk(int port) {
    Net2Tls trust;
    trust.ca = test_certificates() + "/ca.pem";
    trust.server_name = "localhost";
    https_ =
        make_https_client(io_.get_executor(), {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(port)},
                          std::move(trust));
  }
  json::object sign_in(const std::string& person, const std::string& key) {
    HttpRequest request;
    request.method = "POST";
    request.target = "/v1/sign-in";
    request.headers = {{"Authorization", std::string("Bearer ") + token},
                       {"Content-Type", "application/json"},
                       {"Idempotency-Key", key}};
    request.body = json::serialize(json::object{{"access_point", "reception"},
                                                {"direction", "in"},
                                                {"mode", "kiosk"},
                                                {"person", json::object{{"id", person}}}});
    std::optional<Result<gatehouse::HttpAnswer>> answer;
    auto ask = [&]() -> Task<void> {
      auto received = co_await https_->fetch(std::move(request), 65'536);
      answer.emplace(std::move(received));
    };
    boost::asio::co_spawn(io_, ask(), [](const std::exception_ptr&) {});
    io_.restart();
    while (!answer && io_.run_one() != 0) continue;
    if (!answer || !*answer) throw std::runtime_error("the kiosk has no answer");
    if ((**answer).status != 200) throw std::runtime_error("the kiosk was refused: " + (**answer).body);
    return json::parse((**answer).body).as_object();
  }

 private:
  boost::asio::io_context io_{1};
  std::unique_ptr<HttpsClient> https_;
};

gatehouse::Bus at(const Rig& rig) {
  return {.kind = gatehouse::Bus::Kind::address, .address = rig.bus.address()};
}

struct Samples {
  std::vector<double> bus, lan;  ///< milliseconds to Net2's receipt
  std::vector<double> answered;  ///< to the answer, either way
};

class Queue {
 public:
  Queue(Rig& rig, const Simulator& doors, int lan_port)
      : rig_(rig), doors_(doors), kiosk_(lan_port), bus_(at(rig)) {}

  /// Some who may enter. Asks until there are enough.
  void find_people() {
    for (int number = 1; people_.size() < 40 && number < 4'000; ++number) {
      const auto one = rig_.gateway.json({"people", "show", "net2-hq/" + std::to_string(number)});
      if (text_at(one, "person_type") != "employee") continue;
      const auto id = text_at(one, "id");
      if (text_at(parse(bus_.ask(bus_names::access, "Decide", {id, "reception", Filter{}})), "outcome") ==
          "allow")
        people_.push_back(id);
    }
    if (people_.empty()) throw std::runtime_error("nobody may enter");
  }

  /// So many of each way, or as long as `goes_on` (asked after each).
  template <typename GoesOn>
  Samples stand_in_line(GoesOn goes_on) {
    Samples taken;
    while (goes_on(taken)) {
      const auto began = Clock::now();
      one(taken.bus, taken.answered, [&](const std::string& person) {
        return parse(bus_.ask(bus_names::access, "SignIn", {person, "reception"}));
      });
      one(taken.lan, taken.answered, [&](const std::string& person) {
        return kiosk_.sign_in(person, "bench-" + std::to_string(++number_));
      });
      std::this_thread::sleep_until(began + between_two);
    }
    return taken;
  }

  /// From exec to the first answer to "would they be let in?", asked again and again.
  double first_decision() {
    const auto person = people_.front();
    const auto began = Clock::now();
    rig_.gateway.launch();
    rig_.need(
        "no decision", 60s,
        [&] {
          BusClient fresh(at(rig_));
          const auto answer = fresh.ask(bus_names::access, "Decide", {person, "reception", Filter{}});
          return answer.document && text_at(parse(answer), "person_id") == person;
        },
        2ms);
    return std::chrono::duration<double>(Clock::now() - began).count();
  }

  /// A question that reads nothing: what the bus itself takes.
  std::vector<double> bare_calls(int count) {
    std::vector<double> took;
    for (int i = 0; i < count; ++i) {
      const auto began = Clock::now();
      bus_.ask(bus_names::access, "Decide", {people_.front(), "reception", Filter{}});
      took.push_back(std::chrono::duration<double, std::milli>(Clock::now() - began).count());
    }
    std::ranges::sort(took);
    return took;
  }

 private:
  static json::object parse(const Answer& answer) {
    if (!answer.document) return {};
    return json::parse(*answer.document).as_object();
  }
  template <typename Ask>
  void one(std::vector<double>& receipts, std::vector<double>& answers, Ask ask) {
    const auto& person = people_[++next_ % people_.size()];
    const auto began = wall_us();
    const auto decision = ask(person);
    const auto answered = wall_us();
    const auto* doors = decision.if_contains("doors");
    const bool decided = doors != nullptr && !doors->as_array().empty();
    const auto command = decided ? text_at(doors->as_array().at(0).as_object(), "command") : std::string();
    if (command != "sent" && command != "confirmed")
      throw std::runtime_error("not opened: " + json::serialize(decision));
    const auto state = doors_.state();
    for (const auto& entry : state.at("doors").as_array()) {
      const auto& each = entry.as_object();
      if (number_at(each, "id") != 6203980) continue;
      receipts.push_back(static_cast<double>(number_at(each, "commanded_us") - began) / 1e3);
    }
    answers.push_back(static_cast<double>(answered - began) / 1e3);
  }

  Rig& rig_;
  const Simulator& doors_;
  Kiosk kiosk_;
  BusClient bus_;
  std::vector<std::string> people_;
  std::size_t next_ = 0;
  int number_ = 0;
};

void tell(Report& report, const std::string& when, Samples taken, double fsync_p50) {
  for (auto* list : {&taken.bus, &taken.lan, &taken.answered}) std::ranges::sort(*list);
  if (taken.bus.empty()) throw std::runtime_error("no sign-in " + when);
  const auto each = [&](const std::string& way, const std::vector<double>& list) {
    report.told(when + ", by " + way + ": p50", at_share(list, 0.5), "ms",
                "ratio to an fsync " + number(at_share(list, 0.5) / fsync_p50));
    report.at_most("the same, p99 of " + std::to_string(list.size()), at_share(list, 0.99), 20, "ms",
                   "longest " + number(list.back(), "ms"));
  };
  each("D-Bus", taken.bus);
  each("the LAN", taken.lan);
  report.told(when + ": to the answer, p99", at_share(taken.answered, 0.99), "ms");
}

/// What the disk takes for one small write that must be there: p50 and p99, ms.
std::pair<double, double> fsync_times(const std::string& path) {
  const int file = open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) throw std::runtime_error("cannot write " + path);
  const std::string page(4096, 'x');
  std::vector<double> took;
  for (int i = 0; i < 300; ++i) {
    const auto began = Clock::now();
    const bool written = pwrite(file, page.data(), page.size(), i * 4096) == 4096 && fdatasync(file) == 0;
    if (!written) throw std::runtime_error("cannot write " + path);
    took.push_back(std::chrono::duration<double, std::milli>(Clock::now() - began).count());
  }
  close(file);
  std::ranges::sort(took);
  return {at_share(took, 0.5), at_share(took, 0.99)};
}

}  // namespace

void measure_signin(Report& report) {
  const int people = scaled(everybody), rows = scaled(queued), wanted = scaled(samples);
  report.begin("sign-in: " + number(people) + " people, " + number(rows) + " rows queued");
  auto backlog = make_backlog(rows, 600s, people);
  auto& rig = *backlog.rig;
  const int lan_port = free_port();
  auto& site = rig.gateway.site();
  site.poll = "{people: 30s, events: 2s, doors: 30s, live: true}";
  rig.gateway.through() = {"nice", "-n", "-5"};  // as the unit runs it
  std::filesystem::create_directory(rig.dir / "doors");
  const Simulator doors({.certificates = test_certificates(), .dir = rig.dir / "doors"});
  site.integrations = server_of_doors(doors, rig.dir / "gateway");
  site.more = at_the_door(lan_port);
  rig.gateway.write_config();
  const auto fsync = fsync_times(rig.dir / "fsync");
  report.told("an fsync of 4 kB there, p50", fsync.first, "ms", "p99 " + number(fsync.second, "ms"));

  // Everybody is known, and proved current a moment ago.
  Queue queue(rig, doors, lan_port);
  rig.gateway.start();
  rig.need("the gateway did not become active", 240s, [&] { return rig.gateway.state() == "active"; });
  queue.find_people();
  rig.gateway.stop();

  // Neither Net2 nor a broker is there.
  const int net2 = site.net2_port;
  site.net2_port = free_port();
  rig.gateway.write_config();
  std::vector<double> starts;
  for (int i = 0; i < 3; ++i) {
    starts.push_back(queue.first_decision());
    rig.gateway.kill();  // the next start finds a log to recover, as after a power cut
  }
  report.at_most("exec to the first decision without a network, slowest of 3",
                 *std::ranges::max_element(starts), 0.5, "s");
  site.net2_port = net2;
  rig.gateway.write_config();

  rig.broker.start();
  rig.gateway.start();
  rig.need("the gateway did not become active", 240s, [&] { return rig.gateway.state() == "active"; });
  const auto enough = [&](const Samples& taken) { return static_cast<int>(taken.bus.size()) < wanted; };
  auto drain = queue.stand_in_line([&](const Samples& taken) {
    if (taken.bus.size() % 20 != 0) return true;
    return enough(taken) && rig.waiting("pending") > rows / 50;
  });
  report.told("rows still waiting at the end of that part", static_cast<double>(rig.waiting("pending")), "");
  tell(report, "in the drain", std::move(drain), fsync.first);
  rig.need("the outbox did not become empty", 600s, [&] { return rig.waiting("pending") == 0; });

  const auto bare = queue.bare_calls(200);
  report.told("a question on D-Bus that writes nothing, p50", at_share(bare, 0.5), "ms",
              "p99 " + number(at_share(bare, 0.99), "ms"));
  tell(report, "idle", queue.stand_in_line(enough), fsync.first);

  std::atomic<bool> over = false;
  auto syncs = std::async(std::launch::async, [&] {
    int runs = 0;
    for (; !over; ++runs) rig.gateway.ask({"sync", "run", "net2-hq", "--full", "--wait"}, 240s);
    return runs;
  });
  auto synced = queue.stand_in_line(enough);
  over = true;
  report.told("full syncs meanwhile", syncs.get(), "");
  tell(report, "in full syncs", std::move(synced), fsync.first);
}

}  // namespace gatehouse::bench
