#pragma once
// The method Doctor with reports that a test has written.

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <sdbus-c++/Message.h>

#include "daemon/control/bus_names.hpp"
#include "daemon/control/methods.hpp"

namespace gatehouse::test {

/// By integration; "" for everything. Set on the test's thread, read on the io thread.
class CheckUps {
 public:
  CheckUps& operator=(std::map<std::string, std::string> reports) {
    const std::lock_guard alone(mutex_);
    reports_ = std::move(reports);
    return *this;
  }
  std::optional<std::string> find(const std::string& about) const {
    const std::lock_guard alone(mutex_);
    const auto found = reports_.find(about);
    return found == reports_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> reports_;
};

inline Task<Result<std::string>> report_of(const CheckUps* reports, std::string about) {
  auto found = reports->find(about);
  if (!found) co_return Error{Errc::not_found, "the configuration has no integration '" + about + "'"};
  co_return std::move(*found);
}

inline Method served_doctor(const CheckUps& reports) {
  return {bus_names::gateway,
          "Doctor",
          "s",
          {"integration"},
          Permission::sync,
          [&reports](sdbus::MethodCall& call) -> Ask {
            std::string about;
            call >> about;
            return [&reports, about](std::string) { return report_of(&reports, about); };
          }};
}

}  // namespace gatehouse::test
