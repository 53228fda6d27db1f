// The writes of decisions, commands, the roster and administrators.
#include <algorithm>
#include <utility>

#include "daemon/store/store_file.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t invitations_at_most = 100;

}  // namespace

void StoreFile::begin_access(const AccessBegin& begin) {
  write(Weight::vital, {"store.access.begin.before", "store.access.begin.after"},
        [&] { access_.begin(begin); });
}

void StoreFile::end_access(const AccessEnd& end) {
  if (access_.has_ended(end)) return;
  write(Weight::vital, {"store.access.end.before", "store.access.end.after"}, [&] { access_.end(end); });
}

std::size_t StoreFile::prune_decisions(Instant before, std::size_t at_most) {
  if (!decisions_.any_before(before)) return 0;
  std::size_t removed = 0;
  write(Weight::vital, {"store.prune.before", "store.prune.after"},
        [&] { removed = decisions_.prune(before, at_most); });
  return removed;
}

std::size_t StoreFile::prune_commands(Instant now, std::size_t at_most) {
  if (!commands_.any_to_prune(now)) return 0;
  std::size_t removed = 0;
  write(Weight::vital, {"store.prune.before", "store.prune.after"},
        [&] { removed = commands_.prune(now, at_most); });
  return removed;
}

std::size_t StoreFile::prune_audit(Instant before, std::size_t at_most) {
  const std::size_t rows = audit_.prunable(before, at_most);
  if (rows == 0) return 0;
  write(Weight::vital, {"store.prune.before", "store.prune.after"}, [&] { audit_.prune(rows); });
  return rows;
}

void StoreFile::save_proofs(const std::vector<Proof>& proofs) {
  std::vector<Proof> news = proofs;
  std::erase_if(news, [&](const Proof& proof) { return state_.proved(proof.integration) == proof.at; });
  if (news.empty()) return;
  // Takes no room, and without it a restart would deny whoever is known well.
  write(Weight::vital, {"store.proofs.before", "store.proofs.after"}, [&] {
    for (const auto& proof : news) state_.save(proof);
  });
}

void StoreFile::set_door_mode(const DoorId& door, std::optional<DoorMode> mode, const AuditEntry& audit) {
  ordinary("store.door_mode", [&] {
    state_.set_mode(door, mode);
    audit_.add(audit);
  });
}

void StoreFile::lower_floor(const AuditEntry& audit) {
  const Instant before = std::exchange(committed_, Instant{});
  keep_after_.reset();
  try {
    ordinary("store.floor", [&] { audit_.add(audit); });  // and the floor, as with whatever is written
  } catch (...) {
    committed_ = before;
    throw;
  }
}

void StoreFile::note(const std::vector<AuditEntry>& entries, const std::vector<Message>& messages) {
  if (entries.empty() && messages.empty()) return;
  ordinary("store.audit", [&] {
    audit_.add(entries);
    for (const auto& message : messages) outbox_.append(message);
  });
}

DirectoryReport StoreFile::apply_roster(const RosterCommit& commit) {
  DirectoryReport report;
  ordinary("store.roster", [&] {
    if (commit.command) commands_.take(*commit.command);
    report = roster_.apply(commit);
    audit_.add(commit.audit);
    for (const auto& message : commit.messages) outbox_.append(message);
  });
  return report;
}

Person StoreFile::set_person(const PersonWord& word) {
  Person person = people_tables_.find(word.person);
  const auto changed = PeopleTables::changes(person, word);
  if (changed.empty() && !word.command && word.audit.empty()) return person;
  ordinary("store.person", [&] {
    if (word.command) commands_.take(*word.command);
    if (!changed.empty()) people_tables_.say(person, word, changed);
    audit_.add(word.audit);
  });
  return person;
}

void StoreFile::invited(const PersonId& person, bool ok) {
  people_tables_.find(person);
  if (!ok || people_tables_.is_invited(person)) return;
  ordinary("store.invited", [&] { people_tables_.invited(person); });
}

ToldInvitations StoreFile::tell_invitable(const std::optional<PersonId>& again_after) {
  const auto rows = people_tables_.invitable(again_after, invitations_at_most);
  if (rows.empty()) return {};
  ToldInvitations told{.told = 0, .last = rows.back().person};
  ordinary("store.invitable", [&] { told.told = people_tables_.tell_invitable(rows); });
  return told;
}

}  // namespace gatehouse
