#include "daemon/app/roster_snapshot.hpp"

#include <utility>

namespace gatehouse {

void RosterSnapshot::discard() {
  id_.clear();
  taken_.clear();
  so_far_ = {};
  std::unordered_set<std::int64_t>().swap(people_);
  std::unordered_set<std::string>().swap(visits_);
}

bool RosterSnapshot::has(const RosterArgs& batch, std::uint64_t content) const {
  return continues(batch) && batch.batch < taken_.size() && taken_[batch.batch] == content;
}

Result<std::optional<WholeRoster>> RosterSnapshot::add(RosterArgs batch, std::uint64_t content) {
  if (has(batch, content)) return std::optional<WholeRoster>();
  if (batch.batch == 0) discard();
  if (batch.batch != taken_.size()) {
    return Error{Errc::refused, "snapshot_gap: batch " + std::to_string(batch.batch) + " came where batch " +
                                    std::to_string(taken_.size()) +
                                    " was due: send that one, or begin again"};
  }
  const auto end = batch.end;
  auto taken = take(batch);
  if (!taken) {
    discard();
    return taken.error();
  }
  taken_.push_back(content);
  if (!end) return std::optional<WholeRoster>();
  if (*end != people_.size()) {
    Error wrong{Errc::refused, "snapshot_count: the end says " + std::to_string(*end) + " people, and " +
                                   std::to_string(people_.size()) + " came: send the snapshot again"};
    discard();
    return wrong;
  }
  std::optional<WholeRoster> whole(std::exchange(so_far_, {}));
  discard();
  return whole;
}

Result<void> RosterSnapshot::take(RosterArgs& batch) {
  if (!taken_.empty() && batch.to != so_far_.to)
    return Error{Errc::invalid, "bad_args: \"to\" is another than that of the first batch"};
  if (people_.size() + batch.people.size() > most_people ||
      visits_.size() + batch.visits.size() > most_visits) {
    return Error{Errc::refused,
                 "snapshot_too_large: at most " + std::to_string(most_people) + " people and as many visits"};
  }
  id_ = batch.snapshot;
  so_far_.to = batch.to;
  for (const auto& person : batch.people) {
    auto record = roster_record(person);
    if (!people_.insert(record.number).second)
      return Error{Errc::invalid, "bad_args: somebody is in two batches of the snapshot"};
    so_far_.people.put(record);
  }
  for (auto& visit : batch.visits) {
    if (!visits_.insert(visit.visit.id).second)
      return Error{Errc::invalid, "bad_args: a visit is in two batches of the snapshot"};
    so_far_.visits.push_back(std::move(visit));
  }
  return {};
}

}  // namespace gatehouse
