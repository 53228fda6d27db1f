#include "connectors/feed/feed_directory.hpp"

#include <algorithm>

#include <boost/asio/error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include "connectors/feed/feed_scan.hpp"
#include "daemon/app/on_worker.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;

Task<bool> is_cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

Task<void> leave_if_cancelled() {
  const bool cancelled = co_await is_cancelled();
  if (cancelled) throw boost::system::system_error(asio::error::operation_aborted);
}

/// The whole file, slice by slice, so that others get their turn on the worker.
Task<Result<std::uint64_t>> read_whole(asio::any_io_executor worker, FeedScan& scan) {
  for (;;) {
    Result<bool> more = true;
    std::function<void()> read = [&] { more = scan.read_on(); };
    co_await on_worker(worker, std::move(read));
    if (!more) co_return more.error();
    if (!*more) co_return scan.people();
    const bool cancelled = co_await is_cancelled();
    if (cancelled) co_return Error{Errc::cancelled, "read a feed"};
  }
}

}  // namespace

Result<std::unique_ptr<FeedDirectory>> FeedDirectory::open(asio::any_io_executor executor,
                                                           asio::any_io_executor worker,
                                                           std::string directory, Clock& clock, Log& log,
                                                           FeedTuning tuning) {
  auto folder = FeedFolder::open(directory, tuning.patience, log);
  if (!folder) return folder.error();
  std::unique_ptr<FeedDirectory> made(new FeedDirectory(
      std::move(executor), std::move(worker), std::move(directory), std::move(*folder), clock, log, tuning));
  return made;
}

FeedDirectory::FeedDirectory(asio::any_io_executor executor, asio::any_io_executor worker,
                             std::string directory, FeedFolder folder, Clock& clock, Log& log,
                             FeedTuning tuning)
    : worker_(asio::make_strand(worker)),
      clock_(clock),
      log_(log),
      tuning_(tuning),
      folder_(std::move(folder)),
      watch_(executor, directory, ".jsonl") {
  if (!watch_.works()) {
    log_.write(Level::info,
               fmt::format("feed directory {}: no inotify, looked at every {} s", directory,
                           std::chrono::duration_cast<std::chrono::seconds>(tuning.poll).count()));
  }
}

FeedMoment FeedDirectory::moment() const {
  return {.now = clock_.now(), .up = clock_.uptime(), .certain = clock_.quality() == ClockQuality::ok};
}

Task<Result<bool>> FeedDirectory::take_next() {
  co_await asio::this_coro::throw_if_cancelled(false);
  const FeedMoment began = moment();
  using Found = std::optional<FeedFolder::Found>;
  Result<bool> reopened = false;
  Result<bool> finished = false;
  Result<Found> found = Found();
  std::function<void()> look = [&] {
    reopened = folder_.reopen_if_replaced();
    if (!reopened) return;
    finished = folder_.finish_move();
    if (finished && !*finished) found = folder_.find_next(began);
  };
  co_await on_worker(worker_, std::move(look));
  if (!reopened) co_return reopened.error();
  if (*reopened || !watch_.works()) watch_.renew();
  if (!finished || *finished) co_return finished;
  if (!found) co_return found.error();
  if (!*found) co_return false;

  const std::string name = std::move((*found)->name);
  FeedScan scan(std::move((*found)->file), {}, {});
  const auto people = co_await read_whole(worker_, scan);
  if (!people && people.error().code == Errc::cancelled) co_return people.error();
  Result<bool> taken = false;
  std::function<void()> move = [&] {
    if (!folder_.is_as_found(name)) return;  // still being written after all; the next call reads it anew
    taken = people ? folder_.accept(name, scan.file(), began)
                   : Result<bool>(folder_.reject(name, people.error(), began));
  };
  co_await on_worker(worker_, std::move(move));
  if (taken && *taken) {
    log_.write(Level::info, fmt::format("feed file {}: a snapshot of {} people", shown_name(name), *people));
  }
  co_return taken;
}

Task<Result<PeopleRead>> FeedDirectory::read_people(PeopleQuery query, RecordSink& sink) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const Uptime began = clock_.uptime();
  Result<FileHandle> file = FileHandle();
  std::function<void()> open = [&] { file = folder_.open_current(); };
  co_await on_worker(worker_, std::move(open));
  if (!file) co_return file.error();
  FeedScan scan(std::move(*file), std::move(query.fields),
                [&sink](SourceRecord&& record) { sink.take(std::move(record)); });
  const auto people = co_await read_whole(worker_, scan);
  if (!people) co_return within("feed snapshot in done/", people.error());
  co_return PeopleRead{.seen = *people, .took = clock_.uptime() - began, .way = "feed"};
}

Task<bool> FeedDirectory::wait_for_change(Duration limit) {
  co_await leave_if_cancelled();
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    if (watch_.rang()) co_return true;
    const auto left = std::chrono::ceil<Duration>(deadline - std::chrono::steady_clock::now());
    if (left <= Duration(0)) co_return false;
    co_await watch_.wait(std::min(left, tuning_.poll));
    co_await leave_if_cancelled();
    if (watch_.rang()) co_return true;
    const FeedMoment now = moment();
    bool changed = false;
    std::function<void()> look = [&] { changed = folder_.is_changed(now); };
    co_await on_worker(worker_, std::move(look));
    co_await leave_if_cancelled();
    if (changed) co_return true;
  }
}

}  // namespace gatehouse
