#pragma once
// A CommandDesk with real tokens and a real verifier; doors, store and roster are in memory.

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/jose/jose_verifier.hpp"
#include "daemon/app/command_desk.hpp"
#include "tests/unit/command_facts.hpp"
#include "tests/unit/command_tokens.hpp"
#include "tests/unit/facts_console.hpp"
#include "tests/unit/fakes.hpp"

namespace gatehouse::test {

class DoubtfulClock : public ManualClock {
 public:
  ClockQuality quality() const override { return trusted ? ClockQuality::ok : ClockQuality::unsynced; }
  bool trusted = true;
};

/// What is used up and what was said, as a disk would keep it.
class CommandStore : public AccessStore, public AuditStore, public AdministrationStore, public Calls {
 public:
  Task<Result<void>> begin_access(AccessBegin begin) override {
    if (auto error = next()) co_return *error;
    if (begin.command) {
      auto kept = keep(*begin.command);
      if (!kept) co_return kept;
    }
    add(begin.audit, begin.messages);
    co_return Result<void>{};
  }
  Task<Result<void>> end_access(AccessEnd end) override {
    if (auto error = next()) co_return *error;
    if (end.command) taken[{end.command->issuer, end.command->id}] = *end.command;
    add(end.audit, end.messages);
    co_return Result<void>{};
  }
  Task<Result<std::vector<DoorIntent>>> open_intents() override { co_return std::vector<DoorIntent>{}; }
  Task<Result<DecisionRow>> decision(std::string id) override {
    if (!decisions_stored.contains(id)) co_return Error{Errc::not_found, id};
    DecisionRow row;
    row.decision.id = std::move(id);
    row.decision.revision = 0;  // as it was begun
    row.decision.trace = "[]";
    co_return row;
  }
  Task<Result<std::vector<DecisionRow>>> decisions(Instant, std::string) override {
    co_return std::vector<DecisionRow>{};
  }
  Task<Result<std::size_t>> prune_decisions(Instant, std::size_t) override { co_return std::size_t{0}; }
  Task<Result<std::vector<TakenCommand>>> taken_commands(Instant now) override {
    if (unreadable) co_return Error{Errc::storage, "the disk is gone"};
    std::vector<TakenCommand> list;
    for (const auto& [key, command] : taken) {
      if (command.until > now) list.push_back(command);
    }
    co_return list;
  }
  Task<Result<std::map<std::string, std::int64_t>>> command_floors() override { co_return floors; }
  Task<Result<std::size_t>> prune_commands(Instant now, std::size_t) override {
    co_return std::erase_if(
        taken, [&](const auto& item) { return item.second.until <= now && !item.second.answer.empty(); });
  }

  Task<Result<void>> note(std::vector<AuditEntry> entries, std::vector<Message> told) override {
    if (auto error = next()) co_return *error;
    add(entries, told);
    co_return Result<void>{};
  }
  Task<Result<std::vector<AuditRow>>> audit_rows(std::int64_t, std::size_t) override {
    co_return std::vector<AuditRow>{};
  }
  Task<Result<AuditHead>> audit_head() override { co_return AuditHead{}; }
  Task<Result<AuditFinding>> verify_audit() override { co_return AuditFinding{}; }
  Task<Result<std::size_t>> prune_audit(Instant, std::size_t) override { co_return std::size_t{0}; }

  Task<Result<Person>> set_person(PersonWord word) override {
    if (auto error = next()) co_return *error;
    if (nobody.contains(word.person)) co_return Error{Errc::not_found, "there is nobody with this id"};
    if (word.command) {
      auto kept = keep(*word.command);
      if (!kept) co_return kept.error();
    }
    add(word.audit, {});
    Person person;
    person.id = word.person;
    words.push_back(std::move(word));
    co_return person;
  }
  Task<Result<Person>> person(PersonId id) override {
    Person person;
    person.id = id;
    co_return person;
  }

  Result<void> keep(const TakenCommand& command) {
    if (!taken.emplace(std::pair(command.issuer, command.id), command).second)
      return Error{Errc::refused, "replayed"};
    if (!command.target.empty()) {
      auto& floor = floors[command.target];
      floor = std::max(floor, command.issued);
    }
    return {};
  }
  void add(const std::vector<AuditEntry>& entries, const std::vector<Message>& told) {
    audit.insert(audit.end(), entries.begin(), entries.end());
    messages.insert(messages.end(), told.begin(), told.end());
  }

  std::map<std::pair<std::string, std::string>, TakenCommand> taken;
  std::map<std::string, std::int64_t> floors;
  std::set<std::string> decisions_stored;
  std::set<PersonId> nobody;
  bool unreadable = false;
  std::vector<AuditEntry> audit;
  std::vector<Message> messages;
  std::vector<PersonWord> words;
};

/// Gives what it is told to give.
class PlainRoster : public RosterTaker {
 public:
  Task<Result<std::string>> put(std::string args, TakenCommand command, RosterFinish finish) override {
    puts.push_back(args);
    if (refuse) co_return *refuse;
    RosterCommit commit;
    commit.command = std::move(command);
    finish(commit, R"({"cursor":"2"})");
    commits.push_back(std::move(commit));
    co_return std::string(R"({"cursor":"2"})");
  }
  std::vector<std::string> puts;
  std::vector<RosterCommit> commits;
  std::optional<Error> refuse;
};

class NotedInvitations : public Invitations {
 public:
  Task<Result<void>> invited(PersonId person, bool ok) override {
    all.emplace_back(person.value(), ok);
    co_return Result<void>{};
  }
  Task<Result<ToldInvitations>> tell_invitable() override { co_return ToldInvitations{}; }
  Task<Result<ToldInvitations>> tell_invitable_again(PersonId) override { co_return ToldInvitations{}; }
  std::vector<std::pair<std::string, bool>> all;
};

inline Settings command_settings(const std::string& keys_file) {
  Settings settings;
  settings.gateway.id = "hq-01";
  settings.gateway.tenant = "acme";
  settings.gateway.sites = {{SiteId("hq"), "Europe/London"}, {SiteId("annex"), "Europe/London"}};
  settings.cloud.emplace();
  settings.cloud->command_keys = keys_file;
  const auto door = [&](const std::string& id, const std::string& site) {
    ConfiguredDoor one;
    one.id = *parse_door_id(id);
    if (!site.empty()) one.site = SiteId(site);
    settings.doors.push_back(one);
    return one.id;
  };
  const auto front = door("net2-hq/1", "hq");
  door("net2-hq/2", "annex");
  door("net2-hq/4", "hq");
  settings.doors.back().kind = DoorKind::momentary;
  const auto loose = door("net2-hq/3", "");
  const auto point = [&](const std::string& id, const std::string& site, std::vector<DoorId> doors) {
    AccessPoint one;
    one.id = AccessPointId(id);
    one.site = SiteId(site);
    one.doors = std::move(doors);
    one.open_on = {Direction::in};
    one.open_modes = {SignInMode::kiosk};
    settings.access_points.push_back(one);
  };
  point("reception", "hq", {front, loose});
  point("back", "annex", {loose});
  settings.scopes.push_back({ScopeId("main"), {front}, std::nullopt});
  settings.schedules[ScheduleId("business")] = {};
  return settings;
}

/// All rights, everywhere.
inline std::string all_scopes() {
  std::string scopes = R"([{"cmd":"person.grant"})";
  for (const auto& [command, word] : EnumNames<Command>::all)
    scopes += R"(,{"cmd":")" + std::string(word) + R"("})";
  return scopes + "]";
}

class CommandBench : public Bench {
 public:
  explicit CommandBench(std::shared_ptr<CommandStore> disk = std::make_shared<CommandStore>())
      : store(std::move(disk)),
        directory_(std::filesystem::temp_directory_path() /
                   ("gatehouse-keys-" + clock.new_id() + std::to_string(::getpid()))),
        outbox(io.get_executor()),
        alerts(outbox, clock, [] {}),
        console(io) {
    std::filesystem::create_directories(directory_);
    keys_file = (directory_ / "keys.json").string();
    write_keys({signer.jwk(all_scopes()), mute.jwk("")});
    make_desk();
  }
  ~CommandBench() {
    end_desk();
    std::filesystem::remove_all(directory_);
  }

  void write_keys(std::vector<boost::json::object> keys) const {
    boost::json::array list;
    for (auto& key : keys) list.emplace_back(std::move(key));
    std::ofstream(keys_file) << boost::json::serialize(boost::json::object{{"keys", std::move(list)}});
    std::filesystem::permissions(keys_file, std::filesystem::perms(0644));
  }

  void end_desk() {
    if (!desk) return;
    get(loops->stop());
    get(desk->stop(std::chrono::milliseconds(100)));
    loops.reset();
    desk.reset();
  }
  void make_desk() {
    end_desk();
    desk = std::make_unique<CommandDesk>(CommandDesk::Parts{
        .executor = io.get_executor(),
        .store = *store,
        .audit = *store,
        .people = *store,
        .verifier = verifier,
        .doors = acts(),
        .roster = roster,
        .work = {.console = console,
                 .plans = plans,
                 .invitations = invitations,
                 .resend = {.queries = facts, .outbox = outbox, .clock = clock, .news = [] {}}},
        .alerts = alerts,
        .clock = clock,
        .log = log,
        .epoch = epoch,
        .began = clock.up - std::chrono::minutes(10),
        .news = [this] { ++news; },
        .send = [this](const Message& message) { sent.push_back(message); },
        .look_anew_at = [this](const Person& person) { looked_at.push_back(person.id.value()); }});
    desk->use(command_settings(keys_file));
    get(desk->load());
    loops = std::make_unique<TaskGroup>(io.get_executor(), clock, log);
    loops->start("commands", [this](Pulse& pulse) { return desk->loop(pulse); });
    run();
  }

  DoorCalls acts() {
    return {.sign_in = [this](SignInRequest request) { return sign_in(std::move(request)); },
            .move_door = [this](DoorRequest request) { return move(std::move(request)); },
            .set_lockdown = [this](LockdownRequest request) { return lock(std::move(request)); },
            .find_person = [this](const PersonId& id) -> std::optional<AccessBook::Entry> {
              const auto at = people.find(id);
              if (at == people.end()) return std::nullopt;
              return at->second;
            },
            .left_open = [this] { return left_open; }};
  }

  Task<Result<DecisionRecord>> sign_in(SignInRequest request) {
    if (hold) {
      co_await hold->wait();
    }
    DecisionRecord decision;
    decision.id = clock.new_id();
    decision.allow = true;
    decision.asked = request.asked;
    DecidedDoor door;
    door.door = *parse_door_id("net2-hq/1");
    door.allow = true;
    if (request.asker.take_opening && !request.asker.take_opening(door.door))
      co_return Error{Errc::refused, "rate_limited: each door was opened too often"};
    door.command.state = DoorCommandState::sent;
    decision.doors.push_back(door);
    AccessBegin begin;
    begin.command = request.asker.command;
    auto begun = co_await store->begin_access(std::move(begin));
    if (!begun) {
      if (begun.error().code == Errc::refused) co_return begun.error();
      decision.doors[0].command = {DoorCommandState::not_sent, "store_unwritable"};
      co_return decision;
    }
    ++opened;
    store->decisions_stored.insert(decision.id);
    AccessEnd end;
    end.decision = decision;
    if (request.asker.finish) request.asker.finish(end);
    auto ended = co_await store->end_access(std::move(end));
    co_return decision;
  }
  Task<Result<DoorReport>> move(DoorRequest request) {
    if (refuse_doors) co_return *refuse_doors;
    AccessBegin begin;
    begin.command = request.asker.command;
    auto begun = co_await store->begin_access(std::move(begin));
    if (!begun) co_return begun.error();
    ++opened;
    if (hold) {
      co_await hold->wait();
    }
    const DoorReport report{request.door, request.action, {DoorCommandState::sent, ""}};
    AccessEnd end;
    end.answer = report.answer;
    request.asker.finish(end);
    auto ended = co_await store->end_access(std::move(end));
    co_return report;
  }
  Task<Result<void>> lock(LockdownRequest request) {
    AccessEnd end;
    request.asker.finish(end);
    AccessBegin begin;
    begin.command = std::move(end.command);
    begin.messages = std::move(end.messages);
    auto begun = co_await store->begin_access(std::move(begin));
    if (begun) locked.emplace_back(request.site.value(), request.on);
    co_return begun;
  }

  std::int64_t second() const { return clock.at.time_since_epoch().count() / 1000; }
  /// Claims of a command that is in order; `change` is laid over them (null takes a claim away).
  std::string claims(const std::string& cmd, const std::string& args, const std::string& change = "{}") {
    boost::json::object all{{"iss", "cloud"},
                            {"aud", "acme/hq-01"},
                            {"jti", "j" + std::to_string(++jtis_)},
                            {"iat", second()},
                            {"exp", second() + 20},
                            {"cmd", cmd},
                            {"args", boost::json::parse(args)},
                            {"epoch", epoch}};
    const auto other = boost::json::parse(change);
    for (const auto& member : other.as_object()) {
      if (member.value().is_null()) {
        all.erase(member.key());
      } else {
        all[member.key()] = member.value();
      }
    }
    return boost::json::serialize(all);
  }
  Incoming message(std::string payload) const {
    Incoming incoming;
    incoming.topic = "down/command";
    incoming.payload = std::move(payload);
    incoming.correlation = "c-1";
    return incoming;
  }
  std::string token(const std::string& cmd, const std::string& args, const std::string& change = "{}") {
    return signer.sign(claims(cmd, args, change));
  }
  /// Until everything that it started has come to rest.
  void take(const Incoming& incoming) {
    desk->take(incoming);
    run();
  }
  void take(const std::string& cmd, const std::string& args, const std::string& change = "{}") {
    take(message(token(cmd, args, change)));
  }
  /// "" where the last reply is a success, else its code.
  std::string last_code() const {
    const auto all = replies();
    if (all.empty()) return "no reply";
    const auto& data = all.back().as_object();
    if (data.at("ok").as_bool()) return "";
    return std::string(data.at("error").at("code").as_string());
  }
  std::vector<boost::json::value> replies() const {
    std::vector<boost::json::value> all;
    for (const auto& told : all_told()) all.push_back(boost::json::parse(told.data));
    return all;
  }
  /// In the order in which they were made.
  std::vector<Message> all_told() const {
    std::vector<Message> all = store->messages;
    for (const auto& commit : roster.commits)
      all.insert(all.end(), commit.messages.begin(), commit.messages.end());
    all.insert(all.end(), sent.begin(), sent.end());
    std::ranges::sort(all, {}, &Message::id);
    return all;
  }

  DoubtfulClock clock;
  RecordingLog log;
  std::shared_ptr<CommandStore> store;
  std::filesystem::path directory_;
  FakeOutbox outbox;
  Alerts alerts;
  FactsConsole console;
  PlainRoster roster;
  PlainPlans plans;
  PlainFacts facts;
  NotedInvitations invitations;
  CommandSigner signer{"cloud-1"};
  CommandSigner mute{"cloud-mute"};
  JoseVerifier verifier;
  std::string keys_file;
  std::string epoch = "01EPOCH";
  std::unique_ptr<CommandDesk> desk;
  std::unique_ptr<TaskGroup> loops;
  std::map<PersonId, AccessBook::Entry> people;
  std::vector<DoorIntent> left_open;
  std::vector<Message> sent;
  std::vector<std::string> looked_at;  ///< people whose sources were to be looked at anew
  std::vector<std::pair<std::string, bool>> locked;
  std::optional<Error> refuse_doors;
  Wakeup* hold = nullptr;  ///< doors wait for it
  int opened = 0;
  int news = 0;

 private:
  int jtis_ = 0;
};

}  // namespace gatehouse::test
