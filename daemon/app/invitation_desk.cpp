#include "daemon/app/invitation_desk.hpp"

#include <utility>

namespace gatehouse {

void InvitationDesk::on_pass(bool full) {
  due_ = true;
  again_ = again_ || full;
  if (!running_ && !stopping_) errands_.start("invitations", rounds(), Errands::Pace::open_ended);
}

Task<void> InvitationDesk::rounds() {
  running_ = true;
  while (std::exchange(due_, false)) {
    Result<void> round;
    // First, so that nobody is told of twice in one round.
    if (std::exchange(again_, false)) round = co_await tell_again();
    if (round) round = co_await tell_new();
    note(round);
  }
  running_ = false;
}

Task<void> InvitationDesk::stop() {
  stopping_ = true;
  co_await errands_.finish();
}

Task<Result<void>> InvitationDesk::tell_again() {
  PersonId after;
  for (;;) {
    auto told = co_await parts_.store.tell_invitable_again(after);
    if (!told) co_return told.error();
    if (told->told != 0) parts_.news();
    if (!told->last) co_return Result<void>{};
    after = *told->last;
  }
}

Task<Result<void>> InvitationDesk::tell_new() {
  for (;;) {
    auto told = co_await parts_.store.tell_invitable();
    if (!told) co_return told.error();
    if (told->told != 0) parts_.news();
    if (!told->last) co_return Result<void>{};
  }
}

void InvitationDesk::note(const Result<void>& round) {
  if (!round && !failed_)
    parts_.log.write(Level::warning, "whom to invite could not be told: " + round.error().detail);
  failed_ = !round;
}

}  // namespace gatehouse
