#pragma once
// What commands do that move no door: the verbs of operators, asked by the cloud.

#include <string>

#include "daemon/app/command_ports.hpp"
#include "daemon/app/console.hpp"
#include "daemon/app/resend.hpp"

namespace gatehouse {

class CommandWork {
 public:
  struct Parts {
    Console& console;
    PlanStore& plans;
    Invitations& invitations;
    Resend::Parts resend;
  };
  explicit CommandWork(Parts parts) : parts_(parts), resend_(std::move(parts.resend)) {}

  /// The reply's `result`, JSON. `by` is who asks, for the journal. Errors as in Console. For sync.run,
  /// plan.*, issue.resolve, person.invited, *.resend and status.get; anything else is Errc::invalid.
  Task<Result<std::string>> run(CommandArgs args, std::string by);

 private:
  Task<Result<std::string>> plan(PlanArgs args, std::string by);
  Task<Result<std::string>> issue(IssueArgs args, std::string by);
  Task<Result<std::string>> invited(PersonInvitedArgs args);

  Parts parts_;
  Resend resend_;
};

}  // namespace gatehouse
