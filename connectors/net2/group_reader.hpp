#pragma once
// Departments and access levels of people, where querydb does not tell (net2-api.md §3.3.5, §3.3.7, §3.5,
// §3.6).

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/net2/net2_api.hpp"
#include "connectors/net2/net2_json.hpp"

namespace gatehouse {

/// Who is in which department, as the departments' own lists say.
class Membership {
 public:
  static constexpr std::int32_t none = -1;  ///< in the list of those without a department

  void add(std::int64_t user, std::int32_t department) { of_.emplace_back(user, department); }
  void seal();  ///< before the first question

  /// The department's name ("" for none) where exactly one list names the user; nullopt otherwise.
  std::optional<std::string> department_of(std::int64_t user) const;
  /// Users in any list, ascending, each once.
  std::vector<std::int64_t> users() const;

  std::vector<std::string> names;

 private:
  std::vector<std::pair<std::int64_t, std::int32_t>> of_;
};

/// Reads groups. Answers that contradict one another are Errc::incomplete.
class GroupReader {
 public:
  explicit GroupReader(Net2Api& api) : api_(api) {}

  /// /departments, the users of each, and those without. A list that is not there (404: an older server, or
  /// a department deleted meanwhile) is tolerated: then its people are in no list.
  Task<Result<Membership>> departments();
  Task<Result<std::map<std::int64_t, std::string>>> access_levels();

  /// A single user's. The outer nullopt: the user is gone since the list was read.
  Task<Result<std::optional<std::string>>> department_of(std::int64_t user);
  Task<Result<std::optional<std::vector<std::string>>>> access_levels_of(
      std::int64_t user, const std::map<std::int64_t, std::string>& names);
  Task<Result<bool>> exists(std::int64_t user);

 private:
  Task<Result<HttpAnswer>> read_users(std::string path, Membership& membership, std::int32_t department);
  Task<Result<std::optional<std::string>>> part_of_user(std::int64_t user, std::string part);

  Net2Api& api_;
};

}  // namespace gatehouse
