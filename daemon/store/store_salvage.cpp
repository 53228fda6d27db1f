// What a salvage or a restore leaves to do, and the port by which operators accept it.
#include <limits>
#include <utility>

#include "daemon/app/alerts.hpp"
#include "daemon/core/crash_point.hpp"
#include "daemon/store/mend.hpp"
#include "daemon/store/store_inside.hpp"

namespace gatehouse {
namespace {

constexpr int people_a_portion = 200;
constexpr int people_named = 1000;

std::string meta(Database& db, std::string_view key) {
  Statement row = db.use("SELECT value FROM meta WHERE key = ?");  // the key: one row
  return row.bind(key).step() ? row.text(0) : std::string();
}

std::vector<PersonId> doubted(Database& db, int at_most) {
  std::vector<PersonId> people;
  Statement row = db.use("SELECT person FROM doubted_person ORDER BY person LIMIT ?");
  row.bind(at_most);
  while (row.step()) people.emplace_back(row.text(0));
  return people;
}

}  // namespace

/// All of it, or at the next start again.
void StoreFile::mend_what_was_salvaged() {
  db_.wait_for_disk(true);
  Transaction transaction(db_);
  const Instant now = clock_.now();
  const auto mended = mend(db_, now, clock_.new_id());
  if (!mended) return;
  outbox_.load();
  outbox_.begin({.bytes = std::numeric_limits<std::int64_t>::max()});
  for (const auto& gap : mended->gaps) outbox_.append_gap(gap, mended->old_stream);
  const Alert alert{
      .kind = "store", .subject = mended->kind, .detail = mended->detail, .hint = mended->hint, .since = now};
  outbox_.append(alert_message(alert, "raised", clock_.new_id(), now));
  auto raised = alerts_.all();
  std::erase_if(raised,
                [&](const Alert& one) { return one.kind == alert.kind && one.subject == alert.subject; });
  raised.push_back(alert);
  alerts_.keep(raised);
  audit_.add({.actor = "gateway",
              .action = "store." + mended->kind,
              .target = "store",
              .outcome = "done",
              .detail = mended->report,
              .person = std::nullopt});
  outbox_.flush();
  crash_point("store.mend.before");
  transaction.commit();
  outbox_.committed();
  crash_point("store.mend.after");
}

SalvageState StoreFile::salvage_state() {
  return {.report = meta(db_, "salvage"),
          .doubt = meta(db_, "doubt"),
          .newcomers_doubted = !meta(db_, "newcomers_doubted").empty(),
          .doubted_people = doubted(db_, people_named)};
}

SalvageAccepted StoreFile::accept_salvage(const std::string& by) {
  if (meta(db_, "salvage").empty()) throw StoreFault({Errc::not_found, "there is nothing to accept"});
  const auto people = doubted(db_, people_a_portion);
  SalvageAccepted accepted;
  ordinary("store.accept", [&] {
    accepted = {};
    for (const auto& id : people) {
      auto person = people_.load(id.value());
      if (person && !person->admin_enabled) {
        PersonWord word;
        word.person = id;
        word.admin_enabled = true;
        people_tables_.say(*person, word, {"admin_enabled"});
        ++accepted.enabled;
      }
      db_.use("DELETE FROM doubted_person WHERE person = ?").bind(id.value()).run();
    }
    if (!people.empty()) return;
    db_.use("DELETE FROM meta WHERE key IN ('salvage', 'doubt', 'newcomers_doubted')").run();
    audit_.add({.actor = by,
                .action = "store.accept",
                .target = "store",
                .outcome = "done",
                .detail = "{}",
                .person = std::nullopt});
  });
  accepted.done = people.empty();
  return accepted;
}

Task<Result<SalvageState>> Store::salvage_state() {
  return inside_->ask([](StoreFile& file) { return file.salvage_state(); });
}

Task<Result<SalvageAccepted>> Store::accept_salvage(std::string by) {
  SalvageAccepted all;
  while (!all.done) {
    auto portion = inside_->ask([by](StoreFile& file) { return file.accept_salvage(by); });
    Result<SalvageAccepted> further = co_await std::move(portion);
    if (!further) co_return further.error();
    all.enabled += further->enabled;
    all.done = further->done;
  }
  co_return all;
}

}  // namespace gatehouse
