#pragma once
// A small house to decide about: two sites, three doors, and somebody who signs in. All is well with it, and
// nothing is allowed, until a test says otherwise.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/core/decision.hpp"

namespace gatehouse {

/// "2026-06-01T09:00:00Z"
Instant utc(std::string_view text);

/// One step of a trace, in words: "policy pass site", with the age in seconds where there is one.
using TraceWords = std::vector<std::string>;

struct DecisionCase {
  /// Sites hq (Europe/London) and annex (Europe/Paris); doors net2-hq/1 (no site of its own), net2-hq/2 (at
  /// the annex) and net2-annex/3; access point "reception" at hq with door 1, for kiosk and qr, in only.
  /// It is Monday 2026-06-01 10:00 in London, and what is known is a minute old.
  DecisionCase();

  Settings settings;
  std::map<DoorId, DoorMode> modes;
  KnownPerson person;  ///< Ada, an employee of hq
  std::vector<Grant> grants;
  std::vector<Visit> visits;
  KnowledgeAge age{std::chrono::minutes{1}, false};
  bool unknown = false;
  bool walk_in = false;
  bool walk_ins_allowed = true;
  bool namesake_disabled = false;
  Lockdown lockdown;
  Moment moment{utc("2026-06-01T09:00:00Z"), true};
  SignIn asked{AccessPointId("reception"), Direction::in, SignInMode::kiosk};

  Policy& policy() { return settings.policy.policy; }
  AccessPoint& reception() { return settings.access_points.front(); }
  ConfiguredDoor& door(std::size_t number) { return settings.doors.at(number - 1); }
  static DoorId door_id(std::size_t number);
  /// A grant of the first kind that is not empty.
  Grant& grant_door(std::size_t number);
  Grant& grant_site(const std::string& site);
  Grant& grant_scope(const std::string& scope);
  Visit& visit(const std::string& from, const std::string& until, const std::string& site = "hq");

  Subject subject() const;
  /// "allow employee" or "deny lockdown".
  std::string answer() const;
  /// The same of each door.
  std::vector<std::string> door_answers() const;
  TraceWords trace() const;

 private:
  template <typename Use>
  auto with_verdict(Use use) const;
};

/// Of every site of these settings, from the zone database.
AccessPolicy::Zones zones_of(const Settings& settings);

}  // namespace gatehouse
