#include "tests/month/reading.hpp"

#include <algorithm>
#include <cctype>

namespace gatehouse::month {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Trimmed, in small letters, inner blanks as one. The month's people have names in ASCII.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : lower(text)) {
    if (c != ' ') {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += c;
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string digits(const std::string& phone) {
  std::string out;
  for (const char c : phone) {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) out += c;
  }
  if (out.size() < 5) return "";
  return out.size() > 9 ? out.substr(out.size() - 9) : out;
}

bool good_name(const std::string& name) {
  return !name.empty() && name.size() <= 256;
}

/// The month's bad addresses have no @ or a blank.
bool good_email(const std::string& email) {
  return email.find('@') != std::string::npos && email.find(' ') == std::string::npos;
}

struct Group {
  std::optional<PersonType> type;
  bool mapped = false;
};

Group group_of(const SourceRecord& record, const Sync& rules) {
  std::vector<std::string> in = record.access_levels;
  if (rules.group_by == GroupBy::department) in = {record.department};
  if (rules.group_by == GroupBy::group) in = {record.group};
  Group found;
  bool several_types = false;
  for (const auto& mapped : rules.groups) {
    const bool member = std::ranges::any_of(
        in, [&](const std::string& group) { return lower(group) == lower(mapped.group); });
    if (!member) continue;
    several_types = several_types || (found.type && *found.type != mapped.person_type);
    if (!found.mapped) found.type = mapped.person_type;
    found.mapped = true;
  }
  if (several_types) found.type.reset();  // multiple_groups: same_type_ok
  return found;
}

std::string site_of(const SourceRecord& record, const HomeSite& rules) {
  for (const auto& rule : rules.rules) {
    const std::string start = lower(rule.department.substr(0, rule.department.size() - 1));  // "Lab*"
    if (lower(record.department).starts_with(start)) return rule.site.value();
  }
  return rules.fallback->value();
}

}  // namespace

Reading read_record(const SourceRecord& record, const Directory& directory) {
  const auto& rules = directory.settings.sync;
  Reading reading;
  auto& facts = reading.facts;
  std::size_t position = 0;
  for (const auto& [target, field] : rules.fields) {
    const std::string& value = record.values[position++];
    if (target == FieldTarget::first_name) facts.first_name = value;
    if (target == FieldTarget::last_name) facts.last_name = value;
    if (target == FieldTarget::email) facts.email = value;
    if (target == FieldTarget::phone) facts.phone = value;
    if (target == FieldTarget::membership_status) facts.membership_status = value;
  }
  auto group = group_of(record, rules);
  reading.in_group = group.mapped;
  const auto mend = [&](const std::string& field, const std::string& value, bool healthy) {
    if (healthy) {
      reading.healed.push_back(field);
    } else if (field == "person_type") {
      if (group.mapped) group.type = parse_person_type(value);
    } else {
      (field == "first_name"  ? facts.first_name
       : field == "last_name" ? facts.last_name
                              : facts.email) = value;
    }
  };
  for (auto at = directory.mended.lower_bound({record.number, ""});
       at != directory.mended.end() && at->first.first == record.number; ++at) {
    const auto& field = at->first.second;
    const bool healthy = field == "first_name"    ? good_name(facts.first_name)
                         : field == "last_name"   ? good_name(facts.last_name)
                         : field == "person_type" ? group.type.has_value()
                                                  : good_email(facts.email);
    mend(field, at->second, healthy);
  }
  const std::string first = plain(facts.first_name);
  const std::string last = plain(facts.last_name);
  if (good_name(facts.first_name) && good_name(facts.last_name)) reading.marks.name = first + '\n' + last;
  reading.marks.email = plain(facts.email);
  reading.marks.phone = digits(facts.phone);
  facts.site = site_of(record, rules.site);
  facts.sites = {facts.site};
  const auto& sites = directory.settings.sites;
  // In contract.md §5's order.
  if (!good_name(facts.first_name) || !good_name(facts.last_name)) {
    reading.skip = SkipReason::missing_required_field;
  } else if (!facts.email.empty() && !good_email(facts.email)) {
    reading.skip = SkipReason::invalid_email;
  } else if (facts.email.empty() && facts.phone.empty()) {
    reading.skip = SkipReason::missing_identifier;
  } else if (!group.mapped) {
    reading.skip = SkipReason::group_not_mapped;
  } else if (!group.type) {
    reading.skip = SkipReason::multiple_groups;
  } else if (std::ranges::find(sites, SiteId(facts.site)) == sites.end()) {
    reading.skip = SkipReason::out_of_scope;
  } else {
    facts.person_type = *group.type;
  }
  return reading;
}

std::string facts_text(const PersonFacts& facts, const std::set<std::string>* only) {
  std::string sites;
  for (const auto& site : facts.sites) sites += site + ',';
  const std::pair<const char*, std::string> all[] = {
      {"first_name", facts.first_name},
      {"last_name", facts.last_name},
      {"email", facts.email},
      {"phone", facts.phone},
      {"person_type", std::string(to_string(facts.person_type))},
      {"membership_status", facts.membership_status},
      {"site", facts.site},
      {"sites", sites},
  };
  std::string text;
  for (const auto& [name, value] : all) {
    if (only != nullptr && !only->contains(name)) continue;
    text += std::string(name) + '=' + value + '|';
  }
  return text;
}

std::set<std::string> differing(const PersonFacts& a, const PersonFacts& b) {
  std::set<std::string> names;
  for (const auto* name :
       {"first_name", "last_name", "email", "phone", "person_type", "membership_status", "site", "sites"}) {
    const std::set<std::string> one{name};
    if (facts_text(a, &one) != facts_text(b, &one)) names.insert(name);
  }
  return names;
}

std::string shape_of(const Integration& integration) {
  std::string shape;
  for (const auto& [target, field] : integration.sync.fields) shape += field + ';';
  for (const auto& group : integration.sync.groups) {
    shape += group.group + '=' + std::string(to_string(group.person_type)) + ';';
  }
  for (const auto& rule : integration.sync.site.rules)
    shape += rule.department + '=' + rule.site.value() + ';';
  for (const auto& site : integration.sites) shape += site.value() + ';';
  return shape;
}

}  // namespace gatehouse::month
