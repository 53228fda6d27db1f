#pragma once
// The state as a file: copies of it, whether it is whole, and what a salvage or a restore left to accept.

#include <functional>
#include <string>

#include "daemon/app/alerts.hpp"
#include "daemon/app/backup_port.hpp"
#include "daemon/app/salvage_port.hpp"
#include "daemon/app/task_group.hpp"

namespace gatehouse {

/// On the io thread.
class StateDesk {
 public:
  struct Parts {
    SalvageStore& salvage;
    BackupStore& backup;
    Alerts& alerts;
    Clock& clock;
    Log& log;
    std::function<void()> accepted;  ///< the store may be believed again
    std::function<void()> news;      ///< messages are in the outbox
    std::function<void()> restart;   ///< the daemon is to end, so that its next start salvages
  };
  explicit StateDesk(Parts parts) : parts_(std::move(parts)) {}

  /// {"salvage":{…}|null,"locked_down":TEXT|null,"newcomers_disabled":bool,"doubted_people":[ID,…]}
  Task<Result<std::string>> show();
  /// {"accepted":true,"enabled":N}
  Task<Result<std::string>> accept(std::string by);
  /// The path of a backup, for the caller to fetch and remove.
  Task<Result<std::string>> back_up() { return parts_.backup.make_backup(); }
  /// Every page of the file, now. {"pages":N}; an error where one is damaged.
  Task<Result<std::string>> check_pages();

  /// Looks at all pages some minutes after the start and once a day. Where anything was found damaged, by
  /// this or by any call, it is told, and the daemon ends, so that its next start salvages: once an hour at
  /// most.
  Task<void> loop(Pulse& pulse);

 private:
  Parts parts_;
};

}  // namespace gatehouse
