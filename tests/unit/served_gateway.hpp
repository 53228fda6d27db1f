#pragma once
// The real command line against the real service on a real bus.

#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <unistd.h>

#include "daemon/control/admission.hpp"
#include "served_console.hpp"

namespace gatehouse::test {

/// The service on a bus, and the program that asks it.
struct ServedGateway {
  ServedGateway() : served((bus.start(), bus)) { REQUIRE(served.offered()); }

  Ran says(std::vector<std::string> words) {
    words.insert(words.begin(), {GATEHOUSE_PROGRAM, "--bus", bus.address()});
    return run_program(words);
  }

  /// The document of `words --json`; nothing else is on stdout.
  boost::json::value json(std::vector<std::string> words, int status = 0) {
    words.emplace_back("--json");
    const auto ran = says(words);
    INFO(ran.err);
    CHECK(ran.status == status);
    return boost::json::parse(ran.out);
  }

  std::string last_deed() {
    const auto deeds = served.console.deeds();
    return deeds.empty() ? "" : deeds.back();
  }

  PrivateBus bus;
  ServedConsole served;
};

/// How the journal names whoever runs the tests.
inline std::string me() {
  return ", " + words_for_user(::geteuid());
}

}  // namespace gatehouse::test
