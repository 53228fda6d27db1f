#pragma once
// What is wrong in a configuration file, and where.

#include <string>

namespace gatehouse {

struct Fault {
  std::string file;
  int line = 0;    ///< from 1; 0: the file as a whole
  int column = 0;  ///< from 1
  std::string message;

  bool operator==(const Fault&) const = default;
};

/// "FILE:LINE:COLUMN: MESSAGE", as compilers write it; "FILE: MESSAGE" where there is no line.
std::string to_string(const Fault& fault);

}  // namespace gatehouse
