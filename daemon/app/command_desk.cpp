#include "daemon/app/command_desk.hpp"

#include <algorithm>
#include <utility>

#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

using std::chrono::seconds;

constexpr std::size_t most_door_commands = 256;
constexpr std::size_t most_work = 64;
constexpr std::size_t most_roster = 256;
constexpr std::size_t most_roster_bytes = 64 * 1024 * 1024;
constexpr Duration look_again = seconds(30);
constexpr Duration keep_longer = seconds(10);
constexpr std::size_t prune_at_most = 1000;
constexpr std::string_view issuer_prefix = "key ";

std::size_t bytes_of(const CommandArgs& args) {
  const auto* roster = std::get_if<RosterPutArgs>(&args);
  return roster == nullptr ? 0 : roster->text.size();
}

/// What was being done at a door when a crash came; none where it was more than one thing.
std::optional<DoorAction> action_at(const DoorId& door, const std::vector<DoorIntent>& left_open) {
  std::optional<DoorAction> action;
  for (const auto& intent : left_open) {
    if (intent.door != door) continue;
    if (action && *action != intent.action) return std::nullopt;
    action = intent.action;
  }
  return action;
}

/// What a crash left open of something that is no sign-in: nobody knows whether the doors have moved.
std::string interrupted_json(const TakenCommand& command, const std::vector<DoorIntent>& left_open) {
  constexpr std::string_view why = "the gateway was stopped before Net2's answer was known";
  if (command.doors.empty())
    return failure_json(command.id, "interrupted",
                        "the gateway was stopped before this had ended: look at what there is, and send a "
                        "new command");
  JsonWriter json;
  json.begin_object();
  if (command.doors.size() == 1) {
    const auto& door = command.doors.front();
    const auto action = action_at(door, left_open);
    json.member("door", to_string(door)).key("action");
    action ? json.value(to_string(*action)) : json.null();
    json.member("command", "unknown").member("why", why);
  }
  json.key("doors").begin_array();
  for (const auto& door : command.doors) {
    json.begin_object();
    json.member("door", to_string(door)).member("command", "unknown");
    json.member("why", why);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return success_json(command.id, json.take());
}

/// The doors of such an access point are due when the cloud's sign-in has expired.
void warn_of_delays(const Settings& settings, Log& log) {
  for (const auto& point : settings.access_points) {
    if (point.delay < settings.cloud->command_max_ttl) continue;
    log.write(Level::warning,
              "access point " + point.id.value() +
                  ": its delay is not shorter than cloud.command_max_ttl, so no sign-in of the "
                  "cloud opens its doors: each is too late when they are due");
  }
}

}  // namespace

CommandDesk::CommandDesk(Parts parts)
    : parts_(std::move(parts)),
      bell_(parts_.executor),
      refusals_({.audit = parts_.audit,
                 .clock = parts_.clock,
                 .log = parts_.log,
                 .bell = bell_,
                 .news = parts_.news,
                 .send = parts_.send,
                 .tallies = parts_.tallies}),
      work_(parts_.work),
      errands_(parts_.executor, parts_.clock, parts_.log) {}

void CommandDesk::use(const Settings& settings) {
  if (!settings.cloud) {
    settings_.reset();
    parts_.alerts.over("command_keys", "gateway");
    return;
  }
  settings_ = settings;
  audience_ = settings.gateway.tenant + '/' + settings.gateway.id;
  root_ = settings.cloud->topic_root + '/' + audience_;
  limits_.use(settings.cloud->rate);
  warn_of_delays(settings, parts_.log);
  const auto keys = parts_.verifier.load_keys(settings.cloud->command_keys);
  const bool not_used = !keys && keys.error().code == Errc::not_found && !had_keys_;
  if (keys || not_used) {
    had_keys_ = had_keys_ || keys.ok();
    key_fault_.clear();
    parts_.alerts.over("command_keys", "gateway");
    if (not_used) parts_.log.write(Level::info, "no command from the cloud is taken: " + keys.error().detail);
    return;
  }
  parts_.log.write(Level::error,
                   "the command keys could not be read, those of before stay: " + keys.error().detail);
  const bool another = !key_fault_.empty() && key_fault_ != keys.error().detail;
  key_fault_ = keys.error().detail;
  parts_.alerts.raise({.kind = "command_keys",
                       .subject = "gateway",
                       .detail = key_fault_,
                       .hint = "mend the file that cloud.command_keys names, then: gatehouse config reload"},
                      another);
}

// --- what was before
// ----------------------------------------------------------------------------------------

Task<void> CommandDesk::load() {
  auto taken = co_await parts_.store.taken_commands(parts_.clock.now());
  auto floors = co_await parts_.store.command_floors();
  if (!taken || !floors) {
    const auto& why = taken ? floors.error() : taken.error();
    if (!std::exchange(load_failed_, true))
      parts_.log.write(Level::error,
                       "no command is carried out, since it is not known which are used up: " + why.detail);
    parts_.alerts.raise({.kind = "store",
                         .subject = "commands",
                         .detail = why.detail,
                         .hint = "check the disk and the rights of the state directory"});
    co_return;
  }
  load_failed_ = false;
  parts_.alerts.over("store", "commands");
  std::erase_if(*taken, [](const TakenCommand& one) { return !one.issuer.starts_with(issuer_prefix); });
  register_.load(*taken, std::move(*floors));
  floors_doubted_ = true;
  for (auto& command : *taken) {
    if (command.answer.empty()) interrupted_.push_back(std::move(command));
  }
  auto answered = co_await answer_interrupted();
  if (!answered)
    parts_.log.write(Level::error, "interrupted commands cannot be answered yet: " + answered.error().detail);
  loaded_ = true;
}

/// A sign-in has its decision, in which the start has said by now how its doors ended.
Task<Result<std::string>> CommandDesk::interrupted_answer(TakenCommand command) {
  const auto left_open = parts_.doors.left_open ? parts_.doors.left_open() : std::vector<DoorIntent>();
  if (command.decision.empty()) co_return interrupted_json(command, left_open);
  auto id = command.decision;
  auto row = co_await parts_.store.decision(std::move(id));
  if (!row && row.error().code == Errc::not_found) co_return interrupted_json(command, left_open);
  if (!row) co_return row.error();
  // 0: the start could not write how it ended, which is in it all the same.
  row->decision.revision = std::max(row->decision.revision, 1U);
  co_return success_json(command.id, decision_result(row->decision));
}

Task<Result<void>> CommandDesk::answer_interrupted() {
  while (!interrupted_.empty()) {
    auto command = interrupted_.back();
    auto answer = co_await interrupted_answer(command);
    if (!answer) co_return answer.error();
    command.answer = std::move(*answer);
    AccessEnd end;
    end.audit.push_back({.actor = command.issuer,
                         .action = "command.interrupted",
                         .target = command.target,
                         .outcome = command.doors.empty() ? "interrupted" : "unknown",
                         .detail = "{}",
                         .person = std::nullopt});
    const ReplyTo to{.jti = command.id, .topic = command.reply_topic, .correlation = command.correlation};
    if (!to.topic.empty())
      end.messages.push_back(reply_message(to, command.answer, parts_.clock.new_id(), parts_.clock.now()));
    register_.answered(command);
    end.command = std::move(command);
    auto ended = co_await parts_.store.end_access(std::move(end));
    if (!ended) co_return ended.error();
    interrupted_.pop_back();
    parts_.news();
  }
  co_return Result<void>{};
}

Task<void> CommandDesk::loop(Pulse& /*pulse*/) {
  for (;;) {
    if (!loaded_) {
      co_await load();
    }
    auto answered = co_await answer_interrupted();
    const bool written = co_await refusals_.write();
    const bool trusted = parts_.clock.quality() == ClockQuality::ok;
    if (settings_) cap_floors(moment());
    if (trusted && register_.prune(parts_.clock.now(), parts_.clock.uptime()) != 0) {
      auto pruned = co_await parts_.store.prune_commands(parts_.clock.now(), prune_at_most);
      if (!pruned)
        parts_.log.write(Level::warning, "used-up commands could not be pruned: " + pruned.error().detail);
    }
    if (!written || !answered) {
      co_await pause(seconds(1));
    }
    co_await bell_.wait(loaded_ ? look_again : Duration(seconds(5)));
  }
}

Task<void> CommandDesk::stop(Duration limit) {
  stopping_ = true;
  auto rest = co_await errands_.wait(limit);
  if (!rest) {
    co_await errands_.finish();
  }
  rest = co_await refusals_.write(true);
}

// --- is it to be carried out?
// -------------------------------------------------------------------------------

CommandMoment CommandDesk::moment() const {
  return {.audience = audience_,
          .now = parts_.clock.now(),
          .trusted = parts_.clock.quality() == ClockQuality::ok,
          .epoch = parts_.epoch,
          .uptime = parts_.clock.uptime() - parts_.began,
          .max_ttl = settings_->cloud->command_max_ttl};
}

void CommandDesk::note_issued(const ReadCommand& read, Instant now) {
  if (read.facts.envelope != Envelope::good || read.facts.retained) return;
  const Duration ahead = Instant{seconds(read.facts.claims.issued)} - now;
  const bool old = parts_.clock.uptime() - issued_seen_ > std::chrono::minutes(10);
  if (issued_ahead_ && !old && std::chrono::abs(ahead) > std::chrono::abs(*issued_ahead_)) return;
  issued_ahead_ = ahead;
  issued_seen_ = parts_.clock.uptime();
}

void CommandDesk::take(const Incoming& message) {
  if (!settings_ || stopping_) return;
  auto read = parts_.verifier.read(message);
  auto to = reply_to(message, root_, read.facts.claims.id);
  const auto now = moment();
  note_issued(read, now.now);
  if (const auto refused = check_claims(read.facts, now)) {
    refuse(*refused, read, std::move(to), CommandAim{});
    return;
  }
  judge(std::move(read), std::move(to), now);
}

void CommandDesk::judge(ReadCommand read, ReplyTo to, const CommandMoment& now) {
  const auto& claims = read.facts.claims;
  const auto issuer = std::string(issuer_prefix) + read.kid;
  if (!loaded_) {
    parts_.send(reply_message(
        to, failure_json(to.jti, "store_unwritable", "it is not known which commands are used up"),
        parts_.clock.new_id(), parts_.clock.now(), std::nullopt));
    return;
  }
  const auto aim = read.args ? aim_of(*read.args, *settings_, parts_.doors.find_person) : CommandAim{};
  CommandStanding standing;
  standing.taken = register_.taken(issuer, claims.id);
  standing.mentioned = mentioned(read.scopes, claims.cmd);
  standing.target_known = read.args.has_value();
  standing.args_good = read.args && aim.wrong.empty();
  standing.in_scope = covered(read.scopes, claims.cmd, aim.scope) &&
                      (!aim.grants || covered(read.scopes, person_grant_right, *aim.grants));
  cap_floors(now);
  standing.floor = register_.floor(aim.target);
  auto refused = check_standing(read.facts, standing);
  if (!refused) {
    const auto crew = crew_of(*command_of(read.facts));
    standing.rate_left =
        has_room(crew, bytes_of(*read.args)) && limits_.take(read.kid, aim.opens, parts_.clock.uptime());
    refused = check_standing(read.facts, standing);
  }
  if (!refused) return begin(admit(std::move(read), std::move(to), aim, now));
  std::string more;
  if (*refused == CommandRefusal::bad_args) more = read.args ? aim.wrong : read.wrong_args;
  std::string first;
  if (*refused == CommandRefusal::replayed) first = register_.answer(issuer, claims.id);
  refuse(*refused, read, std::move(to), aim, std::move(more), std::move(first));
}

void CommandDesk::refuse(CommandRefusal code, const ReadCommand& read, ReplyTo to, const CommandAim& aim,
                         std::string more, std::string first) {
  refusals_.refuse({.code = code,
                    .to = std::move(to),
                    .kid = read.kid,
                    .cmd = read.facts.claims.cmd,
                    .about = aim.about,
                    .more = std::move(more),
                    .first = std::move(first),
                    .person = aim.person});
}

CommandDesk::Crew CommandDesk::crew_of(Command command) {
  switch (command) {
    case Command::access_sign_in:
    case Command::door_open:
    case Command::door_hold_open:
    case Command::door_close:
      return Crew::doors;
    case Command::lockdown_set:
      return Crew::lockdown;
    case Command::roster_put:
      return Crew::roster;
    default:
      return Crew::work;
  }
}

/// A floor of the far future would supersede everything for ever.
void CommandDesk::cap_floors(const CommandMoment& moment) {
  if (!loaded_ || !moment.trusted || !std::exchange(floors_doubted_, false)) return;
  register_.cap_floors(latest_issued(moment.now));
}

/// What is slow never takes the place of a sign-in, and nothing that of a lockdown: the rate of its key is
/// what bounds it.
bool CommandDesk::has_room(Crew crew, std::size_t bytes) const {
  const auto at = under_way_.find(crew);
  const auto count = at == under_way_.end() ? 0 : at->second;
  switch (crew) {
    case Crew::doors:
      return count < most_door_commands;
    case Crew::lockdown:
      return true;
    case Crew::work:
      return count < most_work;
    case Crew::roster:
      break;
  }
  return roster_.size() < most_roster && roster_bytes_ + bytes <= most_roster_bytes;
}

CommandDesk::Admitted CommandDesk::admit(ReadCommand read, ReplyTo to, CommandAim aim,
                                         const CommandMoment& now) {
  const auto& claims = read.facts.claims;
  const auto left = life_left(claims, now);
  const auto until =
      std::max(Instant(seconds(claims.expires)), std::chrono::time_point_cast<Duration>(now.now + left));
  Admitted admitted;
  admitted.command = *command_of(read.facts);
  admitted.actor = std::string(issuer_prefix) + read.kid;
  admitted.taken = {.issuer = admitted.actor,
                    .id = claims.id,
                    .digest = {},
                    .until = until,
                    .reply_topic = to.topic,
                    .correlation = to.correlation,
                    .answer = {},
                    .target = has_floor(admitted.command) ? aim.target : std::string(),
                    .issued = claims.issued,
                    .doors = aim.doors};
  admitted.args = std::move(*read.args);
  admitted.to = std::move(to);
  admitted.about = std::move(aim.about);
  admitted.person = std::move(aim.person);
  admitted.opens = std::move(aim.opens);
  admitted.expires = parts_.clock.uptime() + left;
  admitted.reply_id = parts_.clock.new_id();
  register_.take(admitted.taken, admitted.expires + keep_longer);
  if (!now.trusted) {
    // The disk is not told of a time that nobody could check: after a restart the epoch is another one, and
    // nothing that was issued before comes through.
    admitted.taken.issued = std::min(claims.issued, latest_issued(now.now));
    floors_doubted_ = true;
  }
  return admitted;
}

void CommandDesk::begin(Admitted admitted) {
  const auto crew = crew_of(admitted.command);
  if (crew != Crew::roster) {
    ++under_way_[crew];
    auto name = "command " + std::string(to_string(admitted.command));
    // A whole read takes what it takes; a loop that stands still there is watched by itself.
    const auto pace = crew == Crew::work ? Errands::Pace::open_ended : Errands::Pace::short_work;
    errands_.start(std::move(name), carry_out(std::move(admitted)), pace);
    return;
  }
  roster_bytes_ += bytes_of(admitted.args);
  roster_.push_back(std::move(admitted));
  if (std::exchange(roster_runs_, true)) return;
  errands_.start("command roster.put", take_roster(), Errands::Pace::open_ended);
}

}  // namespace gatehouse
