#include "daemon/store/store.hpp"

#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/store/fault.hpp"
#include "daemon/store/store_file.hpp"

namespace gatehouse {

namespace asio = boost::asio;

/// The file and the thread that alone touches it once the store is open.
class Store::Inside {
 public:
  Inside(const StoreOptions& options, Clock& clock)
      : file_(options.directory, options.source, clock, options.space), stream_(file_.outbox().stream()) {}
  ~Inside() { thread_.join(); }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  /// Runs the job on the store's thread and resumes the caller on its own executor with what it returned.
  template <typename Job, typename T = std::invoke_result_t<Job&, StoreFile&>>
  Task<Result<T>> ask(Job job) {
    auto initiate = [this](auto handler, Job work) {
      auto executor = asio::get_associated_executor(handler);
      // The caller's loop must not run out of work while the answer is on its way.
      auto back = asio::prefer(executor, asio::execution::outstanding_work.tracked);
      auto task = [this, back = std::move(back), handler = std::move(handler),
                   work = std::move(work)]() mutable {
        auto answer = [handler = std::move(handler), result = attempt<T>(work)]() mutable {
          std::move(handler)(std::move(result));
        };
        asio::post(back, std::move(answer));
        file_.tidy();
      };
      asio::post(thread_, std::move(task));
    };
    Result<T> result = co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Result<T>)>(
        std::move(initiate), asio::use_awaitable, std::move(job));
    co_return result;
  }

  void set_quota(Quota quota) {
    asio::post(thread_, [this, quota] { file_.set_quota(quota); });
  }

  const std::string& stream() const { return stream_; }

 private:
  template <typename T, typename Job>
  Result<T> attempt(Job& job) {
    try {
      if constexpr (std::is_void_v<T>) {
        job(file_);
        return {};
      } else {
        return job(file_);
      }
    } catch (const StoreFault& fault) {
      return fault.error();
    }
  }

  StoreFile file_;
  std::string stream_;
  asio::thread_pool thread_{1};
};

Store::Store(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(StoreOptions options, Clock& clock) {
  try {
    return std::unique_ptr<Store>(new Store(std::make_unique<Inside>(options, clock)));
  } catch (const StoreFault& fault) {
    return within("open the store", fault.error());
  }
}

Task<Result<EventCursor>> Store::event_cursor(IntegrationId integration) {
  return inside_->ask([=](StoreFile& file) { return file.event_cursor(integration); });
}

Task<Result<std::size_t>> Store::commit_events(EventCommit commit) {
  return inside_->ask([commit = std::move(commit)](StoreFile& file) { return file.commit_events(commit); });
}

Task<Result<std::vector<IndexedRecord>>> Store::load_index(IntegrationId integration) {
  return inside_->ask([=](StoreFile& file) { return file.load_index(integration); });
}

Task<Result<SyncCounts>> Store::apply(DirectoryCommit commit) {
  return inside_->ask([commit = std::move(commit)](StoreFile& file) { return file.apply(commit); });
}

Task<Result<std::optional<std::uint64_t>>> Store::last_mapping(IntegrationId integration) {
  return inside_->ask([=](StoreFile& file) { return file.directory().last_mapping(integration); });
}

Task<Result<void>> Store::save_mapping(IntegrationId integration, std::uint64_t seed) {
  return inside_->ask([=](StoreFile& file) { file.save_mapping(integration, seed); });
}

Task<Result<std::uint64_t>> Store::removals_since(IntegrationId integration, Instant since) {
  return inside_->ask([=](StoreFile& file) { return file.directory().removals_since(integration, since); });
}

Task<Result<void>> Store::save_run(SyncRun run, bool tell) {
  return inside_->ask([run = std::move(run), tell](StoreFile& file) { file.save_run(run, tell); });
}

Task<Result<std::optional<SyncRun>>> Store::last_complete_run(IntegrationId integration) {
  return inside_->ask([=](StoreFile& file) { return file.directory().last_complete_run(integration); });
}

Task<Result<std::vector<DoorRow>>> Store::doors(IntegrationId integration) {
  return inside_->ask([=](StoreFile& file) { return file.directory().doors(integration); });
}

Task<Result<void>> Store::save_doors(IntegrationId integration, std::vector<SourceDoor> doors) {
  return inside_->ask(
      [integration, doors = std::move(doors)](StoreFile& file) { file.save_doors(integration, doors); });
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

std::string Store::stream() const {
  return inside_->stream();
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
  return inside_->ask([](StoreFile& file) { return file.directory().doors(std::nullopt); });
}

Task<Result<Listing<EventRow>>> Store::list_events(std::optional<Instant> since,
                                                   std::optional<IntegrationId> integration, Page page) {
  return inside_->ask([=](StoreFile& file) { return file.listings().events(since, integration, page); });
}

Task<Result<std::vector<SyncRun>>> Store::list_runs(std::optional<IntegrationId> integration,
                                                    std::size_t at_most) {
  return inside_->ask([=](StoreFile& file) { return file.directory().runs(integration, at_most); });
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
