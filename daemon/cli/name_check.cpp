#include "daemon/cli/name_check.hpp"

#include <algorithm>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "daemon/cli/json_fields.hpp"
#include "daemon/control/bus_names.hpp"
#include "daemon/settings/nearest.hpp"

namespace gatehouse {
namespace {

using boost::json::value;
using Names = std::vector<std::string>;

std::optional<value> document_of(const Answer& answer) {
  if (!answer.document) return std::nullopt;
  boost::json::error_code wrong;
  auto document = boost::json::parse(*answer.document, wrong);
  if (wrong || !document.is_object()) return std::nullopt;
  return document;
}

/// The ids of a list of the configuration in force; nullopt where it has no such list.
std::optional<Names> names_of(const value& config, const char* list) {
  const auto* items = find_field(config, list);
  if (items == nullptr || !items->is_array()) return std::nullopt;
  Names names;
  for (const auto& item : items->get_array()) names.push_back(text_field(item, item.is_object() ? "id" : ""));
  return names;
}

bool has(const Names& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

/// What came from an integration outlives its block.
bool left_something(CommandSession& session, const std::string& integration) {
  const auto runs = document_of(session.daemon.ask(bus_names::sync, "Log", {integration}));
  if (!runs || !list_field(*runs, "runs").empty()) return true;
  const auto people = document_of(session.daemon.ask(
      bus_names::people, "List", {Filter{{"integration", integration}}, std::string(), std::uint32_t{1}}));
  return !people || !list_field(*people, "people").empty();
}

Answer no_such(const char* kind, const std::string& name, const Names& known) {
  std::string all;
  for (const auto& one : known) all += (all.empty() ? "" : ", ") + one;
  Answer answer;
  answer.status = ExitStatus::failed;
  answer.code = Errc::not_found;
  answer.why = std::string("no ") + kind + " \"" + name + "\" in the configuration; there is " +
               (all.empty() ? "none" : all) + config::did_you_mean(name, known);
  return answer;
}

/// The integration and the site that a verb which lists was given; empty where there are none.
struct Named {
  std::string integration;
  std::string site;
};

Named named_in(const Invocation& command) {
  const auto given = [&](const char* name) {
    const auto found = command.filter.find(name);
    return found == command.filter.end() ? std::string() : found->second;
  };
  switch (command.verb) {
    case Verb::sync_log:
      return {.integration = command.subject, .site = {}};
    case Verb::people_list:
      return {.integration = given("integration"), .site = given("site")};
    case Verb::activity:
    case Verb::events:
    case Verb::issue_list:
    case Verb::log_api:
      return {.integration = given("integration"), .site = {}};
    default:
      return {};
  }
}

}  // namespace

std::optional<Answer> unknown_name(CommandSession& session) {
  const auto named = named_in(session.command);
  if (named.integration.empty() && named.site.empty()) return std::nullopt;
  const auto config = document_of(session.daemon.ask(bus_names::config, "Effective", {std::string("json")}));
  if (!config) return std::nullopt;  // the question itself will tell why
  const auto sites = names_of(*config, "gateway.sites");
  if (!named.site.empty() && sites && !has(*sites, named.site)) return no_such("site", named.site, *sites);
  const auto& id = named.integration;
  const bool reserved = id == "cloud" || id == "walk_in";
  const auto integrations = names_of(*config, "integrations");
  if (id.empty() || reserved || !integrations || has(*integrations, id) || left_something(session, id))
    return std::nullopt;
  return no_such("integration", id, *integrations);
}

}  // namespace gatehouse
