// `config reload --confirm-within`, `config confirm`, and how a trial shows in `status`.

#include <vector>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "daemon/cli/command_line.hpp"
#include "daemon/cli/status_view.hpp"

namespace gatehouse {
namespace {

CommandLine read(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "gatehouse");
  return read_command_line(static_cast<int>(arguments.size()), arguments.data());
}

}  // namespace

TEST_CASE("D-12: a trial's time is read strictly", "[cli][config]") {
  const auto seconds = [](const char* text) -> std::int64_t {
    const auto line = read({"config", "reload", "--confirm-within", text});
    if (line.command) return line.command->seconds;
    CHECK(line.status == ExitStatus::usage);
    return -1;
  };
  CHECK(seconds("10s") == 10);
  CHECK(seconds("10m") == 600);
  CHECK(seconds("24h") == 86'400);
  for (const auto* wrong : {"9s", "0m", "25h", "1441m", "10", "m", "", "-5m", "+5m", "5d", "10m ",
                            "4294967296s", "1.5h", "99999999999m"}) {
    INFO(wrong);
    CHECK(seconds(wrong) == -1);
  }
  const auto plain = read({"config", "reload"});
  REQUIRE(plain.command);
  CHECK(plain.command->verb == Verb::config_reload);
  CHECK(plain.command->seconds == 0);
  const auto confirm = read({"config", "confirm", "--json"});
  REQUIRE(confirm.command);
  CHECK(confirm.command->verb == Verb::config_confirm);
}

TEST_CASE("D-12: status tells a trial, what was taken back, and what ends soon, each with what to do",
          "[cli][config][certificate]") {
  const auto told = [](const std::string& config, const std::string& certificates) {
    const auto status =
        boost::json::parse(R"({"version":"1","ready":true,"integrations":[],"cloud":{"connected":true},
      "certificates":)" + certificates +
                           R"(,"config":)" + config + "}");
    std::string all;
    for (const auto& trouble : find_troubles(status)) all += trouble.what + " -> " + trouble.remedy + '\n';
    return all;
  };
  CHECK(told(R"({"revision":"sha256:1","reload_error":null,"trial":null,"taken_back":null})", "[]").empty());
  const auto trial = told(
      R"({"revision":"sha256:2","trial":{"until":"2026-06-01T10:00:00Z","previous":"sha256:1"},"taken_back":null})",
      "[]");
  CHECK(trial.find("on trial until") != std::string::npos);
  CHECK(trial.find("gatehouse config confirm") != std::string::npos);
  const auto back = told(
      R"({"revision":"sha256:1","trial":null,"taken_back":{"revision":"sha256:2","why":"nobody has confirmed it"}})",
      R"([{"subject":"cloud.tls.cert","detail":"it ends on 2026-06-01","hint":"renew it","until":"2026-06-01T10:00:00Z"}])");
  CHECK(back.find("nobody has confirmed it") != std::string::npos);
  CHECK(back.find("--confirm-within") != std::string::npos);
  CHECK(back.find("it ends on 2026-06-01 -> renew it") != std::string::npos);
}

}  // namespace gatehouse
