#pragma once
// A private D-Bus of a test's own.

#include <memory>
#include <string>

#include "tests/whole/process.hpp"

namespace gatehouse::whole {

class Bus {
 public:
  explicit Bus(const std::string& dir);
  const std::string& address() const { return address_; }

 private:
  std::string address_;
  std::unique_ptr<Process> process_;
};

}  // namespace gatehouse::whole
