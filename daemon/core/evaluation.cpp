#include "daemon/core/evaluation.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "daemon/core/candidate.hpp"
#include "daemon/core/lookup.hpp"
#include "daemon/core/mapping_suspicion.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t others_named = 10;  ///< enough for somebody to see what it is about

class Judge {
 public:
  explicit Judge(const Evidence& evidence) : given_(evidence) {
    for (const auto& choice : evidence.word.choices) choices_.emplace(choice.record, &choice);
    for (const auto& word : evidence.word.overrides) overrides_[word.record].push_back(word);
  }

  Evaluation judge() {
    map_all();
    look_around();
    result_.verdicts.reserve(candidates_.size());
    for (const auto& candidate : candidates_) result_.verdicts.push_back(judge_one(candidate));
    suspect_the_mapping(result_.issues, in_scope(), given_.mapping, given_.integration.id, given_.now);
    spend_words();
    count_issues(given_.index, result_);
    return std::move(result_);
  }

 private:
  using Owned =
      std::pair<std::int64_t, std::size_t>;  ///< a record, and the position of its person in the registry
  using Place = std::pair<std::int64_t, std::size_t>;  ///< a record, and its position in candidates_

  const RecordChoice* choice(std::int64_t record) const {
    const auto at = choices_.find(record);
    return at == choices_.end() ? nullptr : at->second;
  }
  bool chosen(std::int64_t record, RecordChoice::Kind kind) const {
    const auto* word = choice(record);
    return word != nullptr && word->kind == kind;
  }

  void map_all() {
    static const std::vector<FieldOverride> none;
    candidates_.reserve(given_.changed.size());
    places_.reserve(given_.changed.size());
    judged_.assign(given_.index.size(), false);
    given_.changed.for_each([&](const SourceRecord& record, RecordPack::Place place) {
      const auto words = overrides_.find(record.number);
      auto mapped = map_record(record, given_.mapping, words == overrides_.end() ? none : words->second);
      const auto known = given_.index.find(record.number);
      if (known) judged_[*known] = true;
      candidates_.push_back({.number = record.number,
                             .keys = mapped.fate.keys,
                             .place = place,
                             .skip = mapped.fate.skip,
                             .in_mapped_group = mapped.in_mapped_group,
                             .email_verified = record.email_verified,
                             .linked = known && given_.index.at(*known).imported,
                             .mirrored = known && knows_identity(given_.index.at(*known))});
      places_.emplace_back(record.number, candidates_.size() - 1);
      result_.lapsed.insert(result_.lapsed.end(), mapped.lapsed.begin(), mapped.lapsed.end());
    });
    std::ranges::sort(places_);
  }

  /// The changed record of this number.
  const Candidate* candidate_of(std::int64_t record) const {
    const auto at = std::ranges::lower_bound(places_, record, {}, &Place::first);
    return at == places_.end() || at->first != record ? nullptr : &candidates_[at->second];
  }

  /// Who else is there: only where somebody has no person yet.
  void look_around() {
    if (std::ranges::all_of(candidates_, &Candidate::mirrored)) return;
    const auto asking = keys_of_newcomers(candidates_);
    source_.only_for(asking);
    registry_.only_for(asking);
    for (const auto& candidate : candidates_) {
      if (candidate.linked) {
        source_.put(keys_it_goes_by(candidate), candidate.number);
        continue;
      }
      // Whom an operator has placed or left out is nobody's duplicate any more.
      if (!candidate.sound() || choice(candidate.number) != nullptr) continue;
      source_.put(candidate.keys, candidate.number);
    }
    for (std::size_t i = 0; i < given_.index.size(); ++i) {
      const auto& known = given_.index.at(i);
      if (judged_[i] || !given_.seen[i] || !known.imported) continue;
      source_.put(known.keys, known.number);
    }
    source_.seal();
    for (std::size_t i = 0; i < given_.registry.size(); ++i) {
      const auto& entry = given_.registry[i];
      registry_.put(entry.keys, static_cast<std::int64_t>(i));
      if (!entry.linked_here) continue;
      note_owner(entry.record_here, i);
      for (const auto record : entry.also_here) note_owner(record, i);
    }
    registry_.seal();
    std::ranges::sort(owned_);
  }

  /// Asked of those whom the mirror does not know.
  void note_owner(std::int64_t record, std::size_t position) {
    const auto* candidate = candidate_of(record);
    if (candidate != nullptr && !candidate->mirrored) owned_.emplace_back(record, position);
  }

  /// Of a linked record: what was last applied, where this pass leaves it as it is; unchanged ones have no
  /// other.
  const IdentityKeys& keys_it_goes_by(const Candidate& candidate) const {
    const auto& known = given_.index.at(*given_.index.find(candidate.number));
    const bool left = !candidate.sound() || known.skip == SkipReason::decoupled ||
                      chosen(candidate.number, RecordChoice::Kind::skip);
    return left ? known.keys : candidate.keys;
  }

  Verdict judge_one(const Candidate& candidate) {
    Verdict verdict;
    verdict.place = candidate.place;
    const bool left_out = chosen(candidate.number, RecordChoice::Kind::skip);
    if (candidate.linked && is_decoupled(candidate)) return verdict;  // skipped whole: nobody has to decide
    const auto* before = known_as(candidate);
    if (before != nullptr && is_in_doubt(candidate, *before, verdict)) return verdict;
    if (!candidate.sound()) {
      // In contract.md §5's order only `out_of_scope` of the mapping's own reasons comes behind these two; an
      // error that was left out is settled.
      const bool behind = candidate.skip == SkipReason::out_of_scope;
      auto error = error_about(candidate);
      if (behind && excluded(candidate)) verdict.skip = SkipReason::excluded_by_mode;
      if (left_out && (behind || error)) verdict.skip = SkipReason::operator_skip;
      if (error && !left_out) result_.issues.push_back(std::move(*error));
      verdict.leaves = candidate.linked && candidate.skip == SkipReason::group_not_mapped;
      return verdict;
    }
    if (left_out) {
      verdict.skip = SkipReason::operator_skip;
    } else if (before == nullptr) {  // the stored link beats every rule
      judge_unlinked(candidate, verdict);
    }
    if (!verdict.skip && excluded(candidate)) verdict.skip = SkipReason::excluded_by_mode;
    return verdict;
  }

  bool is_decoupled(const Candidate& candidate) const {
    return given_.index.at(*given_.index.find(candidate.number)).skip == SkipReason::decoupled;
  }

  bool excluded(const Candidate& candidate) const {
    const auto mode = given_.mapping.rules.import;
    return (mode == ImportMode::new_only && candidate.linked) ||
           (mode == ImportMode::update_only && !candidate.linked);
  }

  /// A known id under another name and another e-mail may have been given to somebody else. True where
  /// nothing else is to be judged: the record speaks for nobody until an operator says who it is.
  bool is_in_doubt(const Candidate& candidate, const IdentityKeys& before, Verdict& verdict) {
    if (!given_.same_mapping || !somebody_else(before, candidate.keys)) return false;
    if (chosen(candidate.number, RecordChoice::Kind::same)) return false;
    const bool known_stranger = given_.other_server || chosen(candidate.number, RecordChoice::Kind::stranger);
    if (known_stranger && candidate.sound()) {
      verdict.stranger = true;
      return false;
    }
    verdict.denied = true;
    const bool left_out = chosen(candidate.number, RecordChoice::Kind::skip);
    verdict.skip = left_out ? SkipReason::operator_skip : SkipReason::identity_changed;
    if (known_stranger || left_out) return true;
    auto issue = issue_about(candidate, IssueReason::identity_changed);
    issue.fields = identity_fields(candidate);
    result_.issues.push_back(std::move(issue));
    return true;
  }

  /// As far as anybody knew it before: by the mirror, or, where that was forgotten with a removed
  /// integration, by the person who still has the record.
  const IdentityKeys* known_as(const Candidate& candidate) const {
    if (candidate.mirrored) return &given_.index.at(*given_.index.find(candidate.number)).keys;
    const auto owner = std::ranges::lower_bound(owned_, candidate.number, {}, &Owned::first);
    if (owner == owned_.end() || owner->first != candidate.number) return nullptr;
    return &given_.registry[owner->second].keys;
  }

  void judge_unlinked(const Candidate& candidate, Verdict& verdict) {
    if (obey(candidate, verdict)) return;
    if (chosen(candidate.number, RecordChoice::Kind::create)) return;
    if (link_by_email(candidate, verdict)) return;
    if (is_recreated(candidate, verdict)) return;
    if (is_duplicate(candidate, verdict)) return;
    if (is_ambiguous(candidate, verdict)) return;
    if (given_.mapping.rules.match.none == OnNoMatch::review && !excluded(candidate))
      hold(candidate, verdict, SkipReason::no_matching_record, IssueReason::no_match, {});
  }

  /// What an operator has said, as long as the one it names is there.
  bool obey(const Candidate& candidate, Verdict& verdict) {
    const auto* word = choice(candidate.number);
    if (word == nullptr || word->kind != RecordChoice::Kind::link) return false;
    RecordLink link{.person = word->person,
                    .other_record = word->other_record,
                    .rule = LinkRule::merged,
                    .evidence = "an operator's word"};
    if (!word->person.value().empty()) {
      const auto entry = std::ranges::find_if(
          given_.registry, [&](const RegistryEntry& known) { return known.person() == word->person; });
      if (entry == given_.registry.end()) return false;
      if (has_gone(*entry)) {
        link.rule = LinkRule::relinked;
        link.other_record = entry->record_here;
      }
    } else if (!word->other_record || !can_be_joined(*word->other_record)) {
      return false;
    }
    set_link(verdict, std::move(link));
    return true;
  }

  /// Has a person, or is going to get one.
  bool can_be_joined(std::int64_t record) const {
    if (const auto* candidate = candidate_of(record))
      return candidate->sound() && !chosen(record, RecordChoice::Kind::skip);
    const auto at = given_.index.find(record);
    return at && given_.index.at(*at).imported && given_.seen[*at];
  }

  bool feed_kept_apart() const {
    return given_.integration.kind == IntegrationKind::feed &&
           given_.mapping.rules.match.cross_source == OnNameOnly::review;
  }

  /// Unique on both sides, the names agree, and the cloud has verified it.
  bool link_by_email(const Candidate& candidate, Verdict& verdict) {
    if (candidate.keys.email == 0 || !candidate.email_verified || feed_kept_apart()) return false;
    if (!alone(candidate, source_.by_email(candidate.keys.email))) return false;
    const auto found = registry_.by_email(candidate.keys.email);
    if (found.size() != 1) return false;
    const auto& entry = entry_at(found.front());
    if (entry.linked_here || !entry.email_verified || entry.keys.name != candidate.keys.name) return false;
    set_link(verdict, {.person = entry.person(),
                       .other_record = std::nullopt,
                       .rule = LinkRule::email,
                       .evidence = facts_of(candidate).email});
    return true;
  }

  /// The source has made somebody anew whose former id is gone.
  bool is_recreated(const Candidate& candidate, Verdict& verdict) {
    if (candidate.keys.email == 0) return false;
    for (const auto at : registry_.by_email(candidate.keys.email)) {
      const auto& entry = entry_at(at);
      if (!has_gone(entry)) continue;
      hold(candidate, verdict, SkipReason::ambiguous_match, IssueReason::recreated, {entry.person().value()});
      // Another name may be anybody who shares the address: then the one who has gone loses access at once.
      if (entry.keys.name != candidate.keys.name) return true;
      result_.held_back.push_back(entry.record_here);
      result_.held_back.insert(result_.held_back.end(), entry.also_here.begin(), entry.also_here.end());
      return true;
    }
    return false;
  }

  /// Name and (e-mail or phone) of another record of the source, or of a person without a link there.
  bool is_duplicate(const Candidate& candidate, Verdict& verdict) {
    std::vector<std::string> others;
    for (const auto number : source_.alike(candidate.keys)) {
      if (number != candidate.number && others.size() < others_named) others.push_back(name_of(number));
    }
    for (const auto at : registry_.alike(candidate.keys)) {
      const auto& entry = entry_at(at);
      if (!entry.linked_here && others.size() < others_named) others.push_back(entry.person().value());
    }
    if (others.empty()) return false;
    hold(candidate, verdict, SkipReason::duplicate_pending, IssueReason::duplicate, std::move(others));
    return true;
  }

  /// Something of a person without a link here agrees, but not enough.
  bool is_ambiguous(const Candidate& candidate, Verdict& verdict) {
    std::vector<std::string> same_email;
    bool verified = candidate.email_verified;
    bool names_agree = false;
    if (candidate.keys.email != 0) {
      for (const auto at : registry_.by_email(candidate.keys.email)) {
        const auto& entry = entry_at(at);
        if (entry.linked_here) continue;
        if (same_email.size() < others_named) same_email.push_back(entry.person().value());
        verified = verified && entry.email_verified;
        names_agree = names_agree || entry.keys.name == candidate.keys.name;
      }
    }
    if (!same_email.empty()) {
      auto reason = IssueReason::email_differs_in_name;
      if (same_email.size() > 1 || !alone(candidate, source_.by_email(candidate.keys.email)))
        reason = IssueReason::email_not_unique;
      else if (names_agree)
        reason = verified ? IssueReason::other_source : IssueReason::email_not_verified;
      hold(candidate, verdict, SkipReason::ambiguous_match, reason, std::move(same_email));
      return true;
    }
    return match_by_name(candidate, verdict);
  }

  bool match_by_name(const Candidate& candidate, Verdict& verdict) {
    if (candidate.keys.name == 0) return false;
    std::vector<const RegistryEntry*> same_name;
    bool linked_namesake = false;
    for (const auto at : registry_.by_name(candidate.keys.name)) {
      const auto& entry = entry_at(at);
      if (entry.linked_here)
        linked_namesake = true;
      else
        same_name.push_back(&entry);
    }
    if (same_name.empty()) return false;
    const bool unique =
        same_name.size() == 1 && !linked_namesake && alone(candidate, source_.by_name(candidate.keys.name));
    if (unique && given_.mapping.rules.match.name_only == OnNameOnly::link && !feed_kept_apart()) {
      set_link(verdict, {.person = same_name.front()->person(),
                         .other_record = std::nullopt,
                         .rule = LinkRule::name,
                         .evidence = facts_of(candidate).first_name + ' ' + facts_of(candidate).last_name});
      return true;
    }
    std::vector<std::string> others;
    for (const auto* entry : same_name) {
      if (others.size() < others_named) others.push_back(entry->person().value());
    }
    hold(candidate, verdict, SkipReason::ambiguous_match,
         feed_kept_apart() ? IssueReason::other_source : IssueReason::name_only, std::move(others));
    return true;
  }

  std::optional<Issue> error_about(const Candidate& candidate) const {
    if (!candidate.in_mapped_group) return std::nullopt;
    return error_of(mapped(candidate), issue_about(candidate, IssueReason::invalid_email));
  }

  /// Records of the snapshot that the mapping means to import.
  std::size_t in_scope() const {
    auto count = static_cast<std::size_t>(std::ranges::count_if(candidates_, &Candidate::in_mapped_group));
    for (std::size_t i = 0; i < given_.index.size(); ++i) {
      const bool mapped = given_.index.at(i).skip != SkipReason::group_not_mapped;
      count += given_.seen[i] && !judged_[i] && mapped ? 1 : 0;
    }
    return count;
  }

  /// `same` and `stranger` are about one change of identity, not about all to come; a bad record has to wait.
  void spend_words() {
    for (const auto& word : given_.word.choices) {
      if (word.kind != RecordChoice::Kind::same && word.kind != RecordChoice::Kind::stranger) continue;
      const auto* candidate = candidate_of(word.record);
      const bool carried_out = candidate != nullptr && candidate->sound();
      if (carried_out || !is_here(word.record)) result_.spent.push_back(word.record);
    }
  }

  Mapped mapped(const Candidate& candidate) const {
    const auto words = overrides_.find(candidate.number);
    return map_record(given_.changed.at(candidate.place), given_.mapping,
                      words == overrides_.end() ? std::vector<FieldOverride>{} : words->second);
  }
  PersonFacts facts_of(const Candidate& candidate) const { return mapped(candidate).facts; }

  const RegistryEntry& entry_at(std::int64_t position) const {
    return given_.registry[static_cast<std::size_t>(position)];
  }

  /// No other record of the source is among these; nor need it be itself.
  static bool alone(const Candidate& candidate, const std::vector<std::int64_t>& records) {
    return std::ranges::all_of(records, [&](std::int64_t record) { return record == candidate.number; });
  }

  bool is_here(std::int64_t record) const {
    if (candidate_of(record) != nullptr) return true;
    const auto at = given_.index.find(record);
    return at && given_.seen[*at];
  }

  /// Was somebody of this source, and is so no more.
  bool has_gone(const RegistryEntry& entry) const {
    return entry.linked_here && !is_here(entry.record_here) &&
           std::ranges::none_of(entry.also_here, [&](std::int64_t record) { return is_here(record); });
  }

  std::string name_of(std::int64_t number) const {
    if (const auto* candidate = candidate_of(number))
      return external_id_text(number, given_.changed.at(candidate->place).external_id);
    const auto entry = std::ranges::find_if(given_.registry, [&](const RegistryEntry& known) {
      return known.linked_here && (known.record_here == number ||
                                   std::ranges::find(known.also_here, number) != known.also_here.end());
    });
    return entry == given_.registry.end() ? std::to_string(number) : entry->person().value();
  }

  std::map<std::string, std::string> identity_fields(const Candidate& candidate) const {
    const auto facts = facts_of(candidate);
    return {{"first_name", facts.first_name},
            {"last_name", facts.last_name},
            {"email", facts.email},
            {"phone", facts.phone}};
  }

  Issue issue_about(const Candidate& candidate, IssueReason reason) const {
    return issue_of(given_.changed.at(candidate.place), given_.mapping, given_.integration.id, reason,
                    given_.now);
  }

  void hold(const Candidate& candidate, Verdict& verdict, SkipReason skip, IssueReason reason,
            std::vector<std::string> others) {
    verdict.skip = skip;
    auto issue = issue_about(candidate, reason);
    issue.others = std::move(others);
    issue.fields = identity_fields(candidate);
    result_.issues.push_back(std::move(issue));
  }

  void set_link(Verdict& verdict, RecordLink link) {
    verdict.link = static_cast<std::int32_t>(result_.links.size());
    result_.links.push_back(std::move(link));
  }

  const Evidence& given_;
  std::unordered_map<std::int64_t, const RecordChoice*> choices_;
  std::unordered_map<std::int64_t, std::vector<FieldOverride>> overrides_;
  std::vector<Candidate> candidates_;
  std::vector<bool> judged_;   ///< by position in the index: is a candidate
  std::vector<Place> places_;  ///< sorted
  std::vector<Owned> owned_;   ///< sorted
  Lookup source_;              ///< numbers of records
  Lookup registry_;            ///< positions in the registry
  Evaluation result_;
};

}  // namespace

Evaluation evaluate(const Evidence& evidence) {
  return Judge(evidence).judge();
}

}  // namespace gatehouse
