#include "daemon/store/alert_tables.hpp"

#include "daemon/store/times.hpp"

namespace gatehouse {

std::vector<Alert> AlertTables::all() {
  std::vector<Alert> raised;
  Statement row = db_.use("SELECT kind, subject, detail, hint, since FROM alert ORDER BY kind, subject");
  while (row.step()) {
    raised.push_back({.kind = row.text(0),
                      .subject = row.text(1),
                      .detail = row.text(2),
                      .hint = row.text(3),
                      .since = from_ms(row.integer(4))});
  }
  return raised;
}

void AlertTables::keep(const std::vector<Alert>& raised) {
  db_.use("DELETE FROM alert").run();
  for (const auto& alert : raised) {
    db_.use("INSERT INTO alert (kind, subject, detail, hint, since) VALUES (?, ?, ?, ?, ?)")
        .bind(alert.kind, alert.subject, alert.detail, alert.hint, to_ms(alert.since))
        .run();
  }
}

}  // namespace gatehouse
