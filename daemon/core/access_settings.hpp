#pragma once
// What the configuration says of doors and of who may open them (contract §2 `policy` to `tests`, §4).

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/door_id.hpp"
#include "daemon/core/ids.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/person.hpp"

namespace gatehouse {

struct EmployeePolicy {
  bool open = false;
  bool roamers = false;  ///< employees at other sites, too

  bool operator==(const EmployeePolicy&) const = default;
};

enum class VisitorsAdmitted { none, preregistered, all };

struct VisitorPolicy {
  VisitorsAdmitted open = VisitorsAdmitted::none;
  Duration early = std::chrono::hours{2};  ///< before the visit's start
  Duration late = std::chrono::hours{2};   ///< after its end

  bool operator==(const VisitorPolicy&) const = default;
};

struct ContractorPolicy {
  bool open = false;
  bool require_site = true;  ///< only at the sites named for the person

  bool operator==(const ContractorPolicy&) const = default;
};

/// All conditions that are given must hold; at least one of person_type and tag is given.
struct PolicyRule {
  std::string name;
  std::optional<PersonType> person_type;
  std::vector<std::string> statuses;  ///< membership status; empty: any
  std::optional<std::string> tag;     ///< synced or custom
  std::optional<ScheduleId> hours;    ///< nullopt: always

  bool operator==(const PolicyRule&) const = default;
};

/// What is not said is closed.
struct Policy {
  EmployeePolicy employees;
  VisitorPolicy visitors;
  ContractorPolicy contractors;
  std::vector<PolicyRule> rules;

  bool operator==(const Policy&) const = default;
};

/// How old what is known of a person may be.
struct MaxAge {
  std::map<PersonType, Duration> by_type{{PersonType::employee, std::chrono::hours{72}},
                                         {PersonType::visitor, std::chrono::hours{12}},
                                         {PersonType::contractor, std::chrono::hours{24}}};
  Duration others = std::chrono::hours{24};  ///< `default`

  bool operator==(const MaxAge&) const = default;
};

struct SitePolicy {
  Policy policy;
  MaxAge max_age;  ///< for all doors; an override has none

  bool operator==(const SitePolicy&) const = default;
};

/// A bundle of doors; a door is in one scope at most.
struct Scope {
  ScopeId id;
  std::vector<DoorId> doors;
  std::optional<Policy> policy;  ///< replaces the site policy

  bool operator==(const Scope&) const = default;
};

enum class DoorKind { timed, momentary };
enum class DoorMode { normal, blocked, force_closed, force_open };
enum class DoorPresence { none, onsite, offsite };

struct ConfiguredDoor {
  DoorId id;
  std::string name;            ///< for people; the id where the file says none
  std::optional<SiteId> site;  ///< nullopt: that of the access point used
  DoorKind kind = DoorKind::timed;
  Duration open{5'000};  ///< how long a timed door opens, 1 s..60 s
  DoorMode mode = DoorMode::normal;
  bool allow_trigger = true;                   ///< sign-ins may open it
  bool allow_hold = false;                     ///< it may be held open
  DoorPresence presence = DoorPresence::none;  ///< what a granted event there says of a person
  std::optional<Policy> policy;                ///< replaces the scope's

  bool operator==(const ConfiguredDoor&) const = default;
};

enum class Direction { in, out };
enum class SignInMode { kiosk, mobile, qr, web };

struct AccessPoint {
  AccessPointId id;
  std::string name;  ///< for people; the id where the file says none
  SiteId site;
  std::vector<DoorId> doors;           ///< in the order in which they are decided
  std::vector<Direction> open_on;      ///< empty: opens on nothing
  std::vector<SignInMode> open_modes;  ///< empty: opens for none
  bool walk_ins = false;
  Duration delay{0};  ///< 0..60 s between the decision and the opening

  bool operator==(const AccessPoint&) const = default;
};

/// A person that exists only in a policy test.
struct TestPerson {
  PersonType person_type = PersonType::visitor;
  std::optional<std::string> membership_status;
  std::optional<SiteId> site;
  std::vector<SiteId> sites;
  bool roamer = false;
  std::vector<SiteId> roamer_sites;
  std::vector<std::string> tags;
  bool admin_enabled = true;

  bool operator==(const TestPerson&) const = default;
};

/// Asked of the policy before it is put in force.
struct PolicyTest {
  enum class Expect { allow, deny };
  std::string name;
  TestPerson person;
  AccessPointId access_point;
  LocalTime at;  ///< gateway's zone
  Direction direction = Direction::in;
  std::optional<SignInMode> mode;  ///< nullopt: the access point's first
  Expect expect = Expect::deny;
  std::optional<std::string> reason;  ///< one of contract §4; nullopt: any

  bool operator==(const PolicyTest&) const = default;
};

}  // namespace gatehouse
