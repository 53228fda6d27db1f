// `gatehouse watch`: everything at a glance, drawn again when something changes.

#include <chrono>
#include <ctime>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "daemon/cli/commands.hpp"
#include "daemon/cli/follow.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/screen.hpp"
#include "daemon/cli/watch_view.hpp"
#include "daemon/cli/words.hpp"
#include "daemon/control/bus_names.hpp"
#include "daemon/core/instant.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using boost::json::array;
using boost::json::value;

constexpr auto draw_all_the_same = 5s;  // ages grow without a change
constexpr auto between_draws = 200ms;   // at most five times a second
constexpr auto between_tries = 1s;
constexpr auto watch_patience = 5s;  // a key must not wait longer for a daemon that hangs
constexpr auto look_back = 15min;    // for what is shown at first
constexpr std::uint32_t page = 200;
constexpr int most_pages = 20;  // of one look; the rest comes with the next
constexpr std::size_t most_kept = 100;

std::string now_utc(std::chrono::milliseconds back) {
  return format_utc(wall_now() - back);
}

std::string clock_words() {
  const auto words = local_time(now_utc(0ms));
  return words.substr(std::min(words.size(), words.find(' ') + 1));
}

/// The end of a list that grows.
class Tail {
 public:
  Tail(const char* interface, const char* list, const char* id)
      : interface_(interface), follower_(list, id), since_(now_utc(look_back)) {}

  /// What is new; the answer that was none.
  std::optional<Answer> read(CommandSession& session) {
    for (int pages = 0; pages < most_pages; ++pages) {
      const auto answer = session.daemon.ask(
          interface_, "List", {Filter{{"since", since_}}, follower_.after(), page}, watch_patience);
      if (!answer.document) return answer;
      boost::json::error_code wrong;
      auto document = boost::json::parse(*answer.document, wrong);
      if (wrong) break;
      for (auto& one : follower_.take(std::move(document))) kept_.push_back(std::move(one));
      while (kept_.size() > most_kept) kept_.erase(kept_.begin());
      if (!follower_.more()) break;
    }
    return std::nullopt;
  }
  const array& items() const { return kept_; }

 private:
  const char* interface_;
  EventFollower follower_;
  std::string since_;
  array kept_;
};

/// Everything that is shown, read over one connection.
class Watch {
 public:
  explicit Watch(CommandSession& session) : session_(session) {}

  std::optional<Answer> read() {
    auto trouble = read_all();
    facts_.trouble = trouble ? trouble->why : "";
    return trouble;
  }
  const WatchFacts& facts() const { return facts_; }

 private:
  std::optional<Answer> read_all() {
    // Before the first read, so that nothing falls between.
    if (auto trouble = session_.daemon.listen()) return trouble;
    if (auto trouble = read_into(bus_names::gateway, "Status", {}, facts_.status)) return trouble;
    if (auto trouble = events_.read(session_)) return trouble;
    if (auto trouble = decisions_.read(session_)) return trouble;
    value issues;
    if (auto trouble = read_into(bus_names::issues, "List", {Filter{}}, issues)) return trouble;
    facts_.events = events_.items();
    facts_.decisions = decisions_.items();
    facts_.issues = list_field(issues, "issues");
    return std::nullopt;
  }

  std::optional<Answer> read_into(const char* interface, const char* method,
                                  const std::vector<Argument>& arguments, value& into) {
    auto answer = session_.daemon.ask(interface, method, arguments, watch_patience);
    if (!answer.document) return answer;
    boost::json::error_code wrong;
    auto document = boost::json::parse(*answer.document, wrong);
    if (!wrong) into = std::move(document);
    return std::nullopt;
  }

  CommandSession& session_;
  Tail events_{bus_names::events, "events", "event_id"};
  Tail decisions_{bus_names::access, "decisions", "id"};
  WatchFacts facts_;
};

ExitStatus print_snapshot(CommandSession& session, Watch& watch) {
  if (const auto trouble = watch.read()) return session.fail(*trouble);
  const auto& facts = watch.facts();
  const boost::json::object document{{"status", facts.status},
                                     {"events", facts.events},
                                     {"decisions", facts.decisions},
                                     {"issues", facts.issues}};
  session.terminal.out << boost::json::serialize(document) << '\n';
  return ExitStatus::done;
}

/// No screen: a line whenever it says something else.
ExitStatus print_lines(CommandSession& session, Watch& watch) {
  if (const auto trouble = watch.read()) return session.fail(*trouble);
  std::string said;
  for (;;) {
    const auto line = watch_line(watch.facts());
    if (line != said) {
      session.terminal.out << local_time(now_utc(0ms)) << "  " << line << std::endl;
      if (!session.terminal.out) return ExitStatus::failed;
      said = line;
    }
    if (session.daemon.wait(draw_all_the_same) == BusClient::Heard::lost) session.daemon.wait(between_tries);
    watch.read();
  }
}

ExitStatus draw(CommandSession& session, Watch& watch) {
  if (const auto trouble = watch.read()) return session.fail(*trouble);
  Screen screen;
  for (;;) {
    if (!screen.show(watch_lines(watch.facts(), screen.size(), clock_words()))) return ExitStatus::failed;
    const auto drawn = std::chrono::steady_clock::now();
    bool read = false;
    for (bool again = false; !again;) {
      const auto since =
          std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now() - drawn);
      const auto limit = read ? between_draws - since : std::chrono::milliseconds(draw_all_the_same) - since;
      switch (session.daemon.wait(std::max(limit, 0ms), screen.descriptor())) {
        case BusClient::Heard::other: {
          const auto want = screen.take();
          if (want == Screen::Want::quit) return ExitStatus::done;
          again = want == Screen::Want::redraw;
          break;
        }
        case BusClient::Heard::change:
          read = true;
          again = since >= between_draws;
          break;
        case BusClient::Heard::nothing:
          read = true;
          again = true;
          break;
        case BusClient::Heard::lost:
          break;  // the time until the next draw is the time until the next try
      }
    }
    if (read) watch.read();
  }
}

}  // namespace

ExitStatus watch_gateway(CommandSession& session) {
  Watch watch(session);
  if (session.command.json) return print_snapshot(session, watch);
  return Screen::is_there() ? draw(session, watch) : print_lines(session, watch);
}

}  // namespace gatehouse
