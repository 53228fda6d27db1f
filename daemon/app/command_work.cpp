#include "daemon/app/command_work.hpp"

#include <utility>
#include <variant>

#include "daemon/core/json_writer.hpp"

namespace gatehouse {

Task<Result<std::string>> CommandWork::run(CommandArgs args, std::string by) {
  if (auto* sync = std::get_if<SyncRunArgs>(&args)) {
    SyncAsk ask{
        .integration = std::move(sync->integration), .full = sync->full, .dry_run = false, .by_cloud = true};
    auto runs = co_await parts_.console.run_sync(std::move(ask), std::move(by));
    co_return runs;
  }
  if (auto* wanted = std::get_if<PlanArgs>(&args)) {
    auto done = co_await plan(std::move(*wanted), std::move(by));
    co_return done;
  }
  if (auto* wanted = std::get_if<IssueArgs>(&args)) {
    auto done = co_await issue(std::move(*wanted), std::move(by));
    co_return done;
  }
  if (auto* wanted = std::get_if<PersonInvitedArgs>(&args)) {
    auto done = co_await invited(std::move(*wanted));
    co_return done;
  }
  if (std::holds_alternative<PeopleResendArgs>(args)) {
    auto done = co_await resend_.people();
    co_return done;
  }
  if (auto* wanted = std::get_if<EventsResendArgs>(&args)) {
    auto done = co_await resend_.events(std::move(*wanted));
    co_return done;
  }
  if (std::holds_alternative<StatusArgs>(args)) {
    auto status = co_await parts_.console.status();
    co_return status;
  }
  co_return Error{Errc::invalid, "this command is carried out elsewhere"};
}

/// The token says that the plan is the one that was read, the count that it was read to its end.
Task<Result<std::string>> CommandWork::plan(PlanArgs args, std::string by) {
  auto known = co_await parts_.plans.plan(PlanId(args.plan));
  if (!known) co_return known.error();
  if (known->token != args.token)
    co_return Error{Errc::refused, "plan_stale: the token is not that of the plan"};
  if (args.confirm && *args.confirm != known->count)
    co_return Error{Errc::refused, "confirm_mismatch: the plan has " + std::to_string(known->count) +
                                       " changes, not " + std::to_string(*args.confirm)};
  if (!args.apply) {
    auto discarded = co_await parts_.console.discard_plan(std::move(args.plan), std::move(by));
    co_return discarded;
  }
  auto applied =
      co_await parts_.console.apply_plan(std::move(args.plan), args.confirm.value_or(0), std::move(by));
  co_return applied;
}

Task<Result<std::string>> CommandWork::issue(IssueArgs args, std::string by) {
  switch (args.action) {
    case IssueArgs::Action::fix: {
      auto fixed =
          co_await parts_.console.fix_issue(std::move(args.issue), std::move(args.set), std::move(by));
      co_return fixed;
    }
    case IssueArgs::Action::merge: {
      auto merged =
          co_await parts_.console.merge_issue(std::move(args.issue), std::move(args.into), std::move(by));
      co_return merged;
    }
    case IssueArgs::Action::skip:
      break;
  }
  auto skipped = co_await parts_.console.skip_issue(std::move(args.issue), std::move(by));
  co_return skipped;
}

Task<Result<std::string>> CommandWork::invited(PersonInvitedArgs args) {
  auto noted = co_await parts_.invitations.invited(args.person, args.ok);
  if (!noted) co_return noted.error();
  JsonWriter json;
  json.begin_object();
  json.member("person", args.person.value()).member("ok", args.ok);
  json.end_object();
  co_return json.take();
}

}  // namespace gatehouse
