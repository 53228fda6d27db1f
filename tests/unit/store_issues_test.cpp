#include "tests/unit/store_people.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

struct Desk {
  StoreDirectory directory;
  SetClock clock;
  std::unique_ptr<Store> store = open_store(directory.path, clock);

  IssueSetChange set(std::vector<Issue> issues, std::string how = "healed") {
    return get(store->set_issues(hq, std::move(issues), std::move(how)));
  }
};

std::vector<std::int64_t> numbers(const std::vector<Issue>& issues) {
  std::vector<std::int64_t> list;
  for (const auto& issue : issues) list.push_back(issue.number);
  return list;
}

using Numbers = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("Issues open, stay, change and close, and a number is used once", "[store][issues]") {
  Desk desk;
  const auto first =
      desk.set({issue_about(7, IssueReason::invalid_email), issue_about(8, IssueReason::duplicate)});
  CHECK(first.opened == 2);
  CHECK(numbers(first.open) == Numbers{1, 2});
  const auto since = desk.clock.now();
  CHECK(first.open[0].since == since);
  CHECK(first.open[0].fields.at("email") == "x");
  desk.clock.ms += 1000;

  SECTION("the same again changes nothing and writes nothing") {
    const auto size = log_size(desk.directory.path);
    const auto again =
        desk.set({issue_about(8, IssueReason::duplicate), issue_about(7, IssueReason::invalid_email)});
    CHECK(again.opened == 0);
    CHECK(again.closed == 0);
    CHECK(again.open == first.open);
    CHECK(log_size(desk.directory.path) == size);
  }
  SECTION("other words are taken over, and the number and the time stay") {
    auto other = issue_about(7, IssueReason::invalid_email, "y");
    other.others = {"P1"};
    const auto after = desk.set({other, issue_about(8, IssueReason::duplicate)});
    CHECK(after.opened + after.closed == 0);
    REQUIRE(numbers(after.open) == Numbers{1, 2});
    CHECK(after.open[0].fields.at("email") == "y");
    CHECK(after.open[0].others == std::vector<std::string>{"P1"});
    CHECK(after.open[0].since == since);
  }
  SECTION("one that is over is closed, and says how") {
    const auto after = desk.set({issue_about(8, IssueReason::duplicate)}, "corrected at the source");
    CHECK(after.closed == 1);
    CHECK(numbers(after.open) == Numbers{2});
    const auto refused = ask(desk.store->open_issue(1));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::refused);
    CHECK(refused.error().detail.find("corrected at the source") != std::string::npos);
    CHECK(get(desk.store->any_issue(1)).external_id == "7");
    CHECK(get(desk.store->open_issue(2)) == first.open[1]);
    CHECK(ask(desk.store->open_issue(99)).error().code == Errc::not_found);

    SECTION("and comes back under another number, whatever was swept away") {
      desk.clock.ms += 1000;
      CHECK(get(desk.store->prune_activity(desk.clock.now(), 100)) == 1);
      desk.set({});
      CHECK(numbers(desk.set({issue_about(7, IssueReason::invalid_email)}).open) == Numbers{3});
    }
  }
  SECTION(
      "another reason about one record is another issue, and so is the same about nothing in particular") {
    Issue whole = issue_about(7, IssueReason::field_map_suspect);
    whole.record.reset();
    const auto after = desk.set({issue_about(7, IssueReason::missing_required_field),
                                 issue_about(7, IssueReason::invalid_email), whole, whole});
    CHECK(after.opened == 2);
    CHECK(after.closed == 1);
    CHECK(after.open.size() == 3);
    CHECK(desk.set({whole}).open.size() == 1);
  }
  SECTION("the index knows whose records are unsettled") {
    get(desk.store->apply(pass({fate(7, "Lovelace"), fate(9, "King")})));
    const auto index = get(desk.store->load_index(hq));
    REQUIRE(index.size() == 2);
    CHECK(index[0].unsettled);
    CHECK_FALSE(index[1].unsettled);
  }
}

TEST_CASE("Open issues are listed by kind and integration", "[store][issues]") {
  Desk desk;
  desk.set({issue_about(7, IssueReason::invalid_email), issue_about(8, IssueReason::duplicate),
            issue_about(9, IssueReason::name_only)});
  get(desk.store->set_issues(feed, {issue_about(1, IssueReason::invalid_email)}, ""));
  CHECK(numbers(get(desk.store->list_issues({}))) == Numbers{1, 2, 3, 4});
  CHECK(numbers(get(desk.store->list_issues({.kind = "error", .integration = ""}))) == Numbers{1, 4});
  CHECK(numbers(get(desk.store->list_issues({.kind = "match", .integration = "net2-hq"}))) == Numbers{3});
  CHECK(get(desk.store->list_issues({.kind = "", .integration = "nowhere"})).empty());
  CHECK(get(desk.store->open_issue(4)).integration == feed);
}

TEST_CASE("The newest word about a record counts, and can be taken back", "[store][issues]") {
  Desk desk;
  using Kind = RecordChoice::Kind;
  const RecordChoice skip{.record = 7, .kind = Kind::skip, .person = {}, .other_record = std::nullopt};
  const RecordChoice link{.record = 7, .kind = Kind::link, .person = PersonId("P1"), .other_record = 8};
  CHECK(get(desk.store->operator_word(hq)) == OperatorWord{});
  get(desk.store->say(hq, skip, "olga"));
  get(desk.store->say(hq, link, "olga"));
  get(desk.store->say(feed, skip, "olga"));
  get(desk.store->override_fields(hq, {{7, "email", "a@b.example"}, {7, "phone", "1"}}, "olga"));
  get(desk.store->override_fields(hq, {{7, "email", "c@d.example"}}, "olga"));
  const OperatorWord word = get(desk.store->operator_word(hq));
  CHECK(word.choices == std::vector<RecordChoice>{link});
  CHECK(word.overrides == std::vector<FieldOverride>{{7, "email", "c@d.example"}, {7, "phone", "1"}});
  get(desk.store->lapse(hq, {{7, "email", ""}}));
  CHECK(get(desk.store->operator_word(hq)).overrides == std::vector<FieldOverride>{{7, "phone", "1"}});
  CHECK(get(desk.store->unsay(hq, 7)));
  CHECK_FALSE(get(desk.store->unsay(hq, 7)));
  CHECK(get(desk.store->operator_word(hq)).choices.empty());
  CHECK(get(desk.store->operator_word(feed)).choices.size() == 1);
}

TEST_CASE("A closed issue stays while its skip can be taken back", "[store][issues]") {
  Desk desk;
  desk.set({issue_about(7, IssueReason::duplicate), issue_about(8, IssueReason::duplicate)});
  RecordChoice skip;
  skip.record = 7;
  get(desk.store->say(hq, skip, "olga"));
  desk.set({});
  desk.clock.ms += 1000;
  CHECK(get(desk.store->prune_activity(desk.clock.now(), 100)) == 1);
  CHECK(get(desk.store->any_issue(1)).record == 7);
  CHECK(ask(desk.store->any_issue(2)).error().code == Errc::not_found);
}
