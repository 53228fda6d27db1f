#include "tests/unit/scripted_https.hpp"

#include <array>

#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <openssl/evp.h>

namespace gatehouse::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

std::string header(const std::string& head, const std::string& name) {
  const auto at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

/// RFC 6455 §4.2.2.
std::string accept_key(const std::string& key) {
  const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<unsigned char, 64> base64{};
  const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(size));
  return {base64.begin(), base64.begin() + length};
}

std::string text_frame(const std::string& text) {
  std::string frame = "\x81";
  if (text.size() < 126) {
    frame += static_cast<char>(text.size());
  } else {
    frame += static_cast<char>(126);
    frame += static_cast<char>(text.size() >> 8);
    frame += static_cast<char>(text.size() & 255);
  }
  return frame + text;
}

}  // namespace

HttpsReply answer(int status, const std::string& body, const std::string& more_head,
                  const std::string& type) {
  return {"HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: " + type +
          "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more_head + "\r\n" + body};
}

ScriptedHttps::ScriptedHttps(asio::io_context& io, const CertificateFiles& files, Handler handler)
    : io_(io),
      tls_(asio::ssl::context::tls_server),
      acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      handler_(std::move(handler)) {
  tls_.use_certificate_chain_file(files.cert.string());
  tls_.use_private_key_file(files.key.string(), asio::ssl::context::pem);
  asio::co_spawn(io_, accept(), asio::detached);
}

ScriptedHttps::~ScriptedHttps() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
}

std::uint16_t ScriptedHttps::port() const {
  return acceptor_.local_endpoint().port();
}

asio::awaitable<void> ScriptedHttps::accept() {
  while (acceptor_.is_open()) {
    auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
    asio::co_spawn(io_, serve(std::move(socket)), asio::detached);
  }
}

asio::awaitable<void> ScriptedHttps::serve(tcp::socket socket) {
  try {
    socket.set_option(tcp::no_delay(true));
    Stream stream(std::move(socket), tls_);
    co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
    ++connections_;
    std::string buffer;
    while (true) {
      auto dynamic = asio::dynamic_buffer(buffer);
      const std::size_t size =
          co_await asio::async_read_until(stream, dynamic, "\r\n\r\n", asio::use_awaitable);
      HttpsRequest request;
      request.head = buffer.substr(0, size);
      buffer.erase(0, size);
      request.line = request.head.substr(0, request.head.find(" HTTP/1.1"));
      const std::string length = header(request.head, "Content-Length");
      const std::size_t wanted = length.empty() ? 0 : std::stoul(length);
      while (buffer.size() < wanted) {
        auto rest = asio::dynamic_buffer(buffer);
        co_await asio::async_read(stream, rest, asio::transfer_exactly(wanted - buffer.size()),
                                  asio::use_awaitable);
      }
      request.body = buffer.substr(0, wanted);
      buffer.erase(0, wanted);
      lines_.push_back(request.line);
      if (on_frame && !header(request.head, "Sec-WebSocket-Key").empty()) {
        co_await serve_frames(stream, request);
        co_return;
      }
      const HttpsReply reply = handler_(request);
      co_await asio::async_write(stream, asio::buffer(reply.bytes), asio::use_awaitable);
      if (reply.then == HttpsReply::Then::cut) co_return;
      if (reply.then == HttpsReply::Then::hang) {
        asio::steady_timer forever(io_, std::chrono::hours(1));
        co_await forever.async_wait(asio::use_awaitable);
      }
    }
  } catch (const boost::system::system_error&) {
    // The client went away, as clients do.
  }
}

asio::awaitable<void> ScriptedHttps::serve_frames(Stream& stream, const HttpsRequest& request) {
  const std::string upgrade =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      accept_key(header(request.head, "Sec-WebSocket-Key")) + "\r\n\r\n";
  co_await asio::async_write(stream, asio::buffer(upgrade), asio::use_awaitable);
  std::string frame;
  while (true) {
    const auto frames = on_frame(frame);
    if (!frames) co_return;
    for (const auto& text : *frames) {
      const std::string bytes = text_frame(text);
      co_await asio::async_write(stream, asio::buffer(bytes), asio::use_awaitable);
    }
    std::array<unsigned char, 6> start{};  // short client frames: two bytes and the mask
    co_await asio::async_read(stream, asio::buffer(start.data(), 2), asio::use_awaitable);
    std::size_t size = start[1] & 127U;
    if (size == 126) {
      std::array<unsigned char, 2> longer{};
      co_await asio::async_read(stream, asio::buffer(longer), asio::use_awaitable);
      size = static_cast<std::size_t>(longer[0]) * 256 + longer[1];
    }
    std::array<char, 4> mask{};
    co_await asio::async_read(stream, asio::buffer(mask), asio::use_awaitable);
    frame.assign(size, '\0');
    co_await asio::async_read(stream, asio::buffer(frame), asio::use_awaitable);
    for (std::size_t i = 0; i < size; ++i) frame[i] = static_cast<char>(frame[i] ^ mask[i % 4]);
    if ((start[0] & 15U) != 1) co_return;
  }
}

}  // namespace gatehouse::test
