// kill -9 at each labelled step of plans, issues and choices; taken up again, the end is the same.
#include <algorithm>
#include <sstream>

#include "tests/unit/store_crash_child.hpp"
#include "tests/unit/store_people.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const CrashCase whole_way{"A plan's way from the first record to the last ends with all of it on disk",
                          "GATEHOUSE_TEST_SYNC_STORE"};

PlanId next_id(Store& store, std::int64_t run) {
  // Ids of attempts that were cut short are not used again.
  for (int attempt = 0;; ++attempt) {
    PlanId id("plan-" + std::to_string(run) + '-' + std::to_string(attempt));
    if (!ask(store.plan(id))) return id;
  }
}

std::optional<Plan> live_plan(Store& store, PlanKind kind) {
  for (const auto& plan : get(store.live_plans())) {
    if (plan.kind == kind) return plan;
  }
  return std::nullopt;
}

/// One plan from the making to the end, from wherever it was left.
void see_through(Store& store, const Clock& clock, PlanKind kind, const DirectoryCommit& commit,
                 std::uint64_t mapping) {
  if (get(store.last_mapping(hq)).value_or(0) >= mapping) return;
  auto plan = live_plan(store, kind);
  if (!plan) {
    Plan made = plan_named(clock, next_id(store, static_cast<std::int64_t>(mapping)).value(), kind);
    const auto changes = get(store.preview(commit));
    get(store.begin_plan(made));
    for (const auto& change : changes) get(store.add_changes(made.id, {change}));
    made.count = changes.size();
    get(store.offer_plan(made));
    plan = made;
  }
  get(store.set_plan_state(plan->id, PlanState::applying));
  DirectoryCommit settings = pass({});
  settings.run = plan->run;
  for (bool more = true; more;) {
    const auto progress = get(store.apply_changes(plan->id, settings, 2));
    more = progress.done < progress.count;
  }
  PlanEnd end;
  end.plan = plan->id;
  end.mapping = mapping;
  get(store.end_plan(end));
}

/// Whatever happened before, it ends in the same state.
void work(const std::filesystem::path& directory) {
  SetClock clock(static_cast<std::uint64_t>(::getpid()) << 32);
  auto store = open_store(directory, clock);
  std::vector<RecordFate> fates;
  for (std::int64_t number = 1; number <= 5; ++number)
    fates.push_back(fate(number, "L" + std::to_string(number)));
  fates.push_back(
      linked(fate(6, "L2"), {.person = {}, .other_record = 2, .rule = LinkRule::merged, .evidence = ""}));
  see_through(*store, clock, PlanKind::first_sync, pass(fates), 1);

  const auto issue = [](std::int64_t record) { return issue_about(record, IssueReason::duplicate); };
  if (get(store->operator_word(hq)).choices.empty()) {
    get(store->set_issues(hq, {issue(1), issue(2)}, ""));
    RecordChoice skip;
    skip.record = 1;
    get(store->say(hq, skip, "olga"));
  }
  get(store->override_fields(hq, {{2, "email", "a@b.example"}}, "olga"));
  get(store->set_issues(hq, {issue(2)}, "skipped"));
  const auto person = the_person(*store, "net2-hq/3").id;
  get(store->set_tracked(person, false, "ours", std::nullopt));
  get(store->set_switch(hq, Switch::paused));

  see_through(*store, clock, PlanKind::guard, pass({fate(5, "King", 2)}, {1, 2, 4}), 2);
}

/// All of it, without ids and times.
std::string state_of(Store& store) {
  std::vector<std::string> lines;
  for (const auto& person : get(store.list_people({}, {"", 1000})).rows) {
    std::ostringstream line;
    line << person.facts.last_name << ' ' << person.tracked << person.effective();
    for (const auto& source : person.sources) line << ' ' << source.external_id.value() << source.present;
    lines.push_back(line.str());
  }
  for (const auto& record : get(store.load_index(hq))) {
    std::ostringstream line;
    line << "record " << record.number << ' ' << record.fingerprint << record.present << record.imported
         << record.unsettled;
    lines.push_back(line.str());
  }
  for (const auto& row : get(store.list_activity({}, std::nullopt, {"0", 1000})).rows) {
    lines.push_back("activity " + row.external_id + ' ' + std::string(to_string(row.outcome)));
  }
  for (const auto& issue : get(store.list_issues({}))) lines.push_back("issue " + issue.external_id);
  lines.push_back("removals " + std::to_string(get(store.removals_since(hq, Instant{}))));
  lines.push_back("switch " + std::string(to_string(get(store.switch_of(hq)))));
  const auto word = get(store.operator_word(hq));
  lines.push_back("word " + std::to_string(word.choices.size()) + std::to_string(word.overrides.size()));
  lines.push_back("plans " + std::to_string(get(store.live_plans()).size()));
  std::ranges::sort(lines);
  std::string all;
  for (const auto& line : lines) all += line + '\n';
  return all;
}

/// What holds at any moment: a change is in the registry, told, and counted as done, or none of these.
void check_whole(const std::filesystem::path& directory) {
  SetClock clock;
  auto store = open_store(directory, clock);
  std::uint64_t done = 0;
  const bool first_is_over = get(store->last_mapping(hq)).has_value();
  for (const auto& plan : get(store->live_plans())) {
    CHECK(get(store->plan_changes(plan.id, 0, 1000)).size() == plan.count);
    done += plan.done;
  }
  const auto told = get(store->list_activity({}, std::nullopt, {"0", 1000})).rows.size();
  const bool second_is_over = get(store->last_mapping(hq)) == 2;
  CHECK(told == done + (first_is_over ? 6 : 0) + (second_is_over ? 4 : 0));
}

}  // namespace

TEST_CASE("A plan's way from the first record to the last ends with all of it on disk", "[store][crash]") {
  const char* given = std::getenv(whole_way.directory.c_str());
  std::optional<StoreDirectory> own;
  if (given == nullptr) own.emplace();
  const std::filesystem::path directory = given == nullptr ? own->path : std::filesystem::path(given);
  work(directory);
  check_whole(directory);
  SetClock clock;
  auto store = open_store(directory, clock);
  const auto once = state_of(*store);
  CHECK(once.find("removals 3") != std::string::npos);
  store.reset();
  work(directory);
  store = open_store(directory, clock);
  CHECK(state_of(*store) == once);
}

#ifdef GATEHOUSE_CRASH_POINTS

TEST_CASE("A kill at any step of a plan is made good by taking it up again", "[store][crash]") {
  static const std::string expected = [] {
    StoreDirectory directory;
    work(directory.path);
    SetClock clock;
    return state_of(*open_store(directory.path, clock));
  }();
  const std::string step = GENERATE(values<std::string>(
      {"store.plan.begin", "store.plan.add", "store.plan.offer", "store.plan.state", "store.plan.apply",
       "store.plan.end", "store.issues", "store.choice", "store.person", "store.switch"}));
  const std::string where = GENERATE(values<std::string>({".before", ".after", ".before:2", ".after:2"}));
  const bool once_only = step == "store.person" || step == "store.switch";
  if (once_only && where.find(':') != std::string::npos) return;
  DYNAMIC_SECTION("at " << step << where) {
    StoreDirectory directory;
    REQUIRE(killed_at(step + where, whole_way, directory.path));
    check_whole(directory.path);
    work(directory.path);
    check_whole(directory.path);
    SetClock clock;
    CHECK(state_of(*open_store(directory.path, clock)) == expected);
  }
}

TEST_CASE("A kill while what was cut short is swept out is no harm", "[store][crash]") {
  StoreDirectory directory;
  REQUIRE(killed_at("store.plan.add.after:2", whole_way, directory.path));
  const std::string where = GENERATE(values<std::string>({"before", "after"}));
  DYNAMIC_SECTION(where) {
    REQUIRE(killed_at("store.plan.drop." + where, whole_way, directory.path));
    SetClock clock;
    CHECK(get(open_store(directory.path, clock)->live_plans()).empty());
    work(directory.path);
    check_whole(directory.path);
  }
}

#endif
