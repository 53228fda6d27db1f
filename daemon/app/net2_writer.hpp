#pragma once
// What the gateway writes into a Net2 server: its own users, and nobody else's (features.md S1-24 to S1-26,
// S1-35, D-9). Threads and cancellation as in ports.hpp.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/app/task.hpp"
#include "daemon/core/export_rules.hpp"
#include "daemon/core/ids.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/result.hpp"
#include "daemon/core/source_record.hpp"

namespace gatehouse {

/// A user as Net2 has it.
struct Net2User {
  Net2UserId id;
  std::string whole;  ///< all that Net2 gave, as it came: JSON with secrets in it, never to be logged
  std::vector<std::string> values;  ///< of the fields that were asked for, trimmed
  std::vector<std::int64_t> access_levels;
  std::size_t individual_permissions = 0;
};

/// Whose mark the user has to carry, and in which field.
struct Ownership {
  SourceField field;
  std::string mark;
};

struct NewNet2User {
  Ownership owner;
  std::vector<std::pair<SourceField, std::string>> fields;
  std::optional<Instant> valid_from, valid_until;
  std::optional<std::int64_t> access_level, department;
};

struct Net2FieldWrite {
  SourceField field;
  std::string before;  ///< what it must still be, trimmed
  std::string after;
};

/// No write is repeated blindly: after a time-out, a cut connection or a 5xx the truth is read back first
/// (net2-api.md §6.10). What each answer means:
///   Errc::incomplete   not known what was done, or what was read back is not what was meant: somebody has to
///   look Errc::refused      Net2 said no, or the user is not as it was or not ours: nothing was written
///   Errc::invalid      a field that Net2 has not or that cannot hold the value: nothing was written
///   others             nothing was written; ask again later
class Net2Writer {
 public:
  virtual ~Net2Writer() = default;
  virtual Task<Result<std::vector<NamedNumber>>> access_levels() = 0;
  virtual Task<Result<std::vector<NamedNumber>>> departments() = 0;
  /// Errc::not_found where there is none.
  virtual Task<Result<Net2User>> read_user(Net2UserId id, std::vector<SourceField> fields) = 0;
  /// Everybody with this mark, from a complete read of all users.
  virtual Task<Result<std::vector<Net2UserId>>> find_marked(Ownership owner) = 0;
  /// Makes the user and sees to all that belongs to it. With Errc::incomplete it may be there: find_marked
  /// and finish_user take it from there.
  virtual Task<Result<Net2UserId>> create_user(NewNet2User user) = 0;
  /// What is left of making one: the access level where the user has no permission at all, the department
  /// where it has none.
  virtual Task<Result<void>> finish_user(Net2UserId id, Ownership owner,
                                         std::optional<std::int64_t> access_level,
                                         std::optional<std::int64_t> department) = 0;
  /// Read, modify, write, read back: the dates, the PIN, permissions and all else stay as they are.
  /// Nothing is written where the fields are `after` already.
  virtual Task<Result<void>> update_user(Net2UserId id, Ownership owner,
                                         std::vector<Net2FieldWrite> fields) = 0;
};

}  // namespace gatehouse
