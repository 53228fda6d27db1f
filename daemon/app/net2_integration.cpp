#include "daemon/app/net2_integration.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration between_polls = milliseconds(20);      ///< however often the bell rings
constexpr Duration after_empty_bell = milliseconds(150);  ///< the row may come a moment after the push
constexpr Duration doors_anew = minutes(10);
constexpr Duration alert_after = seconds(30);  ///< a short restart of Net2 is no alarm
/// Without an answer for so long, one is asked for: with the silence that is allowed then, a server that has
/// gone is told within ten seconds (contract §5), however seldom it is polled.
constexpr Duration quiet_at_most = seconds(3);

bool is_fine(IntegrationState state) {
  return state == IntegrationState::active || state == IntegrationState::disabled ||
         state == IntegrationState::importing || state == IntegrationState::pending ||
         state == IntegrationState::paused || state == IntegrationState::staging ||
         state == IntegrationState::draft;
}

}  // namespace

Net2Integration::Net2Integration(Integration settings, const std::vector<SiteId>& all_sites, Parts parts)
    : settings_(std::move(settings)),
      parts_(std::move(parts)),
      identity_(settings_.id, parts_.source, parts_.directory),
      poller_(settings_.id, settings_.net2.poll.events_from,
              {.source = parts_.source,
               .store = parts_.events,
               .identity = identity_,
               .clock = parts_.clock,
               .log = parts_.log,
               .news = parts_.news,
               .witness = parts_.witness,
               .zone = settings_.net2.timezone,
               .zones = parts_.zones}),
      people_(settings_, all_sites, people_parts()),
      events_bell_(parts_.executor),
      doors_bell_(parts_.executor),
      back_again_(parts_.executor) {
  facts_.enabled = settings_.enabled;
  facts_.automatic = settings_.automatic;
  facts_.staging = settings_.mode == IntegrationMode::staging;
  judged_ = judge(facts_);
  identity_.doubt_people();  // until the store has said whether a plan of other people waits
  doubts_heeded_ = identity_.doubts();
}

PeopleSync::Parts Net2Integration::people_parts() {
  auto people = parts_.people;
  people.poll = settings_.net2.poll.people;
  people.before_read = [this]() { return meet_server(); };
  people.other_doors = [this] { return met_.has_value(); };
  people.after_read = [this]() { return same_server(); };
  people.take_over = [this](bool by_plan) { return take_over(by_plan); };
  people.loaded = [this](bool reimport) {
    if (!reimport && identity_.doubts() == 1) identity_.people_are(ServerIdentity::People::known);
    events_bell_.ring();
  };
  people.passed_judgement = [this](PassEnd end) { judge_people(end); };
  people.changed = [this] {
    facts_.authenticated_once = facts_.authenticated_once || people_.facts().read_once;
    judge_again();
  };
  return people;
}

void Net2Integration::start(TaskGroup& loops) {
  if (!settings_.enabled) return;
  const auto name = [&](std::string_view what) { return settings_.id.value() + ' ' + std::string(what); };
  heard_at_ = parts_.clock.uptime();
  loops.start(name("people"), [this](Pulse& pulse) { return people_.loop(pulse); });
  loops.start(name("contact"), [this](Pulse& pulse) { return contact_loop(pulse); });
  if (facts_.staging) return;  // staging computes people and sends nothing: no events, no doors
  loops.start(name("events"), [this](Pulse& pulse) { return events_loop(pulse); });
  loops.start(name("doors"), [this](Pulse& pulse) { return doors_loop(pulse); });
  if (settings_.net2.poll.live) {
    loops.start(name("live"), [this](Pulse& pulse) { return live_loop(pulse); });
  }
}

/// Another server's people are read all the same: whether they are ours says whether it is.
Task<Result<void>> Net2Integration::meet_server() {
  auto same = co_await identity_.confirm();
  doubts_ = identity_.doubts();
  met_.reset();
  if (!same && same.error().code == Errc::refused && identity_.other_server()) {
    met_ = identity_.met();
    co_return Result<void>{};
  }
  co_return same;
}

Task<Result<void>> Net2Integration::same_server() {
  if (met_ || identity_.still_confirmed()) co_return Result<void>{};
  auto same = co_await identity_.confirm();
  co_return same;
}

Task<bool> Net2Integration::take_over(bool by_plan) {
  const auto doors = *met_;
  auto done = co_await identity_.take_over(doors, by_plan);
  if (!done) {
    parts_.log.write(Level::warning,
                     "the doors of another Net2 server are not taken over: " + done.error().detail,
                     {{"INTEGRATION", settings_.id.value()}});
    co_return false;
  }
  met_.reset();
  statuses_.clear();
  events_bell_.ring();
  doors_bell_.ring();
  if (doors.empty()) co_return true;  // those that we knew stay known
  parts_.log.write(
      Level::warning,
      std::to_string(doors.size()) + " doors in place of all that were known: " +
          (by_plan ? "another Net2 server, confirmed with its people" : "the people are the same"),
      {{"INTEGRATION", settings_.id.value()}});
  std::vector<AuditEntry> rows;
  rows.push_back({.actor = "gateway",
                  .action = "net2.doors_replaced",
                  .target = settings_.id.value(),
                  .outcome = "done",
                  .detail = by_plan ? R"({"by":"plan"})" : R"({"by":"people"})",
                  .person = std::nullopt});
  auto noted = co_await parts_.audit.note(std::move(rows));
  if (!noted)
    parts_.log.write(Level::error, "not in the audit: the doors' replacement: " + noted.error().detail);
  co_return true;
}

/// What a whole read of the people says of their numbers, if they were not doubted again since it began.
void Net2Integration::judge_people(PassEnd end) {
  using People = ServerIdentity::People;
  if (end == PassEnd::computed_only || identity_.other_server()) return;
  if (end == PassEnd::other_server) identity_.people_are(People::others);
  // Under another mapping nobody looked who they are: only a server that was never doubted is believed.
  else if (doubts_ == identity_.doubts() && (end != PassEnd::reimport || doubts_ == 1))
    identity_.people_are(People::known);
  events_bell_.ring();
}

/// At once, so that events need not wait long for who is meant.
void Net2Integration::read_people_where_doubted() {
  if (std::exchange(doubts_heeded_, identity_.doubts()) != identity_.doubts()) people_.ring();
}

Task<void> Net2Integration::events_loop(Pulse& pulse) {
  Retry retry;
  bool rung = false;
  for (;;) {
    auto report = co_await poller_.poll();
    read_people_where_doubted();
    if (!report) {
      const auto& error = report.error();
      note(facts_.events_fault, error);
      const auto wait = retry.next(error);
      co_await back_again_.wait(wait);
      events_bell_.hush();
      continue;
    }
    retry.reset();
    facts_.authenticated_once = true;
    if (!report->held) {
      events_read_ = parts_.clock.uptime();
      heard();
    }
    note(facts_.events_fault, std::nullopt);
    if (report->more) continue;
    co_await pause(between_polls);
    const bool again_soon = rung && report->fresh == 0;
    const auto wait =
        again_soon ? std::min(after_empty_bell, settings_.net2.poll.events) : settings_.net2.poll.events;
    rung = co_await events_bell_.wait(wait);
  }
}

Task<Result<void>> Net2Integration::read_doors_once() {
  auto same = co_await identity_.confirm();
  if (!same) co_return same;
  auto statuses = co_await parts_.source.read_door_status();
  if (!statuses) co_return within("read the doors' status", statuses.error());
  if (!identity_.still_confirmed()) {
    auto again = co_await identity_.confirm();
    if (!again) co_return again;
  }
  if (parts_.witness != nullptr) parts_.witness->on_door_status(settings_.id, *statuses);
  for (const auto& status : *statuses) {
    statuses_[status.id] = status;
    const auto door = std::ranges::find(identity_.doors(), status.id, &SourceDoor::id);
    if (door == identity_.doors().end()) continue;
    parts_.board.put(
        door_state_message(settings_.id, *door, status, parts_.clock.new_id(), parts_.clock.now()));
  }
  co_return Result<void>{};
}

Task<void> Net2Integration::doors_loop(Pulse& pulse) {
  Retry retry;
  auto list_again = parts_.clock.uptime() + doors_anew;
  for (;;) {
    if (parts_.clock.uptime() > list_again) {
      identity_.doubt();
      list_again = parts_.clock.uptime() + doors_anew;
    }
    auto read = co_await read_doors_once();
    if (read) heard();
    note(facts_.doors_fault, read ? std::nullopt : std::optional(read.error()));
    if (read) retry.reset();
    if (read) facts_.authenticated_once = true;
    const auto wait = read ? settings_.net2.poll.doors : retry.next(read.error());
    co_await pause(milliseconds(100));  // a door that opens pushes several times
    co_await doors_bell_.wait(wait);
  }
}

Task<void> Net2Integration::contact_loop(Pulse& /*pulse*/) {
  for (;;) {
    const Duration quiet = parts_.clock.uptime() - heard_at_;
    if (quiet < quiet_at_most) {
      co_await pause(quiet_at_most - quiet);
      continue;
    }
    auto doors = co_await parts_.source.read_doors();  // the smallest that every Net2 has
    if (!doors) {
      note(facts_.contact_fault, within("ask for a sign of life", doors.error()));
      co_await pause(quiet_at_most);
      continue;
    }
    heard();
    judge_again();
  }
}

/// An answer came as it should. Where a sign of life had failed before, all is tried again at once.
void Net2Integration::heard() {
  heard_at_ = parts_.clock.uptime();
  if (!std::exchange(facts_.contact_fault, std::nullopt)) return;
  back_again_.ring();
  doors_bell_.ring();
  if (facts_.people_fault) people_.ring();
}

Task<void> Net2Integration::live_loop(Pulse& pulse) {
  constexpr Duration longest = seconds(60);
  Duration wait = seconds(2);
  for (;;) {
    auto same = co_await identity_.confirm();
    if (same) {
      auto doors = std::vector<Net2DoorId>();
      for (const auto& door : identity_.doors()) doors.push_back(door.id);
      const auto began = parts_.clock.uptime();
      auto ended = co_await parts_.feed.listen(std::move(doors), *this);
      if (live_) {
        parts_.log.write(Level::info, "the live feed has ended, polling goes on: " + ended.detail,
                         {{"INTEGRATION", settings_.id.value()}});
        live_ = false;
        parts_.status_changed();
      }
      events_bell_.ring();  // a lost feed is the first sign of a lost server
      const bool lasted = parts_.clock.uptime() - began > longest;
      wait = lasted ? Duration(seconds(2)) : std::min(wait * 2, longest);
    }
    co_await pause(wait);
  }
}

void Net2Integration::on_live() {
  live_ = true;
  parts_.log.write(Level::info, "the live feed is up", {{"INTEGRATION", settings_.id.value()}});
  parts_.status_changed();
  events_bell_.ring();  // what happened before the subscription
  doors_bell_.ring();
}

void Net2Integration::note(std::optional<Error>& fault, std::optional<Error> now) {
  if (now && now->code == Errc::cancelled) return;  // we are stopping, and Net2 is not at fault
  // Another server is told as that, not as three faults of its answers.
  fault = identity_.other_server() ? std::nullopt : std::move(now);
  judge_again();
}

void Net2Integration::judge_again() {
  const auto& people = people_.facts();
  facts_.other_server = identity_.other_server();
  // That another server came in the middle of a read is told already.
  const bool told = facts_.other_server && people.fault && people.fault->code == Errc::refused;
  facts_.people_fault = told ? std::nullopt : people.fault;
  facts_.importing_first = people.importing_first;
  facts_.draft = people.draft;
  facts_.guarded = people.guarded;
  facts_.other_people = people.other_server;
  facts_.reimport = people.reimport;
  facts_.open_issues = people.open_issues;
  facts_.switched = people_.paused() ? Switch::paused : Switch::on;
  auto judged = judge(facts_);
  if (is_fine(judged.state)) {
    faulty_since_.reset();
  } else if (!faulty_since_) {
    faulty_since_ = parts_.clock.uptime();
  }
  const bool changed = judged.state != judged_.state;
  const bool told_anew = judged != judged_;
  judged_ = std::move(judged);
  const bool untold = parts_.alerts.untold();
  tell_alert(judged_);
  if (changed) {
    std::string line = "status: " + std::string(to_string(judged_.state));
    if (!judged_.detail.empty()) line += ": " + judged_.detail;
    if (!judged_.hint.empty() && !is_fine(judged_.state)) line += " (" + judged_.hint + ")";
    parts_.log.write(is_fine(judged_.state) ? Level::info : Level::warning, line,
                     {{"INTEGRATION", settings_.id.value()}, {"STATUS", to_string(judged_.state)}});
  }
  // An alert that is due only now goes out with the state.
  if (told_anew || (!untold && parts_.alerts.untold())) parts_.status_changed();
}

void Net2Integration::tell_alert(const StateAndReason& judged) {
  // What the daemon before this one raised is over when both the events and the people are known to be well.
  const bool known = people_.facts().read_once && events_read_;
  if (is_fine(judged.state)) {
    if (known || judged.state == IntegrationState::disabled)
      parts_.alerts.over("integration", settings_.id.value());
  } else if (judged.state != IntegrationState::unreachable ||
             parts_.clock.uptime() - *faulty_since_ >= alert_after) {
    parts_.alerts.raise({.kind = "integration",
                         .subject = settings_.id.value(),
                         .detail = std::string(to_string(judged.state)) + ": " + judged.detail,
                         .hint = judged.hint});
  }
}

std::optional<DoorStatus> Net2Integration::door_status(Net2DoorId id) const {
  const auto at = statuses_.find(id);
  if (at == statuses_.end()) return std::nullopt;
  return at->second;
}

IntegrationStatus Net2Integration::status() const {
  IntegrationStatus status;
  status.id = settings_.id.value();
  status.name = settings_.name;
  status.kind = "net2";
  status.judged = judged_;
  const bool unreached =
      judged_.state == IntegrationState::unreachable || judged_.state == IntegrationState::unauthenticated ||
      judged_.state == IntegrationState::pending || judged_.state == IntegrationState::disabled;
  status.connected = !unreached;
  status.live = live_;
  status.last_run = people_.last_run() ? people_.last_run() : people_.sync().last_complete();
  status.last_full = people_.sync().last_full();
  status.people = people_.sync().index().people();
  status.issues = people_.sync().open_issues().size();
  if (events_read_) {
    status.event_lag_s = std::chrono::duration_cast<seconds>(parts_.clock.uptime() - *events_read_).count();
  }
  return status;
}

}  // namespace gatehouse
