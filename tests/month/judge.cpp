#include "tests/month/judge.hpp"

#include <algorithm>

namespace gatehouse::month {
namespace {

/// What makes two records alike: the name with the e-mail, and the name with the phone.
std::vector<std::string> pairs(const Marks& marks) {
  std::vector<std::string> found;
  if (marks.name.empty()) return found;
  if (!marks.email.empty()) found.push_back(marks.name + '\n' + marks.email);
  if (!marks.phone.empty()) found.push_back(marks.name + "\n#" + marks.phone);
  return found;
}

template <typename Map>
auto under(const Map& map, const std::string& key) {
  const auto at = map.find(key);
  return key.empty() || at == map.end() ? typename Map::mapped_type{} : at->second;
}

Marks marks_of(const PersonFacts& facts) {
  SourceRecord record;
  record.values = {facts.first_name, facts.last_name, facts.email, facts.phone};
  Directory directory;
  directory.settings.sync.fields = {{FieldTarget::first_name, ""},
                                    {FieldTarget::last_name, ""},
                                    {FieldTarget::email, ""},
                                    {FieldTarget::phone, ""}};
  directory.settings.sync.site.fallback = SiteId("hq");
  return read_record(record, directory).marks;
}

}  // namespace

Judge::Judge(const Model& model, std::size_t source)
    : model_(model), source_(source), directory_(model.directories[source]) {}

Model::Judgement Judge::judge(const std::vector<SourceRecord>& people, bool full) {
  result_.other_shape = !directory_.shape.empty() && directory_.shape != shape_of(directory_.settings);
  result_.other_server = !result_.other_shape && other_server(people);
  for (const auto& record : people) {
    result_.here.insert(record.number);
    if (!is_news(record, full)) continue;
    Judged judged;
    judged.record = &record;
    judged.reading = read_record(record, directory_);
    judged.skip = judged.reading.skip;
    result_.looked.push_back(std::move(judged));
  }
  gather(people);
  for (auto& judged : result_.looked) {
    const auto known = directory_.known.find(judged.record->number);
    const bool linked = known != directory_.known.end() && known->second.soul;
    const auto* said = wish(judged.record->number);
    const bool left_out = said != nullptr && said->kind == RecordChoice::Kind::skip;
    if (linked && !model_.souls[static_cast<std::size_t>(*known->second.soul)]->tracked) {
      judged.skip = SkipReason::decoupled;  // skipped whole: nobody has to decide
    } else if (linked && in_doubt(judged, known->second, left_out)) {
      // it speaks for nobody
    } else if (judged.skip) {
      judged.leaves = linked && judged.skip == SkipReason::group_not_mapped;
      if (!left_out) {
        if (judged.skip == SkipReason::missing_required_field && judged.reading.in_group)
          result_.issues.insert({IssueReason::missing_required_field, judged.record->number});
        if (judged.skip == SkipReason::invalid_email && judged.reading.in_group)
          result_.issues.insert({IssueReason::invalid_email, judged.record->number});
        if (judged.skip == SkipReason::multiple_groups)
          result_.issues.insert({IssueReason::multiple_groups, judged.record->number});
      }
    } else if (left_out) {
      judged.skip = SkipReason::operator_skip;
    } else if (!linked) {
      judge_unlinked(judged);
    }
  }
  suspect_mapping(people);
  for (const auto& [reason, record] : result_.issues) {
    if (kind_of(reason) == IssueKind::match) continue;
    ++result_.blockers;
    result_.newly_failing = result_.newly_failing || was_in_order(record);
  }
  return std::move(result_);
}

/// None: all of them.
bool Judge::was_in_order(std::optional<RecordId> record) const {
  constexpr SkipReason faults[] = {SkipReason::missing_required_field, SkipReason::invalid_email,
                                   SkipReason::multiple_groups,        SkipReason::duplicate_pending,
                                   SkipReason::identity_changed,       SkipReason::operator_skip};
  if (!record) return true;
  const auto known = directory_.known.find(*record);
  if (known == directory_.known.end()) return false;
  return !known->second.skip || std::ranges::find(faults, *known->second.skip) == std::end(faults);
}

/// Each pass looks at whoever is new, has changed or waits; a full one at everybody.
bool Judge::is_news(const SourceRecord& record, bool full) const {
  if (full || result_.other_shape) return true;
  const auto known = directory_.known.find(record.number);
  if (known == directory_.known.end()) return true;
  const auto& memory = known->second;
  if (!memory.soul || !memory.present || memory.skip || memory.look_again || memory.said != record)
    return true;
  return std::ranges::any_of(directory_.issues,
                             [&](const OpenIssue& issue) { return issue.second == record.number; });
}

/// None of those who were there is there, or mostly others go by their ids.
bool Judge::other_server(const std::vector<SourceRecord>& people) const {
  std::size_t before = 0;
  std::size_t souls = 0;
  for (const auto& [record, memory] : directory_.known) {
    before += memory.present ? 1 : 0;
    souls += memory.present && memory.soul ? 1 : 0;
  }
  std::size_t met = 0;
  std::size_t souls_met = 0;
  std::size_t renamed = 0;
  std::size_t others = 0;
  for (const auto& record : people) {
    const auto known = directory_.known.find(record.number);
    if (known == directory_.known.end() || !known->second.present) continue;
    ++met;
    const auto& memory = known->second;
    if (!memory.soul) continue;
    ++souls_met;
    if ((!memory.skip && memory.said == record) || memory.marks.name.empty()) continue;
    const auto marks = read_record(record, directory_).marks;
    if (marks.name == memory.marks.name) continue;
    ++renamed;
    others += marks.email != memory.marks.email ? 1 : 0;
  }
  if (before > 1 && met == 0) return directory_.complete || souls != 0;
  if (souls < 2) return false;
  if (others > 0 && others == souls_met) return true;
  return souls < 20 ? others * 2 > souls_met && others > 2 : renamed * 2 > souls_met;
}

/// Who goes by what, in the list and in the registry. A linked record that is left as it was goes by what was
/// last accepted of it.
void Judge::gather(const std::vector<SourceRecord>& people) {
  const bool newcomers = std::ranges::any_of(result_.looked, [&](const Judged& judged) {
    const auto known = directory_.known.find(judged.record->number);
    return !judged.skip && (known == directory_.known.end() || !known->second.soul);
  });
  if (!newcomers) return;
  const auto put = [&](const Marks& marks, RecordId record) {
    if (!marks.email.empty()) emails_[marks.email].insert(record);
    if (!marks.name.empty()) names_[marks.name].insert(record);
    for (const auto& pair : pairs(marks)) both_[pair].insert(record);
  };
  std::map<RecordId, const Judged*> looked;
  for (const auto& judged : result_.looked) looked[judged.record->number] = &judged;
  for (const auto& record : people) {
    const auto known = directory_.known.find(record.number);
    const bool linked = known != directory_.known.end() && known->second.soul;
    const auto at = looked.find(record.number);
    if (!linked) {
      // Whom an operator has placed or left out is nobody's duplicate any more.
      if (!at->second->skip && wish(record.number) == nullptr) put(at->second->reading.marks, record.number);
      continue;
    }
    const auto* said = wish(record.number);
    const bool left_out = said != nullptr && said->kind == RecordChoice::Kind::skip;
    const bool tracked = model_.souls[static_cast<std::size_t>(*known->second.soul)]->tracked;
    const bool accepted = at != looked.end() && !at->second->skip && !left_out && tracked;
    put(accepted ? at->second->reading.marks : known->second.marks, record.number);
  }
  for (std::size_t i = 0; i < model_.souls.size(); ++i) {
    if (!model_.souls[i]) continue;
    const auto marks = marks_of(model_.souls[i]->facts);
    const auto soul = static_cast<SoulId>(i);
    if (!marks.email.empty()) soul_emails_[marks.email].push_back(soul);
    if (!marks.name.empty()) soul_names_[marks.name].push_back(soul);
    for (const auto& pair : pairs(marks)) soul_both_[pair].push_back(soul);
  }
}

/// A known id under another name and another e-mail may have been given to somebody else, whatever else is
/// wrong with the record.
bool Judge::in_doubt(Judged& judged, const Memory& memory, bool left_out) {
  const auto& marks = judged.reading.marks;
  if (result_.other_shape || memory.marks.name.empty() || marks.name.empty()) return false;
  if (memory.marks.name == marks.name || memory.marks.email == marks.email) return false;
  const auto* said = wish(judged.record->number);
  if (said != nullptr && said->kind == RecordChoice::Kind::same) return false;
  const bool other = result_.other_server || (said != nullptr && said->kind == RecordChoice::Kind::stranger);
  if (other && !judged.skip) {
    judged.stranger = true;
    return false;
  }
  judged.denied = true;
  judged.skip = left_out ? SkipReason::operator_skip : SkipReason::identity_changed;
  if (!other && !left_out) result_.issues.insert({IssueReason::identity_changed, judged.record->number});
  return true;
}

void Judge::judge_unlinked(Judged& judged) {
  const auto number = judged.record->number;
  const auto& marks = judged.reading.marks;
  const auto& match = directory_.settings.sync.match;
  if (const auto* said = wish(number); said != nullptr) {
    if (said->kind == RecordChoice::Kind::create) return;
    if (said->kind == RecordChoice::Kind::link && obey(judged, *said)) return;
  }
  const auto others_with = [&](const auto& map, const std::string& key) {
    auto found = under(map, key);
    found.erase(number);
    return found.size();
  };
  const auto same_email = under(soul_emails_, marks.email);
  const bool email_alone = others_with(emails_, marks.email) == 0;
  // 1. The e-mail, unique on both sides, where the names agree.
  if (!marks.email.empty() && email_alone && same_email.size() == 1 && !apart() &&
      !linked_here(same_email.front()) &&
      marks_of(model_.souls[static_cast<std::size_t>(same_email.front())]->facts).name == marks.name) {
    judged.bond = Bond{.soul = same_email.front(), .other = std::nullopt, .instead = false};
    return;
  }
  // 2. The source has made somebody anew.
  for (const auto soul : same_email) {
    std::vector<RecordId> records;
    for (const auto& claim : model_.souls[static_cast<std::size_t>(soul)]->claims) {
      if (claim.source == source_) records.push_back(claim.record);
    }
    if (records.empty() ||
        std::ranges::any_of(records, [&](RecordId record) { return result_.here.contains(record); }))
      continue;
    hold(judged, SkipReason::ambiguous_match, IssueReason::recreated);
    // Another name may be anybody who shares the address: then the one who has gone loses access at once.
    if (marks_of(model_.souls[static_cast<std::size_t>(soul)]->facts).name == marks.name)
      result_.held.insert(records.begin(), records.end());
    return;
  }
  // 3. Duplicates, in the source and in the registry.
  for (const auto& pair : pairs(marks)) {
    const auto alike = under(soul_both_, pair);
    if (others_with(both_, pair) != 0 ||
        std::ranges::any_of(alike, [&](SoulId soul) { return !linked_here(soul); })) {
      hold(judged, SkipReason::duplicate_pending, IssueReason::duplicate);
      return;
    }
  }
  // 4. Something agrees, but not enough.
  std::vector<SoulId> strangers;
  std::ranges::copy_if(same_email, std::back_inserter(strangers), [&](SoulId s) { return !linked_here(s); });
  if (!strangers.empty()) {
    hold(judged, SkipReason::ambiguous_match,
         strangers.size() == 1 && email_alone ? IssueReason::email_differs_in_name
                                              : IssueReason::email_not_unique);
    return;
  }
  const auto namesakes = under(soul_names_, marks.name);
  if (std::ranges::any_of(namesakes, [&](SoulId soul) { return !linked_here(soul); })) {
    const bool unique = namesakes.size() == 1 && others_with(names_, marks.name) == 0;
    if (unique && match.name_only == OnNameOnly::link && !apart()) {
      judged.bond = Bond{.soul = namesakes.front(), .other = std::nullopt, .instead = false};
    } else {
      hold(judged, SkipReason::ambiguous_match, apart() ? IssueReason::other_source : IssueReason::name_only);
    }
    return;
  }
  if (match.none == OnNoMatch::review) hold(judged, SkipReason::no_matching_record, IssueReason::no_match);
}

/// As long as whoever the word names is there.
bool Judge::obey(Judged& judged, const Wish& wished) {
  if (wished.soul) {
    const auto& soul = model_.souls[static_cast<std::size_t>(*wished.soul)];
    if (!soul) return false;
    Bond bond{.soul = wished.soul, .other = std::nullopt, .instead = false};
    std::vector<RecordId> gone;
    bool any_here = false;
    for (const auto& claim : soul->claims) {
      if (claim.source != source_) continue;
      any_here = any_here || result_.here.contains(claim.record);
      if (!result_.here.contains(claim.record)) gone.push_back(claim.record);
    }
    if (!any_here && !gone.empty()) {
      bond.other = gone.front();
      bond.instead = true;
    }
    judged.bond = bond;
    return true;
  }
  const auto known = directory_.known.find(*wished.other);
  const auto* said = wish(*wished.other);
  if (said != nullptr && said->kind == RecordChoice::Kind::skip) return false;
  bool joinable =
      known != directory_.known.end() && known->second.soul && result_.here.contains(*wished.other);
  for (const auto& other : result_.looked) {
    if (other.record->number == *wished.other) joinable = !other.reading.skip;
  }
  if (joinable) judged.bond = Bond{.soul = std::nullopt, .other = wished.other, .instead = false};
  return joinable;
}

void Judge::hold(Judged& judged, SkipReason skip, IssueReason reason) {
  judged.skip = skip;
  result_.issues.insert({reason, judged.record->number});
}

/// Most records fail alike: the mapping is at fault, and there is one issue instead of a thousand.
void Judge::suspect_mapping(const std::vector<SourceRecord>& people) {
  std::size_t in_scope = 0;
  if (!result_.issues.empty()) {
    for (const auto& record : people) in_scope += read_record(record, directory_).in_group ? 1 : 0;
  }
  const auto suspect = [&](IssueReason reason, auto&& guilty) {
    std::set<OpenIssue> alike;
    for (const auto& judged : result_.looked) {
      const OpenIssue issue{reason, judged.record->number};
      if (result_.issues.contains(issue) && guilty(judged.reading.facts)) alike.insert(issue);
    }
    if (alike.size() < 5 || alike.size() * 2 <= in_scope) return std::set<OpenIssue>{};
    return alike;
  };
  const auto bad = [](const std::string& name) { return name.empty() || name.size() > 256; };
  std::set<OpenIssue> taken;
  taken.merge(
      suspect(IssueReason::missing_required_field, [&](const PersonFacts& f) { return bad(f.first_name); }));
  taken.merge(
      suspect(IssueReason::missing_required_field, [&](const PersonFacts& f) { return bad(f.last_name); }));
  taken.merge(suspect(IssueReason::invalid_email, [](const PersonFacts&) { return true; }));
  if (taken.empty()) return;
  for (const auto& issue : taken) result_.issues.erase(issue);
  result_.issues.insert({IssueReason::field_map_suspect, std::nullopt});
}

/// A feed never links to a person of another source by itself.
bool Judge::apart() const {
  return directory_.settings.kind == IntegrationKind::feed &&
         directory_.settings.sync.match.cross_source == OnNameOnly::review;
}

bool Judge::linked_here(SoulId soul) const {
  return std::ranges::any_of(model_.souls[static_cast<std::size_t>(soul)]->claims,
                             [&](const Claim& claim) { return claim.source == source_; });
}

const Wish* Judge::wish(RecordId record) const {
  const auto at = directory_.wishes.find(record);
  return at == directory_.wishes.end() ? nullptr : &at->second;
}

}  // namespace gatehouse::month
