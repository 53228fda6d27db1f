#include "daemon/app/directory_pass.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "daemon/app/cancelled.hpp"
#include "daemon/app/on_worker.hpp"

namespace gatehouse {
bool waits_for_others(std::optional<SkipReason> skip) {
  if (!skip) return false;
  switch (*skip) {
    case SkipReason::missing_required_field:
    case SkipReason::invalid_email:
    case SkipReason::multiple_groups:
    case SkipReason::duplicate_pending:
    case SkipReason::ambiguous_match:
    case SkipReason::no_matching_record:
    case SkipReason::guard_withheld:
    case SkipReason::identity_changed:
    case SkipReason::operator_skip:  // until it is taken back
    case SkipReason::decoupled:  // the record may be nobody's yet, and its person be coupled again any time
      return true;
    default:
      return false;
  }
}

bool Snapshot::is_erased(const SourceRecord& record) const {
  if (!tombstones_ || tombstones_->empty()) return false;
  if (tombstones_->covers(record_mark(integration_, external_id_text(record.number, record.external_id))))
    return true;
  const auto marks = identity_marks(map_record(record, mapping_).facts, *mapping_.fold);
  return std::ranges::any_of(marks, [&](const std::string& mark) { return tombstones_->covers(mark); });
}

void Snapshot::take(SourceRecord&& record) {
  bool imported = false;
  bool known_erased = false;
  if (const auto at = index_.find(record.number)) {
    seen_[*at] = true;
    const auto& before = index_.at(*at);
    const bool ours = before.present && before.imported;
    met_.records_back += before.present ? 1 : 0;
    met_.people_back += ours ? 1 : 0;
    const bool settled = before.present && !before.unsettled && !waits_for_others(before.skip);
    if (!full_ && settled && before.fingerprint == fingerprint(record, mapping_.seed)) return;
    imported = before.imported;
    known_erased = before.present && before.skip == SkipReason::erased;
    if (ours && before.keys.name != 0) {
      const auto keys = map_record(record, mapping_).fate.keys;
      const bool renamed = before.keys.name != keys.name;
      met_.people_renamed += renamed ? 1 : 0;
      met_.people_changed += renamed && before.keys.email != keys.email ? 1 : 0;
    }
  }
  // Whoever has a person here was not erased, or no longer as that person.
  if (imported || !is_erased(record))
    changed_.put(record);
  else if (!known_erased)
    erased_.push_back({.number = record.number, .external_id = std::move(record.external_id)});
}

void Snapshot::see_all_but(const std::vector<std::int64_t>& absent) {
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    const auto& known = index_.at(i);
    seen_[i] = seen_[i] || (known.present && !std::ranges::binary_search(absent, known.number));
  }
}

FateQueue::FateQueue(const DirectorySync::Passing& pass, Which which) : pass_(pass), which_(which) {
  const auto& verdicts = pass.evaluation.verdicts;
  std::multimap<std::int64_t, std::uint32_t> resting;  // by the record that they rest on
  std::vector<std::uint32_t> plain;
  for (std::uint32_t i = 0; i < verdicts.size(); ++i) {
    const auto& verdict = verdicts[i];
    if (which == Which::leaving ? !verdict.leaves : verdict.leaves) continue;
    const auto* link =
        verdict.link < 0 ? nullptr : &pass.evaluation.links[static_cast<std::size_t>(verdict.link)];
    if (link != nullptr && link->person.value().empty() && link->other_record)
      resting.emplace(*link->other_record, i);
    else
      plain.push_back(i);
  }
  if (resting.empty()) {
    order_ = std::move(plain);
    return;
  }
  for (const auto i : plain) {
    order_.push_back(i);
    const auto [first, last] = resting.equal_range(pass.snapshot.changed().at(verdicts[i].place).number);
    for (auto at = first; at != last; ++at) {
      together_.insert(at->second);
      order_.push_back(at->second);
    }
    resting.erase(first, last);
  }
  for (const auto& [record, i] : resting) order_.push_back(i);  // on one that was there before
}

std::size_t FateQueue::erased() const {
  const bool wanted = which_ == Which::changes || which_ == Which::skips;
  return wanted ? pass_.snapshot.erased().size() : 0;
}

Task<std::vector<RecordFate>> FateQueue::next(boost::asio::any_io_executor worker) {
  co_await leave_if_cancelled();  // a pass over everybody goes on for seconds
  std::vector<RecordFate> fates;
  if (done() == size()) co_return fates;
  const std::function<void()> work = [&] { fates = portion(); };
  co_await on_worker(std::move(worker), work);
  co_return fates;
}

std::vector<RecordFate> FateQueue::portion() {
  std::vector<RecordFate> fates;
  fates.reserve(std::min(commit_size, size() - done()));
  while (done_ < order_.size() && (fates.size() < commit_size || together_.contains(order_[done_]))) {
    auto fate = fate_of(*pass_.evidence, pass_.evaluation, pass_.evaluation.verdicts[order_[done_++]]);
    const bool wanted = which_ == Which::clean   ? fate.facts.has_value()
                        : which_ == Which::skips ? !fate.facts.has_value()
                                                 : true;
    if (wanted) fates.push_back(std::move(fate));
  }
  for (; erased_done_ < erased() && fates.size() < commit_size; ++erased_done_) {
    const auto& record = pass_.snapshot.erased()[erased_done_];
    fates.push_back(erased_fate(record.number, record.external_id));
  }
  return fates;
}

}  // namespace gatehouse
