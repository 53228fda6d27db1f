#include "tests/whole/broker.hpp"

#include <filesystem>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/whole/temp_dir.hpp"

namespace gatehouse::whole {

bool listens(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool yes = fd >= 0 && connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  if (fd >= 0) close(fd);
  return yes;
}

Broker::Broker(Options options) : options_(std::move(options)), port_(free_port()) {
  std::filesystem::create_directories(options_.dir);
  const auto& certificates = options_.certificates;
  std::string text = "user root\n";  // only where we are root; otherwise mosquitto ignores it
  text += "persistence true\npersistence_location " + options_.dir + "/\nautosave_interval 3600\n";
  text += "max_queued_messages 0\nmax_inflight_messages " + std::to_string(options_.inflight) + "\n";
  text += "log_dest stderr\nlog_type error\nlog_type warning\nlog_type notice\n";
  text += "allow_anonymous false\n";
  text += "listener " + std::to_string(port_) + " 127.0.0.1\n";
  text += "cafile " + certificates + "/ca.pem\ncertfile " + certificates + "/broker.pem\n";
  text +=
      "keyfile " + certificates + "/broker.key\nrequire_certificate true\nuse_identity_as_username true\n";
  if (!options_.least_tls.empty()) text += "tls_version " + options_.least_tls + "\n";
  write_file(options_.dir + "/mosquitto.conf", text + options_.more);
  start();
}

void Broker::start() {
  process_.reset();
  process_ = std::make_unique<Process>(Argv{"mosquitto", "-c", options_.dir + "/mosquitto.conf"},
                                       options_.dir + "/mosquitto.log");
  const bool up = eventually(10s, [&] { return listens(port_) || !process_->running(); });
  if (!up || !process_->running()) throw std::runtime_error("mosquitto did not start:\n" + log());
}

void Broker::stop() {
  process_->signal(SIGTERM);
  if (!process_->exit_status(20s)) throw std::runtime_error("mosquitto did not stop:\n" + log());
}

void Broker::kill() {
  process_->kill();
}

void Broker::freeze() {
  process_->signal(SIGSTOP);
}

void Broker::go_on() {
  process_->signal(SIGCONT);
}

std::string Broker::log() const {
  return read_file(options_.dir + "/mosquitto.log");
}

}  // namespace gatehouse::whole
