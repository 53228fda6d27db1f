#include "daemon/app/directory_pass.hpp"

namespace gatehouse {

void Snapshot::take(SourceRecord&& record) {
  if (const auto at = index_.find(record.number)) {
    seen_[*at] = true;
    ++known_;
    const auto& before = index_.at(*at);
    const bool settled = before.present && !before.unsettled && before.skip != SkipReason::guard_withheld;
    if (!full_ && settled && before.fingerprint == fingerprint(record, mapping_.seed)) return;
    if (before.imported && before.keys.name != 0 &&
        before.keys.name != map_record(record, mapping_).fate.keys.name)
      ++renamed_;
  }
  changed_.put(record);
}

bool Snapshot::strangers() const {
  constexpr std::size_t enough = 20;
  if (index_.present() < enough) return false;
  return known_ == 0 || renamed_ * 2 > known_;
}

FateQueue::FateQueue(const DirectorySync::Passing& pass, Which which) : pass_(pass), which_(which) {
  const auto& verdicts = pass.evaluation.verdicts;
  std::vector<std::uint32_t> last;
  for (std::uint32_t i = 0; i < verdicts.size(); ++i) {
    const auto& verdict = verdicts[i];
    if (which == Which::leaving ? !verdict.leaves : verdict.leaves) continue;
    const bool rests_on_another =
        verdict.link >= 0 && pass.evaluation.links[static_cast<std::size_t>(verdict.link)].person.value().empty();
    (rests_on_another ? last : order_).push_back(i);
  }
  order_.insert(order_.end(), last.begin(), last.end());
}

std::vector<RecordFate> FateQueue::next() {
  std::vector<RecordFate> fates;
  while (fates.size() < commit_size && done_ < order_.size()) {
    auto fate =
        fate_of(*pass_.evidence, pass_.evaluation, pass_.evaluation.verdicts[order_[done_++]]);
    const bool wanted = which_ == Which::clean ? fate.facts.has_value()
                        : which_ == Which::skips ? !fate.facts.has_value()
                                                 : true;
    if (wanted) fates.push_back(std::move(fate));
  }
  return fates;
}

}  // namespace gatehouse
