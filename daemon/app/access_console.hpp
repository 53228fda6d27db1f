#pragma once
// What an operator can ask of the doors: the verbs `access`, `door`, `lockdown`, `muster`, `audit`, and
// `people grant|revoke|enable|disable|tag|untag` (contract.md §6). Every answer is one JSON document.

#include <optional>
#include <string>

#include "daemon/app/console.hpp"

namespace gatehouse {

/// Texts as they were typed; empty: not given.
struct AccessAsk {
  std::string person;  ///< id, INTEGRATION/EXTERNAL_ID, or e-mail
  std::string access_point;
  std::string at;         ///< local time in the gateway's zone: "2026-06-01T10:00"
  std::string direction;  ///< in | out; empty: in
  std::string mode;       ///< kiosk | mobile | qr | web; empty: the access point's first
};

struct GrantAsk {
  std::string door, scope, site;  ///< exactly one
  std::string hours;              ///< a schedule's id
  std::string from, until;        ///< RFC 3339, or local time in the gateway's zone, or a date
};

class AccessVerbs {
 public:
  virtual ~AccessVerbs() = default;
  /// The decision of contract §3.1 with "command":"not_sent", and "sentence".
  virtual Task<Result<std::string>> decide_access(AccessAsk ask) = 0;
  /// Decides and opens. The decision.
  virtual Task<Result<std::string>> sign_in(AccessAsk ask, std::string by) = 0;
  /// A decision, with "sentence".
  virtual Task<Result<std::string>> explain(std::string decision) = 0;
  /// {"decisions":[…],"next"}: the newest last. `since`: RFC 3339, or a duration back; empty: all kept.
  virtual Task<Result<std::string>> decisions(std::string since, Page page) = 0;
  /// {"looked_at":N,"changed":M,"newly_allowed","newly_denied","other_doors","other_reason","decisions":[{"id",
  /// "at","person","access_point","was":{"outcome","reason","doors":[…]},"would_be":{…}}]}: of those that
  /// only end for another reason just the number. `config`: the text of a configuration file; `since` as in
  /// decisions().
  virtual Task<Result<std::string>> replay(std::string config, std::string since) = 0;

  /// {"doors":[…],"assigned":N,"unassigned":M}: assigned to an access point, or not. Doors of Net2 that the
  /// configuration has not, and doors of the configuration that Net2 has not (yet), are among them.
  virtual Task<Result<std::string>> doors() = 0;
  virtual Task<Result<std::string>> door(std::string id) = 0;
  /// {"doors":[…]}: only those that Net2 has and the configuration has not.
  virtual Task<Result<std::string>> discover_doors() = 0;
  /// {"door","action":"open|hold|close","command","why"}
  virtual Task<Result<std::string>> open_door(std::string door, std::string reason, bool break_glass,
                                              std::string by) = 0;
  virtual Task<Result<std::string>> hold_door(std::string door, std::int64_t seconds, std::string reason,
                                              std::string by) = 0;
  virtual Task<Result<std::string>> close_door(std::string door, std::string reason, std::string by) = 0;
  /// `mode`: normal | blocked | force_closed | force_open | config. The door as `door show` has it.
  virtual Task<Result<std::string>> set_door_mode(std::string door, std::string mode, std::string by) = 0;
  /// {"lockdown":["hq"]}
  virtual Task<Result<std::string>> set_lockdown(std::string site, bool on, std::string by) = 0;
  /// {"on_site":[{"person_id","name","person_type","site","since","access_point","door","age_s"}],
  /// "knowledge":[{"integration","age_s","connected"}],"as_of"}. `site` empty: all. "name" and "person_type"
  /// are null where the store cannot be read.
  virtual Task<Result<std::string>> muster(std::string site) = 0;

  /// {"rows","ok","head":{"number","hash"},"first_broken","why"}
  virtual Task<Result<std::string>> verify_audit() = 0;
  /// {"audit":[…],"next"}: the newest first.
  virtual Task<Result<std::string>> audit(Page page) = 0;

  /// These answer with the person, as `people show` has it.
  virtual Task<Result<std::string>> grant(std::string person, GrantAsk ask, std::string by) = 0;
  virtual Task<Result<std::string>> revoke(std::string person, std::string grant, std::string by) = 0;
  virtual Task<Result<std::string>> enable_person(std::string person, bool yes, std::string by) = 0;
  virtual Task<Result<std::string>> tag_person(std::string person, std::string tag, bool on,
                                               std::string by) = 0;
};

}  // namespace gatehouse
