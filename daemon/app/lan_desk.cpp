#include "daemon/app/lan_desk.hpp"

#include <algorithm>
#include <memory>

#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

constexpr std::string_view issuer_prefix = "lan ";
constexpr std::string_view store_unwritable = "store_unwritable";
constexpr Duration soon = std::chrono::seconds(1);
constexpr Duration later = std::chrono::seconds(5);
constexpr Duration look_every = std::chrono::minutes(1);

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
                                                                  .until = command.until,
                                                                  .under_way = false});
  }
  loaded_ = true;
  co_return Result<void>{};
}

void LanDesk::forget_old(const std::string& issuer) {
  const Instant now = parts_.clock.now();
  auto& looked = looked_[issuer];
  if (looked <= now && now - looked < look_every) return;
  looked = now;
  std::erase_if(used_[issuer],
                [&](const auto& one) { return !one.second.under_way && one.second.until <= now; });
}

LanReply LanDesk::known(const Used& used, const std::string& digest) {
  if (used.digest != digest) return problem(409, "this Idempotency-Key was used for another request");
  if (used.under_way) return problem(409, "the request with this Idempotency-Key is still under way", soon);
  if (!used.answer.empty()) return document(used.answer);
  return problem(409,
                 "the gateway was stopped in the middle of this request, so it is not known whether a door "
                 "opened; ask with a new Idempotency-Key");
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
  const Instant until = parts_.clock.now() + keep;
  if (const auto used = keys.find(request.key); used != keys.end())
    co_return known(used->second, request.digest);
  if (keys.size() >= most_keys)
    co_return problem(429, "this client has used too many keys within a day", std::chrono::minutes(10));
  keys.emplace(request.key, Used{.digest = request.digest, .answer = {}, .until = until, .under_way = true});

  TakenCommand taken;
  taken.issuer = issuer;
  taken.id = request.key;
  taken.digest = request.digest;
  taken.until = until;
  const auto answer = std::make_shared<std::string>();
  SignInRequest ask{.asked = args->asked,
                    .person = std::move(args->person),
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
                              }}};
  auto asking = parts_.sign_in(std::move(ask));
  const auto decided = co_await std::move(asking);
  co_return outcome(keys, request.key, decided, *answer);
}

/// Keeps the answer, or frees the key where nothing has happened.
LanReply LanDesk::outcome(Keys& keys, const std::string& key, const Result<DecisionRecord>& decided,
                          const std::string& answer) const {
  if (decided && !was_not_stored(*decided)) {
    auto& used = keys[key];
    used.under_way = false;
    used.answer = answer.empty() ? decision_json(*decided) : answer;
    return document(used.answer);
  }
  if (!decided && decided.error().code == Errc::cancelled) {
    keys[key].under_way = false;  // it may have happened
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
