#pragma once
// What became of a damaged store, and an operator's word that what was salvaged may count.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/task.hpp"
#include "daemon/core/ids.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

struct SalvageState {
  std::string report;  ///< JSON of the last salvage or restore that nobody has accepted yet; empty: none
  std::string doubt;   ///< why every site is locked down; empty: they are not
  bool newcomers_doubted = false;          ///< people who are new since are disabled, walk-ins refused
  std::vector<PersonId> doubted_people{};  ///< disabled for that, at most 1000 of them
};

struct SalvageAccepted {
  std::uint64_t enabled =
      0;  ///< people who were disabled since, for it was not known whether they were before
  bool done = false;
};

/// How much was looked at; where something is damaged there is an error instead.
struct PageLook {
  std::uint32_t pages = 0;
};

class SalvageStore {
 public:
  virtual ~SalvageStore() = default;
  /// Looks whether each page of the file is as it was written, in short steps: others have their turn. An
  /// error is damage, or the disk's; it is salvaged at the next start.
  virtual Task<Result<PageLook>> look_at_pages() = 0;
  /// Something that is stored could not be read, at any time since the start. From any thread.
  virtual bool damaged() const = 0;
  virtual Task<Result<SalvageState>> salvage_state() = 0;
  /// Ends the doubt: sites are as they were salvaged, the doubted people are enabled and told.
  /// Errc::not_found where there is nothing to accept.
  virtual Task<Result<SalvageAccepted>> accept_salvage(std::string by) = 0;
};

}  // namespace gatehouse
