#pragma once
// Commands that are not carried out: answered and audited, and counted where there are too many of them.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/app/access_ports.hpp"
#include "daemon/app/command_reply.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/app/task_group.hpp"
#include "daemon/app/wakeup.hpp"
#include "daemon/core/command_rate.hpp"
#include "daemon/core/command_words.hpp"
#include "daemon/core/tallies.hpp"

namespace gatehouse {

struct RefusedCommand {
  CommandRefusal code = CommandRefusal::malformed;
  ReplyTo to;
  std::string kid;    ///< as it says, believed or not
  std::string cmd;    ///< empty: unreadable
  std::string about;  ///< AuditEntry::target
  std::string more;   ///< what is wrong, for the sender
  std::string first;  ///< of a replayed one
  std::optional<PersonId> person;
};

/// Before a valid signature: at most 20 a minute of each code are answered, at once, neither queued nor
/// numbered. After it, and that is more than contract.md §3.2 asks for: at most 600 a minute of each key and
/// code, for who can publish can send what was signed once again and again. The reply of these is queued and
/// numbered, in the transaction of its audit row. The rest is one audit row a minute and code (and key), with
/// its count.
///
/// On the io thread.
class CommandRefusals {
 public:
  struct Parts {
    AuditStore& audit;
    Clock& clock;
    Log& log;
    Wakeup& bell;  ///< wakes whoever calls write()
    std::function<void()> news;
    std::function<void(const Message&)> send;  ///< to the cloud at once, if it is there
    Tallies* tallies = nullptr;
  };
  explicit CommandRefusals(Parts parts);

  void refuse(RefusedCommand refused);
  /// Something else to audit and to tell, in the same transactions.
  void note(AuditEntry entry, std::optional<Message> message);
  /// Brings what was noted to the store. False where it cannot take it; then it is kept, as far as there is
  /// room.
  Task<bool> write(bool last = false);

 private:
  /// The key is empty where nobody has signed: what it says it is could be anything.
  using Meter = std::pair<CommandRefusal, std::string>;
  void count(bool last);

  Parts parts_;
  std::map<Meter, RefusalMeter> meters_;
  std::vector<AuditEntry> entries_;
  std::vector<Message> messages_;
  std::uint64_t lost_ = 0;  ///< rows that there was no room for
  bool complained_ = false;
};

}  // namespace gatehouse
