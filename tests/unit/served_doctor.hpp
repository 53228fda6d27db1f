#pragma once
// The method Doctor with reports that a test has written.

#include <map>
#include <string>

#include <sdbus-c++/Message.h>

#include "daemon/control/bus_names.hpp"
#include "daemon/control/methods.hpp"

namespace gatehouse::test {

/// By integration; "" for everything. Read on the io thread: set them before anybody asks.
using CheckUps = std::map<std::string, std::string>;

inline Task<Result<std::string>> report_of(const CheckUps* reports, std::string about) {
  const auto found = reports->find(about);
  if (found == reports->end())
    co_return Error{Errc::not_found, "the configuration has no integration '" + about + "'"};
  co_return found->second;
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
