#pragma once
// One GET to a listener on this machine, by hand.

#include <string>

#include "tests/whole/wait.hpp"

namespace gatehouse::whole {

struct HttpReply {
  int status = 0;  ///< 0: no connection, or no answer in time
  std::string head;
  std::string body;
};

HttpReply http_get(int port, const std::string& path, Millis within = 5s);

}  // namespace gatehouse::whole
