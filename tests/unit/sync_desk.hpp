#pragma once
// The directory sync over a real store: sources that say what they are told to say, and time set by hand.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/thread_pool.hpp>
#include <catch2/catch.hpp>

#include "daemon/app/directory_sync.hpp"
#include "daemon/host/unicode_fold.hpp"
#include "tests/unit/store_fixture.hpp"

namespace gatehouse::test {

/// A source as it is when somebody reads it.
class ScriptedPeople : public PeopleSource {
 public:
  Task<Result<PeopleRead>> read_people(PeopleQuery query, RecordSink& sink) override {
    asked = std::move(query);
    ++reads;
    if (!mark.empty() && asked.known == mark && !fault)
      co_return PeopleRead{.took = Duration{1}, .way = "script", .mark = mark, .repeats = true};
    std::uint64_t seen = 0;
    for (auto record : people) {
      if (fault && seen * 2 >= people.size()) break;  // in the middle of the list
      sink.take(std::move(record));
      ++seen;
    }
    if (auto error = std::exchange(fault, std::nullopt)) co_return *error;
    co_return PeopleRead{.seen = seen, .took = Duration{1}, .way = "script", .mark = mark};
  }

  SourceRecord& at(std::int64_t number) { return *std::ranges::find(people, number, &SourceRecord::number); }
  void drop(std::int64_t first, std::int64_t last) {
    std::erase_if(people, [=](const SourceRecord& r) { return r.number >= first && r.number <= last; });
  }

  std::vector<SourceRecord> people;
  std::string mark;  ///< PeopleRead::mark
  PeopleQuery asked;
  int reads = 0;
  std::optional<Error> fault;  ///< of the next read
};

/// Somebody as the source of `sync_settings` says it.
inline SourceRecord somebody(std::int64_t number, std::string first, std::string last, std::string email,
                             std::string phone = "") {
  SourceRecord made;
  made.number = number;
  made.department = "Staff";
  made.values = {std::move(first), std::move(last), std::move(email), std::move(phone)};
  return made;
}

inline SourceRecord record(std::int64_t number, const std::string& last_name = "") {
  const auto text = std::to_string(number);
  return somebody(number, "Ada", last_name.empty() ? "Nr" + text : last_name, "ada" + text + "@example.com");
}

/// The same of a feed, whose ids are texts.
inline SourceRecord fed(const std::string& id, std::string first, std::string last, std::string email,
                        std::string phone = "") {
  auto made =
      somebody(record_number(id), std::move(first), std::move(last), std::move(email), std::move(phone));
  made.external_id = id;
  made.group = "Staff";
  return made;
}

inline const std::vector<SiteId> two_sites{SiteId("hq"), SiteId("lab")};

inline Integration sync_settings(FirstSync first = FirstSync::automatic) {
  Integration made;
  made.id = hq;
  made.name = "Head office";
  made.enabled = true;
  made.sync.first = first;
  made.sync.groups = {{"Staff", PersonType::employee}, {"Guests", PersonType::visitor}};
  made.sync.fields = {{FieldTarget::first_name, "firstName"},
                      {FieldTarget::last_name, "lastName"},
                      {FieldTarget::email, "custom:Email"},
                      {FieldTarget::phone, "telephone"}};
  made.sync.site.fallback = SiteId("hq");
  return made;
}

inline Integration feed_settings() {
  auto made = sync_settings();
  made.id = IntegrationId("hr");
  made.name = "Personnel";
  made.kind = IntegrationKind::feed;
  made.sync.group_by = GroupBy::group;
  return made;
}

/// What integrations share: one store, one clock.
struct SyncWorld {
  SyncWorld() : worker(1), store(open_store(directory.path, clock)) {}
  ~SyncWorld() { worker.join(); }
  SyncWorld(const SyncWorld&) = delete;
  SyncWorld& operator=(const SyncWorld&) = delete;

  void pass(Duration time) { clock.ms += time.count(); }
  /// As after a kill: only the file is left.
  void reopen() {
    store.reset();
    store = open_store(directory.path, clock);
  }
  /// The store's files as they are: equal texts, nothing written.
  std::string written() const {
    std::string text;
    for (const auto* name : {"gatehouse.db", "gatehouse.db-wal"}) {
      std::ifstream file(directory.path / name, std::ios::binary);
      text.append(std::istreambuf_iterator<char>(file), {});
    }
    return text;
  }

  StoreDirectory directory;
  SetClock clock;
  UnicodeFold fold;
  boost::asio::thread_pool worker;
  RegistryTurn turn;
  std::unique_ptr<Store> store;
};

/// One integration of a world.
class SyncDesk {
 public:
  explicit SyncDesk(Integration with = sync_settings())
      : own_(std::make_unique<SyncWorld>()), world(*own_), integration(std::move(with)) {
    begin();
  }
  SyncDesk(SyncWorld& shared, Integration with) : world(shared), integration(std::move(with)) { begin(); }

  /// Makes the engine anew with the settings as they are now; the source stays.
  void begin() {
    sync.reset();
    make();
    get(sync->load());
    get(sync->resume_plan());
  }
  /// The same, and the store is opened anew.
  void restart() {
    sync.reset();
    world.reopen();
    begin();
  }
  void make() { make(*world.store, *world.store, *world.store, *world.store); }
  void make(DirectoryStore& directory, IssueStore& issues, PlanStore& plans, PersonStore& people) {
    sync.emplace(integration, make_mapping(integration, two_sites, world.fold),
                 DirectorySync::Parts{.source = source,
                                      .store = directory,
                                      .issues = issues,
                                      .plans = plans,
                                      .people = people,
                                      .turn = world.turn,
                                      .clock = world.clock,
                                      .worker = world.worker.get_executor(),
                                      .news = [this] { ++news; },
                                      .progress = {},
                                      .after_read = after_read});
  }

  PassReport run(PassAsk how = {}) { return get(sync->run(std::move(how))); }
  PassReport run_full() {
    PassAsk how;
    how.trigger = Trigger::manual;
    how.full = true;
    return run(std::move(how));
  }
  PassReport dry_run() {
    PassAsk how;
    how.trigger = Trigger::manual;
    how.dry_run = true;
    return run(std::move(how));
  }
  Result<PassReport> try_run(PassAsk how = {}) { return ask(sync->run(std::move(how))); }
  /// Confirms a plan, as it is kept.
  Result<PassReport> try_apply(const PlanId& id) {
    PassAsk how;
    how.trigger = Trigger::manual;
    how.apply = get(world.store->plan(id));
    return try_run(std::move(how));
  }
  PassReport apply(const PlanId& id) {
    auto report = try_apply(id);
    if (!report) throw std::runtime_error(report.error().detail);
    return *report;
  }

  /// Records `first` to `last` and nobody else.
  void people(std::int64_t first, std::int64_t last) {
    source.people.clear();
    for (auto number = first; number <= last; ++number) source.people.push_back(record(number));
  }

  std::vector<Person> everybody() {
    std::vector<Person> all;
    Page page{.after = "", .limit = 1000};
    for (;;) {
      auto listing = get(world.store->list_people({}, page));
      std::ranges::move(listing.rows, std::back_inserter(all));
      if (listing.next.empty()) return all;
      page.after = listing.next;
    }
  }
  /// Whoever has this record.
  std::optional<Person> person(const std::string& external_id) {
    auto found = get(world.store->find_people(integration.id.value() + '/' + external_id));
    if (found.empty()) return std::nullopt;
    return found.front();
  }
  std::optional<Person> person(std::int64_t number) { return person(std::to_string(number)); }
  /// Numbers of the records whose word is that their person is there, in order.
  std::vector<std::int64_t> present() {
    std::vector<std::int64_t> numbers;
    for (const auto& known : everybody()) {
      for (const auto& claim : known.sources) {
        if (claim.integration == integration.id && claim.present) numbers.push_back(number_of(claim));
      }
    }
    std::ranges::sort(numbers);
    return numbers;
  }
  std::optional<IndexedRecord> mirror(std::int64_t number) {
    for (const auto& known : get(world.store->load_index(integration.id))) {
      if (known.number == number) return known;
    }
    return std::nullopt;
  }
  std::optional<SkipReason> skip(std::int64_t number) {
    const auto known = mirror(number);
    return known ? known->skip : std::nullopt;
  }

  std::vector<Issue> issues() {
    return get(world.store->list_issues({.kind = {}, .integration = integration.id.value()}));
  }
  std::optional<Issue> issue(std::int64_t number) {
    for (auto& open : issues()) {
      if (open.record == number) return open;
    }
    return std::nullopt;
  }
  std::optional<IssueReason> reason(std::int64_t number) {
    const auto open = issue(number);
    return open ? std::optional(open->reason) : std::nullopt;
  }
  void say(std::int64_t record, RecordChoice::Kind kind, const PersonId& person = {},
           std::optional<std::int64_t> other = std::nullopt) {
    get(world.store->say(integration.id,
                         {.record = record, .kind = kind, .person = person, .other_record = other}, "root"));
  }
  void fix(std::int64_t record, const std::string& field, const std::string& value) {
    get(world.store->override_fields(integration.id, {{.record = record, .field = field, .value = value}},
                                     "root"));
  }

  std::vector<Plan> plans() { return get(world.store->live_plans()); }
  /// "add 7", "disable 8", … of a plan, as it lists them.
  std::vector<std::string> listed(const PlanId& id) {
    std::vector<std::string> words;
    for (const auto& change : get(world.store->plan_changes(id, 0, 5000))) {
      words.push_back(std::string(to_string(change.op)) + ' ' + change.external_id);
    }
    return words;
  }

 private:
  static std::int64_t number_of(const PersonSource& claim) {
    return claim.kind == SourceKind::feed ? record_number(claim.external_id.value())
                                          : std::stoll(claim.external_id.value());
  }
  std::unique_ptr<SyncWorld> own_;

 public:
  SyncWorld& world;
  ScriptedPeople source;
  Integration integration;
  std::optional<DirectorySync> sync;
  std::function<Task<Result<void>>()> after_read;  ///< from the next begin() on
  int news = 0;
};

}  // namespace gatehouse::test
