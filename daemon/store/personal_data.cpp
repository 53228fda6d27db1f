#include "daemon/store/personal_data.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "daemon/store/fault.hpp"

namespace gatehouse {
namespace {

constexpr std::int64_t rows_a_page = 1000;

/// ?1 the person; ?2 the key of the row before, ?3 how many rows at most. Column 0 is the row's key, column 1
/// a JSON object.
struct Section {
  std::string_view name;
  std::string_view sql;
};

#define GATEHOUSE_AT(column) "strftime('%Y-%m-%dT%H:%M:%fZ', " column " / 1000.0, 'unixepoch')"

constexpr auto sections = std::to_array<Section>({
    {"person",
     "SELECT 1, json_object('id', id, 'first_name', first_name, 'last_name', last_name, 'email', email,"
     " 'phone', phone, 'person_type', person_type, 'membership_status', membership_status,"
     " 'synced_tags', json(synced_tags), 'site', site, 'sites', json(sites),"
     " 'roamer', json(iif(roamer, 'true', 'false')), 'roamer_sites', json(roamer_sites),"
     " 'valid_from', " GATEHOUSE_AT("valid_from") ", 'valid_until', " GATEHOUSE_AT(
         "valid_until") ","
                        " 'admin_enabled', json(iif(admin_enabled, 'true', 'false')),"
                        " 'tracked', json(iif(tracked, 'true', 'false')), 'decoupled_reason', "
                        "decoupled_reason,"
                        " 'decoupled_until', " GATEHOUSE_AT(
                            "decoupled_until") ", 'custom_tags', json(custom_tags),"
                                               " 'email_verified', json(iif(email_verified, 'true', "
                                               "'false')),"
                                               " 'last_synced', " GATEHOUSE_AT(
                                                   "last_synced") ")"
                                                                  " FROM person WHERE id = ?1 AND ?2 < 1 "
                                                                  "ORDER BY id LIMIT ?3"},
    {"sources",
     "SELECT n, row FROM (SELECT row_number() OVER (ORDER BY source.integration, source.external_id) AS n,"
     " json_object('integration', integration.id, 'external_id', source.external_id,"
     " 'badge', integration.badge, 'present', json(iif(source.present, 'true', 'false')),"
     " 'rule', source.rule, 'evidence', source.evidence, 'linked', " GATEHOUSE_AT(
         "source.linked") ") AS row"
                          " FROM person_source AS source JOIN integration ON integration.key = "
                          "source.integration"
                          " WHERE source.person = ?1) WHERE n > ?2 ORDER BY n LIMIT ?3"},
    {"records",
     "SELECT n, row FROM (SELECT row_number() OVER (ORDER BY record.integration, record.number) AS n,"
     " json_object('integration', integration.id, 'record', record.number, 'external_id', record.external_id,"
     " 'name', record.name, 'present', json(iif(record.present, 'true', 'false')),"
     " 'absent_since', " GATEHOUSE_AT(
         "record.absent_since") ", 'skip', record.skip) AS row"
                                " FROM record JOIN integration ON integration.key = record.integration"
                                " WHERE record.person = ?1) WHERE n > ?2 ORDER BY n LIMIT ?3"},
    {"overrides",
     "SELECT n, row FROM (SELECT row_number() OVER (ORDER BY word.integration, word.record, word.field) AS n,"
     " json_object('integration', integration.id, 'record', word.record, 'field', word.field,"
     " 'value', word.value, 'said_by', word.said_by, 'said_at', " GATEHOUSE_AT(
         "word.said_at") ") AS row"
                         " FROM override AS word JOIN integration ON integration.key = word.integration"
                         " JOIN record ON record.integration = word.integration AND record.number = "
                         "word.record"
                         " WHERE record.person = ?1) WHERE n > ?2 ORDER BY n LIMIT ?3"},
    {"choices",
     "SELECT n, row FROM (SELECT row_number() OVER (ORDER BY word.integration, word.record) AS n,"
     " json_object('integration', integration.id, 'record', word.record, 'kind', word.kind,"
     " 'person', word.person, 'said_by', word.said_by, 'said_at', " GATEHOUSE_AT(
         "word.said_at") ") AS row"
                         " FROM choice AS word JOIN integration ON integration.key = word.integration"
                         " WHERE word.person = ?1 OR EXISTS (SELECT 1 FROM record WHERE record.integration = "
                         "word.integration"
                         " AND record.number = word.record AND record.person = ?1)) WHERE n > ?2 ORDER BY n "
                         "LIMIT ?3"},
    {"grants",
     "SELECT position + 1, json_object('id', id, 'door', door, 'scope', scope, 'site', site, 'hours', hours,"
     " 'from', " GATEHOUSE_AT("valid_from") ", 'until', " GATEHOUSE_AT(
         "valid_until") ")"
                        " FROM person_grant WHERE person = ?1 AND position + 1 > ?2 ORDER BY position LIMIT "
                        "?3"},
    {"visits",
     "SELECT n, row FROM (SELECT row_number() OVER (ORDER BY visit.id) AS n,"
     " json_object('visit_id', visit.id, 'cloud_id', visit.cloud_id, 'site', visit.site,"
     " 'start', " GATEHOUSE_AT("visit.begins") ", 'end', " GATEHOUSE_AT(
         "visit.ends") ","
                       " 'status', visit.status) AS row"
                       " FROM person_source AS source JOIN integration ON integration.key = "
                       "source.integration"
                       " JOIN visit ON visit.cloud_id = source.external_id"
                       " WHERE source.person = ?1 AND integration.kind = 'cloud') WHERE n > ?2 ORDER BY n "
                       "LIMIT ?3"},
    {"presence",
     "SELECT 1, json_object('site', site, 'on_site', json(iif(on_site, 'true', 'false')),"
     " 'at', " GATEHOUSE_AT("at") ", 'access_point', access_point, 'door', door, 'evidence', evidence)"
                                  " FROM presence WHERE person = ?1 AND ?2 < 1 ORDER BY person LIMIT ?3"},
    {"invitation", "SELECT 1, json_object('id', id, 'told_at', " GATEHOUSE_AT(
                       "told_at") ","
                                  " 'ok', json(iif(ok, 'true', 'false')))"
                                  " FROM invitation WHERE person = ?1 AND ?2 < 1 ORDER BY person LIMIT ?3"},
    {"events",
     "SELECT n, row FROM (SELECT row_number() OVER (ORDER BY event.integration, event.generation, event.id)"
     " AS n, json_object('event_id', integration.id || '/' || event.generation || '/' || event.id,"
     " 'at', " GATEHOUSE_AT(
         "event.at") ", 'event_type', event.type, 'event_sub_type', event.sub_type,"
                     " 'door', integration.id || '/' || event.door, 'external_id', CAST(event.user AS TEXT),"
                     " 'description', event.description, 'details', event.details) AS row"
                     " FROM event JOIN integration ON integration.key = event.integration"
                     " WHERE event.nameless = 0"
                     " AND (event.integration, CAST(event.user AS TEXT)) IN (SELECT source.integration,"
                     "  source.external_id FROM person_source AS source JOIN integration AS of"
                     "  ON of.key = source.integration WHERE source.person = ?1 AND of.kind = 'net2'))"
                     " WHERE n > ?2 ORDER BY n LIMIT ?3"},
    {"decisions", "SELECT number, json_object('id', id, 'at', " GATEHOUSE_AT(
                      "at") ", 'access_point', access_point,"
                            " 'outcome', iif(allow, 'allow', 'deny'), 'reason', reason, 'revision', revision,"
                            " 'document', json(document), 'trace', json(trace))"
                            " FROM decision WHERE person = ?1 AND number > ?2 ORDER BY number LIMIT ?3"},
    {"activity",
     "SELECT activity.number, json_object('at', " GATEHOUSE_AT(
         "activity.at") ", 'run', activity.run,"
                        " 'integration', integration.id, 'record', activity.record, 'external_id', "
                        "activity.external_id,"
                        " 'name', activity.name, 'outcome', activity.outcome, 'reason', activity.reason,"
                        " 'fields', json(activity.fields))"
                        " FROM activity JOIN integration ON integration.key = activity.integration"
                        " JOIN record ON record.integration = activity.integration AND record.number = "
                        "activity.record"
                        " WHERE record.person = ?1 AND activity.number > ?2 ORDER BY activity.number LIMIT "
                        "?3"},
    // Of another record that may be the same person: that there is an issue, and not what stands in it.
    {"issues",
     "SELECT issue.number, json_object('id', CAST(issue.number AS TEXT), 'integration', integration.id,"
     " 'reason', issue.reason, 'about_this_person', json(iif(own, 'true', 'false')),"
     " 'record', iif(own, issue.record, NULL), 'external_id', iif(own, issue.external_id, NULL),"
     " 'name', iif(own, issue.name, NULL), 'others', json(iif(own, issue.others, NULL)),"
     " 'fields', json(iif(own, issue.fields, NULL)), 'since', " GATEHOUSE_AT(
         "issue.since") ", 'closed', " GATEHOUSE_AT("issue.closed") ", 'how', issue.how)"
                                                                    " FROM (SELECT issue.*, EXISTS (SELECT 1 "
                                                                    "FROM record WHERE record.integration = "
                                                                    "issue.integration"
                                                                    "   AND record.number = issue.record AND "
                                                                    "record.person = ?1) AS own FROM issue) "
                                                                    "AS issue"
                                                                    " JOIN integration ON integration.key = "
                                                                    "issue.integration"
                                                                    " WHERE (own OR instr(issue.others, ?1) "
                                                                    "> 0) AND issue.number > ?2 ORDER BY "
                                                                    "issue.number LIMIT ?3"},
    {"plans",
     "SELECT change.row, json_object('plan', plan.id, 'kind', plan.kind, 'state', plan.state,"
     " 'op', change.op, 'external_id', change.external_id, 'name', change.name,"
     " 'first_name', change.first_name, 'last_name', change.last_name, 'email', change.email,"
     " 'phone', change.phone)"
     " FROM plan_change AS change JOIN plan ON plan.number = change.plan"
     " WHERE (change.person = ?1 OR change.link_person = ?1 OR EXISTS (SELECT 1 FROM record"
     " WHERE record.integration = change.integration AND record.number = change.record"
     " AND record.person = ?1)) AND change.row > ?2 ORDER BY change.row LIMIT ?3"},
    {"audit", "SELECT number, json_object('number', number, 'at', " GATEHOUSE_AT(
                  "at") ", 'actor', actor,"
                        " 'action', action, 'target', target, 'outcome', outcome, 'detail', json(detail))"
                        " FROM audit WHERE person = ?1 AND number > ?2 ORDER BY number LIMIT ?3"},
    {"outbox", "SELECT row, json_object('row', row, 'topic', topic, 'created', " GATEHOUSE_AT(
                   "created") ","
                              " 'payload', json(payload))"
                              " FROM outbox WHERE instr(payload, '\"' || ?1 || '\"') > 0 AND row > ?2 ORDER "
                              "BY row LIMIT ?3"},
    {"dead_letters", "SELECT row, json_object('row', row, 'topic', topic, 'created', " GATEHOUSE_AT(
                         "created") ","
                                    " 'cause', cause, 'payload', json(payload))"
                                    " FROM dead_letter WHERE instr(payload, '\"' || ?1 || '\"') > 0 AND row "
                                    "> ?2 ORDER BY row LIMIT ?3"},
    {"command_answers",
     "SELECT n, row FROM (SELECT row_number() OVER (ORDER BY issuer, id) AS n,"
     " json_object('issuer', issuer, 'id', id, 'until', " GATEHOUSE_AT(
         "until") ", 'target', target,"
                  " 'answer', json(answer)) AS row"
                  " FROM command WHERE answer <> '' AND instr(answer, '\"' || ?1 || '\"') > 0)"
                  " WHERE n > ?2 ORDER BY n LIMIT ?3"},
});

#undef GATEHOUSE_AT

}  // namespace

PersonalPage PersonalData::page(const PersonId& person, std::string_view section, const std::string& after) {
  const auto known = std::ranges::find(sections, section, &Section::name);
  if (known == sections.end())
    throw StoreFault({Errc::invalid, "there is no section " + std::string(section)});
  std::int64_t last = 0;
  std::from_chars(after.data(), after.data() + after.size(), last);
  PersonalPage page;
  Statement row = db_.use(known->sql);
  row.bind(person.value(), last, rows_a_page);
  while (row.step()) {
    last = row.integer(0);
    page.rows.push_back(row.text(1));
  }
  if (page.rows.size() == static_cast<std::size_t>(rows_a_page)) page.next = std::to_string(last);
  return page;
}

}  // namespace gatehouse
