#include "daemon/host/service_manager.hpp"

#include <chrono>

#include <systemd/sd-daemon.h>
#include <time.h>

namespace gatehouse {

ServiceManager::ServiceManager() {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) > 0) {
    watchdog_ = std::chrono::duration_cast<Duration>(std::chrono::microseconds(microseconds)) / 2;
  }
}

void ServiceManager::ready(const std::string& status) {
  sd_notify(0, ("READY=1\nSTATUS=" + status).c_str());
}

void ServiceManager::status(const std::string& text) {
  sd_notify(0, ("STATUS=" + text).c_str());
}

void ServiceManager::reloading() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const auto microseconds = static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
  sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds)).c_str());
}

void ServiceManager::stopping() {
  sd_notify(0, "STOPPING=1");
}

void ServiceManager::feed_watchdog() {
  sd_notify(0, "WATCHDOG=1");
}

}  // namespace gatehouse
