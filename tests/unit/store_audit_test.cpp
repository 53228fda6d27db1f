#include "daemon/store/audit_tables.hpp"
#include "daemon/store/fault.hpp"
#include "daemon/store/migrations.hpp"
#include "tests/unit/store_access.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

/// The tables alone, on a file that can be tampered with.
struct Book {
  StoreDirectory directory;
  SetClock clock;
  Database db{directory.path / "audit.db"};
  std::optional<AuditTables> made;

  Book() {
    migrate(db, directory.path / "audit.db", shipped_migrations());
    made.emplace(db, clock);
  }
  AuditTables& audit() { return *made; }

  void write(int rows) {
    for (int i = 0; i < rows; ++i) {
      clock.ms += 1000;
      AuditEntry entry = audit_entry("door.open", R"({"name":"Ada"})");
      if (i % 2 == 0) entry.person = PersonId("P" + std::to_string(i));
      audit().add(entry);
    }
  }
  AuditFinding verify(std::size_t portion = 3) {
    AuditProof proof;
    while (!proof.done) audit().verify(proof, portion);
    return proof.finding;
  }
};

}  // namespace

TEST_CASE("The audit tells what was written, newest first", "[store][audit]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  CHECK(get(store->audit_head()) == AuditHead{});
  CHECK(get(store->verify_audit()).rows == 0);
  AuditEntry about = audit_entry("decision", R"({"name":"Ada"})");
  about.person = PersonId("P1");
  get(store->note({about}, {reply("r")}));
  get(store->note({audit_entry("config.reload"), audit_entry("plan.apply")}, {}));
  get(store->note({}, {}));
  store.reset();
  store = open_store(directory.path, clock);

  const auto rows = get(store->audit_rows(0, 10));
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].number == 3);
  CHECK(rows[0].entry == audit_entry("plan.apply"));
  CHECK(rows[2].entry == about);
  CHECK(rows[2].at == clock.now());
  CHECK_FALSE(rows[2].erased);
  CHECK(rows[0].hash.starts_with("sha256:"));
  CHECK(rows[0].hash.size() == 7 + 64);
  CHECK(get(store->audit_rows(3, 1)).front().number == 2);
  CHECK(get(store->audit_head()) == AuditHead{3, rows[0].hash});
  CHECK(waiting(*store, Lane::access).size() == 1);
  const auto finding = get(store->verify_audit());
  CHECK(finding.rows == 3);
  CHECK_FALSE(finding.first_broken);
  CHECK(finding.head == get(store->audit_head()));
}

TEST_CASE("S8: whatever is changed, taken out, cut off or put in is found at its row", "[store][audit]") {
  const auto [change, row] = GENERATE(table<std::string, std::int64_t>({
      {"UPDATE audit SET actor = 'nobody' WHERE number = 4", 4},
      {"UPDATE audit SET action = 'decision' WHERE number = 4", 4},
      {"UPDATE audit SET target = '' WHERE number = 1", 1},
      {"UPDATE audit SET outcome = 'deny' WHERE number = 10", 10},
      {"UPDATE audit SET at = at + 1 WHERE number = 4", 4},
      // A boundary between two fields that moves is a change.
      {"UPDATE audit SET actor = 'lan receptiond', action = 'oor.open' WHERE number = 6", 6},
      {"UPDATE audit SET detail = '{}' WHERE number = 4", 4},
      {"UPDATE audit SET detail = NULL WHERE number = 4", 4},
      {"UPDATE audit SET detail = NULL, salt = NULL WHERE number = 3", 3},
      {"UPDATE audit SET person = 'P9' WHERE number = 3", 3},
      {"UPDATE audit SET person = NULL WHERE number = 3", 3},
      {"UPDATE audit SET salt = randomblob(16) WHERE number = 3", 3},
      {"UPDATE audit SET digest = randomblob(32) WHERE number = 3", 3},
      {"UPDATE audit SET hash = randomblob(32) WHERE number = 3", 3},
      {"UPDATE audit SET number = 11 WHERE number = 10", 10},
      {"DELETE FROM audit WHERE number = 5", 5},
      {"DELETE FROM audit WHERE number = 1", 1},
      {"DELETE FROM audit WHERE number = 10", 10},
      {"DELETE FROM audit WHERE number > 7", 8},
      {"DELETE FROM audit", 1},
      {"INSERT INTO audit SELECT 11, at, actor, action, target, outcome, detail, person, salt, digest, hash"
       " FROM audit WHERE number = 10",
       11},
      {"UPDATE audit SET number = 99 WHERE number = 4; UPDATE audit SET number = 4 WHERE number = 5;"
       "UPDATE audit SET number = 5 WHERE number = 99",
       4},
  }));
  DYNAMIC_SECTION(change) {
    Book book;
    book.write(10);
    REQUIRE_FALSE(book.verify().first_broken);
    book.db.script(change);
    const auto finding = book.verify();
    CHECK(finding.first_broken == row);
    CHECK(finding.why.find("row " + std::to_string(row)) == 0);
  }
}

TEST_CASE("A row that was made to fit is found by the one behind it", "[store][audit]") {
  Book book;
  book.write(5);
  // Whoever can reckon hashes changes row 3 with its own; row 4 tells.
  book.db.script("UPDATE audit SET (outcome, hash) = ('deny', randomblob(32)) WHERE number = 3");
  CHECK(book.verify().first_broken == 3);
}

TEST_CASE("An erasure takes away what stands of a person and leaves the chain whole", "[store][audit]") {
  Book book;
  book.write(6);
  const auto head = book.audit().head();
  CHECK(book.audit().erase(PersonId("P2")) == 1);
  CHECK(book.audit().erase(PersonId("P2")) == 0);
  CHECK_FALSE(book.verify().first_broken);
  CHECK(book.audit().head() == head);
  const auto rows = book.audit().rows(0, 10);
  const AuditRow& erased = rows[3];
  CHECK(erased.number == 3);
  CHECK(erased.erased);
  CHECK(erased.entry.detail.empty());
  CHECK_FALSE(erased.entry.person);
  CHECK(erased.entry.action == "door.open");
  Statement left = book.db.use("SELECT COUNT(*) FROM audit WHERE number = 3 AND salt IS NULL");
  REQUIRE(left.step());
  CHECK(left.integer(0) == 1);
  book.write(1);
  CHECK_FALSE(book.verify().first_broken);
}

TEST_CASE("Two rows that say the same have digests that do not show it", "[store][audit]") {
  Book book;
  book.audit().add(audit_entry("decision", R"({"name":"Ada"})"));
  book.audit().add(audit_entry("decision", R"({"name":"Ada"})"));
  Statement digests = book.db.use("SELECT COUNT(DISTINCT digest), COUNT(DISTINCT salt) FROM audit");
  REQUIRE(digests.step());
  CHECK(digests.integer(0) == 2);
  CHECK(digests.integer(1) == 2);
}

TEST_CASE("What is pruned from the front leaves the anchor of the rest", "[store][audit]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  for (int i = 0; i < 10; ++i) {
    clock.ms += 1000;
    get(store->note({audit_entry("decision")}, {}));
  }
  const Instant after_six = clock.now() - Duration{3500};
  CHECK(get(store->prune_audit(after_six, 4)) == 4);
  CHECK(get(store->prune_audit(after_six, 4)) == 2);
  const auto log = log_size(directory.path);
  CHECK(get(store->prune_audit(after_six, 4)) == 0);
  CHECK(log_size(directory.path) == log);
  auto finding = get(store->verify_audit());
  CHECK(finding.rows == 4);
  CHECK_FALSE(finding.first_broken);
  CHECK(get(store->audit_rows(0, 100)).back().number == 7);

  SECTION("one more at the front that nobody pruned is found") {
    store.reset();
    {
      Database db(directory.path / "gatehouse.db");
      db.script("DELETE FROM audit WHERE number = 7");
    }
    store = open_store(directory.path, clock);
    CHECK(get(store->verify_audit()).first_broken == 7);
  }
  SECTION("all of it may go, and the numbers go on") {
    const auto head = get(store->audit_head());
    CHECK(get(store->prune_audit(clock.now() + Duration{1}, 100)) == 4);
    CHECK(get(store->audit_head()) == head);
    CHECK_FALSE(get(store->verify_audit()).first_broken);
    get(store->note({audit_entry("decision")}, {}));
    CHECK(get(store->audit_head()).number == 11);
    finding = get(store->verify_audit());
    CHECK(finding.rows == 1);
    CHECK_FALSE(finding.first_broken);
  }
}

TEST_CASE("A proof goes on over rows that come and go meanwhile", "[store][audit]") {
  Book book;
  book.write(9);
  AuditProof proof;
  book.audit().verify(proof, 3);
  CHECK_FALSE(proof.done);
  book.audit().prune(5);
  book.write(2);
  while (!proof.done) book.audit().verify(proof, 3);
  CHECK_FALSE(proof.finding.first_broken);
  CHECK(proof.finding.rows == 3 + 6);
  CHECK(proof.finding.head.number == 11);
}

TEST_CASE("A call that fails leaves no row in the audit", "[store][audit]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  Message nowhere = message(Lane::access, "x");
  nowhere.lane.reset();
  CHECK_FALSE(ask(store->note({audit_entry("decision")}, {nowhere})).ok());
  CHECK(get(store->audit_head()).number == 0);
  get(store->note({audit_entry("decision")}, {}));
  CHECK(get(store->audit_head()).number == 1);
  CHECK_FALSE(get(store->verify_audit()).first_broken);
}
