#include "daemon/store/store_file.hpp"

#include <algorithm>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "daemon/core/crash_point.hpp"
#include "daemon/store/fault.hpp"
#include "daemon/store/migrations.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

constexpr int log_pages_before_checkpoint = 1000;
constexpr Duration committed_every = std::chrono::seconds(1);
/// What may always wait, however little the disk has left beyond that: a live link needs some room to work.
constexpr std::uint64_t working_room = 16ULL << 20;

std::filesystem::path database_file(const std::filesystem::path& directory) {
  const auto file = directory / "gatehouse.db";
  // Made by us, since SQLite would let the group and others read people's names.
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd >= 0) ::close(fd);
  return file;
}

}  // namespace

StoreFile::StoreFile(const std::filesystem::path& directory, std::string source, const TextFold& fold,
                     Clock& clock, SpaceOptions space)
    : clock_(clock),
      directory_path_(directory),
      lock_(directory / "gatehouse.lock"),
      salvaged_(salvage_if_damaged(directory, clock.now())),
      space_(directory, std::move(space)),
      db_(database_file(directory)),
      people_(db_, keys_, notes_, fold),
      outbox_(db_, clock, std::move(source)),
      events_(db_, clock, {keys_, outbox_, people_, presence_}),
      directory_(db_, clock, keys_, outbox_, {records_, people_, activity_, tombstones_}),
      issues_(db_, clock, keys_),
      people_tables_(db_, clock, {keys_, people_, records_, issues_, activity_, outbox_}),
      plans_(db_, clock, {keys_, outbox_, directory_, issues_, runs_, presence_, state_, people_}),
      audit_(db_, clock),
      access_(db_, clock,
              {keys_, people_, presence_, state_, decisions_, commands_, audit_, outbox_, tombstones_}),
      roster_(db_, {directory_, visits_, state_, tombstones_}),
      erasure_(db_, clock, {keys_, people_, audit_, outbox_, tombstones_}) {
  migrate(db_, directory / "gatehouse.db", shipped_migrations());
  add_page_checks();
  read_committed();
  mend_what_was_salvaged();
  make_identity_keys();
  outbox_.load();
  keep_empty_pages();
  drop_unfinished_plans();
  db_.release_cache();  // what a migration and the empty pages brought in is not needed again soon
}

/// In steps, so that the log needs room for one of them and not for everybody; what is cut off goes on at the
/// next start. Without room for it the store goes on until then as if everybody had every name.
void StoreFile::make_identity_keys() {
  try {
    bool more = !people_.has_keys();
    while (more && !space_.full()) {
      Transaction transaction(db_);
      more = people_.make_keys();
      transaction.commit();
      if (more) db_.checkpoint();
    }
  } catch (const StoreFault& fault) {
    if (fault.error().code != Errc::storage_full) throw;
    space_.ran_out();
  }
}

/// To a store of an older version. Without room for it the store goes on without them until the next start.
void StoreFile::add_page_checks() {
  if (db_.checks_pages()) return;
  try {
    db_.add_page_checks(directory_path_);
  } catch (const StoreFault& fault) {
    if (fault.error().code != Errc::storage_full) throw;
  }
}

/// Some room within the file and its log that nobody else can take: an alarm fits in however full the disk
/// is.
void StoreFile::keep_empty_pages() {
  const auto page = db_.pragma("page_size");
  const auto empty_pages_kept = static_cast<std::int64_t>(space_.reserve() / 8);  // bytes; a thousand alarms
  if (space_.full() || db_.pragma("freelist_count") * page >= empty_pages_kept) return;
  try {
    db_.wait_for_disk(false);
    Transaction transaction(db_);
    db_.use("CREATE TABLE room (filler BLOB NOT NULL) STRICT").run();
    db_.use("INSERT INTO room (filler) VALUES (ZEROBLOB(?))").bind(empty_pages_kept).run();
    db_.use("DROP TABLE room").run();
    transaction.commit();
  } catch (const StoreFault& fault) {
    if (fault.error().code != Errc::storage_full) throw;
    space_.ran_out();
  }
}

void StoreFile::write(Weight weight, CrashLabels labels, const std::function<void()>& work, Durable durable) {
  space_.look();
  if (weight == Weight::ordinary && space_.full()) {
    throw StoreFault({Errc::storage_full, "the disk of the state directory is full; only alarms are taken"});
  }
  try {
    transact(durable, labels, work);
    return;
  } catch (const StoreFault& fault) {
    if (fault.error().code != Errc::storage_full) throw;
    const bool reserve_given = space_.ran_out();
    if (weight != Weight::vital) throw;
    squeezed_ = !reserve_given;
  }
  try {
    transact(durable, labels, work);
    return;
  } catch (const StoreFault& fault) {
    if (fault.error().code != Errc::storage_full || squeezed_) throw;
    squeezed_ = true;  // somebody else has taken what the reserve gave: live with the room within the file
  }
  transact(durable, labels, work);
}

void StoreFile::transact(Durable durable, CrashLabels labels, const std::function<void()>& work) {
  db_.wait_for_disk(durable == Durable::at_once);
  try {
    Transaction transaction(db_);
    const std::int64_t written = db_.rows_written();
    outbox_.begin(room());
    work();
    outbox_.flush();
    knowledge_.look_at_changed();
    if (db_.rows_written() != written) keep_committed();
    crash_point(labels.before);
    transaction.commit();
  } catch (...) {
    outbox_.rolled_back();
    notes_.rolled_back();
    keys_.forget();
    tombstones_.forget();
    keep_after_.reset();
    throw;
  }
  outbox_.committed();
  notes_.committed();
  crash_point(labels.after);
}

void StoreFile::read_committed() {
  Statement row = db_.use("SELECT value FROM meta WHERE key = 'committed'");  // the key: one row
  if (!row.step()) return;
  committed_at_open_ = from_ms(row.integer(0));
  committed_ = committed_at_open_;
}

void StoreFile::keep_committed() {
  const Uptime now = clock_.uptime();
  if (keep_after_ && now < *keep_after_) return;
  keep_after_ = now + committed_every;
  const Instant floor = std::max(committed_, clock_.floor());
  db_.use("INSERT OR REPLACE INTO meta (key, value) VALUES ('committed', ?)")
      .bind(std::to_string(to_ms(floor)))
      .run();
  committed_ = floor;
}

/// Below the free space that is to be kept, the queue may use what the file has already, and a little more;
/// on a full disk half of the reserve, the other half being for the log.
Room StoreFile::room() {
  Room room{.bytes = quota_.max_bytes, .cause = "quota"};
  const std::uint64_t waiting = outbox_.pending_bytes();
  if (!space_.full()) waiting_when_full_.reset();
  if (!space_.full()) squeezed_ = false;
  if (!space_.full() && space_.free() >= quota_.min_free) return room;
  if (space_.full() && !waiting_when_full_) waiting_when_full_ = waiting;
  const auto empty_pages = static_cast<std::uint64_t>(db_.pragma("freelist_count"));
  const auto page = static_cast<std::uint64_t>(db_.pragma("page_size"));
  const std::uint64_t in_file =
      waiting + empty_pages * page / 5 * 4;  // a fifth for what goes beside a payload
  const std::uint64_t beyond = space_.full() ? *waiting_when_full_ + space_.reserve() / 2 : working_room;
  const std::uint64_t usable = squeezed_ ? in_file : std::max(in_file, beyond);
  if (usable < room.bytes) room = {.bytes = usable, .cause = "disk_full"};
  return room;
}

std::size_t StoreFile::commit_events(const EventCommit& commit) {
  EventCursor after = commit.after;
  after.started = true;
  if (commit.events.empty() && commit.gaps.empty() && after == events_.cursor(commit.integration)) return 0;
  std::size_t added = 0;
  try {
    write(Weight::ordinary, {"store.commit.before", "store.commit.after"},
          [&] { added = events_.commit(commit); });
  } catch (const StoreFault& fault) {
    if (fault.error().code != Errc::storage_full) throw;
    // The cursor stays, so Net2 gives all of these again; but the alarms among them go now.
    if (!EventTables::has_urgent(commit)) throw;
    write(Weight::vital, {"store.alarm.before", "store.alarm.after"}, [&] { events_.commit_urgent(commit); });
    throw;
  }
  return added;
}

void StoreFile::settle(const std::vector<RowRange>& ranges) {
  if (ranges.empty()) return;
  const auto all = [&] {
    for (const auto& range : ranges) outbox_.settle(range);
  };
  // Not worth waiting for the disk: rows that come back after a power cut are sent once more.
  write(Weight::vital, {"store.settle.before", "store.settle.after"}, all, Durable::in_time);
}

void StoreFile::park(std::int64_t row, std::string_view cause, std::string_view detail) {
  write(Weight::vital, {"store.park.before", "store.park.after"}, [&] { outbox_.park(row, cause, detail); });
}

void StoreFile::append(const std::vector<Message>& messages) {
  if (messages.empty()) return;
  const auto is_alarm = [](const Message& message) { return message.lane == Lane::alarm; };
  const CrashLabels labels{"store.append.before", "store.append.after"};
  const auto all = [&] {
    for (const auto& message : messages) outbox_.append(message);
  };
  if (std::ranges::all_of(messages, is_alarm)) {
    write(Weight::vital, labels, all);
    return;
  }
  try {
    write(Weight::ordinary, labels, all);
  } catch (const StoreFault& fault) {
    if (fault.error().code != Errc::storage_full || std::ranges::none_of(messages, is_alarm)) throw;
    write(Weight::vital, labels, [&] {
      for (const auto& message : messages) {
        if (is_alarm(message)) outbox_.append(message);
      }
    });
    throw;
  }
}

void StoreFile::tell_alerts(const std::vector<Message>& messages, const std::vector<Alert>& raised) {
  write(Weight::vital, {"store.alerts.before", "store.alerts.after"}, [&] {
    for (const auto& message : messages) outbox_.append(message);
    alerts_.keep(raised);
  });
}

std::size_t StoreFile::prune_events(Instant before, std::size_t at_most) {
  std::size_t removed = 0;
  write(Weight::vital, {"store.prune.before", "store.prune.after"},
        [&] { removed = events_.prune(before, at_most); });
  return removed;
}

void StoreFile::tidy() {
  if (db_.log_pages() <= log_pages_before_checkpoint) return;
  crash_point("store.checkpoint.before");
  try {
    db_.checkpoint();
  } catch (const StoreFault& fault) {
    // The log keeps what could not be copied; a full disk gets its reserve, and the next job tries again.
    if (fault.error().code == Errc::storage_full) space_.ran_out();
  }
  crash_point("store.checkpoint.after");
}

}  // namespace gatehouse
