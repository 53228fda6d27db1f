#include "daemon/app/command_aim.hpp"

#include <algorithm>
#include <variant>

#include "daemon/app/door_acts.hpp"

namespace gatehouse {
namespace {

template <typename List, typename Key>
auto find_id(const List& list, const Key& id) {
  const auto at = std::ranges::find_if(list, [&](const auto& one) { return one.id == id; });
  return at == list.end() ? nullptr : &*at;
}

class Aiming {
 public:
  Aiming(const Settings& settings, const FindPerson& find) : settings_(settings), find_(find) {}

  CommandAim operator()(const SignInArgs& args) const {
    CommandAim aim;
    const auto& point_id = args.asked.access_point;
    aim.about = point_id.value();
    if (const auto* person = std::get_if<PersonId>(&args.person)) aim.person = *person;
    const auto* point = find_id(settings_.access_points, point_id);
    if (point == nullptr) return aim;  // a decision says so, and no key that is confined may ask
    aim.scope.sites.push_back(point->site);
    for (const auto& door : point->doors) touch(door, aim.scope);
    aim.doors = point->doors;
    return aim;  // which of them are opened is for the decision to say
  }

  CommandAim operator()(const DoorArgs& args) const {
    CommandAim aim;
    aim.about = to_string(args.door);
    aim.target = "door " + aim.about;
    aim.doors.push_back(args.door);
    if (args.action != DoorAction::close) aim.opens.push_back(args.door);
    aim.scope.doors.push_back(args.door);
    const auto* door = find_id(settings_.doors, args.door);
    if (door == nullptr) {
      aim.wrong = "\"door\" is none of the configured doors";
      aim.opens.clear();
      return aim;
    }
    aim.scope.sites = sites_of(*door);
    aim.wrong = wrong_door_args(*door, args.action, args.seconds, args.reason);
    return aim;
  }

  CommandAim operator()(const LockdownArgs& args) const {
    CommandAim aim;
    aim.about = args.site.value();
    aim.target = "lockdown " + aim.about;
    aim.scope.sites.push_back(args.site);
    if (!knows(args.site)) aim.wrong = "\"site\" is none of the configured sites";
    return aim;
  }

  CommandAim operator()(const PersonSetArgs& args) const {
    CommandAim aim;
    aim.about = "person " + args.person.value();
    aim.target = aim.about;
    aim.person = args.person;
    const auto entry = find_(args.person);
    if (entry) aim.scope.sites.push_back(entry->person.site);  // of nobody here the store says so
    if (!args.grants && !args.custom_tags) return aim;
    aim.grants.emplace();
    if (args.custom_tags) {
      if (entry) aim.grants->sites.push_back(entry->person.site);
      aim.grants->doors.emplace_back();  // a rule may open any door to a tag
    }
    if (args.grants) aim_grants(*args.grants, entry ? entry->grants : std::vector<Grant>(), aim);
    return aim;
  }

  CommandAim operator()(const PersonInvitedArgs& args) const {
    CommandAim aim;
    aim.about = "person " + args.person.value();
    aim.person = args.person;
    return aim;
  }

  CommandAim operator()(const SyncRunArgs& args) const { return of_integration(args.integration); }
  CommandAim operator()(const EventsResendArgs& args) const {
    return of_integration(args.integration.value());
  }
  CommandAim operator()(const PlanArgs& args) const { return about(args.plan); }
  CommandAim operator()(const IssueArgs& args) const { return about("issue " + args.issue); }
  CommandAim operator()(const PeopleResendArgs&) const { return about("people"); }
  CommandAim operator()(const RosterPutArgs&) const { return about("roster"); }
  CommandAim operator()(const StatusArgs&) const { return about(""); }

 private:
  static CommandAim about(std::string what) {
    CommandAim aim;
    aim.about = std::move(what);
    return aim;
  }

  CommandAim of_integration(const std::string& id) const {
    auto aim = about(id);
    if (!id.empty() && find_id(settings_.integrations, IntegrationId(id)) == nullptr)
      aim.wrong = "\"integration\" is none of the configured ones";
    return aim;
  }

  bool knows(const SiteId& site) const { return find_id(settings_.gateway.sites, site) != nullptr; }

  /// Its own, or those of every access point that has it.
  std::vector<SiteId> sites_of(const ConfiguredDoor& door) const {
    if (door.site) return {*door.site};
    std::vector<SiteId> sites;
    for (const auto& point : settings_.access_points) {
      if (std::ranges::find(point.doors, door.id) != point.doors.end()) sites.push_back(point.site);
    }
    return sites;
  }

  void touch(const DoorId& id, ScopeTarget& target) const {
    target.doors.push_back(id);
    const auto* door = find_id(settings_.doors, id);
    if (door != nullptr && door->site) target.sites.push_back(*door->site);
  }

  /// Those that come and those that go; those that stay as they are touch nothing.
  void aim_grants(const std::vector<Grant>& wanted, const std::vector<Grant>& had, CommandAim& aim) const {
    for (const auto& grant : wanted) {
      if (auto wrong = wrong_with(grant); !wrong.empty()) aim.wrong = wrong;
      if (std::ranges::find(had, grant) == had.end()) aim_grant(grant, *aim.grants);
    }
    for (const auto& grant : had) {
      if (std::ranges::find(wanted, grant) == wanted.end()) aim_grant(grant, *aim.grants);
    }
  }

  void aim_grant(const Grant& grant, ScopeTarget& target) const {
    const auto add = [&](const DoorId& id) {
      target.doors.push_back(id);
      const auto* door = find_id(settings_.doors, id);
      const auto sites = door == nullptr ? std::vector<SiteId>() : sites_of(*door);
      target.sites.insert(target.sites.end(), sites.begin(), sites.end());
      if (sites.empty()) target.sites.emplace_back();  // nobody's
    };
    if (grant.door) add(*grant.door);
    if (grant.site) {
      target.sites.push_back(*grant.site);
      target.doors.emplace_back();  // all of the site's, so no list of doors covers it
    }
    if (!grant.scope) return;
    const auto* scope = find_id(settings_.scopes, *grant.scope);
    if (scope == nullptr || scope->doors.empty()) {
      target.sites.emplace_back();
      target.doors.emplace_back();
      return;
    }
    for (const auto& door : scope->doors) add(door);
  }

  std::string wrong_with(const Grant& grant) const {
    if (grant.door && find_id(settings_.doors, *grant.door) == nullptr)
      return "\"grants\" names a door that is not configured";
    if (grant.scope && find_id(settings_.scopes, *grant.scope) == nullptr)
      return "\"grants\" names a scope that is not configured";
    if (grant.site && !knows(*grant.site)) return "\"grants\" names a site that is not configured";
    if (grant.hours && !settings_.schedules.contains(*grant.hours))
      return "\"grants\" names a schedule that is not configured";
    return {};
  }

  const Settings& settings_;
  const FindPerson& find_;
};

}  // namespace

CommandAim aim_of(const CommandArgs& args, const Settings& settings, const FindPerson& find) {
  return std::visit(Aiming(settings, find), args);
}

}  // namespace gatehouse
