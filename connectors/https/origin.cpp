#include "connectors/https/origin.hpp"

#include <charconv>

#include <boost/asio/ip/address.hpp>

namespace gatehouse {
namespace {

constexpr std::string_view scheme = "https://";

Error bad_url(std::string_view url, std::string_view why) {
  return {Errc::invalid, std::string(url) + ": " + std::string(why)};
}

}  // namespace

std::string Origin::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

Result<Origin> parse_origin(std::string_view url, std::uint16_t default_port) {
  if (!url.starts_with(scheme)) return bad_url(url, "expected https://host[:port]");
  std::string_view rest = url.substr(scheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find_first_of("/?#@ ") != std::string_view::npos) {
    return bad_url(url, "expected https://host[:port] and nothing else");
  }

  Origin origin{.host = {}, .port = default_port};
  std::string_view port;
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == std::string_view::npos) return bad_url(url, "the bracket of the address is not closed");
    origin.host = rest.substr(1, end - 1);
    port = rest.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return bad_url(url, "expected a port behind the address");
    if (!is_ip_address(origin.host)) return bad_url(url, "no address between the brackets");
  } else {
    const auto colon = rest.find(':');
    origin.host = rest.substr(0, colon);
    if (colon != std::string_view::npos) port = rest.substr(colon);
  }
  if (origin.host.empty()) return bad_url(url, "the host is missing");
  if (port.empty()) return origin;

  port.remove_prefix(1);
  unsigned number = 0;
  const auto read = std::from_chars(port.data(), port.data() + port.size(), number);
  if (read.ec != std::errc{} || read.ptr != port.data() + port.size() || number < 1 || number > 65535) {
    return bad_url(url, "the port is not a number from 1 to 65535");
  }
  origin.port = static_cast<std::uint16_t>(number);
  return origin;
}

bool is_ip_address(std::string_view host) {
  boost::system::error_code wrong;
  boost::asio::ip::make_address(host, wrong);
  return !wrong;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
  return out;
}

}  // namespace gatehouse
