#pragma once
// Net2's small answers as values. Member names are matched without case (net2-api.md §3).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/app/ports.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// A row of /departments, /accesslevels, /doors or /users/customfieldnames.
struct NamedId {
  std::int64_t id = 0;
  std::string name;  ///< trimmed
  bool operator==(const NamedId&) const = default;
};

/// A short list of {"id", "name"}. An empty body is an empty list. Errc::malformed where a row has no usable
/// id.
Result<std::vector<NamedId>> parse_named_ids(std::string_view body);

/// GET /doors/status (§3.8). A row without `status` says nothing and is left out; a missing flag is as in a
/// healthy closed door.
Result<std::vector<DoorStatus>> parse_door_status(std::string_view body);

/// `accessLevels` of a door permission set (§3.3.7), without 0 = none.
struct PermissionSet {
  std::vector<std::int64_t> access_levels;
};
Result<PermissionSet> parse_permission_set(std::string_view body);

/// The answer to a sign-in (§2.1, §2.5, §2.7).
struct TokenAnswer {
  std::string access_token;
  std::string refresh_token;  ///< empty: none
  Duration expires_in{0};     ///< 0: not said
  std::string error;          ///< "invalid_client", "invalid_grant", "mfa_required" or ""; never other text
};
/// Errc::malformed says nothing of the body: it may echo secrets.
Result<TokenAnswer> parse_token_answer(std::string_view body);

/// The one number of the first row: the answer to SELECT COUNT(*).
std::optional<std::int64_t> parse_count(std::string_view body);

/// Words of a refusal for people, on one line: the first of error_description, error, message, Message, else
/// the first 256 bytes of text (§2.5); "" for HTML.
std::string refusal_words(std::string_view body);

}  // namespace gatehouse
