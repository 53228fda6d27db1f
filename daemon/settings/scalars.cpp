#include "daemon/settings/scalars.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include <arpa/inet.h>
#include <cctz/time_zone.h>

namespace gatehouse::config {

namespace {

bool all_of(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

bool is_printable(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

constexpr std::string_view digits = "0123456789";
constexpr std::string_view lower_and_digits = "abcdefghijklmnopqrstuvwxyz0123456789";

template <typename V>
Codec<V> from_text(std::string type, std::string expected,
                   std::function<std::optional<V>(const std::string&)> parse,
                   std::function<std::string(const V&)> format) {
  return {[expected = std::move(expected), parse = std::move(parse)](const TreeNode& node, Reading& reading,
                                                                     V& into) {
            const auto value = node.kind == TreeNode::Kind::scalar ? parse(node.text) : std::nullopt;
            if (value)
              into = *value;
            else
              reading.wrong(node, expected);
          },
          [format = std::move(format)](const V& from) {
            return std::optional<TreeNode>(text_node(format(from)));
          },
          std::move(type)};
}

/// Text that has to be so or so.
Codec<std::string> checked_text(std::string type, std::string expected,
                                std::function<bool(const std::string&)> good) {
  return {[expected = std::move(expected), good = std::move(good)](const TreeNode& node, Reading& reading,
                                                                   std::string& into) {
            const auto value = read_text(node, reading, expected);
            if (!value) return;
            if (good(*value))
              into = *value;
            else
              reading.wrong(node, expected);
          },
          [](const std::string& from) { return std::optional<TreeNode>(text_node(from)); }, std::move(type)};
}

/// An id of something that is defined elsewhere.
template <typename IdType>
Codec<IdType> reference(Kind kind, const std::string& type) {
  return {[kind, type](const TreeNode& node, Reading& reading, IdType& into) {
            const auto id = read_text(node, reading, "the id of " + type);
            if (!id) return;
            reading.refer(kind, *id, node.place);
            into = IdType{*id};
          },
          [](const IdType& from) { return std::optional<TreeNode>(text_node(from.value())); },
          "id of " + type};
}

struct Unit {
  std::string_view name;
  std::int64_t worth;
};
constexpr std::array<Unit, 5> duration_units{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<Unit, 5> size_units{
    {{"TiB", 1ll << 40}, {"GiB", 1ll << 30}, {"MiB", 1ll << 20}, {"KiB", 1ll << 10}, {"B", 1}}};
constexpr std::array<Unit, 3> rate_units{{{"h", 3'600'000}, {"min", 60'000}, {"s", 1'000}}};

template <typename Units>
std::optional<std::int64_t> parse_with_unit(std::string_view text, const Units& units) {
  const auto count = parse_integer(text.substr(0, std::min(text.find_first_not_of(digits), text.size())));
  if (!count) return std::nullopt;
  const std::string_view unit =
      text.substr(text.find_first_not_of(digits) == std::string_view::npos ? text.size()
                                                                           : text.find_first_not_of(digits));
  for (const Unit& known : units)
    if (known.name == unit)
      return *count > std::numeric_limits<std::int64_t>::max() / known.worth
                 ? std::nullopt
                 : std::optional(*count * known.worth);
  return std::nullopt;
}

template <typename Units>
std::string format_with_unit(std::int64_t value, const Units& units) {
  for (const Unit& unit : units)
    if (value != 0 && value % unit.worth == 0)
      return std::to_string(value / unit.worth) + std::string(unit.name);
  return "0" + std::string(units.back().name == "B" ? "B" : "s");
}

bool is_truth(std::string_view text) {
  constexpr std::array<std::string_view, 6> words{"true", "True", "TRUE", "false", "False", "FALSE"};
  return std::find(words.begin(), words.end(), text) != words.end();
}

/// -1, +2, 1.5, 1.5e-3. Without a point an exponent is no number: YAML's versions differ over 1e5.
bool is_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const auto exponent = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, exponent);
  const auto points = std::count(mantissa.begin(), mantissa.end(), '.');
  if (!all_of(mantissa, "0123456789.") || points > 1 || std::ssize(mantissa) == points) return false;
  if (exponent == std::string_view::npos) return true;
  std::string_view power = text.substr(exponent + 1);
  if (power.starts_with('-') || power.starts_with('+')) power.remove_prefix(1);
  return points == 1 && !power.empty() && all_of(power, digits);
}

bool is_ip(const std::string& text, int family) {
  std::array<unsigned char, 16> out{};
  return inet_pton(family, text.c_str(), out.data()) == 1;
}

bool is_host(const std::string& text) {
  if (is_ip(text, AF_INET6)) return true;
  if (text.empty() || text.size() > 253 || text.front() == '.' || text.front() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

}  // namespace

TreeNode text_node(std::string text) {
  TreeNode node;
  node.kind = TreeNode::Kind::scalar;
  node.text = std::move(text);
  node.quoted = true;
  return node;
}

TreeNode plain_node(std::string text) {
  TreeNode node = text_node(std::move(text));
  node.quoted = false;
  return node;
}

bool has_other_type(const TreeNode& node) {
  return node.kind == TreeNode::Kind::scalar && !node.quoted && (is_truth(node.text) || is_number(node.text));
}

std::optional<std::string> read_text(const TreeNode& node, Reading& reading, std::string_view expected) {
  if (node.kind != TreeNode::Kind::scalar) {
    reading.wrong(node, expected);
  } else if (has_other_type(node)) {
    reading.fault(node.place, "expected " + std::string(expected) + ", found " + describe(node) +
                                  " (as text it needs quotes: \"" + node.text + "\")");
  } else {
    return node.text;
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::string format_duration(Duration value) {
  return format_with_unit(value.count(), duration_units);
}

std::optional<Duration> parse_duration(std::string_view text) {
  const auto value = parse_with_unit(text, duration_units);
  return value ? std::optional(Duration{*value}) : std::nullopt;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  const auto value = parse_with_unit(text, size_units);
  return value ? std::optional(static_cast<std::uint64_t>(*value)) : std::nullopt;
}

std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text, bool with_24) {
  if (text.size() != 5 || text[2] != ':' || !all_of(text.substr(0, 2), digits) ||
      !all_of(text.substr(3), digits))
    return std::nullopt;
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  if (with_24 && hour == 24 && minute == 0) return std::chrono::minutes{1440};
  if (hour > 23 || minute > 59) return std::nullopt;
  return std::chrono::minutes{hour * 60 + minute};
}

std::string format_time_of_day(std::chrono::minutes at) {
  std::array<char, 24> out{};
  std::snprintf(out.data(), out.size(), "%02d:%02d", static_cast<int>(at.count() / 60),
                static_cast<int>(at.count() % 60));
  return out.data();
}

std::optional<std::chrono::year_month_day> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !all_of(text, "0123456789-"))
    return std::nullopt;
  const auto year = parse_integer(text.substr(0, 4));
  const auto month = parse_integer(text.substr(5, 2));
  const auto day = parse_integer(text.substr(8, 2));
  if (!year || !month || !day || *month < 1 || *day < 1) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  return date.ok() ? std::optional(date) : std::nullopt;
}

std::string format_date(std::chrono::year_month_day date) {
  std::array<char, 40> out{};
  std::snprintf(out.data(), out.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return out.data();
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_integer(text.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) return std::nullopt;
  std::string host(text.substr(0, colon));
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!is_ip(host, bracketed ? AF_INET6 : AF_INET)) return std::nullopt;
  return Endpoint{host, static_cast<std::uint16_t>(*port)};
}

bool is_loopback(const Endpoint& endpoint) {
  std::array<unsigned char, 16> v6{};
  if (inet_pton(AF_INET6, endpoint.host.c_str(), v6.data()) == 1)
    return v6[15] == 1 && std::all_of(v6.begin(), v6.end() - 1, [](unsigned char byte) { return byte == 0; });
  return endpoint.host.starts_with("127.");
}

bool is_identifier(std::string_view text) {
  return !text.empty() && text.size() <= 32 && text.front() != '-' &&
         all_of(text.substr(0, 1), lower_and_digits) && all_of(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
}

bool is_timezone(const std::string& name) {
  const bool sane = !name.empty() && name.size() <= 64 && name.front() != '/' &&
                    name.find("..") == std::string::npos && name.find(':') == std::string::npos &&
                    name != "localtime" && !name.starts_with("Fixed/");
  cctz::time_zone zone;
  return sane && cctz::load_time_zone(name, &zone);
}

Codec<bool> boolean() {
  return {[](const TreeNode& node, Reading& reading, bool& into) {
            const bool plain = node.kind == TreeNode::Kind::scalar && !node.quoted;
            if (plain && (node.text == "true" || node.text == "false"))
              into = node.text == "true";
            else
              reading.wrong(node, "true or false");
          },
          [](const bool& from) { return std::optional<TreeNode>(plain_node(from ? "true" : "false")); },
          "true or false"};
}

Codec<std::string> text(std::size_t longest) {
  return checked_text("text", "text of 1 to " + std::to_string(longest) + " bytes on one line",
                      [longest](const std::string& text) {
                        return !text.empty() && text.size() <= longest && is_printable(text);
                      });
}

Codec<std::string> text_or_empty(std::size_t longest) {
  return checked_text("text", "text of at most " + std::to_string(longest) + " bytes",
                      [longest](const std::string& text) { return text.size() <= longest; });
}

Codec<std::string> identifier() {
  return checked_text("id", "an id: 1 to 32 of a-z, 0-9 and '-', not beginning with '-'", is_identifier);
}

Codec<std::string> zone() {
  return checked_text("IANA time zone", "an IANA time zone such as Europe/London, known to this system",
                      is_timezone);
}

Codec<std::string> file_path() {
  Codec<std::string> path = checked_text(
      "path", "a path", [](const std::string& text) { return !text.empty() && text.size() < 4096; });
  path.read = [inner = path.read](const TreeNode& node, Reading& reading, std::string& into) {
    std::string given;
    inner(node, reading, given);
    if (!given.empty()) into = reading.path_from(node.place, given);
  };
  return path;
}

Codec<std::string> host_name() {
  return checked_text("host name or address", "a host name or address, without scheme and port", is_host);
}

Codec<Duration> duration(Duration least, Duration most) {
  const std::string range = format_duration(least) + " to " + format_duration(most);
  return {[least, most, range](const TreeNode& node, Reading& reading, Duration& into) {
            const auto value = node.kind == TreeNode::Kind::scalar ? parse_duration(node.text) : std::nullopt;
            if (!value)
              reading.wrong(node, "a duration with its unit (500ms 30s 5m 2h 30d), " + range);
            else if (*value < least || *value > most)
              reading.fault(node.place, node.text + " is out of range, " + range);
            else
              into = *value;
          },
          [](const Duration& from) { return std::optional<TreeNode>(text_node(format_duration(from))); },
          "duration, " + range};
}

Codec<std::uint64_t> size(std::uint64_t least, std::uint64_t most) {
  const auto show = [](std::uint64_t value) {
    return format_with_unit(static_cast<std::int64_t>(value), size_units);
  };
  const std::string range = show(least) + " to " + show(most);
  return {[least, most, range](const TreeNode& node, Reading& reading, std::uint64_t& into) {
            const auto value = node.kind == TreeNode::Kind::scalar ? parse_size(node.text) : std::nullopt;
            if (!value)
              reading.wrong(node, "a size with its unit (64KiB 64MiB 1GiB), " + range);
            else if (*value < least || *value > most)
              reading.fault(node.place, node.text + " is out of range, " + range);
            else
              into = *value;
          },
          [show](const std::uint64_t& from) { return std::optional<TreeNode>(text_node(show(from))); },
          "size, " + range};
}

Codec<double> percent() {
  return {
      [](const TreeNode& node, Reading& reading, double& into) {
        double value = 0;
        const std::string& text = node.text;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool number = node.kind == TreeNode::Kind::scalar && !node.quoted && !text.empty() &&
                            all_of(text, "0123456789.") && error == std::errc{} &&
                            end == text.data() + text.size();
        if (!number)
          reading.wrong(node, "a number, 0 to 100");
        else if (value > 100)
          reading.fault(node.place, text + " is out of range, 0 to 100");
        else
          into = value;
      },
      [](const double& from) {
        std::array<char, 400> out{};  // the shortest digits that read back as the same number, no exponent
        const auto end = std::to_chars(out.data(), out.data() + out.size(), from, std::chars_format::fixed);
        return std::optional<TreeNode>(plain_node(std::string(out.data(), end.ptr)));
      },
      "number, 0 to 100"};
}

Codec<std::chrono::minutes> time_of_day() {
  return from_text<std::chrono::minutes>(
      "time of day", "a time of day, \"00:00\" to \"23:59\"",
      [](const std::string& text) { return parse_time_of_day(text, false); },
      [](const std::chrono::minutes& at) { return format_time_of_day(at); });
}

Codec<Rate> rate() {
  return from_text<Rate>(
      "rate", "a rate such as 20/s, 30/min or 100/h, at least 1",
      [](const std::string& text) -> std::optional<Rate> {
        const auto slash = text.find('/');
        if (slash == std::string::npos) return std::nullopt;
        const auto count = parse_integer(std::string_view(text).substr(0, slash));
        if (!count || *count < 1 || *count > 1'000'000) return std::nullopt;
        for (const Unit& unit : rate_units)
          if (text.substr(slash + 1) == unit.name)
            return Rate{static_cast<std::uint32_t>(*count), Duration{unit.worth}};
        return std::nullopt;
      },
      [](const Rate& rate) {
        for (const Unit& unit : rate_units)
          if (unit.worth == rate.per.count())
            return std::to_string(rate.count) + "/" + std::string(unit.name);
        return std::to_string(rate.count) + "/s";
      });
}

Codec<Endpoint> endpoint() {
  return from_text<Endpoint>("address:port", "an IP address and a port, \"127.0.0.1:9464\" or \"[::1]:9464\"",
                             parse_endpoint, [](const Endpoint& endpoint) {
                               const bool v6 = endpoint.host.find(':') != std::string::npos;
                               return (v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" +
                                      std::to_string(endpoint.port);
                             });
}

Codec<DoorId> door_id() {
  return from_text<DoorId>("door", "a door, INTEGRATION/DOORID, such as net2-hq/6203980", parse_door_id,
                           [](const DoorId& door) { return to_string(door); });
}

Codec<DoorId> door_reference() {
  Codec<DoorId> door = door_id();
  door.read = [inner = door.read](const TreeNode& node, Reading& reading, DoorId& into) {
    inner(node, reading, into);
    if (into != DoorId{}) reading.refer(Kind::door, to_string(into), node.place);
  };
  door.type = "id of a door";
  return door;
}

Codec<SiteId> site_reference() {
  return reference<SiteId>(Kind::site, "a site");
}
Codec<ScheduleId> schedule_reference() {
  return reference<ScheduleId>(Kind::schedule, "a schedule");
}
Codec<AccessPointId> access_point_reference() {
  return reference<AccessPointId>(Kind::access_point, "an access point");
}
Codec<IntegrationId> feed_reference() {
  return reference<IntegrationId>(Kind::feed, "a feed");
}

}  // namespace gatehouse::config
