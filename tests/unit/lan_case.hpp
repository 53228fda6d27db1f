#pragma once
// The LAN interface on loopback, with a desk that only remembers, and clients who send whatever bytes they
// like.

#include <filesystem>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>
#include <sys/time.h>

#include "connectors/feed/feed_lines.hpp"
#include "connectors/lan/lan_server.hpp"
#include "connectors/lan/lan_tls.hpp"
#include "tests/unit/test_certificates.hpp"

namespace gatehouse::test {

class RunningClock final : public Clock {
 public:
  Instant now() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  }
  Uptime uptime() const override {
    return Uptime(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
  }
  ClockQuality quality() const override { return ClockQuality::ok; }
  std::string new_id() override { return "01J" + std::to_string(++ids_); }

 private:
  int ids_ = 0;
};

class DeafLog final : public Log {
 public:
  void write(Level, std::string_view text, std::initializer_list<LogField>) override {
    const std::scoped_lock lock(mutex_);
    all_ += std::string(text) + '\n';
  }
  std::string all() {
    const std::scoped_lock lock(mutex_);
    return all_;
  }

 private:
  std::mutex mutex_;
  std::string all_;
};

class RememberingDesk final : public LanRequests {
 public:
  Task<LanReply> sign_in(LanClient client, LanSignIn request) override {
    const std::scoped_lock lock(mutex_);
    seen_.push_back(client.id.value() + " " + request.key + " " + request.body);
    LanReply reply;
    reply.body = R"({"outcome":"allow"})";
    co_return reply;
  }
  Task<LanReply> muster(LanClient client, std::string site) override {
    LanReply reply;
    reply.status = client.muster ? 200 : 403;
    reply.body = "{\"site\":\"" + site + "\"}";
    co_return reply;
  }
  LanReply health() override {
    LanReply reply;
    reply.body = R"({"ready":true})";
    return reply;
  }
  LanFeed feed(const LanClient& client, const IntegrationId& integration) override {
    if (client.feeds != std::vector<IntegrationId>{integration})
      return {.directory = std::nullopt,
              .refusal = {.status = 403, .body = {}, .detail = "no", .retry_after = {}}};
    return {.directory = directory, .refusal = {}};
  }
  std::vector<std::string> seen() {
    const std::scoped_lock lock(mutex_);
    return seen_;
  }
  std::string directory;

 private:
  std::mutex mutex_;
  std::vector<std::string> seen_;
};

/// What came back, and whether the connection is still open as far as is known.
struct LanSaid {
  int status = 0;  ///< 0: no answer
  std::string head;
  std::string body;
};

class LanCaller {
 public:
  explicit LanCaller(std::uint16_t port, bool tls = false)
      : tls_(boost::asio::ssl::context::tls_client), stream_(io_, tls_) {
    auto& socket = stream_.next_layer();
    socket.connect({boost::asio::ip::address_v4::loopback(), port});
    const timeval limit{.tv_sec = 5, .tv_usec = 0};
    ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (tls && !shake_hands()) throw std::runtime_error("no TLS");
  }
  bool shake_hands() {
    boost::system::error_code error;
    stream_.handshake(boost::asio::ssl::stream_base::client, error);
    return !error;
  }
  bool send(const std::string& bytes) {
    boost::system::error_code error;
    boost::asio::write(stream_, boost::asio::buffer(bytes), error);
    return !error;
  }
  /// The next answer.
  LanSaid read() {
    LanSaid said;
    while (pending_.find("\r\n\r\n") == std::string::npos) {
      if (!more()) return said;
    }
    const auto end = pending_.find("\r\n\r\n");
    said.head = pending_.substr(0, end + 2);
    pending_.erase(0, end + 4);
    said.status = std::stoi(said.head.substr(9, 3));
    const auto length = said.head.find("Content-Length: ");
    const std::size_t wanted = length == std::string::npos ? 0 : std::stoul(said.head.substr(length + 16));
    while (pending_.size() < wanted && more()) {
    }
    said.body = pending_.substr(0, wanted);
    pending_.erase(0, wanted);
    return said;
  }
  LanSaid ask(const std::string& bytes) {
    send(bytes);
    return read();
  }
  /// True where the server has ended it, false after five seconds without.
  bool ended() {
    while (more()) {
    }
    return last_ != boost::asio::error::try_again && last_ != boost::asio::error::would_block;
  }
  boost::asio::ip::tcp::socket& socket() { return stream_.next_layer(); }

 private:
  bool more() {
    char piece[4096];
    const auto size = stream_.read_some(boost::asio::buffer(piece), last_);
    pending_.append(piece, size);
    return !last_;
  }
  boost::asio::io_context io_;
  boost::asio::ssl::context tls_;
  boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
  boost::system::error_code last_;
  std::string pending_;
};

inline constexpr auto lan_token = "a-token-of-the-reception-kiosk-0123456789";

/// The server has a thread of its own.
class LanCase {
 public:
  explicit LanCase(LanTuning tuning = {}) {
    desk.directory = (authority.directory() / "feed").string();
    std::filesystem::create_directory(desk.directory);
    LanApi settings;
    settings.listen = {"127.0.0.1", 0};
    settings.cert = files.cert.string();
    settings.clients = {{.id = LanClientId("reception"),
                         .token_sha256 = sha256_hex(lan_token),
                         .access_points = {AccessPointId("reception")},
                         .feeds = {IntegrationId("cctv")},
                         .muster = true,
                         .walk_ins = false}};
    auto opened = LanServer::open(settings, files.key_pem(),
                                  {.executor = io_.get_executor(),
                                   .worker = worker_.get_executor(),
                                   .desk = desk,
                                   .check_feed = [] { return std::make_unique<FeedLines>(); },
                                   .clock = clock,
                                   .log = log},
                                  tuning);
    if (!opened) throw std::runtime_error(opened.error().detail);
    server = std::move(*opened);
    port = server->port();
    server->start();
    thread_ = std::thread([this] { io_.run(); });
  }
  LanCase(const LanCase&) = delete;
  LanCase& operator=(const LanCase&) = delete;
  ~LanCase() {
    boost::asio::co_spawn(io_, server->stop(), [this](const std::exception_ptr&) { io_.stop(); });
    thread_.join();
    worker_.join();
    server.reset();
  }

  LanCaller call() const { return LanCaller(port, true); }
  /// The thread of the server.
  boost::asio::io_context& io() { return io_; }
  LanSaid ask(const std::string& bytes) const {
    LanCaller caller(port);
    if (!caller.shake_hands()) return {};
    return caller.ask(bytes);
  }
  static std::string request(const std::string& line, const std::string& body = {},
                             const std::string& more = {}) {
    return line + " HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer " + lan_token + "\r\n" + more +
           (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" + body;
  }
  static std::string sign_in(const std::string& key, const std::string& body = "{}") {
    return request("POST /v1/sign-in", body,
                   "Content-Type: application/json\r\nIdempotency-Key: " + key + "\r\n");
  }
  /// Names in the feed's directory.
  std::vector<std::string> dropped() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(desk.directory))
      names.push_back(entry.path().filename().string());
    return names;
  }

  TestAuthority authority;
  CertificateFiles files = authority.issue_server();
  RunningClock clock;
  DeafLog log;
  RememberingDesk desk;
  std::unique_ptr<LanServer> server;
  std::uint16_t port = 0;

 private:
  boost::asio::io_context io_;
  boost::asio::thread_pool worker_{1};
  std::thread thread_;
};

}  // namespace gatehouse::test
