#include "tests/whole/loopback_http.hpp"

#include <cstdlib>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gatehouse::whole {

HttpReply http_get(int port, const std::string& path, Millis within) {
  HttpReply reply;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in there{};
  there.sin_family = AF_INET;
  there.sin_port = htons(static_cast<std::uint16_t>(port));
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string said;
  if (connect(fd, reinterpret_cast<sockaddr*>(&there), sizeof there) == 0) {
    const std::string question = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    send(fd, question.data(), question.size(), MSG_NOSIGNAL);
    const auto end = deadline(within);
    char buffer[65536];
    for (;;) {
      const auto left = std::chrono::ceil<Millis>(end - Clock::now()).count();
      pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
      if (left <= 0 || poll(&ready, 1, static_cast<int>(left)) <= 0) break;
      const auto n = recv(fd, buffer, sizeof buffer, 0);
      if (n <= 0) break;
      said.append(buffer, static_cast<std::size_t>(n));
    }
  }
  close(fd);
  const auto gap = said.find("\r\n\r\n");
  if (!said.starts_with("HTTP/1.1 ") || gap == std::string::npos) return reply;
  reply.status = std::atoi(said.c_str() + 9);
  reply.head = said.substr(0, gap);
  reply.body = said.substr(gap + 4);
  return reply;
}

}  // namespace gatehouse::whole
