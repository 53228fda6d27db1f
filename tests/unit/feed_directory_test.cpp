#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connectors/feed/feed_scan.hpp"
#include "tests/unit/feed_bench.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using Catch::Contains;
using Catch::StartsWith;
using test::FeedBench;
using test::snapshot;
using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("A feed without a snapshot has nobody to tell of, which is an error and no empty list", "[feed]") {
  FeedBench bench;
  CHECK(bench.said() == "nothing");
  test::TakenPeople people;
  const auto read = bench.run(bench.feed->read_people({}, people));
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Errc::not_found);
  CHECK_THAT(read.error().detail, Contains("no snapshot yet"));
}

TEST_CASE("Snapshots are taken in order of time, then of name", "[feed]") {
  FeedBench bench;
  bench.drop("z.jsonl", snapshot({"first"}));
  bench.drop("b.jsonl", snapshot({"third"}));
  bench.drop("a.jsonl", snapshot({"second"}));
  bench.set_time("a.jsonl", 1'780'000'100);
  bench.set_time("b.jsonl", 1'780'000'100);
  bench.drop("people.csv", "not ours");
  bench.drop(".hidden.jsonl", snapshot({"hidden"}));
  for (const char* expected : {"first", "second", "third"}) {
    CHECK(bench.said() == "taken");
    CHECK(bench.ids() == expected);
  }
  CHECK(bench.said() == "nothing");
  CHECK(bench.on_shelf("done") == Names{"a.jsonl", "b.jsonl", "z.jsonl"});
  CHECK(std::filesystem::exists(bench.path / "people.csv"));
  CHECK(std::filesystem::exists(bench.path / ".hidden.jsonl"));
}

TEST_CASE("The people of a snapshot come in its order, with the fields asked for and no others", "[feed]") {
  FeedBench bench;
  bench.drop(
      "a.jsonl",
      "\xEF\xBB\xBF{\"external_id\":\"9\",\"group\":\"identified\",\"first_name\":\"Ada\",\"pin\":\"1\"}\r\n"
      "\r\n"
      "{\"external_id\":\"1\",\"department\":\"Labs\",\"email\":\"b@example.com\"}\r\n"
      "{\"end\":true,\"count\":2}");
  CHECK(bench.said() == "taken");
  const auto people = bench.read({"email", "first_name"});
  REQUIRE(people.size() == 2);
  CHECK(people[0].external_id == "9");
  CHECK(people[0].group == "identified");
  CHECK(people[0].values == Names{"", "Ada"});
  CHECK(people[1].department == "Labs");
  CHECK(people[1].values == Names{"b@example.com", ""});
}

TEST_CASE("A file is left alone until its end line is there", "[feed]") {
  FeedBench bench;
  bench.write("a.jsonl", "{\"external_id\":\"1\"}\n{\"end\":true,\"count\":");
  CHECK(bench.said() == "nothing");
  bench.clock.pass(9min);
  CHECK(bench.said() == "nothing");
  bench.write("a.jsonl", "1", std::ios::app);
  bench.clock.pass(9min);
  CHECK(bench.said() == "nothing");  // it has grown
  bench.clock.pass(2min);
  CHECK(bench.said() == "nothing");
  bench.clock.pass(10min);
  CHECK_THAT(bench.said(), StartsWith("incomplete: feed file a.jsonl: it has no end line"));
  bench.clock.pass(1h);
  CHECK(bench.said() == "nothing");  // said once
  bench.drop("b.jsonl", snapshot({"2"}));
  CHECK(bench.said() == "taken");  // it holds nobody up
  bench.write("a.jsonl", "}", std::ios::app);
  CHECK(bench.said() == "taken");
  CHECK(bench.ids() == "1");
}

TEST_CASE("A bad snapshot goes to failed with the reason, and the one before it stays", "[feed]") {
  struct Row {
    const char* what;
    std::string content;
    const char* why;
  };
  const std::string ada = "{\"external_id\":\"ada\"}\n";
  const std::string end1 = "{\"end\":true,\"count\":1}\n";
  const auto row = GENERATE_COPY(values<Row>({
      {"counts too many", ada + "{\"end\":true,\"count\":2}\n",
       "incomplete: feed file x.jsonl: line 2: the end line counts 2, the file has 1"},
      {"counts too few", ada + "{\"external_id\":\"bo\"}\n" + end1,
       "incomplete: feed file x.jsonl: line 3: the end line counts 1, the file has 2"},
      {"has a broken line", ada + "oops\n" + end1, "malformed: feed file x.jsonl: line 2: it is not JSON"},
      {"has a line that was cut", ada + "{\"external_id\":\n" + end1,
       "malformed: feed file x.jsonl: line 2: it is not JSON"},
      {"names a person twice", ada + "\n" + ada + "{\"end\":true,\"count\":2}\n",
       "malformed: feed file x.jsonl: line 3: it has the external_id of line 1"},
      {"has a person without an id", "{\"first_name\":\"Ada\"}\n" + end1,
       "malformed: feed file x.jsonl: line 1: \"external_id\" is missing"},
      {"goes on after its end", ada + end1 + ada + end1,
       "malformed: feed file x.jsonl: line 3: it stands behind the end line"},
      {"is not UTF-8", "{\"external_id\":\"ad\xe9\"}\n" + end1,
       "malformed: feed file x.jsonl: line 1: it is not JSON"},
      {"has a BOM inside", ada + "\xEF\xBB\xBF{\"external_id\":\"bo\"}\n" + end1,
       "malformed: feed file x.jsonl: line 2: it is not JSON"},
      {"has a huge line", "{\"external_id\":\"" + std::string(70'000, 'x') + "\"}\n" + end1,
       "malformed: feed file x.jsonl: line 1: it is longer than 65536 bytes"},
      {"has a line without an end", ada + std::string(3'000'000, ' ') + "\n" + end1,
       "malformed: feed file x.jsonl: line 2: it is longer than 65536 bytes"},
      {"has NULs", std::string(100, '\0') + "\n" + end1,
       "malformed: feed file x.jsonl: line 1: it is not JSON"},
  }));
  DYNAMIC_SECTION("one that " << row.what) {
    FeedBench bench;
    bench.drop("good.jsonl", snapshot({"good"}));
    CHECK(bench.said() == "taken");
    bench.drop("x.jsonl", row.content);
    CHECK_THAT(bench.said(), StartsWith(row.why));
    CHECK(bench.said() == "nothing");
    CHECK(bench.ids() == "good");
    CHECK(bench.on_shelf("failed") == Names{"x.jsonl", "x.jsonl.why"});
    CHECK_FALSE(std::filesystem::exists(bench.path / "x.jsonl"));
    const auto line = std::string(row.why).substr(std::string(row.why).find("line "));
    CHECK_THAT(bench.content("failed/x.jsonl.why"),
               StartsWith("x.jsonl was not taken at " + format_utc(bench.clock.at) + ".\n" + line));
  }
}

TEST_CASE("An empty feed is complete and empty", "[feed]") {
  FeedBench bench;
  bench.drop("a.jsonl", snapshot({}));
  CHECK(bench.said() == "taken");
  test::TakenPeople people;
  const auto read = bench.run(bench.feed->read_people({}, people));
  REQUIRE(read);
  CHECK(read->seen == 0);
  CHECK(people.records.empty());
}

TEST_CASE("Only plain files are taken, and the rest does no harm", "[feed]") {
  FeedBench bench;
  const auto aside = bench.path / "secret";
  bench.write("secret", snapshot({"secret"}));
  std::filesystem::create_symlink(aside, bench.path / "a.jsonl");
  CHECK_THAT(bench.said(), StartsWith("malformed: feed file a.jsonl: it is a symbolic link"));
  REQUIRE(::mkfifo((bench.path / "b.jsonl").c_str(), 0644) == 0);
  CHECK_THAT(bench.said(), StartsWith("malformed: feed file b.jsonl: it is a pipe"));
  std::filesystem::create_directory(bench.path / "c.jsonl");
  CHECK_THAT(bench.said(), StartsWith("malformed: feed file c.jsonl: it is a directory"));
  CHECK(bench.said() == "nothing");
  CHECK(std::filesystem::exists(aside));
  CHECK(bench.on_shelf("failed").size() == 6);
  CHECK(bench.on_shelf("done").empty());
}

TEST_CASE("A file that is too large is refused without being read", "[feed]") {
  FeedBench bench;
  bench.write("a.jsonl", "");
  std::filesystem::resize_file(bench.path / "a.jsonl", max_feed_file + 1);
  CHECK_THAT(bench.said(), StartsWith("malformed: feed file a.jsonl: it is larger than 64 MiB"));
}

TEST_CASE("After a restart the newest snapshot in done is the current one", "[feed]") {
  FeedBench bench;
  bench.drop("b.jsonl", snapshot({"old"}));
  CHECK(bench.said() == "taken");
  bench.drop("a.jsonl", snapshot({"new"}));
  CHECK(bench.said() == "taken");
  SECTION("whatever else lies there") {
    bench.write("done/notes.txt", "zzz");
  }
  SECTION("whatever the file system's clock says") {  // chown -R, a clock that was set back
    REQUIRE(::chmod((bench.path / "done/b.jsonl").c_str(), 0600) == 0);
    std::filesystem::rename(bench.path / "done/b.jsonl", bench.path / "done/20990101T000000.000Z-b.jsonl");
  }
  SECTION("though it was copied from a backup") {
    for (const char* name : {"done/a.jsonl", "done/b.jsonl"}) {
      const auto kept = bench.content(name);
      bench.write("kept", kept);
      std::filesystem::remove(bench.path / name);
      std::filesystem::rename(bench.path / "kept", bench.path / name);
    }
  }
  bench.open();
  CHECK(bench.ids() == "new");
  CHECK(bench.said() == "nothing");
}

TEST_CASE("A removed snapshot is missed after a restart, and none before it takes its place", "[feed]") {
  FeedBench bench;
  bench.drop("a.jsonl", snapshot({"old", "gone"}));
  CHECK(bench.said() == "taken");
  bench.drop("b.jsonl", snapshot({"old"}));
  CHECK(bench.said() == "taken");
  std::filesystem::remove(bench.path / "done/b.jsonl");
  bench.open();
  test::TakenPeople people;
  const auto read = bench.run(bench.feed->read_people({}, people));
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Errc::malformed);
  CHECK_THAT(read.error().detail, Contains("done/b.jsonl has been removed"));
  // Without the mark the newest is the best guess.
  std::filesystem::remove(bench.path / ".current");
  bench.open();
  CHECK(bench.ids() == "old gone");
}

TEST_CASE("A file of the same name is put aside, and its reason with it", "[feed]") {
  FeedBench bench;
  bench.drop("a.jsonl", snapshot({"1"}));
  CHECK(bench.said() == "taken");
  bench.drop("a.jsonl", snapshot({"2"}));
  CHECK(bench.said() == "taken");
  CHECK(bench.ids() == "2");
  CHECK(bench.on_shelf_unstamped("done") == Names{"STAMP-a.jsonl", "a.jsonl"});
  CHECK(bench.content("done/a.jsonl") == snapshot({"2"}));
  bench.open();
  CHECK(bench.ids() == "2");

  bench.drop("x.jsonl", "first\n{\"end\":true,\"count\":1}\n");
  CHECK_THAT(bench.said(), StartsWith("malformed"));
  const auto first_reason = bench.content("failed/x.jsonl.why");
  bench.drop("x.jsonl", snapshot({"7"}) + snapshot({"8"}));
  CHECK_THAT(bench.said(), StartsWith("malformed: feed file x.jsonl: line 3: it stands behind"));
  CHECK(bench.on_shelf_unstamped("failed") ==
        Names{"STAMP-x.jsonl", "STAMP-x.jsonl.why", "x.jsonl", "x.jsonl.why"});
  CHECK_THAT(bench.content("failed/x.jsonl.why"), Contains("line 3: it stands behind"));
  for (const auto& name : bench.on_shelf("failed")) {
    if (name.ends_with("Z-x.jsonl.why")) CHECK(bench.content("failed/" + name) == first_reason);
  }
  // One that somebody has taken away leaves its reason behind, which is not the next one's.
  std::filesystem::remove(bench.path / "failed/x.jsonl");
  bench.drop("x.jsonl", "third\n{\"end\":true,\"count\":1}\n");
  CHECK_THAT(bench.said(), StartsWith("malformed"));
  CHECK_THAT(bench.content("failed/x.jsonl.why"), Contains("line 1: it is not JSON"));
}

TEST_CASE("A shelf that somebody has removed is made anew", "[feed]") {
  FeedBench bench;
  bench.drop("a.jsonl", snapshot({"1"}));
  CHECK(bench.said() == "taken");
  std::filesystem::remove_all(bench.path / "done");
  std::filesystem::remove_all(bench.path / "failed");
  bench.drop("b.jsonl", snapshot({"2"}));
  bench.drop("c.jsonl", "oops\n{\"end\":true,\"count\":1}\n");
  CHECK(bench.said() == "taken");
  CHECK_THAT(bench.said(), StartsWith("malformed"));
  CHECK(bench.ids() == "2");
  CHECK(bench.on_shelf("failed") == Names{"c.jsonl", "c.jsonl.why"});
}

TEST_CASE("A snapshot that somebody has damaged in done is not half read", "[feed]") {
  FeedBench bench;
  bench.drop("a.jsonl", snapshot({"1", "2"}));
  CHECK(bench.said() == "taken");
  for (const auto& entry : std::filesystem::directory_iterator(bench.path / "done"))
    std::filesystem::resize_file(entry.path(), 40);
  test::TakenPeople people;
  auto read = bench.run(bench.feed->read_people({}, people));
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Errc::malformed);
  std::filesystem::remove_all(bench.path / "done");
  read = bench.run(bench.feed->read_people({}, people));
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Errc::malformed);
  CHECK_THAT(read.error().detail, Contains("has been removed"));
}

TEST_CASE("done and failed have the mode of the directory", "[feed]") {
  FeedBench bench;
  std::filesystem::remove_all(bench.path / "done");
  std::filesystem::remove_all(bench.path / "failed");
  REQUIRE(::chmod(bench.path.c_str(), 02770) == 0);
  bench.open();
  for (const char* shelf : {"done", "failed"}) {
    struct stat status{};
    REQUIRE(::stat((bench.path / shelf).c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 02770);
  }
}

TEST_CASE("A link in place of done is refused", "[feed]") {
  FeedBench bench;
  std::filesystem::remove_all(bench.path / "done");
  std::filesystem::create_symlink(bench.path / "failed", bench.path / "done");
  const auto made = FeedDirectory::open(bench.io.get_executor(), bench.worker.get_executor(),
                                        bench.path.string(), bench.clock, bench.log);
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Errc::storage);
  CHECK_THAT(made.error().detail, Contains("open done/ in it"));
}

TEST_CASE("A feed's directory that is missing is an error that says what to do", "[feed]") {
  FeedBench bench;
  const auto made = FeedDirectory::open(bench.io.get_executor(), bench.worker.get_executor(),
                                        (bench.path / "none").string(), bench.clock, bench.log);
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Errc::storage);
  CHECK_THAT(made.error().detail, Contains("No such file") && Contains("install -d -m 2770"));

  std::filesystem::rename(bench.path, bench.path.string() + "-away");
  CHECK_THAT(bench.said(), StartsWith("storage: feed directory"));
  std::filesystem::create_directory(bench.path);
  bench.drop("a.jsonl", snapshot({"again"}));
  CHECK(bench.said() == "taken");
  CHECK(bench.ids() == "again");
  std::filesystem::remove_all(bench.path.string() + "-away");
}

TEST_CASE("What cannot be read or moved stays, is told, and is taken once it can be", "[feed]") {
  FeedBench bench;
  const bool root = ::geteuid() == 0;  // root needs no rights: the worker's thread gives its own up
  const auto as = [&](uid_t user) { boost::asio::post(bench.worker, [user] { ::setfsuid(user); }); };
  const auto done = bench.path / "done";
  REQUIRE(::chmod(bench.path.c_str(), 0777) == 0);
  REQUIRE(::chmod(done.c_str(), 0777) == 0);
  bench.drop("a.jsonl", snapshot({"1"}));
  REQUIRE(::chmod((bench.path / "a.jsonl").c_str(), 0) == 0);
  if (root) as(65534);
  for (int i = 0; i < 2; ++i)  // as long as it is so
    CHECK_THAT(bench.said(), StartsWith("storage: feed file a.jsonl: open it: Permission denied"));
  CHECK(std::filesystem::exists(bench.path / "a.jsonl"));

  REQUIRE(::chmod((bench.path / "a.jsonl").c_str(), 0644) == 0);
  REQUIRE(::chmod(done.c_str(), 0555) == 0);
  CHECK_THAT(bench.said(),
             StartsWith("storage: feed file a.jsonl: it is whole, but cannot be moved to done/"));
  CHECK(std::filesystem::exists(bench.path / "a.jsonl"));
  REQUIRE(::chmod(done.c_str(), 0777) == 0);
  CHECK(bench.said() == "taken");
  CHECK(bench.ids() == "1");

  REQUIRE(::chmod((bench.path / "failed").c_str(), 0555) == 0);
  bench.drop("b.jsonl", "oops\n{\"end\":true,\"count\":1}\n");
  CHECK_THAT(bench.said(), Contains("line 1") && Contains("cannot be moved to failed/"));
  CHECK(bench.said() == "nothing");  // and holds nobody up
  if (root) as(0);
}

TEST_CASE("Old files are removed, but never the current snapshot", "[feed]") {
  FeedBench bench;
  const std::string bad = "oops\n{\"end\":true,\"count\":1}\n";
  const auto days_ago = [&](int days) {
    return FolderShelf::stamped(bench.clock.at - std::chrono::days(days), "x.jsonl");
  };
  const auto fill = [&] {
    for (const char* shelf : {"done/", "failed/"}) {
      bench.write(shelf + days_ago(31), "old");
      bench.write(shelf + days_ago(29), "not so old");
    }
  };
  SECTION("by their stamps") {
    fill();
    bench.clock.set = ClockQuality::unsynced;  // who knows what day it is
    bench.drop("a.jsonl", snapshot({"1"}));
    CHECK(bench.said() == "taken");
    CHECK(bench.on_shelf("done") == Names{days_ago(31), days_ago(29), "a.jsonl"});
    bench.clock.set = ClockQuality::ok;
    bench.drop("b.jsonl", snapshot({"2"}));
    bench.drop("bad.jsonl", bad);
    CHECK(bench.said() == "taken");
    CHECK_THAT(bench.said(), StartsWith("malformed"));
    CHECK(bench.on_shelf("done") == Names{days_ago(29), "a.jsonl", "b.jsonl"});
    CHECK(bench.on_shelf("failed") == Names{days_ago(29), "bad.jsonl", "bad.jsonl.why"});
  }
  SECTION("by the time of their coming, whatever their writers' clocks said") {
    bench.drop("a.jsonl", snapshot({"1"}));
    bench.set_time("a.jsonl", 86'400);  // 1970
    CHECK(bench.said() == "taken");
    bench.drop("b.jsonl", snapshot({"2"}));
    CHECK(bench.said() == "taken");
    CHECK(bench.on_shelf("done") == Names{"a.jsonl", "b.jsonl"});
    bench.clock.pass(24h * 31);
    bench.drop("bad.jsonl", bad);
    CHECK_THAT(bench.said(), StartsWith("malformed"));
    CHECK(bench.on_shelf("done") == Names{"b.jsonl"});  // the current one
    CHECK(bench.ids() == "2");
  }
  SECTION("when there are too many of them") {
    for (int i = 0; i < 1001; ++i)
      bench.write("done/" + FolderShelf::stamped(bench.clock.at - std::chrono::seconds(i + 1), "x.jsonl"),
                  "");
    bench.drop("a.jsonl", snapshot({"1"}));
    CHECK(bench.said() == "taken");
    const auto left = bench.on_shelf("done");
    CHECK(left.size() == 1000);
    CHECK(left.back() == "a.jsonl");
    CHECK(left.front() == FolderShelf::stamped(bench.clock.at - std::chrono::seconds(999), "x.jsonl"));
  }
}

TEST_CASE("Names that are long or strange are taken like others", "[feed]") {
  FeedBench bench;
  bench.drop(std::string(240, 'n') + ".jsonl", "oops\n{\"end\":true,\"count\":1}\n");
  CHECK_THAT(bench.said(), StartsWith("malformed"));
  CHECK(bench.on_shelf("failed").size() == 2);
  bench.drop(std::string(249, 'm') + ".jsonl", "oops\n{\"end\":true,\"count\":1}\n");
  CHECK_THAT(bench.said(), StartsWith("malformed"));
  CHECK(bench.on_shelf("failed").size() == 4);
  bench.drop("a\nb.jsonl", "oops\n{\"end\":true,\"count\":1}\n");
  CHECK_THAT(bench.said(), StartsWith("malformed: feed file a?b.jsonl: line 1"));
  for (const std::string& name : {std::string(249, 'n') + ".jsonl", std::string("c\nd e.jsonl")}) {
    for (const char* person : {"1", "2"}) {
      bench.drop(name, snapshot({person}));
      CHECK(bench.said() == "taken");
      bench.open();
      CHECK(bench.ids() == person);
    }
  }
}

TEST_CASE("Thousands of people are read at once", "[feed]") {
  FeedBench bench;
  Names ids;
  for (int i = 0; i < 5000; ++i) ids.push_back("person-" + std::to_string(i));
  bench.drop("a.jsonl", snapshot(ids));
  CHECK(bench.said() == "taken");
  const auto people = bench.read({"first_name"});
  REQUIRE(people.size() == 5000);
  CHECK(people[4999].external_id == "person-4999");
  CHECK(people[4999].values == Names{"Nperson-4999"});
}

}  // namespace gatehouse
