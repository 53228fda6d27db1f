#include "daemon/app/directory_sync.hpp"

#include <algorithm>

#include "daemon/core/guard.hpp"
#include "daemon/core/record_pack.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t chunk = 500;  ///< records a transaction: some ten milliseconds of the store's time

}  // namespace

/// Keeps what is new or changed, and who was seen. Lives on the worker thread while a read runs.
class DirectorySync::ChangeSink final : public RecordSink {
 public:
  ChangeSink(const RecordIndex& index, const Mapping& mapping)
      : index_(index), mapping_(mapping), seen_(index.size(), false) {}

  void take(SourceRecord&& record) override {
    if (const auto at = index_.find(record.number)) {
      seen_[*at] = true;
      ++known_;
      const auto& before = index_.at(*at);
      if (before.present && before.fingerprint == fingerprint(record, mapping_.seed)) return;
      if (before.name_hash != static_cast<std::uint32_t>(hash_text(record_name(record, mapping_))))
        ++renamed_;
    }
    changed_.put(record);
  }

  bool seen(std::size_t position) const { return seen_[position]; }
  RecordPack& changed() { return changed_; }

  /// Known ids under mostly other names, or none of the known ids at all: another server's people.
  bool strangers() const {
    constexpr std::size_t enough = 20;
    if (index_.present() < enough) return false;
    return known_ == 0 || renamed_ * 2 > known_;
  }

 private:
  const RecordIndex& index_;
  const Mapping& mapping_;
  std::vector<bool> seen_;
  RecordPack changed_;
  std::size_t known_ = 0;
  std::size_t renamed_ = 0;
};

DirectorySync::DirectorySync(const Integration& integration, Mapping mapping, Parts parts)
    : id_(integration.id),
      badge_(integration.name),
      mode_(integration.mode),
      mapping_(std::move(mapping)),
      parts_(std::move(parts)) {}

Task<Result<void>> DirectorySync::load() {
  auto records = co_await parts_.store.load_index(id_);
  if (!records) co_return within("load what is known of " + id_.value(), records.error());
  index_ = RecordIndex(std::move(*records));
  auto complete = co_await parts_.store.last_complete_run(id_);
  if (!complete) co_return within("load the last run of " + id_.value(), complete.error());
  last_complete_ = std::move(*complete);
  auto seed = co_await parts_.store.last_mapping(id_);
  if (!seed) co_return within("load the last mapping of " + id_.value(), seed.error());
  last_mapping_ = *seed;
  co_return Result<void>{};
}

Task<Result<PassReport>> DirectorySync::run(Trigger trigger) {
  index_.merge();  // what a pass that failed half-way still committed
  PassReport report;
  report.run.id = RunId(parts_.clock.new_id());
  report.run.integration = id_;
  report.run.trigger = last_complete_ ? trigger : Trigger::first;
  report.run.phase = "importing";
  report.run.started = parts_.clock.now();

  ChangeSink changes(index_, mapping_);
  PeopleQuery query{.fields = mapping_.fields,
                    .access_levels = mapping_.rules.group_by == GroupBy::access_level};
  auto read = co_await parts_.source.read_people(std::move(query), changes);
  if (!read) co_return within("read the people", read.error());
  report.run.counts.seen = read->seen;
  report.took = read->took;
  if (read->seen == 0 && index_.present() != 0) {
    co_return Error{Errc::malformed,
                    "Net2 answered with an empty list of people where there were " +
                        std::to_string(index_.present()) +
                        ": nothing was changed; check the operator's rights and the Net2 database"};
  }
  // Under another mapping all names may read differently without anybody being somebody else.
  const bool same_mapping = !last_mapping_ || *last_mapping_ == mapping_.seed;
  if (same_mapping && changes.strangers()) {
    report.end = PassEnd::other_server;
    co_return report;
  }
  if (mode_ == IntegrationMode::staging || mapping_.rules.import == ImportMode::dry_run) {
    report.end = PassEnd::computed_only;
    report.run.phase = "done";
    co_return report;
  }
  if (!last_complete_ && mapping_.rules.first == FirstSync::confirm) {
    report.end = PassEnd::draft;
    report.run.phase = "review";
    co_return report;
  }
  co_return co_await conclude(std::move(report), changes);
}

Task<Result<PassReport>> DirectorySync::conclude(PassReport report, ChangeSink& changes) {
  report.run.phase = "applying";
  auto gone = missing_from(changes);
  auto applied = co_await apply_changes(report.run, changes);
  if (!applied) co_return within("apply the changes", applied.error());
  index_.merge();
  auto withheld = co_await apply_removals(report.run, std::move(gone));
  if (!withheld) co_return within("apply the removals", withheld.error());
  report.withheld = *withheld;
  if (report.withheld != 0) report.end = PassEnd::guarded;
  auto finished = co_await finish(std::move(report), *withheld == 0 ? "complete" : "guarded");
  co_return finished;
}

Task<Result<void>> DirectorySync::apply_changes(SyncRun& run, ChangeSink& changes) {
  const auto all = changes.changed().size();
  std::vector<RecordFate> noted;
  while (changes.changed().size() != 0) {
    DirectoryCommit commit;
    commit.integration = id_;
    commit.badge = badge_;
    commit.run = run.id;
    commit.on_removed = mapping_.rules.on_removed;
    while (commit.fates.size() < chunk) {
      auto record = changes.changed().take();
      if (!record) break;
      auto fate = map_record(*record, mapping_);
      const auto known = index_.find(record->number);
      const bool imported = known && index_.at(*known).imported;
      const bool excluded = (mapping_.rules.import == ImportMode::new_only && imported) ||
                            (mapping_.rules.import == ImportMode::update_only && !imported);
      // In contract.md §5's order only `out_of_scope` of the mapping's own reasons comes behind this one.
      if (excluded && (fate.facts || fate.skip == SkipReason::out_of_scope)) {
        fate.facts.reset();
        fate.skip = SkipReason::excluded_by_mode;
      }
      commit.fates.push_back(std::move(fate));
    }
    noted.clear();
    for (const auto& fate : commit.fates) {
      // What the index keeps of a fate; the facts themselves stay in the store.
      noted.push_back({.number = fate.number,
                       .fingerprint = fate.fingerprint,
                       .name = fate.name,
                       .facts = fate.facts ? std::optional<PersonFacts>(PersonFacts{}) : std::nullopt,
                       .skip = fate.skip});
    }
    auto counts = co_await parts_.store.apply(std::move(commit));
    if (!counts) co_return counts.error();
    run.counts += *counts;
    index_.note(noted);
    parts_.news();
    if (parts_.progress) parts_.progress(all - changes.changed().size(), all);
  }
  co_return Result<void>{};
}

std::vector<std::int64_t> DirectorySync::missing_from(const ChangeSink& changes) const {
  std::vector<std::int64_t> gone;
  for (std::size_t i = 0; i < index_.size(); ++i) {
    if (index_.at(i).present && !changes.seen(i)) gone.push_back(index_.at(i).number);
  }
  return gone;
}

Task<Result<std::uint64_t>> DirectorySync::apply_removals(SyncRun& run, std::vector<std::int64_t> gone) {
  if (gone.empty()) co_return std::uint64_t{0};
  const auto& guard = mapping_.rules.guard;
  auto already = co_await parts_.store.removals_since(id_, parts_.clock.now() - guard.window);
  if (!already) co_return already.error();
  // A record that never became a person removes nobody.
  std::uint64_t people = 0;
  for (const auto number : gone) people += index_.at(*index_.find(number)).imported ? 1 : 0;
  const RemovalAsk ask{.wanted = people, .already = *already, .present_at_begin = index_.people() + *already};
  if (guard_trips(ask, guard)) co_return people;

  for (std::size_t from = 0; from < gone.size(); from += chunk) {
    const auto until = std::min(from + chunk, gone.size());
    DirectoryCommit commit;
    commit.integration = id_;
    commit.badge = badge_;
    commit.run = run.id;
    commit.on_removed = mapping_.rules.on_removed;
    commit.gone.assign(gone.begin() + static_cast<std::ptrdiff_t>(from),
                       gone.begin() + static_cast<std::ptrdiff_t>(until));
    const auto noted = commit.gone;
    auto counts = co_await parts_.store.apply(std::move(commit));
    if (!counts) co_return counts.error();
    run.counts += *counts;
    index_.note_gone(noted);
    parts_.news();
  }
  co_return std::uint64_t{0};
}

Task<Result<PassReport>> DirectorySync::finish(PassReport report, std::string outcome) {
  auto& run = report.run;
  run.phase = "done";
  run.outcome = std::move(outcome);
  run.finished = parts_.clock.now();
  const bool quiet = run.trigger == Trigger::continuous && !run.counts.anything();
  if (!quiet) {
    auto saved = co_await parts_.store.save_run(run, true);
    if (!saved) co_return within("save the run", saved.error());
    parts_.news();
  }
  if (last_mapping_ != mapping_.seed) {
    auto saved = co_await parts_.store.save_mapping(id_, mapping_.seed);
    if (!saved) co_return within("keep the mapping", saved.error());
    last_mapping_ = mapping_.seed;
  }
  last_complete_ = run;
  co_return report;
}

}  // namespace gatehouse
