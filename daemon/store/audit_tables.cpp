#include "daemon/store/audit_tables.hpp"

#include <algorithm>
#include <utility>

#include "daemon/store/fault.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t salt_size = 16;

struct Link {
  std::int64_t number = 0;
  std::int64_t at = 0;
  std::string actor, action, target, outcome;
};

std::string digest_of(Digest& digest, std::string_view salt, std::string_view detail,
                      std::string_view person) {
  return digest.add(salt).add(detail).add(person).take();
}

std::string hash_of(Digest& digest, std::string_view before, const Link& row, std::string_view detail) {
  digest.add(before).add(row.number).add(row.at).add(row.actor).add(row.action);
  return digest.add(row.target).add(row.outcome).add(detail).take();
}

void broken(AuditProof& proof, std::int64_t number, std::string why) {
  proof.finding.first_broken = number;
  proof.finding.why = "row " + std::to_string(number) + ' ' + std::move(why);
  proof.done = true;
}

}  // namespace

AuditTables::Ends AuditTables::ends() {
  Statement row = db_.use("SELECT head, head_hash, pruned, pruned_hash FROM audit_ends");  // one row
  if (!row.step()) throw StoreFault({Errc::storage, "the store's file is damaged: the audit has no head"});
  return {row.integer(0), row.bytes(1), row.integer(2), row.bytes(3)};
}

void AuditTables::add(const AuditEntry& entry) {
  const Ends before = ends();
  const Link link{before.head + 1, to_ms(clock_.now()), entry.actor,
                  entry.action,    entry.target,        entry.outcome};
  const std::string salt = random_bytes(salt_size);
  std::optional<std::string> person;
  if (entry.person) person = entry.person->value();
  const std::string digest = digest_of(digest_, salt, entry.detail, person.value_or(""));
  const std::string hash = hash_of(digest_, before.head_hash, link, digest);
  db_.use(
         "INSERT INTO audit (number, at, actor, action, target, outcome, detail, person, salt, digest, hash)"
         " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(link.number, link.at, link.actor, link.action, link.target, link.outcome, entry.detail, person)
      .bind(Blob{salt}, Blob{digest}, Blob{hash})
      .run();
  db_.use("UPDATE audit_ends SET head = ?, head_hash = ?").bind(link.number, Blob{hash}).run();
}

void AuditTables::add(const std::vector<AuditEntry>& entries) {
  for (const auto& entry : entries) add(entry);
}

std::vector<AuditRow> AuditTables::rows(std::int64_t before, std::size_t at_most) {
  std::vector<AuditRow> found;
  Statement row = db_.use(
      "SELECT number, at, actor, action, target, outcome, detail, person, hash FROM audit"
      " WHERE number < ? ORDER BY number DESC LIMIT ?");
  row.bind(before > 0 ? before : INT64_MAX, std::min<std::size_t>(at_most, INT64_MAX));
  while (row.step()) {
    AuditRow made;
    made.number = row.integer(0);
    made.at = from_ms(row.integer(1));
    made.entry = {.actor = row.text(2),
                  .action = row.text(3),
                  .target = row.text(4),
                  .outcome = row.text(5),
                  .detail = row.text(6),
                  .person = std::nullopt};
    if (auto person = row.maybe_text(7)) made.entry.person = PersonId(std::move(*person));
    made.erased = row.is_null(6);
    made.hash = named_digest(row.bytes(8));
    found.push_back(std::move(made));
  }
  return found;
}

AuditHead AuditTables::head() {
  const Ends now = ends();
  return {.number = now.head, .hash = now.head == 0 ? std::string() : named_digest(now.head_hash)};
}

void AuditTables::verify(AuditProof& proof, std::size_t at_most) {
  const Ends ends = this->ends();
  if (!proof.begun || proof.last < ends.pruned) {  // pruned meanwhile: what is left goes on from there
    proof.begun = true;
    proof.last = ends.pruned;
    proof.hash = ends.pruned_hash;
  }
  proof.finding.head = head();
  Statement row = db_.use(
      "SELECT number, at, actor, action, target, outcome, detail, person, salt, digest, hash FROM audit"
      " WHERE number > ? ORDER BY number LIMIT ?");
  row.bind(proof.last, at_most);
  std::size_t looked_at = 0;
  while (row.step()) {
    ++looked_at;
    ++proof.finding.rows;
    const std::int64_t expected = proof.last + 1;
    const Link link{row.integer(0), row.integer(1), row.text(2), row.text(3), row.text(4), row.text(5)};
    if (link.number != expected) return broken(proof, expected, "is missing");
    const std::string digest = row.bytes(9);
    const bool erased = row.is_null(8);
    if (erased ? !row.is_null(6) || !row.is_null(7)
               : digest_of(digest_, row.bytes(8), row.text(6), row.text(7)) != digest) {
      return broken(proof, expected, "has another detail or person than was written");
    }
    if (hash_of(digest_, proof.hash, link, digest) != row.bytes(10)) {
      return broken(proof, expected, "does not fit to the row before it: one of the two was changed");
    }
    proof.last = expected;
    proof.hash = row.bytes(10);
  }
  if (looked_at == at_most && at_most != 0) return;
  proof.done = true;
  if (proof.last < ends.head) return broken(proof, proof.last + 1, "is missing, and all behind it");
  if (proof.last > ends.head) return broken(proof, ends.head + 1, "stands behind the newest row");
  if (proof.hash != ends.head_hash) return broken(proof, ends.head, "is not the newest row that was written");
}

std::size_t AuditTables::erase(const PersonId& person) {
  return static_cast<std::size_t>(
      db_.use("UPDATE audit SET detail = NULL, person = NULL, salt = NULL WHERE person = ?")
          .bind(person.value())
          .run());
}

std::size_t AuditTables::prunable(Instant before, std::size_t at_most) {
  std::size_t count = 0;
  Statement row = db_.use("SELECT at FROM audit ORDER BY number LIMIT ?");
  row.bind(at_most);
  while (row.step() && from_ms(row.integer(0)) < before) ++count;
  return count;
}

void AuditTables::prune(std::size_t rows) {
  if (rows == 0) return;
  std::int64_t last = 0;
  std::string hash;
  {
    Statement row = db_.use("SELECT number, hash FROM audit ORDER BY number LIMIT 1 OFFSET ?");
    if (!row.bind(rows - 1).step()) return;
    last = row.integer(0);
    hash = row.bytes(1);
  }
  db_.use("DELETE FROM audit WHERE number <= ?").bind(last).run();
  db_.use("UPDATE audit_ends SET pruned = ?, pruned_hash = ?").bind(last, Blob{hash}).run();
}

}  // namespace gatehouse
