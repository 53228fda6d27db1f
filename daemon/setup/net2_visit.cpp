#include "daemon/setup/net2_visit.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include "connectors/https/https_client.hpp"
#include "connectors/https/origin.hpp"
#include "connectors/net2/json_document.hpp"
#include "connectors/net2/net2_api.hpp"
#include "connectors/net2/net2_json.hpp"
#include "connectors/net2/people_reader.hpp"
#include "connectors/net2/server_zone.hpp"
#include "daemon/core/integration_status.hpp"
#include "daemon/host/system_clock.hpp"
#include "daemon/setup/questions.hpp"

namespace gatehouse::setup {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
constexpr std::uint16_t net2_port = 8443;
constexpr Duration look_limit = 10s;
constexpr std::size_t longest_field = 190;  ///< bytes; with "custom:" before it

/// The readers' remarks are for a log; here only answers and errors count.
class NoLog final : public Log {
 public:
  void write(Level, std::string_view, std::initializer_list<LogField>) override {}
};

/// The server, and what is needed to ask it, for as long as one question lasts.
struct Line {
  Line(asio::io_context& io, Origin origin, const Net2Server& server, Net2Credentials credentials,
       ServerZone its_zone)
      : zone(std::move(its_zone)),
        https(make_https_client(io.get_executor(), std::move(origin), server.tls)),
        tokens(io.get_executor(), *https, std::move(credentials), clock),
        api(io.get_executor(), *https, tokens, Net2Patience{}),
        people(io.get_executor(), api, *https, zone, clock, log) {}

  SystemClock clock;
  NoLog log;
  ServerZone zone;
  std::unique_ptr<HttpsClient> https;
  Net2Tokens tokens;
  Net2Api api;
  PeopleReader people;
};

Result<std::unique_ptr<Line>> open_line(asio::io_context& io, const Net2Server& server,
                                        Net2Credentials credentials) {
  auto origin = parse_origin(server.url, net2_port);
  if (!origin) return origin.error();
  auto zone = ServerZone::load(server.timezone);
  if (!zone) return zone.error();
  return std::make_unique<Line>(io, std::move(*origin), server, std::move(credentials), std::move(*zone));
}

template <typename T>
Task<void> keep(Task<Result<T>> task, std::optional<Result<T>>& into) {
  auto result = co_await std::move(task);
  into.emplace(std::move(result));
}

/// Runs one coroutine to its end, and ends it early where somebody pressed Ctrl-C.
template <typename T>
Result<T> run(asio::io_context& io, Task<Result<T>> task, const std::atomic<bool>& stop) {
  std::optional<Result<T>> result;
  bool ended = false;
  asio::cancellation_signal signal;
  const auto done = [&ended](std::exception_ptr) { ended = true; };
  asio::co_spawn(io, keep(std::move(task), result), asio::bind_cancellation_slot(signal.slot(), done));
  bool asked = false;
  while (!ended) {
    if (io.stopped()) io.restart();
    io.run_one_for(100ms);
    if (!stop || asked) continue;
    asked = true;
    signal.emit(asio::cancellation_type::terminal);
  }
  io.poll();  // what the answer leaves behind
  if (stop || !result) return Error{Errc::cancelled, "stopped"};
  return std::move(*result);
}

Task<Result<std::vector<NamedId>>> named(Line& line, std::string path) {
  auto body = co_await line.api.get(path);
  if (!body) co_return body.error();
  auto rows = parse_named_ids(*body);
  if (!rows) co_return within("GET /api/v1" + path, rows.error());
  co_return rows;
}

/// Two of the same name are one to the daemon, which goes by names.
std::vector<CountedGroup> as_groups(const std::vector<NamedId>& rows) {
  std::vector<CountedGroup> groups;
  for (const NamedId& row : rows)
    if (!row.name.empty() && find_group(groups, row.name) == nullptr) groups.push_back({row.name, 0});
  return groups;
}

void count_in(std::vector<CountedGroup>& groups, const std::string& name) {
  if (const CountedGroup* group = find_group(groups, name))
    ++groups[static_cast<std::size_t>(group - groups.data())].people;
}

/// Counts, and keeps nothing of anybody. `query.fields` are those of `survey.fields`, in their order.
class Counter final : public RecordSink {
 public:
  explicit Counter(Net2Survey& survey) : survey_(survey) {}
  void take(SourceRecord&& record) override {
    ++survey_.people;
    if (record.department.empty())
      ++survey_.without_department;
    else
      count_in(survey_.departments, record.department);
    for (std::size_t i = 0; i < survey_.fields.size() && i < record.values.size(); ++i) {
      const std::string& value = record.values[i];
      FieldLook& look = survey_.fields[i];
      if (!value.empty()) ++look.filled;
      if (looks_like_email(value)) ++look.emails;
      if (looks_like_phone(value)) ++look.phones;
    }
  }

 private:
  Net2Survey& survey_;
};

class LevelCounter final : public RecordSink {
 public:
  explicit LevelCounter(Net2Survey& survey) : survey_(survey) {}
  void take(SourceRecord&& record) override {
    for (const std::string& level : record.access_levels) count_in(survey_.access_levels, level);
  }

 private:
  Net2Survey& survey_;
};

/// Those that the configuration can name: once there, on one line.
std::vector<FieldLook> fields_of(const std::vector<NamedId>& names) {
  std::map<std::string, int> times;
  for (const NamedId& name : names) ++times[lower_case(name.name)];
  std::vector<FieldLook> looks;
  for (const NamedId& name : names)
    if (!name.name.empty() && name.name.size() <= longest_field && shown(name.name) == name.name &&
        times[lower_case(name.name)] == 1)
      looks.push_back({.field = "custom:" + name.name});
  looks.push_back({.field = "telephone"});
  return looks;
}

std::string version_text(const std::string& body) {
  const auto parsed = parse_json(body);
  std::string text = parsed ? json_text(&*parsed) : "";
  return text.find_first_not_of("0123456789.") == std::string::npos ? text : "";
}

Task<Result<Net2Survey>> read_survey(Line& line, const std::function<void(const std::string&)>& say) {
  Net2Survey survey;
  auto token = co_await line.tokens.token();
  if (!token) co_return token.error();
  auto departments = co_await named(line, "/departments");
  if (!departments) co_return departments.error();
  survey.departments = as_groups(*departments);
  auto levels = co_await named(line, "/accesslevels");
  if (!levels) co_return levels.error();
  survey.access_levels = as_groups(*levels);
  auto doors = co_await named(line, "/doors");
  if (!doors) co_return doors.error();
  for (NamedId& door : *doors) survey.doors.push_back({door.id, std::move(door.name)});
  auto custom = co_await named(line, "/users/customfieldnames");
  if (!custom) co_return custom.error();
  survey.fields = fields_of(*custom);
  auto version = co_await line.api.get("/serversettings/version");
  if (version) survey.version = version_text(*version);  // nice to know, and no more

  say("Reading the people, to count them…");
  PeopleQuery query;
  for (const FieldLook& look : survey.fields) query.fields.push_back(look.field);
  Net2Survey counted = survey;
  Counter counter(counted);
  auto read = co_await line.people.read(std::move(query), counter);
  if (read) co_return std::move(counted);
  if (read.error().code == Errc::cancelled) co_return read.error();
  survey.people_fault = read.error();
  co_return std::move(survey);
}

}  // namespace

Result<CertificateFacts> Net2Visit::look(const std::string& url) const {
  auto origin = parse_origin(url, net2_port);
  if (!origin) return origin.error();
  asio::io_context io;
  return run(io, look_at_server(std::move(*origin), "", look_limit), stop_);
}

Result<void> Net2Visit::sign_in(const Net2Server& server, Net2Credentials credentials) const {
  asio::io_context io;
  auto line = open_line(io, server, std::move(credentials));
  if (!line) return line.error();
  auto token = run(io, (*line)->tokens.token(), stop_);
  if (!token) return token.error();
  return {};
}

Result<Net2Survey> Net2Visit::survey(const Net2Server& server, Net2Credentials credentials,
                                     const std::function<void(const std::string&)>& say) const {
  asio::io_context io;
  auto line = open_line(io, server, std::move(credentials));
  if (!line) return line.error();
  return run(io, read_survey(**line, say), stop_);
}

Result<void> Net2Visit::count_levels(const Net2Server& server, Net2Credentials credentials,
                                     Net2Survey& survey) const {
  asio::io_context io;
  auto line = open_line(io, server, std::move(credentials));
  if (!line) return line.error();
  Net2Survey counted = survey;
  LevelCounter counter(counted);
  PeopleQuery query;
  query.access_levels = true;
  auto read = run(io, (*line)->people.read(std::move(query), counter), stop_);
  if (!read) return read.error();
  counted.levels_counted = true;
  survey = std::move(counted);
  return {};
}

Result<std::string> server_url(const std::string& address) {
  constexpr std::string_view scheme = "https://";
  if (address.starts_with("http://")) {
    return Error{Errc::invalid, "Net2 is never read without TLS; give the server's name or address alone"};
  }
  const bool has_scheme = address.starts_with(scheme);
  // An IPv6 address has more than one colon, and brackets around it in a URL.
  std::string host = has_scheme ? address.substr(scheme.size()) : address;
  while (!host.empty() && host.back() == '/') host.pop_back();
  if (is_ip_address(host) && host.find(':') != std::string::npos) host = "[" + host + "]";
  auto origin = parse_origin(std::string(scheme) + host, net2_port);
  if (!origin) return origin.error();
  return std::string(scheme) + origin->authority();
}

std::string advice(const Error& error) {
  if (error.code == Errc::busy)  // the daemon would try again by itself
    return error.detail + "; Net2 is starting, or was asked too often: wait a minute, then try again";
  if (error.code == Errc::unreachable) {
    return error.detail +
           "; check the address, that the Net2 server is on, and that its service \"Net2 Nginx\" runs: it is "
           "switched on in the Net2 Configuration Utility, tab Security, (LocalAPI)";
  }
  switch (error.code) {
    case Errc::forbidden:
    case Errc::timeout:
    case Errc::not_found:
    case Errc::malformed:
      break;
    default:  // it says itself what to do
      return error.detail;
  }
  IntegrationFacts facts;
  facts.enabled = true;
  facts.authenticated_once = true;
  facts.events_fault = error;
  const auto judged = judge(facts);
  return judged.hint.empty() ? error.detail : error.detail + "; " + judged.hint;
}

}  // namespace gatehouse::setup
