#include "connectors/feed/folder_watch.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/inotify.h>
#include <unistd.h>

#include "daemon/app/pulse.hpp"
#include "daemon/app/wakeup.hpp"
#include "daemon/core/crash_point.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;
using namespace boost::asio::experimental::awaitable_operators;

// Not IN_MODIFY: a writer of many small pieces would ring with each of them.
constexpr std::uint32_t put_in = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ATTRIB;
constexpr std::uint32_t gone = IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t lost = gone | IN_UNMOUNT | IN_IGNORED;

}  // namespace

FolderWatch::FolderWatch(const asio::any_io_executor& executor, std::string path, std::string suffix)
    : path_(std::move(path)), suffix_(std::move(suffix)), descriptor_(executor) {
  const int opened = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (opened < 0) return;
  descriptor_.assign(opened);
  renew();
}

void FolderWatch::renew() {
  if (!descriptor_.is_open()) return;
  const int old = watch_;
  watch_ = ::inotify_add_watch(descriptor_.native_handle(), path_.c_str(), put_in | gone | IN_ONLYDIR);
  if (old >= 0 && old != watch_) ::inotify_rm_watch(descriptor_.native_handle(), old);
}

bool FolderWatch::rang() {
  bool rung = false;
  if (!descriptor_.is_open()) return rung;
  alignas(inotify_event) std::array<char, 8192> room;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  for (;;) {
    const auto size = ::read(descriptor_.native_handle(), room.data(), room.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return rung;
    for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
      inotify_event event{};
      std::memcpy(&event, room.data() + at, sizeof event);
      const char* text = room.data() + at + sizeof event;
      const std::string_view name(text, event.len == 0 ? 0 : ::strnlen(text, event.len));
      at += sizeof event + event.len;
      const bool ours = event.wd == watch_;
      if (ours && (event.mask & lost) != 0) watch_ = -1;
      rung = rung || (event.mask & IN_Q_OVERFLOW) != 0 || (ours && (event.mask & lost) != 0) ||
             name.ends_with(suffix_);
    }
  }
}

Task<void> FolderWatch::wait(Duration limit) {
  if (has_freeze_points) co_await freeze_point();
  const auto mine = co_await asio::this_coro::executor;
  const LongWait waiting(mine, limit);
  asio::steady_timer timer(descriptor_.get_executor(), limit);
  if (!descriptor_.is_open()) {
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return;
  }
  auto either = descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                                       asio::as_tuple(asio::use_awaitable)) ||
                timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_await std::move(either);
}

}  // namespace gatehouse
