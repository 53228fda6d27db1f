// Runs, plans, and the two plans that take people away.

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "daemon/cli/commands.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/plan_words.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/words.hpp"
#include "daemon/control/bus_names.hpp"

namespace gatehouse {
namespace {

using boost::json::value;

constexpr char see_plans[] = "gatehouse plan list";

/// How runs ended: failed before not well before done.
ExitStatus judge(CommandSession& session, const value& document) {
  ExitStatus status = ExitStatus::done;
  for (const auto& run : list_field(document, "runs")) {
    const auto outcome = text_field(run, "outcome");
    if (outcome == "failed") {
      status = session.fail(ExitStatus::failed,
                            text_field(run, "integration") + " failed: " + text_field(run, "detail"));
    } else if (outcome != "complete" && !outcome.empty() && status == ExitStatus::done) {
      status = ExitStatus::not_well;
    }
  }
  return status;
}

ExitStatus start_sync(CommandSession& session) {
  const auto& command = session.command;
  return session.print(session.daemon.ask(bus_names::sync, "Start", {command.subject, command.full}),
                       see_integrations, [&](const value&) {
                         const auto of = command.subject.empty() ? "" : " " + harmless(command.subject);
                         return "started; how it ended: gatehouse sync log" + of + '\n';
                       });
}

/// The plan that somebody wants to apply, to say how many changes it has.
std::optional<value> find_plan(CommandSession& session, ExitStatus& status) {
  const auto plans = session.read(session.daemon.ask(bus_names::plans, "List"), status);
  if (!plans) return std::nullopt;
  for (const auto& plan : list_field(*plans, "plans")) {
    if (text_field(plan, "plan") == session.command.subject) return plan;
  }
  // It may be no longer to be had; its own document says more.
  return session.read(session.daemon.ask(bus_names::plans, "Show",
                                         {session.command.subject, std::string(), std::uint32_t{1}}),
                      status, see_plans);
}

/// {"plan":{…}} with some of its changes as "sample".
ExitStatus print_removal(CommandSession& session, const Answer& answer, const std::string& fate,
                         bool switched_off) {
  return session.print(answer, see_integrations, [&](const value& document) {
    const auto* plan = find_field(document, "plan");
    return removal_words(plan != nullptr && plan->is_object() ? *plan : document, fate, switched_off,
                         session.terminal.width);
  });
}

/// The plan's head without its changes, as the beginning of an object that is not closed.
std::string open_document(value head) {
  auto& object = head.as_object();
  object.erase("changes");
  object.erase("next");
  auto text = boost::json::serialize(head);
  text.back() = object.empty() ? ' ' : ',';
  return text + "\"changes\":[";
}

/// Shows a plan page by page. With --json each page is printed as it comes; one that breaks off leaves the
/// document open, so that nobody takes it for a shorter plan.
class PlanShow {
 public:
  explicit PlanShow(CommandSession& session) : session_(session) {}

  ExitStatus run() {
    ExitStatus status = ExitStatus::done;
    std::string after;
    for (;;) {
      const auto answer =
          session_.daemon.ask(bus_names::plans, "Show", {session_.command.subject, after, page_size});
      const auto page = session_.read(answer, status, see_plans);
      if (!page || !page->is_object()) return page ? broken_off() : status;
      take(*page);
      auto next = text_field(*page, "next");
      if (next.empty()) break;
      if (next == after) return broken_off();
      after = std::move(next);
    }
    // What ends meanwhile loses its changes.
    if (number_field(head_, "count").value_or(0) != count_ && !plan_has_ended(head_)) return broken_off();
    auto& out = session_.terminal.out;
    if (session_.command.json) {
      out << "]}\n";
    } else {
      out << plan_words(head_, changes_, session_.terminal.width);
    }
    return status;
  }

 private:
  void take(const value& page) {
    const auto& changes = list_field(page, "changes");
    const bool first = head_.is_null();
    if (first) {
      head_ = page;
      head_.as_object().erase("changes");
    }
    if (session_.command.json) {
      auto& out = session_.terminal.out;
      if (first) out << open_document(head_);
      for (const auto& change : changes) out << (count_++ > 0 ? "," : "") << boost::json::serialize(change);
    } else {
      changes_.add(changes);
      count_ = static_cast<std::int64_t>(changes_.size());
    }
  }

  ExitStatus broken_off() {
    return session_.fail(ExitStatus::failed, "the plan has ended while it was read\nSee what there is now: " +
                                                 std::string(see_plans));
  }

  CommandSession& session_;
  value head_;
  std::int64_t count_ = 0;
  ChangeTable changes_;
};

}  // namespace

ExitStatus run_sync(CommandSession& session) {
  const auto& command = session.command;
  if (!command.wait) return start_sync(session);
  const auto answer =
      session.work(bus_names::sync, "RunToFile", {command.subject, command.full, command.dry_run}, true);
  ExitStatus status = ExitStatus::done;
  const auto document = session.read(answer, status, see_integrations);
  if (!document) return status;
  if (command.json) {
    session.print_raw(answer);
  } else {
    session.terminal.out << ended_runs_words(*document, session.terminal.width) << std::flush;
  }
  return judge(session, *document);
}

ExitStatus show_plan(CommandSession& session) {
  return PlanShow(session).run();
}

ExitStatus apply_plan(CommandSession& session) {
  const auto& command = session.command;
  if (!command.confirm) {
    ExitStatus status = ExitStatus::done;
    const auto plan = find_plan(session, status);
    if (!plan) return status;
    if (plan_has_ended(*plan))
      return session.fail(ExitStatus::failed, "the plan can no longer be applied: it is " +
                                                  text_field(*plan, "state") +
                                                  "\nSee what there is: " + see_plans);
    const auto count = number_field(*plan, "count").value_or(0);
    return session.fail(
        ExitStatus::usage,
        "the plan has " +
            count_words(static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0)), "change", "changes") +
            "; read what they are: gatehouse plan show " + command.subject +
            "\nThen: " + apply_command(*plan));
  }
  const auto answer = session.work(bus_names::plans, "Apply", {command.subject, *command.confirm});
  const auto status = session.print(answer, see_plans, [](const value& document) {
    const auto applied = std::max<std::int64_t>(number_field(document, "applied").value_or(0), 0);
    return "applied " + count_words(static_cast<std::uint64_t>(applied), "change", "changes") + '\n';
  });
  if (answer.why.starts_with("plan_stale")) {
    session.terminal.err << "Nothing was done. What has come in its place: " << see_plans << '\n';
  }
  return status;
}

ExitStatus discard_plan(CommandSession& session) {
  return session.print(session.work(bus_names::plans, "Discard", {session.command.subject}), see_plans,
                       [](const value&) { return std::string("discarded; nothing of it has happened\n"); });
}

ExitStatus plan_purge(CommandSession& session) {
  const auto& command = session.command;
  const auto integration = command.filter.find("integration");
  const auto answer = session.work(bus_names::purge, "Plan",
                                   {integration == command.filter.end() ? std::string() : integration->second,
                                    command.all_synced, command.keep_source_enabled});
  return print_removal(session, answer, "delete", !command.keep_source_enabled);
}

ExitStatus plan_removal(CommandSession& session) {
  const auto& command = session.command;
  const auto answer = session.work(bus_names::integrations, "Remove", {command.subject, command.people});
  return print_removal(session, answer, command.people, true);
}

}  // namespace gatehouse
