#pragma once
// What each verb does.

#include "daemon/cli/exit_status.hpp"
#include "daemon/cli/session.hpp"

namespace gatehouse {

ExitStatus show_status(CommandSession& session);
ExitStatus watch_gateway(CommandSession& session);
ExitStatus list_people(CommandSession& session);
ExitStatus list_outbox(CommandSession& session);
ExitStatus settle_dead_letter(CommandSession& session);
ExitStatus list_events(CommandSession& session);
ExitStatus show_config(CommandSession& session);
ExitStatus reload_config(CommandSession& session);
ExitStatus confirm_config(CommandSession& session);
ExitStatus check_config(CommandSession& session);

ExitStatus run_sync(CommandSession& session);
ExitStatus show_plan(CommandSession& session);
ExitStatus apply_plan(CommandSession& session);
ExitStatus discard_plan(CommandSession& session);
ExitStatus plan_purge(CommandSession& session);
ExitStatus plan_removal(CommandSession& session);

ExitStatus list_issues(CommandSession& session);
ExitStatus settle_issue(CommandSession& session);
ExitStatus switch_integration(CommandSession& session);
ExitStatus show_why(CommandSession& session);
ExitStatus couple_person(CommandSession& session);

ExitStatus decide_access(CommandSession& session);
ExitStatus sign_in(CommandSession& session);
ExitStatus explain_decision(CommandSession& session);
ExitStatus list_decisions(CommandSession& session);
ExitStatus replay_decisions(CommandSession& session);
ExitStatus show_muster(CommandSession& session);
ExitStatus verify_audit(CommandSession& session);
ExitStatus show_audit(CommandSession& session);

ExitStatus list_doors(CommandSession& session);
ExitStatus discover_doors(CommandSession& session);
ExitStatus move_door(CommandSession& session);
ExitStatus set_door_mode(CommandSession& session);
ExitStatus set_lockdown(CommandSession& session);

ExitStatus show_clock(CommandSession& session);
ExitStatus reset_clock(CommandSession& session);

ExitStatus say_of_person(CommandSession& session);
ExitStatus export_person(CommandSession& session);
ExitStatus erase_person(CommandSession& session);
ExitStatus make_bundle(CommandSession& session);
ExitStatus back_up(CommandSession& session);
ExitStatus restore(CommandSession& session);
ExitStatus show_salvage(CommandSession& session);
ExitStatus accept_salvage(CommandSession& session);

ExitStatus list_activity(CommandSession& session);
ExitStatus list_api_calls(CommandSession& session);

}  // namespace gatehouse
