// SyncConsole: an integration paused, resumed or removed, and which there are.

#include <set>

#include "daemon/app/sync_console.hpp"
#include "daemon/core/roster_rules.hpp"

namespace gatehouse {
namespace {

std::optional<LeftPeople> parse_left_people(std::string_view text) {
  if (text.empty() || text == "disable") return LeftPeople::disable;
  if (text == "keep") return LeftPeople::keep;
  if (text == "delete") return LeftPeople::erase;
  return std::nullopt;
}

}  // namespace

/// Also one whose block is gone, as long as something of it is here.
Task<Result<IntegrationId>> SyncConsole::known_or_left(std::string id) const {
  std::set<std::string> names;
  for (const auto& integration : parts_.desk.all_configured()) names.insert(integration.id.value());
  auto people = co_await parts_.queries.count_people();
  if (!people) co_return people.error();
  for (const auto& of : people->by_integration) names.insert(of.integration.value());
  for (const auto* reserved : {"cloud", "walk_in"}) names.erase(reserved);  // no block can have these
  const IntegrationId integration(id);
  if (names.contains(id)) co_return integration;
  // One may have been read, and all its records left out.
  auto runs = co_await parts_.queries.list_runs(integration, 1);
  if (!runs) co_return runs.error();
  auto switched = co_await parts_.switches.switch_of(integration);
  if (!switched) co_return switched.error();
  const bool reserved = id == cloud_integration_id.value();
  if (!reserved && !runs->empty() && *switched != Switch::removed) co_return integration;
  std::string known;
  for (const auto& name : names) known += (known.empty() ? "" : ", ") + name;
  co_return Error{Errc::not_found, "no integration \"" + id +
                                       "\", neither configured nor with people here; known: " +
                                       (known.empty() ? "none" : known)};
}

Task<Result<std::string>> SyncConsole::pause_integration(std::string id, std::string by) {
  auto integration = known(id);
  if (!integration) co_return integration.error();
  auto* people = parts_.desk.people_of(*integration);
  if (people == nullptr) {
    co_return Error{Errc::refused,
                    "nothing runs for " + id + ": it is " +
                        std::string(to_string(parts_.desk.status_of(*integration).judged.state))};
  }
  auto kept = co_await parts_.switches.set_switch(*integration, Switch::paused);
  if (!kept) co_return kept.error();
  people = parts_.desk.people_of(*integration);
  if (people != nullptr) people->set_paused(true);
  parts_.log.write(Level::info, "paused by " + by, {{"INTEGRATION", id}});
  co_return integration_json(*integration);
}

Task<Result<std::string>> SyncConsole::resume_integration(std::string id, std::string by) {
  auto integration = known(id);
  if (!integration) co_return integration.error();
  if (!parts_.desk.configured(*integration)->enabled) {
    co_return Error{Errc::refused,
                    id + " is not enabled in the configuration: set enabled: true and reload it"};
  }
  auto kept = co_await parts_.switches.set_switch(*integration, Switch::on);
  if (!kept) co_return kept.error();
  auto* people = parts_.desk.people_of(*integration);
  // Where the server refuses the credentials, what is resumed is the signing in.
  const bool refused = parts_.desk.status_of(*integration).judged.state == IntegrationState::unauthenticated;
  if (people != nullptr && !refused) {
    people->set_paused(false);
  } else {
    std::vector<IntegrationId> ids{*integration};
    co_await parts_.desk.halt(std::move(ids));
    co_await parts_.desk.proceed();
  }
  parts_.log.write(Level::info, "resumed by " + by, {{"INTEGRATION", id}});
  co_return integration_json(*integration);
}

Task<Result<std::string>> SyncConsole::remove_integration(std::string id, std::string people,
                                                          std::string by) {
  const auto left = parse_left_people(people);
  if (!left) co_return Error{Errc::invalid, "people is keep, disable or delete, not \"" + people + "\""};
  auto integration = co_await known_or_left(id);
  if (!integration) co_return integration.error();
  auto plan = co_await plan_desk_.plan_removal(std::move(*integration), *left);
  if (!plan) co_return plan.error();
  parts_.log.write(Level::info, "its removal was planned by " + by, {{"INTEGRATION", id}});
  auto text = co_await plan_with_sample(std::move(*plan));
  co_return text;
}

}  // namespace gatehouse
