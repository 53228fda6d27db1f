#pragma once
// What a Net2 server told when it was looked at, and what is said of it (net2-api.md).

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/core/access_settings.hpp"
#include "daemon/core/findings.hpp"
#include "daemon/core/integration_settings.hpp"
#include "daemon/core/integration_status.hpp"
#include "daemon/core/server_contact.hpp"

namespace gatehouse {

/// How the sign-in ended (net2-api.md §2.5 to §2.7).
enum class Net2SignIn {
  not_tried,
  done,
  wrong_password,
  unknown_client,  ///< licence file missing, renamed, or not loaded yet
  mfa,
  too_often,     ///< 429
  forbidden,     ///< 403
  service_down,  ///< 502, 503, 504: nginx is there, Net2 behind it is not
  no_net2,       ///< a web page, a redirect, 404
  no_answer,     ///< nothing came, or it stopped in the middle
  odd,           ///< anything else
};

/// A list that could not be read.
struct Net2Unread {
  std::string what;  ///< "people", "doors"
  int status = 0;    ///< 0: there was no answer
  std::string detail;
};

struct Net2Evidence {
  ServerContact contact;
  Net2SignIn sign_in = Net2SignIn::not_tried;
  std::string detail{};                   ///< of a sign-in that failed; never anything of the answer's text
  std::optional<Duration> clock_ahead{};  ///< of the server's clock to ours
  std::optional<Duration>
      zone_ahead{};       ///< of the server's time zone to the configured one; only if it differs
  std::string version{};  ///< as the server says it; empty: it does not
  bool lite = false;      ///< Net2 Lite
  std::vector<Net2Unread> unread{};
  bool sql_refused = false;  ///< people are read by the slower way
  // What could be read; nullopt: it was not.
  std::optional<std::uint64_t> people{};  ///< where only "some" is known: 1
  bool counted = true;                    ///< `people` is exact
  std::optional<std::vector<std::string>> departments{};
  std::optional<std::vector<std::string>> access_levels{};
  std::optional<std::vector<std::string>> custom_fields{};
  std::optional<std::vector<std::pair<std::int64_t, std::string>>> doors{};
};

/// What is wrong with a server, bottom layer first: where one does not hold, those above it are not spoken
/// of.
std::vector<Finding> net2_findings(const Integration& integration, const std::vector<ConfiguredDoor>& doors,
                                   const Net2Evidence& evidence, Instant now);
/// And what is well.
std::vector<SoundPart> net2_sound_parts(const Integration& integration, const Net2Evidence& evidence);

/// What the running link to a source says of itself, in any kind. Codes "net2.link", "feed.link",
/// "integration.…".
std::vector<Finding> integration_findings(const Integration& integration, const IntegrationStatus& status);

}  // namespace gatehouse
