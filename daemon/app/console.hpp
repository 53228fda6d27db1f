#pragma once
// What an operator can ask of the running daemon. The control adapter offers it on D-Bus; every answer is one
// JSON document in the shapes of contract.md §6.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "daemon/app/task.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// Part of a long list. `after` is the `next` of the page before; empty for the first.
struct Page {
  std::string after;
  std::uint32_t limit = 500;  ///< 1 to 1000
};

struct PeopleFilter {
  std::string search;       ///< in names, e-mail, external id; empty: all
  std::string integration;  ///< id; empty: all
  std::string person_type;  ///< empty: all
  std::string site;         ///< empty: all
  std::string access;       ///< "yes" | "no" (effective access); empty: all
};

struct EventFilter {
  std::string since;        ///< RFC 3339, or a duration back ("2h"); empty: from the oldest kept
  std::string integration;  ///< empty: all
};

struct OutboxFilter {
  bool dead = false;  ///< the dead letters instead of what waits
  std::string lane;   ///< empty: all
};

struct SyncAsk {
  std::string integration;  ///< empty: all that are enabled
  bool full = false;        ///< look at every record anew, changed or not
  bool dry_run = false;     ///< compute everything, write and send nothing
  bool by_cloud = false;    ///< the run's trigger is `cloud`, else `manual`
};

struct IssueFilter {
  std::string kind;         ///< error | duplicate | match; empty: all
  std::string integration;  ///< id; empty: all
};

struct ActivityFilter {
  std::string outcome;      ///< empty: all
  std::string reason;       ///< empty: all
  std::string integration;  ///< id; empty: all
  std::string search;       ///< in name, external id or reason; empty: all
  std::string since;        ///< RFC 3339, or a duration back ("2h"); empty: from the oldest kept
};

struct PurgeAsk {
  std::string integration;  ///< empty: all synced people
  bool keep_enabled = false;
};

class Console {
 public:
  virtual ~Console() = default;

  virtual Task<Result<std::string>> status() = 0;
  virtual Task<Result<std::string>> integrations() = 0;
  virtual Task<Result<std::string>> integration(std::string id) = 0;
  /// {"people":[…],"next":"…"}; `next` is absent on the last page. Likewise the other lists.
  virtual Task<Result<std::string>> people(PeopleFilter filter, Page page) = 0;
  /// By person id, INTEGRATION/EXTERNAL_ID, or e-mail. Errc::refused where an e-mail is shared.
  virtual Task<Result<std::string>> person(std::string key) = 0;
  virtual Task<Result<std::string>> events(EventFilter filter, Page page) = 0;
  virtual Task<Result<std::string>> runs(std::string integration) = 0;

  // Directory sync. `by` is who asks, for the journal: "uid 1000 (olga)".

  /// Runs, or joins a run that is under way, and answers when it has ended: {"runs":[run…]}; with dry_run
  /// each run has "changes":[…] as `plan show` has them. Errc::refused where the integration is switched off.
  virtual Task<Result<std::string>> run_sync(SyncAsk ask, std::string by) = 0;
  /// {"progress":[{"integration","phase","done","all"}]} of what is under way now; an empty list where
  /// nothing is.
  virtual Task<Result<std::string>> progress() = 0;
  virtual Task<Result<std::string>> plans() = 0;
  /// As `plan show --json`, with part of the changes and "next" where there are more.
  virtual Task<Result<std::string>> plan(std::string id, Page page) = 0;
  /// Answers when all of it has happened: {"plan":"…","applied":N}. Errc::refused with a detail that begins
  /// with "plan_stale: " where something has changed, or says that N is not the plan's count or that issues
  /// are open.
  virtual Task<Result<std::string>> apply_plan(std::string id, std::uint64_t confirm, std::string by) = 0;
  virtual Task<Result<std::string>> discard_plan(std::string id, std::string by) = 0;
  virtual Task<Result<std::string>> issues(IssueFilter filter) = 0;
  /// One of them.
  virtual Task<Result<std::string>> issue(std::string number) = 0;
  /// FIELD=VALUE pairs. These four look at the record again at once and answer when that is done:
  /// {"issue":"12","resolved":true,"open_issues":3}.
  virtual Task<Result<std::string>> fix_issue(std::string number, std::map<std::string, std::string> set,
                                              std::string by) = 0;
  /// `into`: person id, INTEGRATION/EXTERNAL_ID, or one of the issue's `others`.
  virtual Task<Result<std::string>> merge_issue(std::string number, std::string into, std::string by) = 0;
  virtual Task<Result<std::string>> skip_issue(std::string number, std::string by) = 0;
  virtual Task<Result<std::string>> unskip_issue(std::string number, std::string by) = 0;
  /// {"person":{…},"links":[{"integration","external_id","rule","evidence","linked","present","skip","hint",
  /// "overrides":{…}}],"activity":[…newest 20]}
  virtual Task<Result<std::string>> why(std::string person) = 0;
  /// `until`: RFC 3339, a date, or a duration ("30d"); empty: for good. The person, as `people show` has it.
  virtual Task<Result<std::string>> decouple(std::string person, std::string reason, std::string until,
                                             std::string by) = 0;
  virtual Task<Result<std::string>> couple(std::string person, std::string by) = 0;
  /// A plan of kind purge, as in `plans`, with "with_grants" and "decoupled" (how many of its people are so),
  /// and some of its changes as "sample"; to be applied or left to expire.
  virtual Task<Result<std::string>> plan_purge(PurgeAsk ask, std::string by) = 0;
  /// As `integration show` has it.
  virtual Task<Result<std::string>> pause_integration(std::string id, std::string by) = 0;
  /// From paused, switched off by a purge, or removed.
  virtual Task<Result<std::string>> resume_integration(std::string id, std::string by) = 0;
  /// As plan_purge, of kind remove_integration. `people`: keep | disable | delete.
  virtual Task<Result<std::string>> remove_integration(std::string id, std::string people,
                                                       std::string by) = 0;
  /// {"activity":[…],"next":"…"}: the newest last; each as the `activity` message, with "id", "at" and
  /// "hint".
  virtual Task<Result<std::string>> activity(ActivityFilter filter, Page page) = 0;
  /// {"calls":[{"at","integration","verb","path","status","ms","bytes","error"}]}: what was asked of Net2
  /// lately, oldest first; paths are templates without ids and values, bodies are never kept.
  virtual Task<Result<std::string>> api_log(std::string since) = 0;

  virtual Task<Result<std::string>> outbox(OutboxFilter filter, Page page) = 0;
  /// By its id in `outbox`: the dead letter is sent again, or given up. As DeadLetterDesk answers.
  virtual Task<Result<std::string>> retry_dead_letter(std::string id, std::string by) = 0;
  virtual Task<Result<std::string>> drop_dead_letter(std::string id, std::string by) = 0;
  /// The configuration in force with every default; `format` is "yaml" or "json".
  virtual Task<Result<std::string>> effective_config(std::string format) = 0;
  /// {"revision":"sha256:…"}; Errc::invalid with every fault, a line each, and the last good one stays.
  virtual Task<Result<std::string>> reload() = 0;
};

}  // namespace gatehouse
