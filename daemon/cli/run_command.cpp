#include "daemon/cli/run_command.hpp"

#include "daemon/cli/commands.hpp"
#include "daemon/cli/doctor_command.hpp"
#include "daemon/cli/error_document.hpp"
#include "daemon/cli/name_check.hpp"
#include "daemon/cli/session.hpp"
#include "daemon/cli/setup_command.hpp"
#include "daemon/cli/show_views.hpp"
#include "daemon/cli/token_command.hpp"
#include "daemon/control/bus_names.hpp"

namespace gatehouse {
namespace {

ExitStatus show(CommandSession& session, const char* interface, const char* look_at) {
  return session.print(session.daemon.ask(interface, "Show", {session.command.subject}), look_at, show_lines);
}

ExitStatus carry_out(CommandSession& session) {
  const auto& command = session.command;
  auto& daemon = session.daemon;
  if (const auto refusal = unknown_name(session)) return session.fail(*refusal);
  switch (command.verb) {
    case Verb::status:
      return show_status(session);
    case Verb::watch:
      return watch_gateway(session);
    case Verb::doctor:
      return run_doctor(session);
    case Verb::integration_list:
      return session.print_list(integrations_view(), daemon.ask(bus_names::integrations, "List"), "");
    case Verb::integration_show:
      return show(session, bus_names::integrations, see_integrations);
    case Verb::integration_check:
      return check_integration(session);
    case Verb::integration_pause:
    case Verb::integration_resume:
      return switch_integration(session);
    case Verb::integration_remove:
      return plan_removal(session);
    case Verb::sync_run:
      return run_sync(session);
    case Verb::sync_log:
      return session.print_list(runs_view(), daemon.ask(bus_names::sync, "Log", {command.subject}),
                                see_integrations);
    case Verb::plan_list:
      return session.print_list(plans_view(), daemon.ask(bus_names::plans, "List"), "");
    case Verb::plan_show:
      return show_plan(session);
    case Verb::plan_apply:
      return apply_plan(session);
    case Verb::plan_discard:
      return discard_plan(session);
    case Verb::issue_list:
      return list_issues(session);
    case Verb::issue_show:
      return show(session, bus_names::issues, "gatehouse issue list");
    case Verb::issue_fix:
    case Verb::issue_merge:
    case Verb::issue_skip:
    case Verb::issue_unskip:
      return settle_issue(session);
    case Verb::purge_plan:
      return plan_purge(session);
    case Verb::people_list:
      return list_people(session);
    case Verb::people_show:
      return show(session, bus_names::people, "gatehouse people list --search TEXT");
    case Verb::people_why:
      return show_why(session);
    case Verb::people_decouple:
    case Verb::people_couple:
      return couple_person(session);
    case Verb::people_enable:
    case Verb::people_disable:
    case Verb::people_tag:
    case Verb::people_untag:
    case Verb::people_grant:
    case Verb::people_revoke:
      return say_of_person(session);
    case Verb::bundle:
      return make_bundle(session);
    case Verb::backup:
      return back_up(session);
    case Verb::restore:
      return restore(session);
    case Verb::salvage_show:
      return show_salvage(session);
    case Verb::salvage_accept:
      return accept_salvage(session);
    case Verb::people_export:
      return export_person(session);
    case Verb::people_erase:
      return erase_person(session);
    case Verb::door_list:
      return list_doors(session);
    case Verb::door_show:
      return show(session, bus_names::doors, "gatehouse door list");
    case Verb::door_open:
    case Verb::door_hold:
    case Verb::door_close:
      return move_door(session);
    case Verb::door_mode:
      return set_door_mode(session);
    case Verb::door_discover:
      return discover_doors(session);
    case Verb::access_decide:
      return decide_access(session);
    case Verb::access_sign_in:
      return sign_in(session);
    case Verb::access_explain:
      return explain_decision(session);
    case Verb::access_list:
      return list_decisions(session);
    case Verb::access_replay:
      return replay_decisions(session);
    case Verb::lockdown_on:
    case Verb::lockdown_off:
      return set_lockdown(session);
    case Verb::clock_show:
      return show_clock(session);
    case Verb::clock_reset:
      return reset_clock(session);
    case Verb::muster:
      return show_muster(session);
    case Verb::audit_verify:
      return verify_audit(session);
    case Verb::audit_show:
      return show_audit(session);
    case Verb::activity:
      return list_activity(session);
    case Verb::events:
      return list_events(session);
    case Verb::log_api:
      return list_api_calls(session);
    case Verb::outbox_list:
      return list_outbox(session);
    case Verb::outbox_retry:
    case Verb::outbox_drop:
      return settle_dead_letter(session);
    case Verb::config_show:
      return show_config(session);
    case Verb::config_reload:
      return reload_config(session);
    case Verb::config_confirm:
      return confirm_config(session);
    case Verb::token_new:
      return new_token(session);
    case Verb::check:
      return check_config(session);
    case Verb::setup:
      return set_up(session);
  }
  return ExitStatus::usage;
}

}  // namespace

ExitStatus run_command(const Invocation& command, Terminal& terminal) {
  if (!command.json) {
    CommandSession session(command, terminal);
    return carry_out(session);
  }
  WatchedOutput out(terminal.out);
  Terminal watched{.out = out.stream(),
                   .err = terminal.err,
                   .width = terminal.width,
                   .height = terminal.height,
                   .progress = terminal.progress,
                   .err_is_screen = terminal.err_is_screen};
  CommandSession session(command, watched);
  const auto status = carry_out(session);
  if (status != ExitStatus::done && !out.used()) {
    const auto why = session.failure.value_or(Failure{"failed", "stderr says why"});
    terminal.out << error_document(why.code, why.message) << '\n';
  }
  return status;
}

}  // namespace gatehouse
