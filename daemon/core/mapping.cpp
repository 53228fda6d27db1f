#include "daemon/core/mapping.hpp"

#include <algorithm>
#include <array>

namespace gatehouse {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Behind the UTF-8 sequence that begins at `at`.
std::size_t end_of_letter(std::string_view text, std::size_t at) {
  do {
    ++at;
  } while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  return at;
}

/// "a, b; c" as a list without empties and repetitions.
std::vector<std::string> split_list(std::string_view text, std::string_view separators) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(separators), text.size());
    if (auto item = trim(text.substr(0, end));
        !item.empty() && std::ranges::find(items, item) == items.end()) {
      items.emplace_back(item);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return items;
}

bool says_yes(std::string_view text) {
  constexpr std::array<std::string_view, 5> words{"yes", "true", "1", "y", "on"};
  return std::ranges::any_of(words, [&](std::string_view word) { return same_name(word, text); });
}

std::vector<std::string> known_sites(std::string_view text, const Mapping& mapping) {
  const auto& sites = mapping.sites;
  auto items = split_list(text, mapping.list_separators);
  std::erase_if(
      items, [&](const std::string& item) { return std::ranges::find(sites, SiteId(item)) == sites.end(); });
  return items;
}

std::optional<std::string> home_site(const SourceRecord& record, const HomeSite& rules) {
  for (const auto& rule : rules.rules) {
    if (matches_pattern(rule.department, trim(record.department))) return rule.site.value();
  }
  if (rules.fallback) return rules.fallback->value();
  return std::nullopt;
}

struct TypeChoice {
  std::optional<PersonType> type;
  std::optional<SkipReason> skip;
  std::string groups;  ///< the mapped ones that the record is in
};

TypeChoice choose_type(const SourceRecord& record, const Sync& rules) {
  std::vector<const GroupMapping*> matched;  // in the file's order
  auto in_group = [&](const std::string& group) {
    if (rules.group_by == GroupBy::group) return same_name(trim(record.group), group);
    if (rules.group_by == GroupBy::department) return same_name(trim(record.department), group);
    return std::ranges::any_of(record.access_levels,
                               [&](const std::string& level) { return same_name(trim(level), group); });
  };
  for (const auto& mapped : rules.groups) {
    if (in_group(mapped.group)) matched.push_back(&mapped);
  }
  if (matched.empty()) return {.type = std::nullopt, .skip = SkipReason::group_not_mapped, .groups = {}};
  std::string groups;
  for (const auto* mapped : matched) groups += (groups.empty() ? "" : ", ") + mapped->group;
  const bool one_type = std::ranges::all_of(matched, [&](const GroupMapping* mapped) {
    return mapped->person_type == matched.front()->person_type;
  });
  const bool refused =
      matched.size() > 1 && (rules.multiple_groups == MultipleGroups::error ||
                             (rules.multiple_groups == MultipleGroups::same_type_ok && !one_type));
  if (refused)
    return {.type = std::nullopt, .skip = SkipReason::multiple_groups, .groups = std::move(groups)};
  return {.type = matched.front()->person_type, .skip = std::nullopt, .groups = std::move(groups)};
}

bool has_identifier(const PersonFacts& facts, RequiredIdentifier required) {
  switch (required) {
    case RequiredIdentifier::email_or_phone:
      return !facts.email.empty() || !facts.phone.empty();
    case RequiredIdentifier::email:
      return !facts.email.empty();
    case RequiredIdentifier::phone:
      return !facts.phone.empty();
    case RequiredIdentifier::both:
      return !facts.email.empty() && !facts.phone.empty();
    case RequiredIdentifier::none:
      return true;
  }
  return false;
}

void take_value(PersonFacts& facts, FieldTarget target, const std::string& value, const Mapping& mapping) {
  switch (target) {
    case FieldTarget::first_name:
      facts.first_name = value;
      return;
    case FieldTarget::last_name:
      facts.last_name = value;
      return;
    case FieldTarget::email:
      facts.email = value;
      return;
    case FieldTarget::phone:
      facts.phone = value;
      return;
    case FieldTarget::membership_status:
      facts.membership_status = value;
      return;
    case FieldTarget::tags:
      facts.synced_tags = split_list(value, mapping.list_separators);
      return;
    case FieldTarget::roamer:
      facts.roamer = says_yes(value);
      return;
    case FieldTarget::roamer_sites:
      facts.roamer_sites = known_sites(value, mapping);
      // None would say: at all sites. So those that are not known here stay, and open nothing.
      if (facts.roamer_sites.empty()) facts.roamer_sites = split_list(value, mapping.list_separators);
      return;
    case FieldTarget::sites:
      facts.sites = known_sites(value, mapping);
      return;
  }
}

/// A name that nobody has: longer than this it is no name, but a fault at the source.
constexpr std::size_t longest_name = 256;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= longest_name;
}

/// Line breaks and the like inside of a name would break lists and labels.
void blank_out_controls(std::string& text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  text = std::string(trim(text));
}

bool good_email(std::string_view text) {
  return !text.empty() && looks_like_email(text);
}

/// Applies what an operator has put in, unless the source has a good value by now.
void apply_overrides(const std::vector<FieldOverride>& overrides, PersonFacts& facts, TypeChoice& choice,
                     std::vector<FieldOverride>& lapsed) {
  for (const auto& word : overrides) {
    bool healed = false;
    std::string* field = nullptr;
    if (word.field == "first_name") field = &facts.first_name;
    if (word.field == "last_name") field = &facts.last_name;
    if (word.field == "email") field = &facts.email;
    if (word.field == "phone") field = &facts.phone;
    if (word.field == "person_type") {
      healed = choice.type.has_value();
      if (!healed && choice.skip == SkipReason::multiple_groups) {
        choice.type = parse_person_type(word.value);
        if (choice.type) choice.skip.reset();
      }
    } else if (field != nullptr) {
      const bool name = field == &facts.first_name || field == &facts.last_name;
      healed = name ? is_name(*field) : field == &facts.email ? good_email(*field) : !field->empty();
      if (!healed) *field = word.value;
    }
    if (healed) lapsed.push_back(word);
  }
}

std::optional<SkipReason> first_reason(const SourceRecord& record, const Mapping& mapping,
                                       const TypeChoice& choice, PersonFacts& facts) {
  auto site = home_site(record, mapping.rules.site);
  if (!site) return SkipReason::no_site;
  if (!is_name(facts.first_name) || !is_name(facts.last_name)) return SkipReason::missing_required_field;
  if (!facts.email.empty() && !looks_like_email(facts.email)) return SkipReason::invalid_email;
  if (!has_identifier(facts, mapping.rules.require_identifier)) return SkipReason::missing_identifier;
  if (choice.skip) return choice.skip;
  if (std::ranges::find(mapping.sites, SiteId(*site)) == mapping.sites.end()) return SkipReason::out_of_scope;
  facts.person_type = *choice.type;
  if (facts.sites.empty()) facts.sites = {*site};
  facts.site = std::move(*site);
  return std::nullopt;
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // the last '*', and where its run began
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() &&
        (pattern[p] == '?' || (pattern[p] != '*' && lower(pattern[p]) == lower(text[t])))) {
      // A letter beyond ASCII has several bytes, and `?` stands for the letter.
      if (pattern[p++] == '?')
        t = end_of_letter(text, t);
      else
        ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool looks_like_email(std::string_view text) {
  constexpr std::size_t longest = 254;  // RFC 5321 §4.5.3.1.3, without the angle brackets
  const auto at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size() || text.size() > longest) return false;
  if (text.find('@', at + 1) != std::string_view::npos) return false;
  const auto domain = text.substr(at + 1);
  if (domain.front() == '.' || domain.back() == '.' || domain.find("..") != std::string_view::npos)
    return false;
  return std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7F ||
           std::string_view("<>()[]\\,;:\"").find(c) != std::string_view::npos;
  });
}

Mapping make_mapping(const Integration& integration, const std::vector<SiteId>& all_sites,
                     const TextFold& fold) {
  Mapping mapping;
  mapping.fold = &fold;
  mapping.rules = integration.sync;
  mapping.sites = integration.sites.empty() ? all_sites : integration.sites;
  std::uint64_t seed = 1;
  auto note = [&](std::string_view text) { seed = hash_text(text, seed); };
  auto note_number = [&](auto value) { note(std::to_string(static_cast<long long>(value))); };
  for (const auto& [target, field] : integration.sync.fields) {
    mapping.targets.push_back(target);
    mapping.fields.push_back(field);
    note_number(target);
    note(field);
  }
  for (const auto& group : integration.sync.groups) {
    note(group.group);
    note_number(group.person_type);
  }
  for (const auto& rule : integration.sync.site.rules) {
    note(rule.department);
    note(rule.site.value());
  }
  note(integration.sync.site.fallback ? integration.sync.site.fallback->value() : std::string());
  for (const auto& site : mapping.sites) note(site.value());
  note_number(integration.sync.group_by);
  mapping.shape = seed;
  note_number(integration.sync.multiple_groups);
  note_number(integration.sync.require_identifier);
  note_number(integration.sync.import);
  const auto& authority = integration.sync.authority;
  for (const auto who : {authority.first_name, authority.last_name, authority.email, authority.phone}) {
    note_number(who);
  }
  mapping.seed = seed;
  return mapping;
}

std::string record_name(const SourceRecord& record, const Mapping& mapping) {
  std::string_view first;
  std::string_view last;
  for (std::size_t i = 0; i < mapping.targets.size() && i < record.values.size(); ++i) {
    if (mapping.targets[i] == FieldTarget::first_name) first = record.values[i];
    if (mapping.targets[i] == FieldTarget::last_name) last = record.values[i];
  }
  std::string name(first);
  if (!first.empty() && !last.empty()) name += ' ';
  name += last;
  return name;
}

Mapped map_record(const SourceRecord& record, const Mapping& mapping,
                  const std::vector<FieldOverride>& overrides) {
  Mapped mapped;
  PersonFacts& facts = mapped.facts;
  facts.valid_from = record.valid_from;
  facts.valid_until = record.valid_until;
  for (std::size_t i = 0; i < mapping.targets.size() && i < record.values.size(); ++i) {
    take_value(facts, mapping.targets[i], record.values[i], mapping);
  }
  blank_out_controls(facts.first_name);
  blank_out_controls(facts.last_name);
  auto choice = choose_type(record, mapping.rules);
  mapped.in_mapped_group = choice.skip != SkipReason::group_not_mapped;
  mapped.groups = choice.groups;
  apply_overrides(overrides, facts, choice, mapped.lapsed);
  RecordFate& fate = mapped.fate;
  fate.number = record.number;
  fate.external_id = record.external_id;
  fate.email_verified = record.email_verified;
  fate.fingerprint = fingerprint(record, mapping.seed);
  fate.name = record_name(record, mapping).substr(0, longest_name);
  fate.skip = first_reason(record, mapping, choice, facts);
  fate.keys = identity_keys(facts, *mapping.fold);
  if (!is_name(facts.first_name) || !is_name(facts.last_name)) fate.keys.name = 0;
  if (!fate.skip) fate.facts = facts;
  return mapped;
}

}  // namespace gatehouse
