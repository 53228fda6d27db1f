#pragma once
// What each verb does.

#include "daemon/cli/exit_status.hpp"
#include "daemon/cli/session.hpp"

namespace gatehouse {

ExitStatus show_status(Session& session);
ExitStatus list_people(Session& session);
ExitStatus list_outbox(Session& session);
ExitStatus list_events(Session& session);
ExitStatus show_config(Session& session);
ExitStatus reload_config(Session& session);

ExitStatus run_sync(Session& session);
ExitStatus show_plan(Session& session);
ExitStatus apply_plan(Session& session);
ExitStatus discard_plan(Session& session);
ExitStatus plan_purge(Session& session);
ExitStatus plan_removal(Session& session);

ExitStatus list_issues(Session& session);
ExitStatus settle_issue(Session& session);
ExitStatus check_integration(Session& session);
ExitStatus switch_integration(Session& session);
ExitStatus show_why(Session& session);
ExitStatus couple_person(Session& session);

ExitStatus list_activity(Session& session);
ExitStatus list_api_calls(Session& session);

}  // namespace gatehouse
