#pragma once
// One question to the evaluation: who was known, who is there now, who is in the registry, what was said.

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "daemon/core/evaluation.hpp"
#include "daemon/core/registry_ask.hpp"
#include "daemon/host/unicode_fold.hpp"
#include "tests/unit/registry_wants.hpp"

namespace gatehouse::test {

class EvaluationCase {
 public:
  EvaluationCase() {
    settings.id = IntegrationId("net2-hq");
    settings.sync.groups = {{"Staff", PersonType::employee}, {"Guests", PersonType::visitor}};
    settings.sync.fields = {{FieldTarget::first_name, "firstName"},
                            {FieldTarget::last_name, "lastName"},
                            {FieldTarget::email, "custom:Email"},
                            {FieldTarget::phone, "telephone"}};
    settings.sync.site.fallback = SiteId("hq");
  }
  EvaluationCase(const EvaluationCase&) = delete;
  EvaluationCase& operator=(const EvaluationCase&) = delete;

  static SourceRecord row(std::int64_t number, std::string first, std::string last, std::string email,
                          std::string phone = "") {
    SourceRecord made;
    made.number = number;
    made.department = "Staff";
    made.values = {std::move(first), std::move(last), std::move(email), std::move(phone)};
    return made;
  }

  /// In the snapshot, new or changed.
  SourceRecord& there(SourceRecord record) {
    records_.push_back(std::move(record));
    return records_.back();
  }
  SourceRecord& there(std::int64_t number, std::string first, std::string last, std::string email,
                      std::string phone = "") {
    return there(row(number, std::move(first), std::move(last), std::move(email), std::move(phone)));
  }
  /// Known from before as this; `seen`: in the snapshot as well, where it is not among those that are there.
  void known(const SourceRecord& record, bool imported = true, bool seen = true) {
    IndexedRecord made;
    made.number = record.number;
    made.keys = keys_of(record);
    made.imported = imported;
    known_.push_back(made);
    if (seen) seen_.insert(record.number);
  }
  /// In the registry; `record`: hers in this integration.
  void person(const std::string& id, std::string first, std::string last, std::string email,
              std::string phone = "", std::optional<std::int64_t> record = std::nullopt,
              bool verified = true) {
    RegistryRow row;
    row.id = PersonId(padded(id));
    row.first_name = std::move(first);
    row.last_name = std::move(last);
    row.email = std::move(email);
    row.phone = std::move(phone);
    row.record_here = record;
    row.email_verified = verified;
    registry_.push_back(registry_entry(row, fold));
  }
  void say(std::int64_t record, RecordChoice::Kind kind, const std::string& person = "",
           std::optional<std::int64_t> other = std::nullopt) {
    word.choices.push_back({.record = record,
                            .kind = kind,
                            .person = person.empty() ? PersonId() : PersonId(padded(person)),
                            .other_record = other});
  }

  const Evaluation& judge() {
    mapping_ = make_mapping(settings, {SiteId("hq")}, fold);
    std::ranges::sort(known_, {}, &IndexedRecord::number);
    const RecordIndex index(known_);
    pack_ = RecordPack();
    for (const auto& record : records_) {
      pack_.put(record);
      seen_.insert(record.number);
    }
    std::vector<bool> seen;
    for (const auto& record : known_) seen.push_back(seen_.contains(record.number));
    fates_.clear();
    const Evidence evidence{.integration = settings,
                            .mapping = mapping_,
                            .index = index,
                            .seen = seen,
                            .changed = pack_,
                            .registry = registry_,
                            .word = word,
                            .now = Instant{Duration{1}},
                            .same_mapping = same_mapping,
                            .other_server = other_server};
    result = evaluate(evidence);
    compare_with_whom_it_asks_for(evidence);
    for (const auto& verdict : result.verdicts) fates_.push_back(fate_of(evidence, result, verdict));
    return result;
  }

  /// What is read of the registry is enough.
  void compare_with_whom_it_asks_for(Evidence evidence) const {
    const auto ask = registry_ask(evidence.changed, evidence.index, evidence.mapping, evidence.word);
    std::vector<RegistryEntry> asked;
    std::ranges::copy_if(registry_, std::back_inserter(asked),
                         [&](const RegistryEntry& entry) { return wants(ask, entry); });
    const Evidence less{.integration = evidence.integration,
                        .mapping = evidence.mapping,
                        .index = evidence.index,
                        .seen = evidence.seen,
                        .changed = evidence.changed,
                        .registry = asked,
                        .word = evidence.word,
                        .now = evidence.now,
                        .same_mapping = evidence.same_mapping,
                        .other_server = evidence.other_server};
    const auto again = evaluate(less);
    CHECK(again.issues == result.issues);
    CHECK(again.held_back == result.held_back);
    REQUIRE(again.verdicts.size() == result.verdicts.size());
    for (std::size_t i = 0; i < again.verdicts.size(); ++i) {
      const auto& one = again.verdicts[i];
      const auto& other = result.verdicts[i];
      CHECK(one.skip == other.skip);
      CHECK((one.leaves == other.leaves && one.stranger == other.stranger && one.denied == other.denied));
      REQUIRE((one.link < 0) == (other.link < 0));
      if (one.link >= 0)
        CHECK(again.links[static_cast<std::size_t>(one.link)].person ==
              result.links[static_cast<std::size_t>(other.link)].person);
    }
  }

  const RecordFate& fate(std::int64_t number) const {
    return *std::ranges::find(fates_, number, &RecordFate::number);
  }
  std::optional<SkipReason> skip(std::int64_t number) const { return fate(number).skip; }
  const Issue* issue(std::int64_t number) const {
    const auto found = std::ranges::find(result.issues, std::optional(number), &Issue::record);
    return found == result.issues.end() ? nullptr : &*found;
  }
  std::optional<IssueReason> reason(std::int64_t number) const {
    const auto* found = issue(number);
    return found == nullptr ? std::nullopt : std::optional(found->reason);
  }
  std::string linked_to(std::int64_t number) const {
    if (!fate(number).link) return "";
    const auto id = fate(number).link->person.value();
    return id.substr(0, id.find('_'));
  }

  /// As long as an id of the registry is.
  static std::string padded(const std::string& id) { return id + std::string(26 - id.size(), '_'); }

  UnicodeFold fold;
  Integration settings;
  OperatorWord word;
  bool same_mapping = true;
  bool other_server = false;
  Evaluation result;

 private:
  IdentityKeys keys_of(const SourceRecord& record) const {
    PersonFacts facts;
    facts.first_name = record.values.at(0);
    facts.last_name = record.values.at(1);
    facts.email = record.values.at(2);
    facts.phone = record.values.at(3);
    return identity_keys(facts, fold);
  }

  Mapping mapping_;
  std::deque<SourceRecord> records_;
  std::vector<IndexedRecord> known_;
  std::set<std::int64_t> seen_;
  std::vector<RegistryEntry> registry_;
  RecordPack pack_;
  std::vector<RecordFate> fates_;
};

}  // namespace gatehouse::test
