#include "tests/unit/real_mosquitto.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gatehouse::test {
namespace {

/// /usr/sbin is in no ordinary user's PATH.
std::string find_mosquitto() {
  const char* path = std::getenv("PATH");
  std::string folders = std::string(path ? path : "") + ":/usr/sbin:/usr/local/sbin";
  while (!folders.empty()) {
    const std::size_t end = folders.find(':');
    const std::string file = folders.substr(0, end) + "/mosquitto";
    if (access(file.c_str(), X_OK) == 0) return file;
    folders = end == std::string::npos ? "" : folders.substr(end + 1);
  }
  throw std::runtime_error("mosquitto is required for this test: apt-get install mosquitto");
}

std::uint16_t free_port() {
  boost::asio::io_context context;
  using boost::asio::ip::tcp;
  return tcp::acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0))
      .local_endpoint()
      .port();
}

}  // namespace

RealMosquitto::RealMosquitto(TestAuthority& authority, const std::string& more) : port_(free_port()) {
  const CertificateFiles server = authority.issue_server("mosquitto");
  config_ = (authority.directory() / "mosquitto.conf").string();
  std::ofstream file(config_);
  file << "listener " << port_ << " 127.0.0.1\n"
       << "cafile " << authority.ca().string() << "\n"
       << "certfile " << server.cert.string() << "\n"
       << "keyfile " << server.key.string() << "\n"
       << "require_certificate true\n"
       << "use_identity_as_username true\n"
       << "allow_anonymous false\n"
       << "log_type none\n"
       << more;
  // As root it would change to a user that cannot read the keys.
  if (geteuid() == 0) file << "user root\n";
  file.close();
  restart();
}

RealMosquitto::~RealMosquitto() {
  kill();
}

void RealMosquitto::restart() {
  std::string program = find_mosquitto();
  std::string option = "-c";
  const std::array<char*, 4> arguments{program.data(), option.data(), config_.data(), nullptr};
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", 1, 0);
  const int failed = posix_spawn(&pid_, program.c_str(), &quiet, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&quiet);
  if (failed != 0) throw std::runtime_error("cannot start mosquitto");
}

void RealMosquitto::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace gatehouse::test
