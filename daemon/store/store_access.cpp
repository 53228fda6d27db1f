// The ports about decisions, commands, audit, the roster and what administrators say.
#include <algorithm>
#include <utility>

#include "daemon/store/store_inside.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t decisions_at_most = 500;
constexpr std::size_t audit_rows_at_most = 1000;
/// Between two portions of a proof others have their turn.
constexpr std::size_t proof_portion = 2000;

}  // namespace

void Store::tell_changes(KnowledgeListener& listener) {
  inside_->tell_changes(listener);
}

Task<Result<std::vector<PersonEntry>>> Store::known_people(PersonId after) {
  return inside_->ask([=](StoreFile& file) { return file.knowledge().page(after); });
}

Task<Result<AccessState>> Store::access_state() {
  return inside_->ask([](StoreFile& file) { return file.access().state(); });
}

Task<Result<void>> Store::save_proofs(std::vector<Proof> proofs) {
  return inside_->ask([proofs = std::move(proofs)](StoreFile& file) { file.save_proofs(proofs); });
}

Task<Result<void>> Store::set_door_mode(DoorId door, std::optional<DoorMode> mode, AuditEntry audit) {
  return inside_->ask([=](StoreFile& file) { file.set_door_mode(door, mode, audit); });
}

Task<Result<void>> Store::lower_floor(AuditEntry audit) {
  return inside_->ask([audit = std::move(audit)](StoreFile& file) { file.lower_floor(audit); });
}

Task<Result<void>> Store::begin_access(AccessBegin begin) {
  return inside_->ask_first([begin = std::move(begin)](StoreFile& file) { file.begin_access(begin); });
}

Task<Result<void>> Store::end_access(AccessEnd end) {
  return inside_->ask_first([end = std::move(end)](StoreFile& file) { file.end_access(end); });
}

Task<Result<std::vector<DoorIntent>>> Store::open_intents() {
  return inside_->ask([](StoreFile& file) { return file.access().intents(); });
}

Task<Result<DecisionRow>> Store::decision(std::string id) {
  return inside_->ask([id = std::move(id)](StoreFile& file) {
    auto found = file.decisions().load(id);
    if (!found) throw StoreFault({Errc::not_found, "there is no decision " + id});
    return std::move(*found);
  });
}

Task<Result<std::vector<DecisionRow>>> Store::decisions(Instant since, std::string after) {
  return inside_->ask(
      [=](StoreFile& file) { return file.decisions().since(since, after, decisions_at_most); });
}

Task<Result<std::size_t>> Store::prune_decisions(Instant before, std::size_t at_most) {
  return inside_->ask([=](StoreFile& file) { return file.prune_decisions(before, at_most); });
}

Task<Result<std::vector<TakenCommand>>> Store::taken_commands(Instant now) {
  return inside_->ask([=](StoreFile& file) { return file.commands().taken(now); });
}

Task<Result<std::map<std::string, std::int64_t>>> Store::command_floors() {
  return inside_->ask([](StoreFile& file) { return file.commands().floors(); });
}

Task<Result<std::size_t>> Store::prune_commands(Instant now, std::size_t at_most) {
  return inside_->ask([=](StoreFile& file) { return file.prune_commands(now, at_most); });
}

Task<Result<void>> Store::note(std::vector<AuditEntry> entries, std::vector<Message> messages) {
  return inside_->ask([entries = std::move(entries), messages = std::move(messages)](StoreFile& file) {
    file.note(entries, messages);
  });
}

Task<Result<std::vector<AuditRow>>> Store::audit_rows(std::int64_t before, std::size_t at_most) {
  return inside_->ask(
      [=](StoreFile& file) { return file.audit().rows(before, std::min(at_most, audit_rows_at_most)); });
}

Task<Result<AuditHead>> Store::audit_head() {
  return inside_->ask([](StoreFile& file) { return file.audit().head(); });
}

Task<Result<AuditFinding>> Store::verify_audit() {
  AuditProof proof;
  while (!proof.done) {
    auto portion = inside_->ask([proof](StoreFile& file) {
      AuditProof further = proof;
      file.audit().verify(further, proof_portion);
      return further;
    });
    Result<AuditProof> further = co_await std::move(portion);
    if (!further) co_return further.error();
    proof = std::move(*further);
  }
  co_return proof.finding;
}

Task<Result<std::size_t>> Store::prune_audit(Instant before, std::size_t at_most) {
  return inside_->ask([=](StoreFile& file) { return file.prune_audit(before, at_most); });
}

Task<Result<RosterState>> Store::roster_state() {
  return inside_->ask([](StoreFile& file) { return file.roster().state(); });
}

Task<Result<DirectoryReport>> Store::apply_roster(RosterCommit commit) {
  return inside_->ask([commit = std::move(commit)](StoreFile& file) { return file.apply_roster(commit); });
}

Task<Result<Person>> Store::set_person(PersonWord word) {
  return inside_->ask([word = std::move(word)](StoreFile& file) { return file.set_person(word); });
}

Task<Result<Person>> Store::person(PersonId id) {
  return inside_->ask([=](StoreFile& file) { return file.people().find(id); });
}

Task<Result<void>> Store::invited(PersonId person, bool ok) {
  return inside_->ask([=](StoreFile& file) { file.invited(person, ok); });
}

Task<Result<ToldInvitations>> Store::tell_invitable() {
  return inside_->ask([](StoreFile& file) { return file.tell_invitable(std::nullopt); });
}

Task<Result<ToldInvitations>> Store::tell_invitable_again(PersonId after) {
  return inside_->ask([=](StoreFile& file) { return file.tell_invitable(after); });
}

}  // namespace gatehouse
