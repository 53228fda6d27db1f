#include "daemon/app/roster_desk.hpp"

#include <algorithm>
#include <memory>

#include "daemon/app/on_worker.hpp"
#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration snapshot_life = minutes(10);    ///< without another batch
constexpr Duration between_requests = minutes(1);  ///< for the same cursor
constexpr Duration between_answers = seconds(5);   ///< to puts from another cursor than the same one here
constexpr Duration after_trouble = seconds(2);
constexpr Duration roster_every = minutes(5);

}  // namespace

std::string RosterDesk::result_json(const std::optional<std::string>& cursor, bool complete, Size size,
                                    const RosterOutcome& outcome) {
  JsonWriter json;
  json.begin_object().key("cursor");
  cursor ? json.value(*cursor) : json.null();
  json.member("complete", complete).member("people", size.people).member("visits", size.visits);
  json.member("withheld", outcome.withheld).member("issues", outcome.open_issues);
  json.end_object();
  return json.take();
}

Message roster_request(const std::optional<std::string>& cursor, std::string id, Instant now) {
  JsonWriter json;
  json.begin_object().key("cursor");
  cursor ? json.value(*cursor) : json.null();
  json.end_object();
  Message message;
  message.lane = Lane::people;
  message.topic = "up/people";
  message.type = "roster.request";
  message.id = std::move(id);
  message.time = now;
  message.subject = "roster";
  message.data = json.take();
  return message;
}

RosterDesk::RosterDesk(const Settings& settings, Parts parts)
    : parts_(std::move(parts)),
      sync_(rules_of(settings), {.directory = parts_.directory,
                                 .roster = parts_.roster,
                                 .issues = parts_.issues,
                                 .plans = parts_.plans,
                                 .people = parts_.people,
                                 .turn = parts_.turn,
                                 .clock = parts_.clock,
                                 .worker = parts_.worker,
                                 .news = parts_.news}),
      bell_(parts_.executor),
      jobs_(parts_.executor, bell_) {
  for (const auto& site : settings.gateway.sites) sites_.push_back(site.id);
  tell_issues_ = settings.notify.sync_issues;
}

RosterRules RosterDesk::rules_of(const Settings& settings) const {
  std::vector<SiteId> sites;
  for (const auto& site : settings.gateway.sites) sites.push_back(site.id);
  RosterRules rules;
  rules.cloud = cloud_integration(sites, settings.cloud ? settings.cloud->roster_guard : RemovalGuard{});
  rules.mapping = cloud_mapping(rules.cloud, sites, parts_.fold);
  for (const auto& integration : settings.integrations) {
    if (integration.kind == IntegrationKind::net2)
      rules.rulers.emplace(integration.id, integration.sync.authority);
  }
  return rules;
}

void RosterDesk::use(const Settings& settings) {
  next_rules_ = rules_of(settings);
  sites_.clear();
  for (const auto& site : settings.gateway.sites) sites_.push_back(site.id);
  tell_issues_ = settings.notify.sync_issues;
  know_anew();
}

void RosterDesk::know_anew() {
  look_due_ = true;
  bell_.ring();
}

void RosterDesk::on_connected() {
  if (!ready_ || !cursor_ || mismatched_ || all_wanted_) want_request();
}

// --- the loop

Task<void> RosterDesk::loop(Pulse& /*pulse*/) {
  for (;;) {
    if (!jobs_.empty()) {
      co_await jobs_.do_next();
      continue;
    }
    Duration wait = roster_every;
    auto ready = co_await prepare();
    if (!ready) {
      wait = after_trouble;
    } else if (look_due_) {
      auto looked = co_await second_look();
      look_due_ = look_due_ || !looked;
      if (!looked) wait = after_trouble;
    }
    drop_old_snapshot();
    if (ready && request_due_ && may_request()) co_await send_request();
    if (request_due_) wait = std::min<Duration>(wait, seconds(2));
    if (jobs_.empty()) co_await bell_.wait(wait);
  }
}

/// What is known must have been read, and rules that were reloaded count from here on.
Task<Result<void>> RosterDesk::prepare() {
  if (next_rules_) {
    sync_.use(std::move(*next_rules_));
    next_rules_.reset();
  }
  if (ready_ && sync_.loaded()) co_return Result<void>{};
  auto state = co_await parts_.roster.roster_state();
  if (!state) co_return within("read the cursor of the roster", state.error());
  cursor_ = std::move(state->cursor);
  const bool first = !std::exchange(ready_, true);
  if (!sync_.loaded()) {
    auto loaded = co_await sync_.load();
    if (!loaded) co_return loaded.error();
  }
  if (first) {
    tell_alerts(false);
    parts_.status_changed();
  }
  if (cursor_ && sync_.needs_all()) want_all();
  if (!cursor_ && request_due_) mismatched_ = true;
  co_return Result<void>{};
}

void RosterDesk::drop_old_snapshot() {
  if (!snapshot_.open() || parts_.clock.uptime() - last_batch_ < snapshot_life) return;
  snapshot_.discard();
  parts_.log.write(Level::warning, "a snapshot of the roster was left open, and is discarded");
}

// --- what is asked of the cloud

void RosterDesk::want_request() {
  request_due_ = true;
  bell_.ring();
}

void RosterDesk::want_all() {
  all_wanted_ = true;
  want_request();
}

std::optional<std::string> RosterDesk::request_cursor() const {
  return all_wanted_ ? std::nullopt : cursor_;
}

/// The first put that does not fit is answered at once, whatever was asked before it.
bool RosterDesk::may_request() const {
  if (!last_request_ || last_request_->cursor != request_cursor()) return true;
  if (answer_due_ && !last_request_->answer) return true;
  return parts_.clock.uptime() - last_request_->at >= (answer_due_ ? between_answers : between_requests);
}

Task<void> RosterDesk::send_request() {
  std::vector<Message> messages{roster_request(request_cursor(), parts_.clock.new_id(), parts_.clock.now())};
  const Asked asked{.cursor = request_cursor(), .at = parts_.clock.uptime(), .answer = answer_due_};
  auto told = co_await parts_.outbox.append(std::move(messages));
  if (!told) co_return;  // it stays due
  request_due_ = false;
  answer_due_ = false;
  last_request_ = asked;
  parts_.news();
}

// --- a put

Task<Result<std::string>> RosterDesk::put(std::string args, TakenCommand command, RosterFinish finish) {
  std::optional<Result<RosterArgs>> read;
  std::uint64_t content = 0;
  const std::function<void()> reading = [&] {
    read.emplace(parts_.read(args));
    content = hash_text(args);
  };
  co_await on_worker(parts_.worker, reading);
  if (!*read) co_return Error{Errc::invalid, "bad_args: " + read->error().detail};
  auto put = std::make_shared<Put>(Put{.args = std::move(**read),
                                       .content = content,
                                       .command = std::move(command),
                                       .finish = std::move(finish)});
  const std::function<Task<Result<std::string>>()> work = [this, put]() -> Task<Result<std::string>> {
    auto result = co_await take(std::move(*put));
    co_return result;
  };
  auto result = co_await jobs_.ask<std::string>(work);
  co_return result;
}

Task<Result<std::string>> RosterDesk::take(Put put) {
  auto ready = co_await prepare();
  if (!ready) co_return ready.error();
  drop_old_snapshot();
  if (put.args.from) {
    auto result = co_await take_change(std::move(put));
    co_return result;
  }
  if (put.args.batch != 0 && !snapshot_.continues(put.args)) co_return mismatch(put.args);
  auto result = co_await take_batch(std::move(put));
  co_return result;
}

Error RosterDesk::mismatch(const RosterArgs& args) {
  mismatched_ = true;
  answer_due_ = true;
  want_request();
  const auto here = cursor_ ? "\"" + *cursor_ + "\"" : std::string("none");
  const auto why = args.from
                       ? ", not \"" + *args.from + "\""
                       : ", and batch " + std::to_string(args.batch) + " is of no snapshot that is open";
  return {Errc::refused, "cursor_mismatch: the gateway's cursor is " + here + why};
}

Task<Result<std::string>> RosterDesk::take_change(Put put) {
  if (!cursor_ || *cursor_ != *put.args.from) co_return mismatch(put.args);
  RosterNews news;
  const Size size{.people = put.args.people.size(), .visits = put.args.visits.size()};
  for (const auto& person : put.args.people) {
    if (person.removed)
      news.removed.push_back(record_number(person.cloud_id));
    else
      news.people.put(roster_record(person));
  }
  news.commit.visits = visits_here(std::move(put.args.visits), false);
  news.commit.cursor = put.args.to;
  news.commit.command = std::move(put.command);
  auto result = co_await commit(std::move(news), size, std::move(put.finish));
  co_return result;
}

Task<Result<std::string>> RosterDesk::take_batch(Put put) {
  last_batch_ = parts_.clock.uptime();
  auto whole = snapshot_.add(put.args, put.content);
  if (!whole) {
    if (whole.error().code == Errc::refused) {
      mismatched_ = true;
      want_request();
    }
    co_return whole.error();
  }
  if (!*whole) {
    auto noted = co_await note_batch(std::move(put));
    co_return noted;
  }
  auto& roster = **whole;
  const Size size{.people = roster.people.size(), .visits = roster.visits.size()};
  if (size.people == 0 && sync_.present() != 0) {
    co_return Error{Errc::refused, "roster_empty: the snapshot is empty where there were " +
                                       std::to_string(sync_.present()) + " people: nothing was changed"};
  }
  RosterNews news;
  news.whole = true;
  news.people = std::move(roster.people);
  news.commit.visits = visits_here(std::move(roster.visits), true);
  news.commit.cursor = std::move(roster.to);
  news.commit.command = std::move(put.command);
  auto result = co_await commit(std::move(news), size, std::move(put.finish));
  if (result) all_wanted_ = false;
  co_return result;
}

/// A batch before the last, perhaps a repeated one: nothing happens yet, but the command is used up.
Task<Result<std::string>> RosterDesk::note_batch(Put put) {
  RosterCommit commit;
  commit.directory.integration = cloud_integration_id;
  commit.directory.badge = sync_.rules().cloud.name;
  commit.directory.kind = SourceKind::cloud;
  commit.cursor = cursor_;
  commit.command = std::move(put.command);
  const Size size{.people = put.args.people.size(), .visits = put.args.visits.size()};
  RosterOutcome outcome;
  outcome.withheld = sync_.withheld();
  outcome.open_issues = open_issues().size();
  auto result = result_json(cursor_, false, size, outcome);
  if (put.finish) put.finish(commit, result);
  auto noted = co_await parts_.roster.apply_roster(std::move(commit));
  if (!noted) co_return noted.error();  // the batch stays: whoever repeats it is answered then
  parts_.news();
  co_return result;
}

Task<Result<std::string>> RosterDesk::commit(RosterNews news, Size size, RosterFinish finish) {
  const auto to = news.commit.cursor;
  news.commit.proved = parts_.clock.now();
  std::string result;
  const RosterSync::Finish tell = [&](RosterCommit& commit, const RosterOutcome& outcome) {
    result = result_json(to, true, size, outcome);
    if (finish) finish(commit, result);
  };
  auto done = co_await sync_.take(std::move(news), tell);
  if (!done) {
    ready_ = false;  // the cursor may have moved where only the answer was lost
    co_return done.error();
  }
  cursor_ = to;
  mismatched_ = false;
  answer_due_ = false;
  if (!all_wanted_) request_due_ = false;
  parts_.proved();
  parts_.status_changed();
  tell_alerts(done->issues_changed);
  if (done->counts.anything()) parts_.roster_changed();
  co_return result;
}

/// A visit at a site that is not known here is none of ours: not kept, and gone where it moved there.
std::vector<RosterVisit> RosterDesk::visits_here(std::vector<RosterVisit> visits, bool whole) const {
  const auto elsewhere = [&](const RosterVisit& visit) {
    return !visit.removed && std::ranges::find(sites_, visit.visit.site) == sites_.end();
  };
  if (whole) {
    std::erase_if(visits, elsewhere);
    return visits;
  }
  for (auto& visit : visits) visit.removed = visit.removed || elsewhere(visit);
  return visits;
}

// --- what operators do

/// Everybody who waits, and every removal that waits, under the words and rules as they are now.
Task<Result<void>> RosterDesk::second_look() {
  look_due_ = false;
  sync_.know_anew();
  auto ready = co_await prepare();
  if (!ready) co_return ready.error();
  RosterNews news;
  news.commit.cursor = cursor_;
  auto done = co_await sync_.take(std::move(news), {});
  if (!done) co_return done.error();
  tell_alerts(done->issues_changed);
  if (done->counts.anything()) parts_.roster_changed();
  co_return Result<void>{};
}

Task<Result<std::vector<Issue>>> RosterDesk::look_again(std::int64_t record) {
  const std::function<Task<Result<std::vector<Issue>>>()> work =
      [this, record]() -> Task<Result<std::vector<Issue>>> {
    auto ready = co_await prepare();
    if (!ready) co_return ready.error();
    if (!sync_.at_hand(record)) {
      want_all();
      co_return Error{
          Errc::refused,
          "it is kept; the cloud was asked for its roster, and it counts as soon as that is here"};
    }
    auto looked = co_await second_look();
    if (!looked) co_return looked.error();
    co_return sync_.open_issues();
  };
  auto open = co_await jobs_.ask<std::vector<Issue>>(work);
  co_return open;
}

Task<Result<void>> RosterDesk::apply_plan(Plan plan) {
  const std::function<Task<Result<void>>()> work = [this, plan]() -> Task<Result<void>> {
    auto ready = co_await prepare();
    if (!ready) co_return ready.error();
    auto done = co_await sync_.apply_plan(plan);
    tell_alerts(false);
    if (done) parts_.roster_changed();
    co_return done;
  };
  auto done = co_await jobs_.ask<void>(work);
  co_return done;
}

/// On a change, not at each put. Whoever starts says what is so.
void RosterDesk::tell_alerts(bool anew) {
  const auto subject = cloud_integration_id.value();
  const auto withheld = sync_.withheld();
  if (withheld == 0) {
    parts_.alerts.over("roster_guard", subject);
  } else {
    parts_.alerts.raise(
        {.kind = "roster_guard",
         .subject = subject,
         .detail = std::to_string(withheld) +
                   " removals of the cloud's roster wait: more than cloud.roster_guard allows,"
                   " or somebody may be there under another id",
         .hint = "gatehouse plan list; gatehouse issue list"},
        withheld != told_withheld_);
  }
  told_withheld_ = withheld;
  const auto& open = sync_.open_issues();
  if (!tell_issues_ || open.empty()) {
    parts_.alerts.over("sync_issues", subject);
    return;
  }
  parts_.alerts.raise({.kind = "sync_issues",
                       .subject = subject,
                       .detail = std::to_string(open.size()) + " open about people of the cloud",
                       .hint = "gatehouse issue list"},
                      anew);
}

}  // namespace gatehouse
