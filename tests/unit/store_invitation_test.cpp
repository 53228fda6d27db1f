#include <set>

#include "daemon/app/invitation_desk.hpp"
#include "daemon/store/migrations.hpp"
#include "daemon/store/sqlite.hpp"
#include "tests/unit/fakes.hpp"
#include "tests/unit/store_access.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const std::string invitable = "gatehouse.person.invitable.v1";

struct Told {
  std::string person, email, invitation;
  bool operator==(const Told&) const = default;
};

/// What was told since this was last asked, of whom to invite.
std::vector<Told> take(Store& store) {
  std::vector<Told> found;
  for (const auto& row : waiting(store, Lane::people)) {
    if (member(row.payload, "type") != invitable) continue;
    found.push_back(
        {member(row.payload, "person_id"), member(row.payload, "email"), member(row.payload, "invitation")});
  }
  settle_all(store);
  return found;
}

struct House {
  StoreDirectory directory;
  SetClock clock;
  std::unique_ptr<Store> store = open_store(directory.path, clock);
  RecordingLog log;
  int news = 0;

  PersonId ada() { return the_person(*store, "net2-hq/7").id; }
  /// A pass ends and its round runs to its end.
  std::vector<Told> pass_ends(bool full) {
    boost::asio::io_context io;
    InvitationDesk desk(
        {.executor = io.get_executor(), .store = *store, .clock = clock, .log = log, .news = [this] {
           ++news;
         }});
    desk.on_pass(full);
    io.run();
    return take(*store);
  }
  void reopen() {
    store.reset();
    store = open_store(directory.path, clock);
  }
  std::uintmax_t log_bytes() const { return log_size(directory.path); }
};

}  // namespace

TEST_CASE("S2-30: somebody with access and an e-mail is told to the cloud once", "[store][invitation]") {
  House house;
  get(house.store->apply(pass({fate(7, "Lovelace")})));
  settle_all(*house.store);
  const auto told = house.pass_ends(false);
  REQUIRE(told.size() == 1);
  CHECK(told[0].person == house.ada().value());
  CHECK(told[0].email == "Lovelace@example.com");
  CHECK(told[0].invitation.size() == 26);
  CHECK(house.news == 1);

  CHECK(house.pass_ends(false).empty());
  house.reopen();
  CHECK(house.pass_ends(false).empty());
  get(house.store->apply(pass({fate(7, "King", 2)})));  // changed, and still told of
  settle_all(*house.store);
  CHECK(house.pass_ends(false).empty());
  CHECK(house.news == 1);
}

TEST_CASE("A full pass tells again, with the same invitation, until the cloud says that it went well",
          "[store][invitation]") {
  House house;
  get(house.store->apply(pass({fate(7, "Lovelace")})));
  const auto first = house.pass_ends(true);
  REQUIRE(first.size() == 1);  // and not twice in one round
  house.reopen();
  CHECK(house.pass_ends(true) == first);

  get(house.store->invited(house.ada(), false));
  CHECK(house.pass_ends(true) == first);
  get(house.store->apply(pass({fate(7, "King", 2)})));
  settle_all(*house.store);
  const auto moved = house.pass_ends(true);
  REQUIRE(moved.size() == 1);
  CHECK(moved[0].invitation == first[0].invitation);
  CHECK(moved[0].email == "King@example.com");

  get(house.store->invited(house.ada(), true));
  CHECK(house.pass_ends(true).empty());
  get(house.store->invited(house.ada(), false));  // an older word that comes late
  house.reopen();
  CHECK(house.pass_ends(true).empty());
}

TEST_CASE("Who has no access, no e-mail or is decoupled is told of once that changes",
          "[store][invitation]") {
  House house;
  PersonWord word;
  RecordFate record = fate(7, "Lovelace");
  const auto is_told_after = [&](auto end_it, auto begin_it) {
    get(house.store->apply(pass({record})));
    word.person = house.ada();
    end_it();
    settle_all(*house.store);
    CHECK(house.pass_ends(true).empty());
    begin_it();
    settle_all(*house.store);
    CHECK(house.pass_ends(false).size() == 1);
  };
  SECTION("switched off by an administrator") {
    const auto set = [&](bool on) {
      word.admin_enabled = on;
      get(house.store->set_person(word));
    };
    is_told_after([&] { set(false); }, [&] { set(true); });
  }
  SECTION("decoupled") {
    const auto set = [&](bool on) { get(house.store->set_tracked(word.person, on, "", std::nullopt)); };
    is_told_after([&] { set(false); }, [&] { set(true); });
  }
  SECTION("gone from the source") {
    is_told_after([&] { get(house.store->apply(pass({}, {7}))); },
                  [&] { get(house.store->apply(pass({fate(7, "Lovelace", 3)}))); });
  }
  SECTION("gone from one of two sources") {
    const auto second = [&](std::vector<RecordFate> fates, const std::vector<std::int64_t>& gone) {
      DirectoryCommit commit = feed_pass(std::move(fates));
      for (const auto number : gone) commit.gone.push_back({number, std::nullopt});
      get(house.store->apply(commit));
    };
    const auto mine = [&](std::uint64_t fingerprint) {
      RecordLink link;
      link.person = word.person;
      link.rule = LinkRule::email;
      link.evidence = "Lovelace@example.com";
      RecordFate made = linked(feed_fate("E1", "Lovelace"), link);
      made.fingerprint = fingerprint;
      return made;
    };
    is_told_after(
        [&] {
          second({mine(1)}, {});
          second({}, {record_number("E1")});
        },
        [&] { second({mine(2)}, {}); });
  }
  SECTION("without an e-mail") {
    record.facts->email.clear();
    is_told_after([] {}, [&] { get(house.store->apply(pass({fate(7, "Lovelace", 2)}))); });
  }
}

TEST_CASE("Who loses access after they were told of is not told of again", "[store][invitation]") {
  House house;
  get(house.store->apply(pass({fate(7, "Lovelace")})));
  const auto first = house.pass_ends(false);
  get(house.store->apply(pass({}, {7})));
  settle_all(*house.store);
  CHECK(house.pass_ends(true).empty());
  get(house.store->apply(pass({fate(7, "Lovelace", 2)})));
  settle_all(*house.store);
  CHECK(house.pass_ends(false).empty());
  CHECK(house.pass_ends(true) == first);
}

TEST_CASE("Whom the cloud invited by itself is never told of", "[store][invitation]") {
  House house;
  get(house.store->apply(pass({fate(7, "Lovelace")})));
  get(house.store->invited(house.ada(), true));
  CHECK(house.pass_ends(true).empty());
  CHECK(ask(house.store->invited(PersonId("01J00000000000000000000XXX"), true)).error().code ==
        Errc::not_found);
  CHECK(ask(house.store->invited(PersonId("01J00000000000000000000XXX"), false)).error().code ==
        Errc::not_found);
}

TEST_CASE("An invitation goes with its person", "[store][invitation]") {
  House house;
  get(house.store->apply(pass({fate(7, "Lovelace")})));
  const auto first = house.pass_ends(false);
  get(house.store->invited(house.ada(), true));
  DirectoryCommit erase = pass({});
  erase.erased = {7};
  get(house.store->apply(pass({}, {7})));
  get(house.store->apply(erase));
  REQUIRE(get(house.store->count_people()).total == 0);
  get(house.store->apply(pass({fate(7, "Lovelace", 2)})));
  settle_all(*house.store);
  const auto second = house.pass_ends(false);
  REQUIRE(second.size() == 1);
  CHECK(second[0].person != first[0].person);
  CHECK(second[0].invitation != first[0].invitation);
}

TEST_CASE("Many are told of in portions, each once", "[store][invitation]") {
  House house;
  std::vector<RecordFate> fates;
  for (int i = 1; i <= 1203; ++i) fates.push_back(fate(i, "N" + std::to_string(i)));
  get(house.store->apply(pass(std::move(fates))));
  settle_all(*house.store);
  const auto portion = get(house.store->tell_invitable());
  CHECK(portion.told == 100);
  REQUIRE(portion.last);
  CHECK(house.pass_ends(true).size() == 100 + 1203);  // who was told before the full pass is told again
  std::set<std::string> invitations;
  for (const auto& told : house.pass_ends(true)) invitations.insert(told.invitation);
  CHECK(invitations.size() == 1203);
}

TEST_CASE("With nobody to tell of nothing is written", "[store][invitation]") {
  House house;
  get(house.store->apply(pass({fate(7, "Lovelace")})));
  CHECK(house.pass_ends(false).size() == 1);
  get(house.store->invited(house.ada(), true));
  house.clock.ms += 60'000;
  const auto before = house.log_bytes();
  CHECK(house.pass_ends(true).empty());
  get(house.store->invited(house.ada(), true));
  get(house.store->invited(house.ada(), false));
  CHECK(house.log_bytes() == before);
  CHECK(house.log.lines.empty());
}

TEST_CASE("Whom a store of the version before knew is told of too", "[store][invitation][migrations]") {
  StoreDirectory directory;
  {
    const auto file = directory.path / "gatehouse.db";
    Database db(file);
    migrate(db, file, shipped_migrations().first(4));
    db.script(R"sql(
INSERT INTO integration (key, id, badge) VALUES (1, 'net2-hq', 'Head office'), (2, 'hr', 'Personnel');
INSERT INTO person (id, first_name, last_name, email, phone, person_type, membership_status, synced_tags,
  site, sites, roamer, roamer_sites, admin_enabled, tracked, custom_tags)
  SELECT value ->> 0, 'Ada', 'King', value ->> 1, '', 'employee', '', '[]', 'hq', '[]', 0, '[]',
    value ->> 2, value ->> 3, '[]' FROM json_each(
  '[["P1","a@example.com",1,1],["P2","",1,1],["P3","c@example.com",0,1],["P4","d@example.com",1,0],'
  || '["P5","e@example.com",1,1],["P6","f@example.com",1,1]]');
INSERT INTO person_source (person, integration, external_id, present) VALUES
  ('P1', 1, '1', 1), ('P2', 1, '2', 1), ('P3', 1, '3', 1), ('P4', 1, '4', 1), ('P5', 1, '5', 1),
  ('P5', 2, '5', 0);
)sql");
  }
  SetClock clock;
  auto store = open_store(directory.path, clock);
  CHECK(get(store->tell_invitable()).told == 1);
  const auto told = take(*store);
  REQUIRE(told.size() == 1);
  CHECK(told[0].person == "P1");
}

namespace {

/// Answers when it is told to.
class SlowInvitations final : public Invitations {
 public:
  explicit SlowInvitations(const boost::asio::any_io_executor& executor) : go(executor) {}
  Task<Result<void>> invited(PersonId, bool) override { co_return Result<void>{}; }
  Task<Result<ToldInvitations>> tell_invitable() override {
    asked += "n";
    CHECK(++under_way == 1);
    co_await go.wait();
    --under_way;
    if (fault) co_return *fault;
    co_return ToldInvitations{};
  }
  Task<Result<ToldInvitations>> tell_invitable_again(PersonId after) override {
    asked += "a" + after.value();
    ToldInvitations told;
    if (after.value().empty()) told = {.told = 0, .last = PersonId("1")};
    co_return told;
  }

  Wakeup go;
  std::optional<Error> fault;
  std::string asked;  ///< n: for new ones; a: again, after whom
  int under_way = 0;
};

struct DeskCase {
  Bench bench;
  ManualClock clock;
  RecordingLog log;
  SlowInvitations store{bench.io.get_executor()};
  InvitationDesk desk{
      {.executor = bench.io.get_executor(), .store = store, .clock = clock, .log = log, .news = [] {}}};
  void answer() {
    store.go.ring();
    bench.run();
  }
};

}  // namespace

TEST_CASE("Passes that end while the cloud is being told make one more round", "[invitation]") {
  DeskCase it;
  it.desk.on_pass(false);
  it.bench.run();
  CHECK(it.store.asked == "n");
  it.desk.on_pass(true);
  it.desk.on_pass(false);
  it.bench.run();
  CHECK(it.store.asked == "n");
  it.answer();
  CHECK(it.store.asked == "naa1n");
  it.answer();
  CHECK(it.store.asked == "naa1n");
  it.desk.on_pass(false);
  it.bench.run();
  CHECK(it.store.asked == "naa1nn");
  it.answer();
}

TEST_CASE("A round that fails is logged once, and tried at the next pass", "[invitation]") {
  DeskCase it;
  it.store.fault = Error{Errc::storage_full, "no room"};
  for (int i = 0; i < 2; ++i) {
    it.desk.on_pass(false);
    it.bench.run();
    it.answer();
  }
  CHECK(it.store.asked == "nn");
  CHECK(it.log.count("no room") == 1);
  it.store.fault.reset();
  it.desk.on_pass(false);
  it.bench.run();
  it.answer();
  it.store.fault = Error{Errc::storage_full, "no room"};
  it.desk.on_pass(false);
  it.bench.run();
  it.answer();
  CHECK(it.log.count("no room") == 2);
}

TEST_CASE("After it was stopped nobody is told of", "[invitation]") {
  DeskCase it;
  it.desk.on_pass(false);
  it.bench.run();
  it.bench.get(it.desk.stop());
  it.desk.on_pass(true);
  it.bench.run();
  CHECK(it.store.asked == "n");
}

TEST_CASE("What the clock said at the last commit is known after a restart", "[store][clock]") {
  House house;
  CHECK(house.store->committed_floor() == Instant{});  // the file is new
  get(house.store->append({message(Lane::telemetry, "a")}));
  const Instant first = house.clock.now();
  house.clock.ms += 500;
  get(house.store->append({message(Lane::telemetry, "b")}));  // within the second: not again
  house.reopen();
  CHECK(house.store->committed_floor() == first);
  house.clock.ms += 5'000;
  get(house.store->append({message(Lane::telemetry, "c")}));
  const Instant last = house.clock.now();
  house.clock.ms -= 3'600'000;  // a board without a battery
  house.reopen();
  CHECK(house.store->committed_floor() == last);
  get(house.store->append({message(Lane::telemetry, "d")}));
  house.reopen();
  CHECK(house.store->committed_floor() == last);
}

TEST_CASE("Where nothing is written the clock is not either", "[store][clock]") {
  House house;
  get(house.store->append({message(Lane::telemetry, "a")}));
  const Instant first = house.clock.now();
  house.clock.ms += 3'600'000;
  const auto before = house.log_bytes();
  get(house.store->prune_events(house.clock.now(), 1000));
  get(house.store->prune_activity(house.clock.now(), 1000));
  CHECK(house.log_bytes() == before);
  house.reopen();
  CHECK(house.store->committed_floor() == first);
}
