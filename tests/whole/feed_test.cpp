// People who arrive as snapshots in a directory (features.md S2-3, S2-4; contract.md §7).
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <vector>

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/whole/house.hpp"

namespace gatehouse::whole {
namespace {

namespace fs = std::filesystem;

struct Somebody {
  std::string id;
  std::string first_name;
  std::string email;
  std::string group = "identified";
};

std::string lines_of(const std::vector<Somebody>& people) {
  std::string text;
  for (const auto& one : people) {
    text += json::serialize(json::object{{"external_id", one.id},
                                         {"group", one.group},
                                         {"first_name", one.first_name},
                                         {"last_name", "Lovelace"},
                                         {"email", one.email}}) +
            "\n";
  }
  return text;
}

std::string end_line(std::size_t count) {
  return R"({"end":true,"count":)" + std::to_string(count) + "}\n";
}

const Somebody ada{"c-1", "Ada", "ada@example.com"};
const Somebody ben{"c-2", "Ben", "ben@example.com"};
const Somebody cid{"c-3", "Cid", "cid@example.com"};

class FeedHouse : public House {
 public:
  FeedHouse() : House({.people = 1, .doors = 1, .sim_arguments = {"--plain"}}), folder(dir / "cctv") {
    fs::create_directory(folder);
    configure("");
  }

  /// `match`: lines of its sync section, indented by 6.
  void configure(const std::string& match) {
    gateway.site().integrations =
        "  - id: cctv\n    name: CCTV/Computer Vision\n    kind: feed\n    enabled: true\n"
        "    sites: [hq]\n    directory: " +
        folder.string() +
        "\n    sync:\n      first: auto\n      groups: {identified: member, Staff: employee}\n"
        "      site: {default: hq}\n      fields: {first_name: first_name, last_name: "
        "last_name, email: email, phone: phone}\n" +
        match;
    gateway.write_config();
  }

  /// As a careful writer does it.
  void put(const std::string& name, const std::string& content) const {
    write_file(folder / (name + ".part"), content);
    fs::rename(folder / (name + ".part"), folder / name);
  }
  void put(const std::string& name, const std::vector<Somebody>& people) const {
    put(name, lines_of(people) + end_line(people.size()));
  }
  bool has(const std::string& name) const { return fs::exists(fs::symlink_status(folder / name)); }
  bool gets(const std::string& name) const {
    return eventually(20s, [&] { return has(name); });
  }
  bool feed_becomes(const std::string& state) const {
    return eventually(20s, [&] { return gateway.state("cctv") == state; });
  }

  fs::path folder;
};

/// People of the feed as they came out: messages of one type with a source in it.
std::vector<json::object> upserted(const Ledger& ledger) {
  std::vector<json::object> out;
  for (const auto& fact : ledger.of("person.upserted")) {
    auto person = fact.data().at("person").as_object();
    const auto& sources = person.at("sources").as_array();
    const bool ours = std::ranges::any_of(sources, [](const json::value& source) {
      return text_at(source.as_object(), "integration") == "cctv";
    });
    if (ours) out.push_back(std::move(person));
  }
  return out;
}

std::size_t upserts(const Ledger& ledger) {
  return upserted(ledger).size();
}

/// Alerts about the feed itself with that state.
std::ptrdiff_t alerts(const Ledger& ledger, const std::string& state) {
  const auto all = ledger.of("alert");
  return std::ranges::count_if(all, [&](const Fact& fact) {
    const auto data = fact.data();
    return text_at(data, "kind") == "integration" && text_at(data, "subject") == "cctv" &&
           text_at(data, "state") == state;
  });
}

/// Runs of the feed that were told.
std::ptrdiff_t feed_runs(const Ledger& ledger) {
  const auto all = ledger.of("sync");
  return std::ranges::count_if(
      all, [](const Fact& fact) { return text_at(fact.data(), "integration") == "cctv"; });
}

/// Reasons of those left out, by their ids.
std::map<std::string, std::string> skipped(const Ledger& ledger) {
  std::map<std::string, std::string> out;
  for (const auto& fact : ledger.of("activity")) {
    const auto data = fact.data();
    if (text_at(data, "integration") == "cctv" && text_at(data, "outcome") == "skipped")
      out[text_at(data, "external_id")] = text_at(data, "reason");
  }
  return out;
}

std::vector<json::object> issues(const Gateway& gateway) {
  std::vector<json::object> out;
  const auto answer = gateway.json({"issue", "list"});
  const auto* list = answer.if_contains("issues");
  if (!list || !list->is_array()) return out;
  for (const auto& issue : list->as_array()) {
    if (text_at(issue.as_object(), "integration") == "cctv") out.push_back(issue.as_object());
  }
  return out;
}

TEST_CASE("S2-3, S2-4: people of a feed come out with its badge, and who is missing leaves", "[feed]") {
  FeedHouse house;
  house.start_and_import();
  CHECK(house.gateway.state("cctv") == "pending");
  const Somebody guest{"c-8", "Guest", "guest@example.com", "unidentified"};
  const Somebody mute{"c-9", "Mute", ""};
  house.put("people.jsonl", {ada, ben, guest, mute});
  REQUIRE(house.recorder.wait(
      20s, [](const Ledger& ledger) { return upserts(ledger) == 2 && skipped(ledger).size() == 2; }));
  REQUIRE(house.feed_becomes("active"));
  CHECK(house.gets("done/people.jsonl"));
  const auto people = upserted(house.recorder.ledger());
  for (const auto& person : people) {
    INFO(json::serialize(person));
    const auto& source = person.at("sources").as_array().at(0).as_object();
    CHECK(text_at(source, "badge") == "CCTV/Computer Vision");
    CHECK(source.at("present").as_bool());
    const auto& who = text_at(source, "external_id") == "c-1" ? ada : ben;
    CHECK(text_at(source, "external_id") == who.id);
    CHECK(text_at(person, "first_name") == who.first_name);
    CHECK(text_at(person, "email") == who.email);
    CHECK(text_at(person, "person_type") == "member");
    CHECK(text_at(person, "site") == "hq");
  }
  CHECK(skipped(house.recorder.ledger()) ==
        std::map<std::string, std::string>{{"c-8", "group_not_mapped"}, {"c-9", "missing_identifier"}});

  // The same again is no news; one fewer is somebody gone.
  house.put("people.jsonl", {ada, guest, mute});
  REQUIRE(
      house.recorder.wait(20s, [](const Ledger& ledger) { return ledger.count("person.disabled") == 1; }));
  const auto gone = house.recorder.ledger().of("person.disabled").back().data();
  CHECK(text_at(gone, "reason") == "removed_at_source");
  CHECK(gone.at("evidence").as_object().at("complete").as_bool());
  CHECK(house.recorder.ask(upserts) == 2);
  CHECK(read_file(house.folder / "done/people.jsonl").find("c-2") == std::string::npos);
  CHECK(std::distance(fs::directory_iterator(house.folder / "done"), fs::directory_iterator()) == 2);

  // A restart reads the last snapshot again and has nothing to tell.
  const auto told = [&] {
    return house.recorder.ask([](const Ledger& ledger) {
      return ledger.count("person.upserted") + ledger.count("person.disabled");
    });
  };
  const auto before = told();
  house.gateway.kill();
  house.gateway.start();
  REQUIRE(house.feed_becomes("active"));
  CHECK(number_at(house.gateway.integration("cctv"), "people") == 1);
  CHECK(told() == before);
  house.put("later.jsonl", {ada, ben, guest, mute});
  REQUIRE(house.recorder.wait(20s, [](const Ledger& ledger) { return upserts(ledger) == 3; }));
  CHECK(text_at(upserted(house.recorder.ledger()).back(), "first_name") == "Ben");
  CHECK(told() == before + 1);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S2-4: a snapshot that is not whole changes nothing, and its writer is told", "[feed]") {
  FeedHouse house;
  house.start_and_import();
  house.put("people.jsonl", {ada, ben, cid});
  REQUIRE(house.recorder.wait(20s, [](const Ledger& ledger) { return upserts(ledger) == 3; }));
  REQUIRE(house.feed_becomes("active"));

  SECTION("one with a wrong count") {
    house.put("wrong.jsonl", lines_of({ada}) + end_line(3));
    REQUIRE(house.gets("failed/wrong.jsonl.why"));
    CHECK(read_file(house.folder / "failed/wrong.jsonl.why").find("the end line counts 3, the file has 1") !=
          std::string::npos);
  }
  SECTION("one with a broken line") {
    house.put("wrong.jsonl", lines_of({ada}) + "{\"external_id\":\n" + end_line(1));
    REQUIRE(house.gets("failed/wrong.jsonl.why"));
  }
  SECTION("a symbolic link to one") {
    write_file(house.dir / "elsewhere", lines_of({ada}) + end_line(1));
    fs::create_symlink(house.dir / "elsewhere", house.folder / "wrong.jsonl");
    REQUIRE(house.gets("failed/wrong.jsonl.why"));
    CHECK(fs::is_symlink(house.folder / "failed/wrong.jsonl"));
  }
  REQUIRE(eventually(20s, [&] { return !text_at(house.gateway.integration("cctv"), "detail").empty(); }));
  CHECK(house.gateway.state("cctv") == "active");  // no record waits for anybody
  CHECK_FALSE(house.has("wrong.jsonl"));
  CHECK(house.has("failed/wrong.jsonl"));
  const auto now = house.gateway.integration("cctv");
  CHECK_THAT(text_at(now, "detail"), Catch::Contains("wrong.jsonl"));
  CHECK_THAT(text_at(now, "hint"), Catch::Contains("the last good snapshot stays in force"));
  CHECK(number_at(now, "people") == 3);
  REQUIRE(house.recorder.wait(20s, [](const Ledger& ledger) { return alerts(ledger, "raised") == 1; }));

  // The next good one is taken all the same, and all is well again.
  house.put("good.jsonl", {ada, ben});
  REQUIRE(house.recorder.wait(20s, [](const Ledger& ledger) {
    return ledger.count("person.disabled") == 1 && alerts(ledger, "over") == 1;
  }));
  CHECK(house.feed_becomes("active"));
  CHECK(house.recorder.ask(upserts) == 3);
  CHECK(house.recorder.ask([](const Ledger& ledger) { return alerts(ledger, "raised"); }) == 1);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S2-4: snapshots that wait together each have their run, in order of time and name", "[feed]") {
  FeedHouse house;
  house.start_and_import();
  CHECK(house.recorder.ask([](const Ledger& ledger) { return feed_runs(ledger); }) == 0);
  house.put("people.jsonl", {ada});
  REQUIRE(house.recorder.wait(20s, [](const Ledger& ledger) { return upserts(ledger) == 1; }));
  house.gateway.kill();
  house.put("z.jsonl", {ada, ben});
  house.put("k2.jsonl", {ada, {"c-4", "Dot", "dot@example.com"}});
  house.put("k1.jsonl", {ada, cid});
  const auto now = fs::last_write_time(house.folder / "z.jsonl");
  fs::last_write_time(house.folder / "z.jsonl", now - 100s);
  for (const char* name : {"k1.jsonl", "k2.jsonl"}) fs::last_write_time(house.folder / name, now - 50s);
  house.gateway.start();
  REQUIRE(house.recorder.wait(20s, [](const Ledger& ledger) {
    return upserts(ledger) == 4 && ledger.count("person.disabled") == 2;
  }));
  std::vector<std::string> came;
  for (const auto& person : upserted(house.recorder.ledger())) came.push_back(text_at(person, "first_name"));
  CHECK(came == std::vector<std::string>{"Ada", "Ben", "Cid", "Dot"});
  CHECK(house.gets("done/k2.jsonl"));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S2-4: a snapshot without its end line is left alone until it has one", "[feed]") {
  FeedHouse house;
  house.start_and_import();
  house.put("people.jsonl", {ada, ben, cid});
  REQUIRE(house.recorder.wait(20s, [](const Ledger& ledger) { return upserts(ledger) == 3; }));
  house.put("half.jsonl", lines_of({ada}));
  // One that comes later is taken before it: so it was looked at, and nobody waits for it.
  house.put("later.jsonl", {ada, ben, cid, {"c-4", "Dot", "dot@example.com"}});
  REQUIRE(house.recorder.wait(20s, [](const Ledger& ledger) { return upserts(ledger) == 4; }));
  CHECK(house.has("half.jsonl"));
  CHECK(house.recorder.ask([](const Ledger& ledger) { return ledger.count("person.disabled"); }) == 0);
  CHECK(house.feed_becomes("active"));
  std::ofstream(house.folder / "half.jsonl", std::ios::app) << end_line(1);
  REQUIRE(
      house.recorder.wait(20s, [](const Ledger& ledger) { return ledger.count("person.disabled") == 3; }));
  CHECK(house.gets("done/half.jsonl"));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S2-3: a feed's person who agrees with one of Net2 is a duplicate, or linked where that is allowed",
          "[feed]") {
  FeedHouse house;
  house.start_and_import();
  house.net2.act("people", R"({"add":{"firstName":"Ada","lastName":"Lovelace","department":"Staff",)"
                           R"("email":"ada@example.com"}})");
  REQUIRE(
      house.recorder.wait(20s, [](const Ledger& ledger) { return ledger.count("person.upserted") == 2; }));
  house.put("people.jsonl", {ben});
  REQUIRE(house.recorder.wait(20s, [](const Ledger& ledger) { return upserts(ledger) == 1; }));
  Somebody same = ada;
  same.group = "Staff";
  house.put("people.jsonl", {ben, same});
  REQUIRE(eventually(20s, [&] { return issues(house.gateway).size() == 1; }));
  const auto issue = issues(house.gateway).front();
  INFO(json::serialize(issue));
  CHECK(text_at(issue, "kind") == "duplicate");
  CHECK(text_at(issue, "external_id") == "c-1");
  CHECK(issue.at("others").as_array().size() == 1);
  CHECK(house.feed_becomes("issues"));
  CHECK(house.recorder.ask(upserts) == 1);
  CHECK(skipped(house.recorder.ledger()) == std::map<std::string, std::string>{{"c-1", "duplicate_pending"}});

  house.configure("      match: {cross_source: link}\n");
  const auto reloaded = house.gateway.ask({"config", "reload"});
  INFO(reloaded.out << reloaded.err);
  REQUIRE(reloaded.status == 0);
  REQUIRE(house.recorder.wait(20s, [](const Ledger& ledger) { return upserts(ledger) == 2; }));
  const auto linked = upserted(house.recorder.ledger()).back();
  INFO(json::serialize(linked));
  REQUIRE(linked.at("sources").as_array().size() == 2);
  std::vector<std::string> badges;
  for (const auto& source : linked.at("sources").as_array())
    badges.push_back(text_at(source.as_object(), "badge"));
  std::ranges::sort(badges);
  CHECK(badges == std::vector<std::string>{"CCTV/Computer Vision", "Head office Net2"});
  CHECK(text_at(linked, "person_type") == "employee");
  CHECK(house.feed_becomes("active"));
  CHECK(issues(house.gateway).empty());

  // Either source can take the access away.
  house.put("people.jsonl", {ben});
  REQUIRE(
      house.recorder.wait(20s, [](const Ledger& ledger) { return ledger.count("person.disabled") == 1; }));
  CHECK(text_at(house.recorder.ledger().of("person.disabled").back().data(), "person_id") ==
        text_at(linked, "id"));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

}  // namespace
}  // namespace gatehouse::whole
