// The sections policy, scopes, doors, access_points and tests.

#include <algorithm>
#include <array>

#include "daemon/settings/scalars.hpp"
#include "daemon/settings/tables.hpp"

namespace gatehouse::config {

namespace {

using namespace std::chrono_literals;

const Table<EmployeePolicy>& employees_table() {
  static const Table<EmployeePolicy> table = [] {
    Table<EmployeePolicy> t;
    t.key("open", &EmployeePolicy::open, boolean());
    t.key("roamers", &EmployeePolicy::roamers, boolean());
    return t;
  }();
  return table;
}

const Table<VisitorPolicy>& visitors_table() {
  static const Table<VisitorPolicy> table = [] {
    Table<VisitorPolicy> t;
    t.key("open", &VisitorPolicy::open, choice<VisitorsAdmitted>());
    t.key("early", &VisitorPolicy::early, duration(0s, std::chrono::days{30}));
    t.key("late", &VisitorPolicy::late, duration(0s, std::chrono::days{30}));
    return t;
  }();
  return table;
}

const Table<ContractorPolicy>& contractors_table() {
  static const Table<ContractorPolicy> table = [] {
    Table<ContractorPolicy> t;
    t.key("open", &ContractorPolicy::open, boolean());
    t.key("require_site", &ContractorPolicy::require_site, boolean());
    return t;
  }();
  return table;
}

const Table<PolicyRule>& rule_table() {
  static const Table<PolicyRule> table = [] {
    Table<PolicyRule> t;
    t.key("name", &PolicyRule::name, text());
    t.key("person_type", &PolicyRule::person_type, maybe(choice<PersonType>()));
    t.key("statuses", &PolicyRule::statuses, set_of(text()));
    t.key("tag", &PolicyRule::tag, maybe(text()));
    t.key("hours", &PolicyRule::hours, maybe(schedule_reference()));
    t.after([](const TreeNode& node, Reading& reading, PolicyRule& rule) {
      if (!rule.person_type && !rule.tag)
        reading.fault(node.place, "a rule needs person_type or tag: without either it would admit everybody");
    });
    return t;
  }();
  return table;
}

/// The keys that the site policy and its overrides share; `policy_of` leads from T to the Policy.
template <typename T, typename Access>
void add_policy_keys(Table<T>& t, Access policy_of) {
  t.key(
      "employees", [policy_of](auto& x) -> auto& { return policy_of(x).employees; },
      section(employees_table()));
  t.key(
      "visitors", [policy_of](auto& x) -> auto& { return policy_of(x).visitors; }, section(visitors_table()));
  t.key(
      "contractors", [policy_of](auto& x) -> auto& { return policy_of(x).contractors; },
      section(contractors_table()));
  t.key(
      "rules", [policy_of](auto& x) -> auto& { return policy_of(x).rules; }, list_of(section(rule_table())));
  t.after([policy_of](const TreeNode&, Reading&, T& x) {
    std::size_t number = 0;
    for (PolicyRule& rule : policy_of(x).rules) {
      ++number;
      if (rule.name.empty()) rule.name = "rule " + std::to_string(number);
    }
  });
}

const Table<Policy>& override_table() {
  static const Table<Policy> table = [] {
    Table<Policy> t;
    add_policy_keys(t, [](auto& policy) -> auto& { return policy; });
    t.misplaced("max_age", "stands only in the site's policy; it holds for every door");
    return t;
  }();
  return table;
}

/// `max_age` as it is written: a key for each type that has an age of its own.
struct WrittenAges {
  std::array<std::optional<Duration>, 4> types;
  Duration others{};
};

const Table<WrittenAges>& ages_table() {
  static const Table<WrittenAges> table = [] {
    Table<WrittenAges> t;
    const auto age = duration(1min, std::chrono::days{3650});
    for (const auto& [type, name] : EnumNames<PersonType>::all) {
      const auto index = static_cast<std::size_t>(type);
      t.key(name, [index](auto& ages) -> auto& { return ages.types.at(index); }, maybe(age));
    }
    t.key("default", &WrittenAges::others, age);
    return t;
  }();
  return table;
}

WrittenAges written(const MaxAge& ages) {
  WrittenAges out;
  for (const auto& [type, age] : ages.by_type) out.types.at(static_cast<std::size_t>(type)) = age;
  out.others = ages.others;
  return out;
}

Codec<MaxAge> max_age() {
  Codec<WrittenAges> inner = section(ages_table());
  return {[read = inner.read](const TreeNode& node, Reading& reading, MaxAge& into) {
            WrittenAges ages = written(into);
            read(node, reading, ages);
            for (const auto& [type, name] : EnumNames<PersonType>::all)
              if (const auto age = ages.types.at(static_cast<std::size_t>(type))) into.by_type[type] = *age;
            into.others = ages.others;
          },
          [show = inner.show](const MaxAge& from) { return show(written(from)); }, inner.type, inner.list};
}

/// A door of a scope: a door that is configured, and in no other scope.
Codec<DoorId> scoped_door() {
  Codec<DoorId> door = door_reference();
  door.read = [read = door.read](const TreeNode& node, Reading& reading, DoorId& into) {
    read(node, reading, into);
    if (into != DoorId{}) reading.define(Kind::scoped_door, to_string(into), node.place);
  };
  return door;
}

Codec<DoorId> door_definition() {
  Codec<DoorId> door = door_id();
  door.read = [read = door.read](const TreeNode& node, Reading& reading, DoorId& into) {
    read(node, reading, into);
    if (into == DoorId{}) return;
    reading.define(Kind::door, to_string(into), node.place);
    reading.refer(Kind::net2_server, into.integration.value(), node.place);
  };
  return door;
}

Codec<LocalTime> local_time() {
  return {[](const TreeNode& node, Reading& reading, LocalTime& into) {
            const auto text = read_text(node, reading, "a local date and time, \"2026-06-01T10:00\"");
            if (!text) return;
            const auto date = parse_date(std::string_view(*text).substr(0, 10));
            const auto time = text->size() == 16 && (*text)[10] == 'T'
                                  ? parse_time_of_day(std::string_view(*text).substr(11), false)
                                  : std::nullopt;
            if (date && time)
              into = LocalTime{std::chrono::local_days{*date}.time_since_epoch() + *time};
            else
              reading.wrong(node, "a local date and time, \"2026-06-01T10:00\"");
          },
          [](const LocalTime& from) {
            const auto day = std::chrono::floor<std::chrono::days>(from);
            const auto minutes = std::chrono::floor<std::chrono::minutes>(from - day);
            return std::optional<TreeNode>(
                text_node(format_date(std::chrono::year_month_day{day}) + "T" + format_time_of_day(minutes)));
          },
          "local date and time"};
}

/// The reasons of contract §4.
Codec<std::string> reason() {
  static const std::vector<std::string> reasons{"unknown_access_point",
                                                "direction",
                                                "mode_not_allowed",
                                                "no_door",
                                                "lockdown",
                                                "unknown_person",
                                                "access_disabled",
                                                "source_removed",
                                                "not_yet_valid",
                                                "validity_expired",
                                                "stale_data",
                                                "door_blocked",
                                                "door_force_closed",
                                                "door_unavailable",
                                                "door_open",
                                                "door_triggers_off",
                                                "employee",
                                                "employees_closed",
                                                "roamer",
                                                "roamers_closed",
                                                "not_roamer",
                                                "roamer_site",
                                                "visitor_any",
                                                "visitor_preregistered",
                                                "visitors_closed",
                                                "visit_cancelled",
                                                "visit_window",
                                                "visitor_not_preregistered",
                                                "contractor",
                                                "contractors_closed",
                                                "contractor_site",
                                                "rule",
                                                "grant",
                                                "outside_hours",
                                                "clock_untrusted",
                                                "no_matching_rule_or_grant"};
  Codec<std::string> codec = text();
  codec.read = [read = codec.read](const TreeNode& node, Reading& reading, std::string& into) {
    read(node, reading, into);
    if (!into.empty() && std::find(reasons.begin(), reasons.end(), into) == reasons.end())
      reading.fault(node.place, "no decision has the reason " + describe(node) + did_you_mean(into, reasons));
  };
  codec.type = "reason of a decision";
  return codec;
}

const Table<TestPerson>& test_person_table() {
  static const Table<TestPerson> table = [] {
    Table<TestPerson> t;
    t.key("person_type", &TestPerson::person_type, choice<PersonType>()).required();
    t.key("membership_status", &TestPerson::membership_status, maybe(text()));
    t.key("site", &TestPerson::site, maybe(site_reference()));
    t.key("sites", &TestPerson::sites, set_of(site_reference()));
    t.key("roamer", &TestPerson::roamer, boolean());
    t.key("roamer_sites", &TestPerson::roamer_sites, set_of(site_reference()));
    t.key("tags", &TestPerson::tags, set_of(text()));
    t.key("admin_enabled", &TestPerson::admin_enabled, boolean());
    t.after([](const TreeNode& node, Reading&, TestPerson& person) {
      if (!node.find("sites") && person.sites.empty() && person.site) person.sites = {*person.site};
    });
    return t;
  }();
  return table;
}

Codec<std::string> test_name() {
  Codec<std::string> codec = text();
  codec.read = [read = codec.read](const TreeNode& node, Reading& reading, std::string& into) {
    read(node, reading, into);
    if (!into.empty()) reading.define(Kind::policy_test, into, node.place);
  };
  return codec;
}

}  // namespace

const Table<SitePolicy>& site_policy_table() {
  static const Table<SitePolicy> table = [] {
    Table<SitePolicy> t;
    add_policy_keys(t, [](auto& site) -> auto& { return site.policy; });
    t.key("max_age", &SitePolicy::max_age, max_age());
    return t;
  }();
  return table;
}

const Table<Scope>& scope_table() {
  static const Table<Scope> table = [] {
    Table<Scope> t;
    t.key("id", &Scope::id, definition<ScopeId>(Kind::scope)).required();
    t.key("doors", &Scope::doors, list_of(scoped_door()));
    t.key("policy", &Scope::policy, maybe(section(override_table())));
    return t;
  }();
  return table;
}

const Table<ConfiguredDoor>& door_table() {
  static const Table<ConfiguredDoor> table = [] {
    Table<ConfiguredDoor> t;
    t.key("id", &ConfiguredDoor::id, door_definition()).required();
    t.key("name", &ConfiguredDoor::name, text());
    t.key("site", &ConfiguredDoor::site, maybe(site_reference()));
    t.key("kind", &ConfiguredDoor::kind, choice<DoorKind>());
    t.key("open", &ConfiguredDoor::open, duration(1s, 60s));
    t.key("mode", &ConfiguredDoor::mode, choice<DoorMode>());
    t.key("allow_trigger", &ConfiguredDoor::allow_trigger, boolean());
    t.key("allow_hold", &ConfiguredDoor::allow_hold, boolean());
    t.key("presence", &ConfiguredDoor::presence, choice<DoorPresence>());
    t.key("policy", &ConfiguredDoor::policy, maybe(section(override_table())));
    t.after([](const TreeNode& node, Reading& reading, ConfiguredDoor& door) {
      if (door.name.empty()) door.name = to_string(door.id);
      if (door.kind == DoorKind::momentary && door.allow_hold)
        reading.fault(place_of(node, "allow_hold"), "a momentary door cannot be held open");
    });
    return t;
  }();
  return table;
}

const Table<AccessPoint>& access_point_table() {
  static const Table<AccessPoint> table = [] {
    Table<AccessPoint> t;
    t.key("id", &AccessPoint::id, definition<AccessPointId>(Kind::access_point)).required();
    t.key("name", &AccessPoint::name, text());
    t.key("site", &AccessPoint::site, site_reference()).required();
    t.key("doors", &AccessPoint::doors, set_of(door_reference()));
    t.key("open_on", &AccessPoint::open_on, list_of(choice<Direction>()));
    t.key("open_modes", &AccessPoint::open_modes, list_of(choice<SignInMode>()));
    t.key("walk_ins", &AccessPoint::walk_ins, boolean());
    t.key("delay", &AccessPoint::delay, duration(0s, 60s));
    t.after([](const TreeNode&, Reading&, AccessPoint& point) {
      if (point.name.empty()) point.name = point.id.value();
    });
    return t;
  }();
  return table;
}

const Table<PolicyTest>& policy_test_table() {
  static const Table<PolicyTest> table = [] {
    Table<PolicyTest> t;
    t.key("name", &PolicyTest::name, test_name()).required();
    t.key("person", &PolicyTest::person, section(test_person_table())).required();
    t.key("access_point", &PolicyTest::access_point, access_point_reference()).required();
    t.key("at", &PolicyTest::at, local_time()).required();
    t.key("direction", &PolicyTest::direction, choice<Direction>());
    t.key("mode", &PolicyTest::mode, maybe(choice<SignInMode>()));
    t.key("expect", &PolicyTest::expect, choice<PolicyTest::Expect>()).required();
    t.key("reason", &PolicyTest::reason, maybe(reason()));
    return t;
  }();
  return table;
}

}  // namespace gatehouse::config
