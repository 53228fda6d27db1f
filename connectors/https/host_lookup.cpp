#include "connectors/https/host_lookup.hpp"

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

namespace gatehouse {
namespace {

namespace asio = boost::asio;
using Addresses = std::vector<asio::ip::address>;

/// Shared by the thread that asks and those that wait. The thread may outlive everybody else.
struct Question {
  std::mutex mutex;
  std::optional<Result<Addresses>> answer;
  std::vector<asio::steady_timer*> bells;  ///< of those that wait; each lives while it stands here
};

Result<Addresses> ask_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (code != 0) {
    const std::string why =
        code == EAI_SYSTEM ? std::generic_category().message(errno) : std::string(gai_strerror(code));
    return Error{Errc::unreachable, fmt::format("look up {}: {}", host, why)};
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, freeaddrinfo);
  Addresses addresses;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    asio::ip::tcp::endpoint endpoint;
    if (one->ai_addrlen > endpoint.capacity()) continue;
    endpoint.resize(one->ai_addrlen);
    std::copy_n(reinterpret_cast<const char*>(one->ai_addr), one->ai_addrlen,
                reinterpret_cast<char*>(endpoint.data()));
    if (std::ranges::find(addresses, endpoint.address()) == addresses.end())
      addresses.push_back(endpoint.address());
  }
  if (addresses.empty()) return Error{Errc::unreachable, "look up " + host + ": it has no address"};
  return addresses;
}

void tell(const std::shared_ptr<Question>& question, Result<Addresses> answer) {
  const std::lock_guard lock(question->mutex);
  question->answer = std::move(answer);
  for (auto* bell : question->bells) {
    asio::post(bell->get_executor(), [question, bell] {
      const std::lock_guard inner(question->mutex);
      if (std::erase(question->bells, bell) != 0) bell->cancel();
    });
  }
}

/// The open question about a host, put now if there is none. A process's own state, as the resolver's is.
std::shared_ptr<Question> question_about(const std::string& host) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<Question>> open;
  const std::lock_guard lock(mutex);
  std::erase_if(open, [](const auto& entry) { return entry.second.expired(); });
  if (auto known = open[host].lock()) {
    const std::lock_guard inner(known->mutex);
    if (!known->answer) return known;
  }
  auto question = std::make_shared<Question>();
  open[host] = question;
  try {
    std::thread([question, host] { tell(question, ask_system(host)); }).detach();
  } catch (const std::system_error& failed) {
    tell(question, Error{Errc::unreachable, "look up " + host + ": " + failed.what()});
  }
  return question;
}

/// Someone who waits; gone from the list when its coroutine goes, whatever ends that.
class Waiting {
 public:
  Waiting(std::shared_ptr<Question> question, asio::steady_timer& bell)
      : question_(std::move(question)), bell_(bell) {
    const std::lock_guard lock(question_->mutex);
    if (!question_->answer) question_->bells.push_back(&bell_);
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    const std::lock_guard lock(question_->mutex);
    std::erase(question_->bells, &bell_);
  }
  std::optional<Result<Addresses>> answer() const {
    const std::lock_guard lock(question_->mutex);
    return question_->answer;
  }

 private:
  std::shared_ptr<Question> question_;
  asio::steady_timer& bell_;
};

}  // namespace

Task<Result<Addresses>> look_up_host(std::string host, Duration limit) {
  const auto io = co_await asio::this_coro::executor;
  asio::steady_timer bell(io, limit);
  const Waiting place(question_about(host), bell);
  if (auto known = place.answer()) co_return *std::move(known);
  const auto [woken] = co_await bell.async_wait(asio::as_tuple(asio::use_awaitable));
  if (auto known = place.answer()) co_return *std::move(known);
  if (woken) co_return Error{Errc::cancelled, "look up " + host};
  co_return Error{Errc::timeout, fmt::format("look up {}: no answer in {} ms", host, limit.count())};
}

}  // namespace gatehouse
