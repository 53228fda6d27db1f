#include "daemon/store/store_figures.hpp"

#include <system_error>
#include <utility>
#include <vector>

#include "daemon/core/instant.hpp"
#include "daemon/core/json_writer.hpp"
#include "daemon/core/lane.hpp"
#include "daemon/store/fault.hpp"
#include "daemon/store/outbox_tables.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

void write_tables(JsonWriter& json, Database& db) {
  std::vector<std::string> names;
  {
    Statement row = db.use(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name");
    while (row.step()) names.push_back(row.text(0));
  }
  json.key("tables").begin_object();
  for (const auto& name : names) {
    Statement rows = db.use("SELECT COUNT(*) FROM \"" + name + '"');  // one row
    rows.step();
    json.member(name, rows.integer(0));
  }
  json.end_object();
}

void write_lanes(JsonWriter& json, Database& db) {
  json.key("lanes").begin_array();
  Statement row = db.use("SELECT lane, pending, bytes, next_sequence FROM lane ORDER BY lane");
  while (row.step()) {
    json.begin_object().member("lane", to_string(static_cast<Lane>(row.integer(0))));
    json.member("pending", row.integer(1)).member("bytes", row.integer(2));
    json.member("next_sequence", row.integer(3)).end_object();
  }
  json.end_array();
}

/// Causes and no details: these may repeat what a broker said.
void write_dead_letters(JsonWriter& json, Database& db) {
  json.key("dead_letters").begin_array();
  Statement row =
      db.use("SELECT cause, COUNT(*), MIN(parked_at) FROM dead_letter GROUP BY cause ORDER BY cause");
  while (row.step()) {
    json.begin_object().member("cause", row.text(0)).member("count", row.integer(1));
    json.member("oldest", format_utc(from_ms(row.integer(2)))).end_object();
  }
  json.end_array();
}

void write_issues(JsonWriter& json, Database& db) {
  json.key("issues").begin_array();
  Statement row = db.use(
      "SELECT integration.id, issue.reason, COUNT(*), MIN(issue.since) FROM issue JOIN integration"
      " ON integration.key = issue.integration WHERE issue.closed IS NULL"
      " GROUP BY integration.id, issue.reason ORDER BY integration.id, issue.reason");
  while (row.step()) {
    json.begin_object().member("integration", row.text(0)).member("reason", row.text(1));
    json.member("open", row.integer(2)).member("oldest", format_utc(from_ms(row.integer(3)))).end_object();
  }
  json.end_array();
}

void write_alerts(JsonWriter& json, Database& db) {
  json.key("alerts").begin_array();
  Statement row = db.use("SELECT kind, subject, since, hint FROM alert ORDER BY kind, subject");
  while (row.step()) {
    json.begin_object().member("kind", row.text(0)).member("subject", row.text(1));
    json.member("since", format_utc(from_ms(row.integer(2)))).member("hint", row.text(3)).end_object();
  }
  json.end_array();
}

/// The index of the log, which a reader makes and nobody needs afterwards.
class LeftBehind {
 public:
  explicit LeftBehind(std::filesystem::path file)
      : file_(std::move(file)), was_there_(std::filesystem::exists(file_, none_)) {}
  ~LeftBehind() {
    if (!was_there_) std::filesystem::remove(file_, none_);
  }
  LeftBehind(const LeftBehind&) = delete;
  LeftBehind& operator=(const LeftBehind&) = delete;

 private:
  std::error_code none_;
  std::filesystem::path file_;
  bool was_there_;
};

}  // namespace

std::string store_figures(Database& db) {
  JsonWriter json;
  json.begin_object().member("schema", db.pragma("user_version")).member("pages", db.pragma("page_count"));
  json.member("free_pages", db.pragma("freelist_count")).member("page_size", db.pragma("page_size"));
  write_tables(json, db);
  write_lanes(json, db);
  write_dead_letters(json, db);
  write_issues(json, db);
  write_alerts(json, db);
  json.end_object();
  return json.take();
}

Result<std::string> store_figures(const std::filesystem::path& directory) {
  try {
    const auto file = directory / "gatehouse.db";
    std::error_code none;
    if (!std::filesystem::exists(file, none))
      return Error{Errc::not_found, "there is no store at " + file.string() + ", or you may not look there"};
    const LeftBehind index(file.string() + "-shm");
    Database db(file, Database::OnlyLook{});
    return store_figures(db);
  } catch (const StoreFault& fault) {
    return fault.error();
  }
}

}  // namespace gatehouse
