#include "tests/whole/simulator.hpp"

#include <charconv>
#include <stdexcept>

#include <arpa/inet.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/whole/broker.hpp"
#include "tests/whole/gateway.hpp"
#include "tests/whole/temp_dir.hpp"

namespace gatehouse::whole {

namespace json = boost::json;

HttpAnswer http(int port, const std::string& method, const std::string& target, const std::string& body) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patient{.tv_sec = 20, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patient, sizeof patient);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  const auto where = method + " 127.0.0.1:" + std::to_string(port) + target;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close(fd);
    throw std::runtime_error(where + ": nobody answers");
  }
  const auto request = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
                       "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                       "\r\n\r\n" + body;
  for (std::size_t sent = 0; sent < request.size();) {
    const auto n = send(fd, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) break;
    sent += static_cast<std::size_t>(n);
  }
  char buffer[65536];
  for (ssize_t n = 0; (n = recv(fd, buffer, sizeof buffer, 0)) > 0;)
    answer.append(buffer, static_cast<std::size_t>(n));
  close(fd);
  const auto head_end = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 ") || head_end == std::string::npos)
    throw std::runtime_error(where + ": no HTTP answer");
  HttpAnswer out;
  std::from_chars(answer.data() + 9, answer.data() + 12, out.status);
  out.body = answer.substr(head_end + 4);
  return out;
}

Simulator::Simulator(Options options)
    : options_(std::move(options)), port_(free_port()), control_port_(free_port()) {
  start();
}

void Simulator::start() {
  const auto& folder = options_.certificates;
  const auto at = [](int port) { return "127.0.0.1:" + std::to_string(port); };
  Argv argv{program("gatehouse-sim"),
            "--listen",
            at(port_),
            "--control",
            at(control_port_),
            "--cert",
            folder + "/" + options_.certificate + ".pem",
            "--key",
            folder + "/" + options_.certificate + ".key",
            "--people",
            std::to_string(options_.people),
            "--doors",
            std::to_string(options_.doors),
            "--seed",
            std::to_string(options_.seed),
            "--password",
            options_.password,
            "--client-id",
            options_.client_id};
  argv.insert(argv.end(), options_.arguments.begin(), options_.arguments.end());
  process_.reset();
  process_ = std::make_unique<Process>(argv, options_.dir + "/sim.log");
  const bool up =
      eventually(20s, [&] { return (listens(control_port_) && listens(port_)) || !process_->running(); });
  if (!up || !process_->running()) throw std::runtime_error("gatehouse-sim did not start:\n" + log());
}

void Simulator::kill() {
  process_->kill();
}

std::string Simulator::log() const {
  return read_file(options_.dir + "/sim.log");
}

json::value Simulator::control(const std::string& method, const std::string& target,
                               const std::string& body) const {
  HttpAnswer answer;
  try {
    answer = http(control_port_, method, target, body);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(error.what() + std::string("; the simulator's log:\n") + log());
  }
  if (answer.status != 200) {
    throw std::runtime_error("gatehouse-sim refused " + target + " " + body + ": " + answer.body);
  }
  return json::parse(answer.body);
}

void Simulator::swipes(int count) const {
  act("events", R"({"count":)" + std::to_string(count) + "}");
}

void Simulator::traffic(double per_second) const {
  act("events", R"({"stop":true})");
  if (per_second > 0) act("events", R"({"rate":)" + std::to_string(per_second) + "}");
}

std::vector<std::int64_t> Simulator::event_ids() const {
  const auto now = state();
  const auto last = number_at(now, "last_event_id");
  const auto count = number_at(now, "events");
  std::vector<std::int64_t> out;
  for (auto id = last - count + 1; id <= last; ++id) out.push_back(id);
  return out;
}

std::int64_t Simulator::last_event() const {
  return number_at(state(), "last_event_id");
}

json::object Simulator::state() const {
  return control("GET", "/state").as_object();
}

std::size_t Simulator::people() const {
  return static_cast<std::size_t>(number_at(state(), "people"));
}

std::int64_t Simulator::asked(const std::string& route) const {
  std::int64_t sum = 0;
  const auto now = state();
  for (const auto& [name, count] : now.at("requests").as_object()) {
    if (std::string_view(name).find(route) == std::string_view::npos) continue;
    sum += count.is_int64() ? count.as_int64() : 0;
  }
  return sum;
}

int Simulator::add_people(int count) const {
  const auto added = act("people", R"({"add":)" + std::to_string(count) + "}").as_object();
  return static_cast<int>(added.at("ids").as_array().at(0).as_int64());
}

void Simulator::change_person(int id, const std::string& changes) const {
  auto entry = json::parse(changes).as_object();
  entry["id"] = id;
  act("people", json::serialize(json::object{{"edit", entry}}));
}

void Simulator::remove_person(int id) const {
  act("people", R"({"remove":[)" + std::to_string(id) + "]}");
}

void Simulator::fault(const std::string& rule) const {
  act("fault", rule);
}

void Simulator::clear_faults() const {
  fault(R"({"kind":"clear"})");
}

void Simulator::set(const std::string& switches) const {
  act("switch", switches);
}

json::value Simulator::act(const std::string& verb, const std::string& in) const {
  return control("POST", "/" + verb, in);
}

}  // namespace gatehouse::whole
