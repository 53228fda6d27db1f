#pragma once
// Which members of a user are read, and how a row of them becomes a record (net2-api.md §3.1, §3.13).

#include <optional>
#include <string>
#include <vector>

#include "connectors/net2/json_rows.hpp"
#include "connectors/net2/net2_json.hpp"
#include "connectors/net2/server_zone.hpp"
#include "daemon/app/ports.hpp"

namespace gatehouse {

/// One field that was asked for, by where it is found.
struct FieldPlace {
  enum class Kind { column, custom, department };
  Kind kind = Kind::column;
  std::string member;         ///< of a user object: "lastName"
  std::string column;         ///< of sdk.UsersEx: "Surname", "Field9_50"
  std::int64_t custom = 0;    ///< id of the custom field
  std::size_t sql_cell = 0;   ///< where the value stands in a row of querydb
  std::size_t user_cell = 0;  ///< where it stands in a row of /users

  /// querydb has no column for it that we know of.
  bool only_by_users() const { return column.empty() && kind != Kind::department; }
};

/// True where a field can only be placed by the custom fields' names.
bool needs_custom_names(const PeopleQuery& query);

/// The custom fields' names as delivered (§3.2), for a server that does not tell its own.
std::vector<NamedId> factory_field_names();

/// Places in the order of query.fields. `names`: the custom fields, needed for "custom:NAME", which is
/// matched trimmed and without case (§3.2). Errc::invalid for a field that Net2 has not, or has twice.
Result<std::vector<FieldPlace>> place_fields(const PeopleQuery& query, const std::vector<NamedId>& names);

/// "SELECT UserID, … FROM sdk.UsersEx WHERE Active=1 ORDER BY UserID", of fixed column names only.
std::string people_sql(const std::vector<FieldPlace>& fields, bool access_levels);

/// The members read by that statement, and those read of a user object.
RowShape querydb_shape(const std::vector<FieldPlace>& fields, bool access_levels);
RowShape users_shape(const std::vector<FieldPlace>& fields);

/// What a row says before its groups are known.
struct PersonRow {
  SourceRecord record;
  std::string access_level;          ///< as querydb gives it
  bool complete = true;              ///< every column that was asked for is there
  std::optional<std::string> fault;  ///< set: no usable id, the list cannot be believed
};

/// From when until when people are valid, row by row: most dates are those of the row before, and are read
/// once. A date that cannot be read makes a record that was valid until 1970: it never opens a door, and it
/// is still seen. In the hour that comes twice the shorter validity counts. `zone` outlives it.
class ValidityReader {
 public:
  explicit ValidityReader(const ServerZone& zone) : zone_(zone) {}
  void read(SourceRecord& record, const Cell& activate, const Cell& expiry);

 private:
  struct Date {
    std::string text{};  ///< empty: none
    bool readable = true;
    std::optional<Resolved> at{};  ///< none: no limit
  };
  void read(Date& date, const Cell& cell) const;

  const ServerZone& zone_;
  Date activate_;
  Date expiry_;
};

PersonRow querydb_row(const std::vector<Cell>& row, const std::vector<FieldPlace>& fields, bool access_levels,
                      ValidityReader& validity);
PersonRow users_row(const std::vector<Cell>& row, const std::vector<FieldPlace>& fields,
                    ValidityReader& validity);

/// Puts the department where a field asks for it, and into the record where people are grouped by it.
void set_department(SourceRecord& record, const std::vector<FieldPlace>& fields, const std::string& name);

}  // namespace gatehouse
