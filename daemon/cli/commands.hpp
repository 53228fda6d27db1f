#pragma once
// What each verb does.

#include "daemon/cli/exit_status.hpp"
#include "daemon/cli/session.hpp"

namespace gatehouse {

ExitStatus show_status(CommandSession& session);
ExitStatus list_people(CommandSession& session);
ExitStatus list_outbox(CommandSession& session);
ExitStatus list_events(CommandSession& session);
ExitStatus show_config(CommandSession& session);
ExitStatus reload_config(CommandSession& session);

ExitStatus run_sync(CommandSession& session);
ExitStatus show_plan(CommandSession& session);
ExitStatus apply_plan(CommandSession& session);
ExitStatus discard_plan(CommandSession& session);
ExitStatus plan_purge(CommandSession& session);
ExitStatus plan_removal(CommandSession& session);

ExitStatus list_issues(CommandSession& session);
ExitStatus settle_issue(CommandSession& session);
ExitStatus check_integration(CommandSession& session);
ExitStatus switch_integration(CommandSession& session);
ExitStatus show_why(CommandSession& session);
ExitStatus couple_person(CommandSession& session);

ExitStatus list_activity(CommandSession& session);
ExitStatus list_api_calls(CommandSession& session);

}  // namespace gatehouse
