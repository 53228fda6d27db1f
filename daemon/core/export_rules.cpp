#include "daemon/core/export_rules.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace gatehouse {
namespace {

constexpr std::string_view owner_prefix = "gatehouse:";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Names of levels and departments agree whatever the case of their ASCII letters.
bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(trimmed(a), trimmed(b), {}, lower, lower);
}

std::vector<const NamedNumber*> named(const std::vector<NamedNumber>& list, std::string_view name) {
  std::vector<const NamedNumber*> found;
  for (const auto& one : list) {
    if (same_name(one.name, name)) found.push_back(&one);
  }
  return found;
}

IdentityKeys keys_of(const ContactFields& fields, const TextFold& fold) {
  PersonFacts facts;
  facts.first_name = fields.first_name;
  facts.last_name = fields.last_name;
  facts.email = fields.email;
  facts.phone = fields.phone;
  return identity_keys(facts, fold);
}

std::string full_name(const ContactFields& fields) {
  return fields.first_name + ' ' + fields.last_name;
}

class Exporting {
 public:
  explicit Exporting(const ExportEvidence& evidence)
      : given_(evidence), settings_(evidence.integration.sync.to_net2) {}

  ExportWork work() {
    if (!levels_known()) return std::move(result_);
    for (const auto& user : given_.own) own_[user.person].push_back(&user);
    for (const auto& choice : given_.word.choices) choices_.emplace(choice.record, &choice);
    for (const auto& issue : given_.open_issues) {
      if (issue.integration != given_.integration.id || kind_of(issue.reason) == IssueKind::error) continue;
      in_review_.insert(issue.others.begin(), issue.others.end());
    }
    for (const auto& person : given_.people) look_at(person);
    return std::move(result_);
  }

 private:
  /// Every name that the configuration gives, needed in this run or not: a misspelt one is told before
  /// anybody gets the wrong level.
  bool levels_known() {
    std::set<std::string> unknown;
    const auto look = [&](const std::string& name) {
      if (named(given_.levels, name).size() != 1) unknown.insert(name);
    };
    for (const auto& [site, name] : settings_.access_levels) look(name);
    if (settings_.default_access_level) look(*settings_.default_access_level);
    if (unknown.empty()) return true;
    Issue issue;
    issue.integration = given_.integration.id;
    issue.reason = IssueReason::unknown_access_level;
    issue.since = given_.now;
    std::string& names = issue.fields["access_level"];
    for (const auto& name : unknown) {
      names += (names.empty() ? "" : ", ") + name;
      if (named(given_.levels, name).size() > 1) names += " (more than one has this name)";
    }
    result_.issues.push_back(std::move(issue));
    return false;
  }

  void look_at(const Person& person) {
    const auto ours = own_.find(person.id);
    if (ours != own_.end() && ours->second.size() > 1) {
      marked_twice(person, ours->second);
      return;
    }
    if (const auto why = not_wanted(person)) {
      leave(person, *why);
      return;
    }
    if (ours != own_.end())
      keep(person, *ours->second.front());
    else
      make(person);
  }

  std::optional<LeftAlone> not_wanted(const Person& person) const {
    const auto& facts = person.facts;
    if (!person.tracked) return LeftAlone::decoupled;
    if (std::ranges::find(settings_.person_types, facts.person_type) == settings_.person_types.end())
      return LeftAlone::other_type;
    if (!person.effective() || (facts.valid_until && *facts.valid_until <= given_.now))
      return LeftAlone::no_access;
    if (!covers_home(facts)) return LeftAlone::other_site;
    return std::nullopt;
  }

  bool covers_home(const PersonFacts& facts) const {
    const auto& covered = given_.integration.sites;
    if (covered.empty() || (facts.site.empty() && facts.sites.empty())) return true;
    return std::ranges::any_of(covered, [&](const SiteId& site) {
      return site.value() == facts.site || std::ranges::find(facts.sites, site.value()) != facts.sites.end();
    });
  }

  const PersonSource* link_here(const Person& person) const {
    const auto at = std::ranges::find(person.sources, given_.integration.id, &PersonSource::integration);
    return at == person.sources.end() ? nullptr : &*at;
  }

  // --- a user that is ours

  void keep(const Person& person, const OwnUser& user) {
    const auto* link = link_here(person);
    if (const auto choice = choices_.find(user.number); choice != choices_.end()) {
      const auto& word = *choice->second;
      if (word.kind == RecordChoice::Kind::skip || word.kind == RecordChoice::Kind::create ||
          (word.kind == RecordChoice::Kind::link && word.person != person.id)) {
        leave(person, LeftAlone::operators_word);
        return;
      }
    } else if (link == nullptr) {
      result_.links.push_back({.number = user.number,
                               .person = person.id,
                               .access_level = level_for(person.facts),
                               .department = department_for(person.facts)});
    }
    ExportUpdate update{.number = user.number, .person = person.id, .name = {}, .fields = {}};
    ContactFields wanted = fields_of(person.facts);
    ContactFields there = user.fields;
    for (const auto target : exported_fields) {
      if (!is_mapped(target) || !is_clouds(target, link != nullptr)) continue;
      std::string& after = field_of(wanted, target);
      std::string& before = field_of(there, target);
      if (trimmed(after) == trimmed(before)) continue;
      const bool name = target == FieldTarget::first_name || target == FieldTarget::last_name;
      if (after.empty() && (name || link == nullptr)) continue;
      update.fields.push_back({.field = target, .before = before, .after = after});
    }
    if (update.fields.empty()) return;
    update.name = full_name(wanted);
    result_.updates.push_back(std::move(update));
  }

  bool is_clouds(FieldTarget target, bool linked) const {
    const auto& authority = given_.integration.sync.authority;
    const Authority whose = target == FieldTarget::first_name  ? authority.first_name
                            : target == FieldTarget::last_name ? authority.last_name
                            : target == FieldTarget::email     ? authority.email
                                                               : authority.phone;
    return whose == Authority::cloud || (!linked && whose == Authority::source);
  }

  void marked_twice(const Person& person, const std::vector<const OwnUser*>& users) {
    leave(person, LeftAlone::marked_twice);
    Issue issue;
    issue.integration = given_.integration.id;
    issue.reason = IssueReason::export_uncertain;
    issue.record = users.back()->number;
    issue.external_id = std::to_string(users.back()->number);
    issue.name = full_name(fields_of(person.facts));
    issue.others = {person.id.value()};
    for (const auto* user : users) {
      std::string& numbers = issue.fields["users_with_this_mark"];
      numbers += (numbers.empty() ? "" : ", ") + std::to_string(user->number);
    }
    issue.since = given_.now;
    result_.issues.push_back(std::move(issue));
  }

  // --- a user that is to be made

  void make(const Person& person) {
    if (link_here(person) != nullptr) return leave(person, LeftAlone::linked);
    ExportCreate create;
    create.fields = fields_of(person.facts);
    if (create.fields.first_name.empty() || create.fields.last_name.empty())
      return leave(person, LeftAlone::no_name);
    if (in_review_.contains(person.id.value())) return leave(person, LeftAlone::under_review);
    const auto keys = keys_of(create.fields, given_.fold);
    if (!given_.users.alike(keys).empty() || !is_first(keys)) return leave(person, LeftAlone::already_there);
    create.person = person.id;
    for (const auto target : exported_fields) {
      if (!is_mapped(target)) field_of(create.fields, target).clear();
    }
    create.valid_from = person.facts.valid_from;
    create.valid_until = person.facts.valid_until;
    create.access_level = level_for(person.facts);
    create.department = department_for(person.facts);
    result_.creates.push_back(std::move(create));
  }

  /// The roster may name a person twice.
  bool is_first(const IdentityKeys& keys) {
    const bool email = keys.email == 0 || made_by_email_.emplace(keys.name, keys.email).second;
    const bool phone = keys.phone == 0 || made_by_phone_.emplace(keys.name, keys.phone).second;
    return email && phone;
  }

  std::optional<NamedNumber> level_for(const PersonFacts& facts) const {
    const auto by_site = settings_.access_levels.find(SiteId(facts.site));
    const std::string* name = by_site != settings_.access_levels.end() ? &by_site->second
                              : settings_.default_access_level         ? &*settings_.default_access_level
                                                                       : nullptr;
    if (name == nullptr) return std::nullopt;
    const auto& level = *named(given_.levels, *name).front();
    if (level.number == 0) return std::nullopt;  // Net2's "no access"
    return level;
  }

  /// Without a mapped department the new user would be nobody to the sync, and never be linked.
  std::optional<NamedNumber> department_for(const PersonFacts& facts) const {
    const auto& sync = given_.integration.sync;
    if (sync.group_by != GroupBy::department) return std::nullopt;
    for (const auto& group : sync.groups) {
      if (group.person_type != facts.person_type) continue;
      const auto found = named(given_.departments, group.group);
      if (found.size() == 1 && found.front()->number != 0) return *found.front();
    }
    return std::nullopt;
  }

  // ---

  bool is_mapped(FieldTarget target) const { return given_.integration.sync.fields.contains(target); }

  static ContactFields fields_of(const PersonFacts& facts) {
    return {.first_name = std::string(trimmed(facts.first_name)),
            .last_name = std::string(trimmed(facts.last_name)),
            .email = std::string(trimmed(facts.email)),
            .phone = std::string(trimmed(facts.phone))};
  }

  void leave(const Person& person, LeftAlone why) { result_.left.emplace_back(person.id, why); }

  const ExportEvidence& given_;
  const Export& settings_;
  ExportWork result_;
  std::map<PersonId, std::vector<const OwnUser*>> own_;
  std::map<std::int64_t, const RecordChoice*> choices_;
  std::set<std::string> in_review_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> made_by_email_, made_by_phone_;
};

RecordFate fate_with(const ContactFields& fields) {
  RecordFate fate;
  fate.name = full_name(fields);
  fate.facts.emplace();
  fate.facts->first_name = fields.first_name;
  fate.facts->last_name = fields.last_name;
  fate.facts->email = fields.email;
  fate.facts->phone = fields.phone;
  return fate;
}

}  // namespace

std::string owner_mark(const PersonId& person) {
  return std::string(owner_prefix) + person.value();
}

std::optional<PersonId> owner_of(std::string_view mark) {
  mark = trimmed(mark);
  if (!mark.starts_with(owner_prefix) || mark.size() == owner_prefix.size()) return std::nullopt;
  return PersonId(std::string(mark.substr(owner_prefix.size())));
}

std::string_view to_string(LeftAlone why) {
  switch (why) {
    case LeftAlone::decoupled:
      return "decoupled";
    case LeftAlone::other_type:
      return "other_type";
    case LeftAlone::no_access:
      return "no_access";
    case LeftAlone::other_site:
      return "other_site";
    case LeftAlone::linked:
      return "linked";
    case LeftAlone::no_name:
      return "no_name";
    case LeftAlone::under_review:
      return "under_review";
    case LeftAlone::already_there:
      return "already_there";
    case LeftAlone::marked_twice:
      return "marked_twice";
    case LeftAlone::operators_word:
      return "operators_word";
  }
  return "unknown";
}

std::string& field_of(ContactFields& fields, FieldTarget target) {
  switch (target) {
    case FieldTarget::last_name:
      return fields.last_name;
    case FieldTarget::email:
      return fields.email;
    case FieldTarget::phone:
      return fields.phone;
    default:
      return fields.first_name;
  }
}

std::string_view field_name(FieldTarget target) {
  switch (target) {
    case FieldTarget::last_name:
      return "last_name";
    case FieldTarget::email:
      return "email";
    case FieldTarget::phone:
      return "phone";
    default:
      return "first_name";
  }
}

ExportWork export_work(const ExportEvidence& evidence) {
  return Exporting(evidence).work();
}

PlanChange plan_change_of(const ExportCreate& create) {
  PlanChange change;
  change.op = PlanOp::add;
  change.person = create.person;
  change.name = full_name(create.fields);
  change.fate = fate_with(create.fields);
  change.fate->facts->valid_from = create.valid_from;
  change.fate->facts->valid_until = create.valid_until;
  ContactFields fields = create.fields;
  for (const auto target : exported_fields) {
    if (!field_of(fields, target).empty()) change.changed.emplace_back(field_name(target));
  }
  if (create.valid_from) change.changed.emplace_back("valid_from");
  if (create.valid_until) change.changed.emplace_back("valid_until");
  change.also["owner"] = owner_mark(create.person);
  change.also["access_level"] = create.access_level ? create.access_level->name : "";
  if (create.department) change.also["department"] = create.department->name;
  return change;
}

PlanChange plan_change_of(const ExportUpdate& update) {
  PlanChange change;
  change.op = PlanOp::update;
  change.record = update.number;
  change.external_id = std::to_string(update.number);
  change.person = update.person;
  change.name = update.name;
  ContactFields fields;
  for (const auto& write : update.fields) {
    field_of(fields, write.field) = write.after;
    change.changed.emplace_back(field_name(write.field));
  }
  change.fate = fate_with(fields);
  change.fate->name = update.name;
  return change;
}

}  // namespace gatehouse
