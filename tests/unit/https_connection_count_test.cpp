// What counts as a new connection: behind one that was not agreed upon, another server may stand.
#include <filesystem>
#include <utility>

#include <catch2/catch.hpp>

#include "connectors/https/https_client.hpp"
#include "tests/unit/scripted_https.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using test::answer;
using test::HttpsReply;
using test::HttpsRequest;
using Then = HttpsReply::Then;

HttpsReply last_answer() {
  auto reply = answer(200, "[]", "Connection: close\r\n");
  reply.then = Then::cut;
  return reply;
}

/// A server that answers by the target: /last ends the connection as announced, /drop after the answer and
/// without a word, /cut in the middle of the answer; /reset without an answer, once.
class CountedSite {
 public:
  CountedSite()
      : server_(io_, files_, [this](const HttpsRequest& request) { return reply(request); }),
        client_(make_https_client(io_.get_executor(), Origin{"127.0.0.1", server_.port()},
                                  {.ca = authority_.ca().string(), .pins = {}, .server_name = {}})) {}

  static HttpRequest get(const std::string& target) {
    HttpRequest request;
    request.target = target;
    request.connect = 2s;
    request.silence = 2s;
    return request;
  }
  bool fetch(const std::string& target) { return test::run(io_, client_->fetch(get(target), 1000)).ok(); }
  /// Asks for /last, and for another target while that answer is being taken: the announced end comes last.
  void fetch_within_last(const std::string& target) {
    const BodySink sink = [this, target](std::string_view) -> Task<Result<void>> {
      auto inner = co_await client_->fetch(get(target), 1000);
      (void)inner;
      co_return Result<void>{};
    };
    REQUIRE(test::run(io_, client_->stream(get("/last"), sink)));
  }
  std::filesystem::path ca() const { return authority_.ca(); }
  std::uint64_t counted() const { return client_->connections(); }
  int made() const { return server_.connections(); }

 private:
  HttpsReply reply(const HttpsRequest& request) {
    if (request.line == "GET /last") return last_answer();
    if (request.line == "GET /drop") return {answer(200, "[]").bytes, Then::cut};
    if (request.line == "GET /cut") return {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[", Then::cut};
    if (request.line == "GET /reset" && !std::exchange(was_reset_, true)) return {"", Then::cut};
    return answer(200, "[]");
  }

  test::TestAuthority authority_;
  test::CertificateFiles files_ = authority_.issue_server();
  boost::asio::io_context io_;
  bool was_reset_ = false;
  test::ScriptedHttps server_;
  std::unique_ptr<HttpsClient> client_;
};

}  // namespace

TEST_CASE("A connection that follows an announced end is not counted", "[https][connections]") {
  CountedSite site;
  for (int i = 0; i < 3; ++i) CHECK(site.fetch("/last"));
  CHECK(site.made() == 3);
  CHECK(site.counted() == 1);
}

TEST_CASE("A connection that follows a failure is counted, once", "[https][connections]") {
  CountedSite site;
  CHECK(site.fetch("/last"));
  CHECK_FALSE(site.fetch("/cut"));
  CHECK(site.counted() == 1);  // the one that was cut had followed an announced end
  CHECK(site.fetch("/last"));
  CHECK(site.counted() == 2);
  CHECK(site.fetch("/last"));
  CHECK(site.made() == 4);
  CHECK(site.counted() == 2);
}

TEST_CASE("A failure is not forgotten over another answer with an announced end", "[https][connections]") {
  CountedSite site;
  site.fetch_within_last("/cut");
  CHECK(site.counted() == 2);
  CHECK(site.fetch("/x"));
  CHECK(site.made() == 3);
  CHECK(site.counted() == 3);
}

TEST_CASE("An end without a word is counted, whatever was announced elsewhere", "[https][connections]") {
  CountedSite site;
  SECTION("found before the next question") {
    site.fetch_within_last("/drop");
    CHECK(site.counted() == 2);
    CHECK(site.fetch("/x"));
  }
  SECTION("found while asking") {
    site.fetch_within_last("/x");
    CHECK(site.counted() == 2);
    CHECK(site.fetch("/reset"));  // asked again over a new connection
  }
  CHECK(site.made() == 3);
  CHECK(site.counted() == 3);
}

TEST_CASE("A connection that could not be made makes the next one count", "[https][connections]") {
  CountedSite site;
  CHECK(site.fetch("/last"));
  const auto away = site.ca().string() + ".away";
  std::filesystem::rename(site.ca(), away);
  CHECK_FALSE(site.fetch("/last"));
  CHECK(site.counted() == 1);
  std::filesystem::rename(away, site.ca());
  CHECK(site.fetch("/last"));
  CHECK(site.made() == 2);
  CHECK(site.counted() == 2);
}

}  // namespace gatehouse
