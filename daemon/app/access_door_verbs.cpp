// Doors, lockdown, who is on site, and the audit.

#include <algorithm>

#include "daemon/app/access_asks.hpp"
#include "daemon/app/access_verbs.hpp"
#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

std::int64_t whole_seconds(Duration age) {
  return std::max<std::int64_t>(0, std::chrono::floor<std::chrono::seconds>(age).count());
}

void write_age(JsonWriter& json, const std::optional<Duration>& age) {
  json.key("age_s");
  age ? json.value(whole_seconds(*age)) : json.null();
}

void write_audit_row(JsonWriter& json, const AuditRow& row) {
  json.begin_object().member("number", row.number).member("at", format_utc(row.at));
  json.member("actor", row.entry.actor).member("action", row.entry.action);
  json.member("target", row.entry.target).member("outcome", row.entry.outcome);
  json.key("person_id");
  row.entry.person ? json.value(row.entry.person->value()) : json.null();
  json.key("detail");
  row.erased || row.entry.detail.empty() ? json.null() : json.raw(row.entry.detail);
  json.member("erased", row.erased).member("hash", row.hash);
  json.end_object();
}

std::string list_of(const std::vector<DoorView>& views, const AccessPolicy& policy,
                    const std::set<SiteId>& lockdown) {
  std::string text;
  for (const auto& view : views) text += (text.empty() ? "" : ",") + door_json(view, policy, lockdown);
  return text;
}

}  // namespace

std::vector<DoorView> AccessConsole::door_views() const {
  return with_configured(parts_.gateway.doors(), parts_.desk.policy().settings());
}

Task<Result<std::string>> AccessConsole::doors() {
  const auto views = door_views();
  const auto& policy = parts_.desk.policy();
  const auto assigned = std::ranges::count_if(views, [&](const DoorView& view) {
    return !access_points_of({view.integration, view.door.id}, policy.settings()).empty();
  });
  const auto all = std::ranges::ssize(views);
  co_return R"({"doors":[)" + list_of(views, policy, parts_.desk.lockdown()) + R"(],"assigned":)" +
      std::to_string(assigned) + R"(,"unassigned":)" + std::to_string(all - assigned) + "}";
}

Result<std::string> AccessConsole::door_document(const std::string& id) const {
  for (const auto& view : door_views()) {
    if (to_string(DoorId{view.integration, view.door.id}) == id)
      return door_json(view, parts_.desk.policy(), parts_.desk.lockdown());
  }
  return Error{Errc::not_found, "no door \"" + id + "\" (gatehouse door list)"};
}

Task<Result<std::string>> AccessConsole::door(std::string id) {
  co_return door_document(id);
}

Task<Result<std::string>> AccessConsole::discover_doors() {
  auto views = parts_.gateway.doors();
  std::erase_if(views, [](const DoorView& view) { return view.configured.has_value(); });
  co_return R"({"doors":[)" + list_of(views, parts_.desk.policy(), parts_.desk.lockdown()) + "]}";
}

// --- acts at a door

Task<Result<std::string>> AccessConsole::move(DoorRequest request) {
  auto report = co_await parts_.desk.move_door(std::move(request));
  if (!report) co_return report.error();
  co_return door_report_json(*report);
}

Task<Result<std::string>> AccessConsole::open_door(std::string door, std::string reason, bool break_glass,
                                                   std::string by) {
  auto known = known_door(door, parts_.desk.policy().settings());
  if (!known) co_return known.error();
  DoorRequest request;
  request.door = *known;
  request.action = DoorAction::open;
  request.reason = std::move(reason);
  request.break_glass = break_glass;
  request.asker.actor = std::move(by);
  auto answer = co_await move(std::move(request));
  co_return answer;
}

Task<Result<std::string>> AccessConsole::hold_door(std::string door, std::int64_t seconds, std::string reason,
                                                   std::string by) {
  auto known = known_door(door, parts_.desk.policy().settings());
  if (!known) co_return known.error();
  DoorRequest request;
  request.door = *known;
  request.action = DoorAction::hold;
  request.seconds = std::chrono::seconds(seconds);
  request.reason = std::move(reason);
  request.asker.actor = std::move(by);
  auto answer = co_await move(std::move(request));
  co_return answer;
}

Task<Result<std::string>> AccessConsole::close_door(std::string door, std::string reason, std::string by) {
  auto known = known_door(door, parts_.desk.policy().settings());
  if (!known) co_return known.error();
  DoorRequest request;
  request.door = *known;
  request.action = DoorAction::close;
  request.reason = std::move(reason);
  request.asker.actor = std::move(by);
  auto answer = co_await move(std::move(request));
  co_return answer;
}

Task<Result<std::string>> AccessConsole::set_door_mode(std::string door, std::string mode, std::string by) {
  auto known = known_door(door, parts_.desk.policy().settings());
  if (!known) co_return known.error();
  auto wanted = door_mode_of(mode);
  if (!wanted) co_return wanted.error();
  auto done = co_await parts_.desk.set_mode(*known, *wanted, std::move(by));
  if (!done) co_return done.error();
  co_return door_document(door);
}

Task<Result<std::string>> AccessConsole::set_lockdown(std::string site, bool on, std::string by) {
  auto known = known_site(site, parts_.desk.policy().settings());
  if (!known) co_return known.error();
  LockdownRequest request;
  request.site = *known;
  request.on = on;
  request.asker.actor = std::move(by);
  auto done = co_await parts_.desk.set_lockdown(std::move(request));
  if (!done) co_return done.error();
  JsonWriter json;
  json.begin_object().key("lockdown").begin_array();
  for (const auto& locked : parts_.desk.lockdown()) json.value(locked.value());
  json.end_array().end_object();
  co_return json.take();
}

// --- who is on site

std::string AccessConsole::knowledge_json() {
  JsonWriter json;
  json.begin_array();
  const auto write = [&](const IntegrationId& id, SourceKind kind) {
    json.begin_object().member("integration", id.value());
    write_age(json, parts_.desk.ages().of({{.integration = id, .kind = kind, .present = true}}).age);
  };
  const auto state = parts_.gateway.state();
  for (const auto& integration : parts_.desk.policy().settings().integrations) {
    write(integration.id, integration.kind == IntegrationKind::net2 ? SourceKind::net2 : SourceKind::feed);
    const auto status = std::ranges::find(state.integrations, integration.id.value(), &IntegrationStatus::id);
    json.member("connected", status != state.integrations.end() && status->connected);
    json.end_object();
  }
  if (parts_.desk.policy().settings().cloud) {
    write(IntegrationId("cloud"), SourceKind::cloud);
    json.member("connected", state.cloud_connected).end_object();
  }
  json.end_array();
  return json.take();
}

Task<Result<std::string>> AccessConsole::muster(std::string site) {
  std::optional<SiteId> where;
  if (!site.empty()) {
    auto known = known_site(site, parts_.desk.policy().settings());
    if (!known) co_return known.error();
    where = *known;
  }
  const auto now = parts_.clock.now();
  const auto present = parts_.desk.book().present(where);
  JsonWriter json;
  json.begin_object().key("on_site").begin_array();
  for (const auto& one : present) {
    // A list without names is better than none while the store cannot be read.
    const auto person = co_await parts_.people.person(one.person);
    json.begin_object().member("person_id", one.person.value()).key("name");
    if (person) {
      json.value(person->facts.first_name + ' ' + person->facts.last_name);
      json.member("person_type", to_string(person->facts.person_type));
    } else {
      json.null().key("person_type").null();
    }
    json.member("site", one.site.value()).member("since", format_utc(one.at)).key("access_point");
    one.access_point ? json.value(one.access_point->value()) : json.null();
    json.key("door");
    one.door ? json.value(to_string(*one.door)) : json.null();
    write_age(json, now - one.at);
    json.end_object();
  }
  json.end_array();
  json.key("knowledge").raw(knowledge_json()).member("as_of", format_utc(now)).end_object();
  co_return json.take();
}

// --- audit

Task<Result<std::string>> AccessConsole::verify_audit() {
  auto finding = co_await parts_.audit.verify_audit();
  if (!finding) co_return finding.error();
  JsonWriter json;
  json.begin_object().member("rows", finding->rows).member("ok", !finding->first_broken);
  json.key("head").begin_object().member("number", finding->head.number).member("hash", finding->head.hash);
  json.end_object().key("first_broken");
  finding->first_broken ? json.value(*finding->first_broken) : json.null();
  json.key("why");
  finding->why.empty() ? json.null() : json.value(finding->why);
  json.end_object();
  co_return json.take();
}

Task<Result<std::string>> AccessConsole::audit(Page page) {
  std::int64_t before = 0;
  if (!page.after.empty()) {
    const bool digits = std::ranges::all_of(page.after, [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || page.after.size() > 18) co_return Error{Errc::invalid, "no such page"};
    before = std::stoll(page.after);
  }
  const std::size_t limit = std::clamp<std::size_t>(page.limit, 1, 1000);
  auto rows = co_await parts_.audit.audit_rows(before, limit);
  if (!rows) co_return rows.error();
  JsonWriter json;
  json.begin_object().key("audit").begin_array();
  for (const auto& row : *rows) write_audit_row(json, row);
  json.end_array();
  if (rows->size() == limit && rows->back().number > 1)
    json.member("next", std::to_string(rows->back().number));
  json.end_object();
  co_return json.take();
}

}  // namespace gatehouse
