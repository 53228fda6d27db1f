#include "daemon/app/sync_json.hpp"

#include "daemon/core/json_writer.hpp"

namespace gatehouse {

std::string report_json(const PassReport& report, bool dry_run) {
  std::string text = sync_run_json(report.run);
  text.pop_back();  // the closing brace: what only who asked wants to know
  JsonWriter json;
  json.begin_object();
  json.key("plan");
  report.plan ? json.value(report.plan->id.value()) : json.null();
  json.member("withheld", report.withheld);
  if (dry_run) {
    json.key("changes").begin_array();
    for (const auto& change : report.changes) json.raw(plan_change_json(change));
    json.end_array();
  }
  json.end_object();
  return text + ',' + json.take().substr(1);
}

std::string activity_json(const ActivityRow& row) {
  JsonWriter json;
  json.begin_object();
  json.member("id", std::to_string(row.number))
      .member("at", format_utc(row.at))
      .member("run", row.run.value());
  json.member("integration", row.integration.value()).member("external_id", row.external_id);
  json.member("name", row.name).member("outcome", to_string(row.outcome));
  json.key("reason");
  row.reason ? json.value(to_string(*row.reason)) : json.null();
  json.key("fields").begin_array();
  for (const auto& field : row.fields) json.value(field);
  json.end_array();
  json.key("hint");
  row.reason ? json.value(remedy(*row.reason)) : json.null();
  json.end_object();
  return json.take();
}

std::string link_json(const LinkRow& link) {
  JsonWriter json;
  json.begin_object();
  json.member("integration", link.source.integration.value());
  json.member("external_id", link.source.external_id.value()).member("badge", link.source.badge);
  json.member("rule", to_string(link.source.rule)).member("evidence", link.source.evidence);
  json.key("linked");
  link.source.linked ? json.value(format_utc(*link.source.linked)) : json.null();
  json.member("present", link.source.present);
  json.key("skip");
  link.skip ? json.value(to_string(*link.skip)) : json.null();
  json.key("hint");
  link.skip ? json.value(remedy(*link.skip)) : json.null();
  json.key("overrides").begin_object();
  for (const auto& word : link.overrides) json.member(word.field, word.value);
  json.end_object();
  json.end_object();
  return json.take();
}

}  // namespace gatehouse
