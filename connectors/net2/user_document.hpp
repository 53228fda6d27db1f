#pragma once
// One user of Net2 whole, so that nothing is lost when a part of it is written (net2-api.md §3.1, §3.3).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "connectors/net2/people_rows.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

using PlacedValue = std::pair<FieldPlace, std::string>;

class UserDocument {
 public:
  /// Errc::malformed where it is no user with an id.
  static Result<UserDocument> parse(std::string_view body);

  std::int64_t id() const { return id_; }
  std::string whole() const;                         ///< JSON, with secrets in it
  std::string value(const FieldPlace& field) const;  ///< trimmed
  std::vector<std::int64_t> access_levels() const;
  std::size_t individual_permissions() const;

  /// The body of a PUT: the id, these values, and both dates, which a PUT without them clears (§3.3.3).
  std::string put_body(const std::vector<PlacedValue>& values) const;
  /// Names of what differs between the two, null and "" being the same; but for these fields.
  std::vector<std::string> differences(const UserDocument& other, const std::vector<PlacedValue>& but) const;

 private:
  std::int64_t id_ = 0;
  boost::json::object members_;
};

struct NewUserBody {
  std::vector<PlacedValue> values;
  std::string activate_date, expiry_date;  ///< local, without zone; empty: none
  std::optional<std::int64_t> access_level;
};
/// The body of a POST (§3.3.2).
std::string post_body(const NewUserBody& user);

std::string permission_body(std::int64_t access_level);
std::string department_body(std::int64_t department);

/// An individual permission counts as one, too.
struct Permissions {
  std::vector<std::int64_t> access_levels;  ///< without 0 = none
  std::size_t individual = 0;
  bool none() const { return access_levels.empty() && individual == 0; }
};
Result<Permissions> parse_permissions(std::string_view body);

/// The id that the answer to a POST gives, if it gives one.
std::optional<std::int64_t> parse_created_id(std::string_view body);

/// Custom fields with what each can hold; 0: not said.
struct CustomField {
  std::int64_t id = 0;
  std::int64_t max_length = 0;
};
Result<std::vector<CustomField>> parse_field_lengths(std::string_view body);

}  // namespace gatehouse
