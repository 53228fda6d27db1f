#pragma once
// A Net2 server for one test, by its answers.

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/thread_pool.hpp>
#include <catch2/catch.hpp>

#include "connectors/net2/net2_source.hpp"
#include "tests/unit/scripted_https.hpp"

namespace gatehouse::test {

inline constexpr auto token_line = "POST /api/v1/authorization/tokens";

/// Each line of a request, up to its query, has its answer; sign-in works unless it is told otherwise.
struct ScriptedNet2 {
  explicit ScriptedNet2(Net2Credentials credentials = {"Gateway Service", "Secret1", "0f0e0d0c"})
      : server(io, files, [this](const HttpsRequest& request) { return serve(request); }) {
    settings.url = server.url();
    settings.username = "Gateway Service";
    settings.timezone = "Europe/London";
    settings.tls.ca = authority.ca().string();
    Net2Options options;
    options.patience.connect = std::chrono::seconds(2);
    options.patience.silence = std::chrono::milliseconds(150);
    options.patience.door = std::chrono::milliseconds(150);
    options.pacing.between = Duration(0);
    options.note = [this](ApiCall call) { calls.push_back(std::move(call)); };
    auto made = make_net2_source(io.get_executor(), worker.get_executor(), settings, std::move(credentials),
                                 clock, log, options);
    REQUIRE(made);
    source = std::move(*made);
  }
  ~ScriptedNet2() { worker.join(); }

  HttpsReply serve(const HttpsRequest& request) {
    const auto scripted = answers.find(request.line.substr(0, request.line.find('?')));
    if (request.line == token_line) {
      forms.push_back(request.body);
      if (scripted != answers.end()) return scripted->second(request);
      return answer(200, R"({"access_token":"T)" + std::to_string(forms.size()) +
                             R"(","token_type":"bearer","expires_in":1800,"refresh_token":"R"})");
    }
    return scripted == answers.end() ? answer(404, R"({"message":"not here"})") : scripted->second(request);
  }
  void say(const std::string& line, std::function<HttpsReply(const HttpsRequest&)> what) {
    answers[line] = std::move(what);
  }
  void say(const std::string& line, int status, const std::string& body) {
    say(line, [=](const HttpsRequest&) { return answer(status, body); });
  }
  std::size_t asked(const std::string& beginning) const {
    const auto begins = [&](const std::string& line) { return line.starts_with(beginning); };
    return static_cast<std::size_t>(std::count_if(server.lines().begin(), server.lines().end(), begins));
  }

  TestAuthority authority;
  CertificateFiles files = authority.issue_server();
  boost::asio::io_context io;
  boost::asio::thread_pool worker{1};
  ScriptedHttps server;
  HandClock clock;
  KeptLog log;
  Net2Server settings;
  std::map<std::string, std::function<HttpsReply(const HttpsRequest&)>> answers;
  std::vector<std::string> forms;
  std::vector<ApiCall> calls;
  std::unique_ptr<Net2Link> source;
};

}  // namespace gatehouse::test
