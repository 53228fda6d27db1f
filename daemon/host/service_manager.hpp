#pragma once
// What systemd is told about the service (sd_notify(3)); nothing where there is no systemd.

#include <string>

#include "daemon/core/instant.hpp"

namespace gatehouse {

class ServiceManager {
 public:
  ServiceManager();

  void ready(const std::string& status);
  void status(const std::string& text);
  void reloading();
  void stopping();
  void feed_watchdog();
  /// How often the watchdog wants to be fed; 0: not at all (sd_watchdog_enabled(3)).
  Duration watchdog_interval() const { return watchdog_; }

 private:
  Duration watchdog_{0};
};

}  // namespace gatehouse
