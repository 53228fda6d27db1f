#include "daemon/store/store.hpp"

#include <utility>

#include "daemon/store/store_inside.hpp"

namespace gatehouse {

Store::Store(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(StoreOptions options, Clock& clock) {
  for (bool again = false;; again = true) {
    try {
      return std::unique_ptr<Store>(new Store(std::make_unique<Inside>(options, clock)));
    } catch (const StoreFault& fault) {
      // What the first look does not see is met while it is opened: then everything is looked at.
      if (again || !fault.damage() || !is_store(options.directory))
        return within("open the store", fault.error());
      mark_damaged(options.directory);
    }
  }
}

const std::optional<SalvageReport>& Store::salvaged() const {
  return inside_->salvaged();
}

Task<Result<EventCursor>> Store::event_cursor(IntegrationId integration) {
  return inside_->ask([=](StoreFile& file) { return file.event_cursor(integration); });
}

Task<Result<std::size_t>> Store::commit_events(EventCommit commit) {
  return inside_->ask([commit = std::move(commit)](StoreFile& file) { return file.commit_events(commit); });
}

Task<Result<std::vector<OutboxRow>>> Store::read_outbox(Lane lane, std::int64_t after, std::size_t max_rows,
                                                        std::size_t max_bytes) {
  return inside_->ask([=](StoreFile& file) { return file.outbox().read(lane, after, max_rows, max_bytes); });
}

Task<Result<void>> Store::settle(std::vector<RowRange> ranges) {
  return inside_->ask([ranges = std::move(ranges)](StoreFile& file) { file.settle(ranges); });
}

Task<Result<void>> Store::park(std::int64_t row, std::string cause, std::string detail) {
  return inside_->ask([row, cause = std::move(cause), detail = std::move(detail)](StoreFile& file) {
    file.park(row, cause, detail);
  });
}

Task<Result<void>> Store::append(std::vector<Message> messages) {
  return inside_->ask([messages = std::move(messages)](StoreFile& file) { file.append(messages); });
}

Task<Result<OutboxReport>> Store::outbox_report() {
  return inside_->ask([](StoreFile& file) { return file.outbox().report(); });
}

void Store::set_quota(Quota quota) {
  inside_->set_quota(quota);
}

Instant Store::committed_floor() const {
  return inside_->committed_floor();
}

boost::asio::any_io_executor Store::thread() const {
  return inside_->thread();
}

std::string Store::stream() const {
  return inside_->stream();
}

Task<Result<std::vector<Alert>>> Store::load_alerts() {
  return inside_->ask([](StoreFile& file) { return file.alerts(); });
}

Task<Result<void>> Store::tell_alerts(std::vector<Message> messages, std::vector<Alert> raised) {
  return inside_->ask([messages = std::move(messages), raised = std::move(raised)](StoreFile& file) {
    file.tell_alerts(messages, raised);
  });
}

Task<Result<Listing<Person>>> Store::list_people(PeopleFilter filter, Page page) {
  return inside_->ask([=](StoreFile& file) { return file.listings().people(filter, page); });
}

Task<Result<std::vector<Person>>> Store::find_people(std::string key) {
  return inside_->ask([=](StoreFile& file) { return file.listings().find(key); });
}

Task<Result<PeopleCount>> Store::count_people() {
  return inside_->ask([](StoreFile& file) { return file.listings().count(); });
}

Task<Result<std::vector<DoorRow>>> Store::list_doors() {
  return inside_->ask([](StoreFile& file) { return file.doors().list(std::nullopt); });
}

Task<Result<Listing<EventRow>>> Store::list_events(std::optional<Instant> since,
                                                   std::optional<IntegrationId> integration, Page page) {
  return inside_->ask([=](StoreFile& file) { return file.listings().events(since, integration, page); });
}

Task<Result<std::vector<SyncRun>>> Store::list_runs(std::optional<IntegrationId> integration,
                                                    std::size_t at_most) {
  return inside_->ask([=](StoreFile& file) { return file.runs().list(integration, at_most); });
}

Task<Result<Listing<QueuedRow>>> Store::list_outbox(std::optional<Lane> lane, Page page) {
  return inside_->ask([=](StoreFile& file) { return file.listings().outbox(lane, page); });
}

Task<Result<Listing<DeadLetter>>> Store::list_dead_letters(std::optional<Lane> lane, Page page) {
  return inside_->ask([=](StoreFile& file) { return file.listings().dead_letters(lane, page); });
}

Task<Result<std::size_t>> Store::prune_events(Instant before, std::size_t at_most) {
  return inside_->ask([=](StoreFile& file) { return file.prune_events(before, at_most); });
}

Task<Result<std::size_t>> Store::prune_activity(Instant before, std::size_t at_most) {
  return inside_->ask([=](StoreFile& file) { return file.prune_activity(before, at_most); });
}

}  // namespace gatehouse
