// A person taken out of everything that is kept (features.md D-14): the facts stay, the person does not, not
// even in the bytes of the files, and kill -9 leaves all of it or nothing.
#include <set>

#include "daemon/store/sqlite.hpp"
#include "tests/unit/erasure_case.hpp"
#include "tests/unit/store_crash_child.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

TEST_CASE("D-14 An export has every row that is kept of a person, section by section", "[store][privacy]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  const Person person = make_known(*store, clock);
  for (const auto& section : personal_sections(Retention{})) {
    INFO(section.name);
    const auto rows = get(store->personal_rows(person.id, section.name, "")).rows;
    CHECK(rows.size() >= 1);
  }
  CHECK(page_text(*store, person.id, "person").find(email) != std::string::npos);
  CHECK(get(store->personal_rows(person.id, "events", "")).rows.size() == 25);
  CHECK(page_text(*store, person.id, "sources").find(R"("rule":"email")") != std::string::npos);
  CHECK(page_text(*store, person.id, "plans").find("PLAN-1") != std::string::npos);
  CHECK(ask(store->personal_rows(person.id, "nothing", "")).error().code == Errc::invalid);
  // Nobody else's.
  const Person other = the_person(*store, "net2-hq/102");
  CHECK(page_text(*store, other.id, "events").empty());
  CHECK(page_text(*store, other.id, "person").find(email) == std::string::npos);
}

TEST_CASE("D-14 A long section of an export comes page by page, and whole", "[store][privacy]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  get(store->apply(pass({canary(7)})));
  EventCommit seen = events(1, 2500);
  for (auto& item : seen.events) item.event.user = Net2UserId(7);
  get(store->commit_events(seen));
  const auto person = the_person(*store, "net2-hq/7").id;
  std::size_t rows = 0;
  std::string after;
  do {
    const auto page = get(store->personal_rows(person, "events", after));
    rows += page.rows.size();
    after = page.next;
  } while (!after.empty());
  CHECK(rows == 2500);
}

TEST_CASE("D-14 An erased person is in no table, and the facts are", "[store][privacy]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  const Person person = make_known(*store, clock);
  Hearer hearer;
  store->tell_changes(hearer);
  const auto report = get(store->erase_person(ask_for(person)));
  for (const auto& [table, rows] : report.counts) {
    INFO(table);
    CHECK(rows >= 1);
  }
  for (const auto& section : personal_sections(Retention{})) {
    INFO(section.name);
    const auto rows = get(store->personal_rows(person.id, section.name, "")).rows;
    // Of what waits for the cloud their id is left, which leads nowhere.
    if (std::string(section.name) != "outbox") CHECK(rows.empty());
    for (const auto& row : rows) {
      for (const auto& word : canaries) CHECK(row.find(word) == std::string::npos);
    }
  }
  CHECK(hearer.gone_people == std::vector{person.id});
  CHECK(ask(store->person(person.id)).error().code == Errc::not_found);

  const auto list = get(store->list_events(std::nullopt, std::nullopt, {}));
  CHECK(list.rows.size() == 50);
  for (const auto& row : list.rows) CHECK((!row.event.user || row.event.user->value() == 101));
  const auto decision = get(store->decision("D-erase"));
  CHECK(decision.decision.allow);
  CHECK_FALSE(decision.decision.person);
  CHECK(get(store->live_plans()).empty());
  const auto proof = get(store->verify_audit());
  CHECK_FALSE(proof.first_broken);
  const auto newest = get(store->audit_rows(0, 1)).front();
  CHECK(newest.entry.action == "people.erase");
  CHECK(newest.entry.target == person.id.value());
  for (const auto& issue : get(store->list_issues({})))
    CHECK(issue.others == std::vector<std::string>{"102"});
}

TEST_CASE("D-14 The cloud is told by person.removed, and what was not sent yet is named by a gap",
          "[store][privacy]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  const Person person = make_known(*store, clock);
  const auto before = waiting(*store, Lane::people);
  get(store->erase_person(ask_for(person)));
  const auto after = waiting(*store, Lane::people);
  REQUIRE_FALSE(after.empty());
  CHECK(member(after.back().payload, "type") == "gatehouse.person.removed.v1");
  CHECK(member(after.back().payload, "reason") == "erased");
  CHECK(after.back().payload.find(R"("external_id":"7")") != std::string::npos);
  for (const auto& row : after) CHECK(row.payload.find(email) == std::string::npos);
  // Each number is there or in a gap.
  std::set<std::uint64_t> known;
  for (const auto& row : after) known.insert(row.sequence);
  for (const auto& [from, to] : gaps_of(*store, Lane::people)) {
    for (auto sequence = from; sequence <= to; ++sequence) known.insert(sequence);
  }
  CHECK(known.size() == *known.rbegin());
  CHECK(*known.rbegin() == before.back().sequence + 1);
  CHECK(get(store->list_dead_letters(std::nullopt, {})).rows.empty());
  const auto report = get(store->outbox_report());
  CHECK(report.pending[index_of(Lane::people)] == after.size());
}

TEST_CASE("D-14 S4 No byte of an erased person is left in the store's files", "[store][privacy]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  const Person person = make_known(*store, clock);
  make_old_copy(directory.path);
  REQUIRE(canaries_in(directory.path).size() >= canaries.size());
  get(store->erase_person(ask_for(person)));
  CHECK(get(store->rewrite_due()));
  const auto copies = get(store->rewrite_store());
  CHECK(copies == std::vector{(directory.path / "gatehouse.db.before-v6").string(),
                              (directory.path / "quarantine").string()});
  CHECK_FALSE(get(store->rewrite_due()));
  CHECK(canaries_in(directory.path) == std::vector<std::string>{});
  // It goes on as before.
  get(store->apply(pass({fate(500, "Fresh", 500)})));
  store.reset();
  store = open_store(directory.path, clock);
  CHECK(the_person(*store, "net2-hq/500").facts.last_name == "Fresh");
  CHECK(the_person(*store, "net2-hq/101").facts.last_name == "Other101");
  CHECK(canaries_in(directory.path) == std::vector<std::string>{});
  CHECK_FALSE(get(store->verify_audit()).first_broken);
}

TEST_CASE("D-14 The end of the daemon does not wait for the rewriting: the next start does it",
          "[store][privacy]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  const Person person = make_known(*store, clock);
  get(store->commit_events(events(51, 20'000)));
  get(store->erase_person(ask_for(person)));
  store->hurry();
  CHECK_FALSE(ask(store->rewrite_store()).ok());
  CHECK(get(store->rewrite_due()));
  store.reset();
  store = open_store(directory.path, clock);
  CHECK(get(store->list_events(std::nullopt, std::nullopt, {})).rows.size() == 500);
  get(store->rewrite_store());
  CHECK_FALSE(get(store->rewrite_due()));
  CHECK(canaries_in(directory.path) == std::vector<std::string>{});
}

TEST_CASE("D-14 What comes in flight of somebody who was erased stays out and leaves no name",
          "[store][privacy]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  const Person person = make_known(*store, clock);
  get(store->erase_person(ask_for(person)));
  get(store->rewrite_store());
  settle_all(*store);

  // A pass that had read them before.
  const auto report = get(store->apply(pass({canary(7)})));
  REQUIRE(report.records.size() == 1);
  CHECK(report.records[0].skip == SkipReason::erased);
  CHECK_FALSE(report.records[0].imported);
  CHECK(told(*store) == std::vector<std::string>{"gatehouse.activity.v1 skipped"});
  CHECK(get(store->preview(pass({canary(7)}))).empty());
  get(store->apply(pass({canary(7)})));
  CHECK(told(*store).size() == 1);
  // A visit, a sign-in whose decision was made before, and its end.
  RosterCommit roster;
  roster.directory = roster_pass({});
  roster.visits = {visit_of("c-7", "V8")};
  roster.cursor = "c2";
  get(store->apply_roster(roster));
  CHECK(page_text(*store, person.id, "visits").empty());
  AccessBegin begin = begin_of("D-late");
  begin.decision->person = person.id;
  begin.presence->person = person.id;
  get(store->begin_access(begin));
  AccessEnd end = end_of(begin);
  get(store->end_access(end));
  CHECK_FALSE(get(store->decision("D-late")).decision.person);
  CHECK(get(store->access_state()).present.empty());
  CHECK(canaries_in(directory.path) == std::vector<std::string>{});
}

TEST_CASE("D-14 The same name and e-mail stay out under any number, a namesake does not",
          "[store][privacy]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  const Person person = make_known(*store, clock);
  CHECK(get(store->tombstones())->empty());
  get(store->erase_person(ask_for(person)));
  const auto tombstones = get(store->tombstones());
  const auto covered = [&](const PersonFacts& facts) {
    return std::ranges::any_of(identity_marks(facts, fold),
                               [&](const std::string& mark) { return tombstones->covers(mark); });
  };
  PersonFacts same = person.facts;
  same.first_name = "ZYXWANA";
  same.email = "Zyx.Kanarie@EXAMPLE.com";
  same.phone.clear();
  CHECK(covered(same));
  same.email = "another@example.com";
  CHECK_FALSE(covered(same));
  same.phone = "07700 900123";
  CHECK(covered(same));
  same.last_name = "Kanarie";
  CHECK_FALSE(covered(same));
  CHECK(tombstones->covers(record_mark(hq, "7")));
  CHECK_FALSE(tombstones->covers(record_mark(hq, "8")));
  CHECK_FALSE(tombstones->covers(record_mark(feed, "7")));
  // Another store has another key: its digests say nothing here.
  StoreDirectory elsewhere;
  auto other = open_store(elsewhere.path, clock);
  const Person there = make_known(*other, clock);
  get(other->erase_person(ask_for(there)));
  store.reset();
  other.reset();
  const auto digests = [](const std::filesystem::path& path) {
    Database db(path / "gatehouse.db");
    std::set<std::string> found;
    Statement row = db.use("SELECT digest FROM tombstone ORDER BY digest");
    while (row.step()) found.insert(row.bytes(0));
    return found;
  };
  const auto here = digests(directory.path);
  CHECK(here.size() == 5);  // the person, two records, name with e-mail, name with phone
  for (const auto& digest : digests(elsewhere.path)) CHECK_FALSE(here.contains(digest));
}

TEST_CASE("D-14 Nobody is erased by a guess or in the middle of a plan", "[store][privacy]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  const Person person = make_known(*store, clock);
  auto stale = ask_for(person);
  stale.person.facts.first_name = "Another";
  CHECK(ask(store->erase_person(stale)).error().code == Errc::busy);
  get(store->set_plan_state(PlanId("PLAN-1"), PlanState::applying));
  const auto refused = ask(store->erase_person(ask_for(person)));
  CHECK(refused.error().code == Errc::refused);
  CHECK(refused.error().detail.find("being applied") != std::string::npos);
  CHECK(get(store->person(person.id)) == person);
  CHECK_FALSE(get(store->rewrite_due()));
}

TEST_CASE(
    "D-14 The verb names whoever else says the same of themselves, and takes no shared e-mail for a name",
    "[store][privacy]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  get(store->apply(pass({canary(7), fate(9, "Else", 9)})));
  get(store->apply(feed_pass({canary(record_number("f-1"), "f-1")})));
  const Person net2 = the_person(*store, "net2-hq/7");
  const Person fed = the_person(*store, "hr/f-1");
  boost::asio::io_context io;
  RecordingLog log;
  int known_anew = 0;
  int news = 0;
  PrivacyDesk desk({.executor = io.get_executor(),
                    .store = *store,
                    .queries = *store,
                    .fold = fold,
                    .clock = clock,
                    .log = log,
                    .retention = [] { return Retention{}; },
                    .news = [&] { ++news; },
                    .know_anew = [&] { ++known_anew; }});
  CHECK(ask(desk.erase_person(std::string(email), "uid 0")).error().code == Errc::refused);
  CHECK(ask(desk.erase_person("net2-hq/8", "uid 0")).error().code == Errc::not_found);
  CHECK(known_anew == 0);
  const auto exported = get(desk.export_person("net2-hq/7"));
  CHECK(exported.starts_with(R"({"id":")" + net2.id.value()));
  CHECK(exported.find(fed.id.value()) == std::string::npos);
  const auto erased = get(desk.erase_person("net2-hq/7", "uid 0"));
  CHECK(erased.find(R"("others":[")" + fed.id.value() + R"("])") != std::string::npos);
  CHECK(erased.find(R"("rewritten":true,"why":null)") != std::string::npos);
  CHECK(known_anew == 1);
  CHECK(news == 1);
  // The other one is somebody's yet: nobody takes that away by erasing the first.
  CHECK(get(store->apply(feed_pass({canary(record_number("f-1"), "f-1")}))).records[0].imported);
  get(desk.erase_person(fed.id.value(), "uid 0"));
  CHECK(canaries_in(directory.path) == std::vector<std::string>{});
}

namespace {

const CrashCase erasing{"An erasure in a process of its own", "GATEHOUSE_TEST_ERASURE_STORE"};

}  // namespace

TEST_CASE("An erasure in a process of its own", "[.][child]") {
  const char* where = std::getenv("GATEHOUSE_TEST_ERASURE_STORE");
  if (where == nullptr) return;
  SetClock clock(static_cast<std::uint64_t>(::getpid()) << 32);
  auto store = open_store(where, clock);
  const Person person = the_person(*store, "net2-hq/7");
  get(store->erase_person(ask_for(person)));
  get(store->rewrite_store());
}

TEST_CASE("D-14 kill -9 leaves an erasure whole or undone, and the rewriting is taken up",
          "[store][privacy]") {
  for (const auto* label : {"store.erase.before", "store.erase.after", "store.rewrite.before",
                            "store.rewrite.between", "store.rewritten.before", "store.rewritten.after"}) {
    INFO(label);
    StoreDirectory directory;
    SetClock clock;
    Person person;
    {
      auto store = open_store(directory.path, clock);
      person = make_known(*store, clock);
    }
    REQUIRE(killed_at(label, erasing, directory.path));
    auto store = open_store(directory.path, clock);
    CHECK_FALSE(get(store->verify_audit()).first_broken);
    if (std::string(label) == "store.erase.before") {
      CHECK(get(store->person(person.id)) == person);
      CHECK_FALSE(get(store->rewrite_due()));
      CHECK(page_text(*store, person.id, "events") != "");
      continue;
    }
    CHECK(ask(store->person(person.id)).error().code == Errc::not_found);
    CHECK(get(store->rewrite_due()) == (std::string(label) != "store.rewritten.after"));
    get(store->rewrite_store());
    CHECK(canaries_in(directory.path) == std::vector<std::string>{});
  }
}
