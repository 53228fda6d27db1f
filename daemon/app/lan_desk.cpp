#include "daemon/app/lan_desk.hpp"

#include <algorithm>
#include <memory>

#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

constexpr std::string_view issuer_prefix = "lan ";
constexpr std::string_view store_unwritable = "store_unwritable";
constexpr Duration later = std::chrono::seconds(5);
constexpr Duration longest_wait = std::chrono::seconds(15);  ///< of a repeat for the request under way
constexpr Duration look_at_lan_every = std::chrono::minutes(1);

LanReply problem(int status, std::string detail, std::optional<Duration> retry_after = std::nullopt) {
  return {.status = status, .body = {}, .detail = std::move(detail), .retry_after = retry_after};
}

LanReply document(std::string body) {
  return {.status = 200, .body = std::move(body), .detail = {}, .retry_after = std::nullopt};
}

LanReply not_stored() {
  return problem(503, "the gateway cannot store the request now, so no door was opened", later);
}

bool was_not_stored(const DecisionRecord& decision) {
  return std::ranges::any_of(decision.doors,
                             [](const DecidedDoor& door) { return door.command.why == store_unwritable; });
}

}  // namespace

Task<Result<void>> LanDesk::load() {
  auto taken = co_await parts_.store.taken_commands(parts_.clock.now());
  if (!taken) co_return within("read the keys of the LAN interface", taken.error());
  for (auto& command : *taken) {
    if (!command.issuer.starts_with(issuer_prefix)) continue;
    // What this process knows of a key is never older than the store.
    used_[command.issuer].try_emplace(std::move(command.id), Used{.digest = std::move(command.digest),
                                                                  .answer = std::move(command.answer),
                                                                  .decision = std::move(command.decision),
                                                                  .until = command.until,
                                                                  .under_way = false});
  }
  loaded_ = true;
  co_return Result<void>{};
}

void LanDesk::forget_old(const std::string& issuer) {
  const Instant now = parts_.clock.now();
  auto& looked = looked_[issuer];
  if (looked <= now && now - looked < look_at_lan_every) return;
  looked = now;
  std::erase_if(used_[issuer],
                [&](const auto& one) { return !one.second.under_way && one.second.until <= now; });
}

/// What a key that is used up and no longer under way is answered.
Task<LanReply> LanDesk::known(std::string issuer, std::string key) {
  const auto used = used_[issuer][key];
  if (!used.answer.empty()) co_return document(used.answer);
  if (used.decision.empty())
    co_return problem(409,
                      "the gateway was stopped in the middle of this request, so it is not known whether a "
                      "door opened; ask with a new Idempotency-Key");
  auto id = used.decision;
  auto row = co_await parts_.store.decision(std::move(id));
  if (!row) {
    parts_.log.write(Level::error, "a decision of the LAN cannot be read: " + row.error().detail);
    co_return problem(503, "the gateway cannot read how this request ended", later);
  }
  row->decision.revision = std::max(row->decision.revision, 1U);
  auto& kept = used_[issuer][key].answer;  // somebody else may have read it meanwhile
  if (kept.empty()) kept = decision_json(row->decision);
  auto answer = kept;
  AccessEnd end;
  end.command = TakenCommand{};
  end.command->issuer = issuer;
  end.command->id = key;
  end.command->digest = used.digest;
  end.command->until = used.until;
  end.command->decision = used.decision;
  end.command->answer = answer;
  auto written = co_await parts_.store.end_access(std::move(end));
  if (!written)
    parts_.log.write(Level::warning, "an answer on the LAN cannot be kept: " + written.error().detail);
  co_return document(std::move(answer));
}

Task<LanReply> LanDesk::sign_in(LanClient client, LanSignIn request) {
  if (!loaded_) {
    auto read = co_await load();
    if (!read) parts_.log.write(Level::error, read.error().detail);
    if (!read) co_return not_stored();
  }
  auto args = parts_.read_args(request.body);
  if (!args) co_return problem(400, args.error().detail);
  if (std::ranges::find(client.access_points, args->asked.access_point) == client.access_points.end())
    co_return problem(403, "this access point is not among those of the client");

  const std::string issuer = std::string(issuer_prefix) + client.id.value();
  forget_old(issuer);
  auto& keys = used_[issuer];  // a map of maps: it stays where it is
  for (;;) {
    const auto used = keys.find(request.key);
    if (used == keys.end()) break;
    if (used->second.digest != request.digest)
      co_return problem(409, "this Idempotency-Key was used for another request");
    if (!used->second.under_way) {
      auto answer = co_await known(issuer, request.key);
      co_return answer;
    }
    const auto over = std::make_shared<Wakeup>(parts_.executor);
    used->second.waiting.push_back(over);
    const bool ended = co_await over->wait(longest_wait);
    if (!ended) co_return problem(503, "this request is still under way", later);
  }
  if (keys.size() >= most_keys)
    co_return problem(429, "this client has used too many keys within a day", std::chrono::minutes(10));
  keys.emplace(request.key, Used{.digest = request.digest,
                                 .answer = {},
                                 .decision = {},
                                 .until = parts_.clock.now() + keep,
                                 .under_way = true});
  // Whoever waits for the same key does so whatever becomes of this connection.
  auto asking = ask(std::move(client), std::move(request), std::move(*args));
  auto run = errands_.run("sign-in on the LAN", std::move(asking));
  auto reply = co_await std::move(run);
  if (!reply) co_return problem(503, "the gateway is stopping", later);
  co_return std::move(*reply);
}

Task<Result<LanReply>> LanDesk::ask(LanClient client, LanSignIn request, SignInArgs args) {
  const std::string issuer = std::string(issuer_prefix) + client.id.value();
  auto& keys = used_[issuer];
  TakenCommand taken;
  taken.issuer = issuer;
  taken.id = request.key;
  taken.digest = request.digest;
  taken.until = keys[request.key].until;
  const auto answer = std::make_shared<std::string>();
  SignInRequest wanted{.asked = args.asked,
                       .person = std::move(args.person),
                       .walk_ins_allowed = client.walk_ins,
                       .asker = {.via = Via::lan,
                                 .actor = issuer,
                                 .command = taken,
                                 .expires = std::nullopt,
                                 .finish = [taken, answer](AccessEnd& end) {
                                   if (!end.decision) return;
                                   *answer = decision_json(*end.decision);
                                   end.command = taken;
                                   end.command->answer = *answer;
                                   end.command->decision = end.decision->id;
                                 }}};
  auto asking = parts_.sign_in(std::move(wanted));
  const auto decided = co_await std::move(asking);
  auto reply = outcome(keys, request.key, decided, *answer);
  co_return reply;
}

void LanDesk::under_way_no_more(Keys& keys, const std::string& key) {
  auto& used = keys[key];
  used.under_way = false;
  for (const auto& waiting : std::exchange(used.waiting, {})) waiting->ring();
}

/// Keeps the answer, or frees the key where nothing has happened.
LanReply LanDesk::outcome(Keys& keys, const std::string& key, const Result<DecisionRecord>& decided,
                          const std::string& answer) const {
  if (decided && !was_not_stored(*decided)) {
    auto& used = keys[key];
    used.answer = answer.empty() ? decision_json(*decided) : answer;
    under_way_no_more(keys, key);
    return document(used.answer);
  }
  under_way_no_more(keys, key);
  if (!decided && decided.error().code == Errc::cancelled) {  // it may have happened
    return problem(503, "the gateway is stopping", later);
  }
  keys.erase(key);
  if (decided) return not_stored();
  switch (decided.error().code) {
    case Errc::refused:
      return problem(409, "this Idempotency-Key was used before");
    case Errc::invalid:
      return problem(400, decided.error().detail);
    case Errc::storage:
    case Errc::storage_full:
      return not_stored();
    default:
      parts_.log.write(Level::error, "a sign-in on the LAN failed: " + decided.error().detail);
      return problem(503, "the gateway cannot decide now", later);
  }
}

Task<LanReply> LanDesk::muster(LanClient client, std::string site) {
  if (!client.muster) co_return problem(403, "this client may not ask who is on site");
  auto asking = parts_.muster(std::move(site));
  auto list = co_await std::move(asking);
  if (list) co_return document(std::move(*list));
  const bool unknown = list.error().code == Errc::not_found || list.error().code == Errc::invalid;
  if (unknown) co_return problem(404, "there is no site of this id");
  parts_.log.write(Level::error, "who is on site could not be read: " + list.error().detail);
  co_return problem(503, "the gateway cannot say who is on site now", later);
}

LanReply LanDesk::health() {
  const auto state = parts_.state();
  JsonWriter json;
  json.begin_object();
  json.member("gateway", state.gateway).member("version", state.version).member("ready", state.ready);
  json.member("uptime_s",
              std::int64_t{std::chrono::duration_cast<std::chrono::seconds>(state.uptime).count()});
  json.member("clock", state.clock == ClockQuality::ok ? "ok" : "unsynced");
  json.key("cloud").begin_object().member("connected", state.cloud_connected).end_object();
  json.key("integrations").begin_array();
  for (const auto& one : state.integrations) {
    json.begin_object().member("id", one.id).member("status", to_string(one.judged.state)).end_object();
  }
  json.end_array();
  json.key("lockdown").begin_array();
  for (const auto& site : parts_.lockdown()) json.value(site.value());
  json.end_array().end_object();
  return document(json.take());
}

LanFeed LanDesk::feed(const LanClient& client, const IntegrationId& integration) {
  const auto refuse = [](int status, const char* why) {
    return LanFeed{.directory = std::nullopt, .refusal = problem(status, why)};
  };
  if (std::ranges::find(client.feeds, integration) == client.feeds.end())
    return refuse(403, "this feed is not among those of the client");
  const auto& all = parts_.settings.integrations;
  const auto found = std::ranges::find(all, integration, &Integration::id);
  if (found == all.end() || found->kind != IntegrationKind::feed)
    return refuse(404, "there is no feed of this id");
  if (!found->enabled) return refuse(404, "this feed is not in use");
  const auto& own = found->feed.directory;
  return {.directory = own ? *own : parts_.feeds + "/" + integration.value(), .refusal = {}};
}

}  // namespace gatehouse
