// mqtt-recorder: subscribes to all that gateways send and counts it as a careful consumer would: repeated ids
// dropped, every lane's numbering checked. scripts/demo lives on it.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

#include <boost/json/parse.hpp>
#include <signal.h>

#include "tests/whole/gateway.hpp"
#include "tests/whole/recorder.hpp"

namespace {

namespace json = boost::json;
using gatehouse::whole::Ledger;
using gatehouse::whole::Recorder;
using gatehouse::whole::text_at;

/// Tells every access event in a line for people, with the names that came before it.
class Teller {
 public:
  explicit Teller(const std::string& path) : out_(path, std::ios::app) {}

  void hear(std::string_view payload) {
    json::error_code error;
    const auto parsed = json::parse(payload, error);
    if (error || !parsed.is_object()) return;
    const auto& envelope = parsed.as_object();
    const auto* data = envelope.if_contains("data");
    if (!data || !data->is_object()) return;
    const auto type = text_at(envelope, "type");
    if (type == "gatehouse.person.upserted.v1") return remember(data->as_object());
    if (type == "gatehouse.door.state.v1")
      names_[text_at(data->as_object(), "door")] = text_at(data->as_object(), "name");
    if (type == "gatehouse.access.granted.v1") return tell(data->as_object(), "let in");
    if (type == "gatehouse.access.denied.v1") return tell(data->as_object(), "refused");
    if (type == "gatehouse.alarm.v1") return tell(data->as_object(), "ALARM");
  }

 private:
  void remember(const json::object& data) {
    const auto* person = data.if_contains("person");
    if (!person || !person->is_object()) return;
    const auto& is = person->as_object();
    names_[text_at(is, "id")] = text_at(is, "first_name") + " " + text_at(is, "last_name");
  }

  /// So many columns; names have letters of several bytes.
  static std::string wide(std::string text, std::size_t columns) {
    const auto letters = static_cast<std::size_t>(
        std::ranges::count_if(text, [](unsigned char byte) { return (byte & 0xC0) != 0x80; }));
    return text + std::string(letters < columns ? columns - letters : 1, ' ');
  }

  std::string name(const std::string& id, const std::string& otherwise) const {
    const auto found = names_.find(id);
    return found == names_.end() || found->second.empty() ? otherwise : found->second;
  }

  void tell(const json::object& data, const char* what) {
    const auto* net2 = data.if_contains("net2");
    const auto description =
        net2 && net2->is_object() ? text_at(net2->as_object(), "description") : std::string();
    const auto at = text_at(data, "at");
    const auto door = text_at(data, "door");
    out_ << (at.size() > 18 ? at.substr(11, 8) : "--:--:--") << "  " << wide(name(door, door), 20)
         << wide(what, 9) << wide(name(text_at(data, "person_id"), "(nobody we import)"), 24) << description
         << std::endl;  // a line a swipe, at once
  }

  std::ofstream out_;
  std::map<std::string, std::string> names_;  ///< of people and doors, by id
};

/// A line for each count, name and number: for scripts.
std::string counts(const Ledger& ledger) {
  std::map<std::string, std::uint64_t> out{{"received", ledger.received()},
                                           {"repeated", ledger.repeated()},
                                           {"events", ledger.event_count("net2-hq")},
                                           {"faults", ledger.faults().size()},
                                           {"holes", 0},
                                           {"late", 0}};
  for (const auto& fact : ledger.facts()) {
    ++out["type." + fact.type];
    if (fact.type != "activity") continue;
    const auto data = fact.data();
    if (text_at(data, "outcome") == "skipped") ++out["skipped." + text_at(data, "reason")];
  }
  for (const auto& lane : ledger.lanes()) {
    out["lane." + lane.lane + ".last"] += lane.last;
    out["lane." + lane.lane + ".count"] += lane.count;
    out["holes"] += lane.holes.size();
    out["late"] += lane.out_of_order;
  }
  std::string text;
  for (const auto& [name, count] : out) text += name + " " + std::to_string(count) + "\n";
  return text;
}

int usage() {
  std::fputs(
      "usage: mqtt-recorder --port N --certificates DIR [--topic FILTER] [--swipes FILE] [--counts FILE]\n"
      "  --swipes   every access event in a line for people, as it comes\n"
      "  --counts   a line for each count, written anew at each SIGUSR1; at the end they are printed too\n",
      stderr);
  return 2;
}

void write_counts(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  {
    std::ofstream out(path + ".new", std::ios::trunc);
    out << text;
  }
  std::rename((path + ".new").c_str(), path.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, std::string> options{
      {"--topic", "gatehouse/v1/#"}, {"--swipes", "/dev/null"}, {"--counts", ""}};
  for (int i = 1; i + 1 < argc; i += 2) options[argv[i]] = argv[i + 1];
  if (argc % 2 == 0 || !options.contains("--port") || !options.contains("--certificates")) return usage();

  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int number : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&wanted, number);
  sigprocmask(SIG_BLOCK, &wanted, nullptr);

  Teller teller(options["--swipes"]);
  Recorder::Options settings;
  settings.port = std::atoi(options["--port"].c_str());
  settings.certificates = options["--certificates"];
  settings.topic = options["--topic"];
  settings.told = [&](const std::string&, std::string_view payload, bool) { teller.hear(payload); };
  try {
    const Recorder recorder(settings);
    write_counts(options["--counts"], counts(recorder.ledger()));
    int number = SIGUSR1;
    while (number == SIGUSR1) {
      sigwait(&wanted, &number);
      write_counts(options["--counts"], counts(recorder.ledger()));
    }
    std::fputs(counts(recorder.ledger()).c_str(), stdout);
    return 0;
  } catch (const std::exception& trouble) {
    std::fprintf(stderr, "mqtt-recorder: %s\n", trouble.what());
    return 1;
  }
}
