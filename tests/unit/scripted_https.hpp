#pragma once
// A TLS server on loopback that says exactly what a test tells it to, faults included.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "daemon/app/ports.hpp"
#include "tests/unit/test_certificates.hpp"

namespace gatehouse::test {

struct HttpsRequest {
  std::string line;  ///< "GET /api/v1/doors"
  std::string head;
  std::string body;
};

struct HttpsReply {
  enum class Then { keep, cut, hang };
  std::string bytes;
  Then then = Then::keep;
};

/// A whole HTTP answer.
HttpsReply answer(int status, const std::string& body, const std::string& more_head = {},
                  const std::string& type = "application/json");

/// One thread: the io_context's.
class ScriptedHttps {
 public:
  using Handler = std::function<HttpsReply(const HttpsRequest&)>;

  ScriptedHttps(boost::asio::io_context& io, const CertificateFiles& files, Handler handler);
  ~ScriptedHttps();

  std::uint16_t port() const;
  std::string url() const { return "https://127.0.0.1:" + std::to_string(port()); }
  int connections() const { return connections_; }
  const std::vector<std::string>& lines() const { return lines_; }

  /// A WebSocket upgrade is answered where this is set: it gives the frames for one that came ("" when the
  /// socket opens), nullopt to cut the link.
  std::function<std::optional<std::vector<std::string>>(const std::string& frame)> on_frame;

 private:
  using Stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;
  boost::asio::awaitable<void> accept();
  boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket);
  boost::asio::awaitable<void> serve_frames(Stream& stream, const HttpsRequest& request);

  boost::asio::io_context& io_;
  boost::asio::ssl::context tls_;
  boost::asio::ip::tcp::acceptor acceptor_;
  Handler handler_;
  std::vector<std::string> lines_;
  int connections_ = 0;
};

template <typename T>
Task<void> keep_result(Task<T> task, std::optional<T>& into) {
  T result = co_await std::move(task);
  into.emplace(std::move(result));
}

/// Runs the loop until the task is done, and gives its result.
template <typename T>
T run(boost::asio::io_context& io, Task<T> task) {
  std::optional<T> result;
  boost::asio::co_spawn(io, keep_result(std::move(task), result), [&](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
    io.stop();
  });
  io.restart();
  io.run();
  return std::move(*result);
}

class HandClock final : public Clock {
 public:
  Instant now() const override { return wall; }
  Uptime uptime() const override { return up; }
  ClockQuality quality() const override { return {}; }
  std::string new_id() override { return "01"; }

  Instant wall{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};
  Uptime up{std::chrono::hours(5)};
};

class KeptLog final : public Log {
 public:
  void write(Level, std::string_view text, std::initializer_list<LogField>) override {
    lines.emplace_back(text);
  }
  std::vector<std::string> lines;
};

}  // namespace gatehouse::test
