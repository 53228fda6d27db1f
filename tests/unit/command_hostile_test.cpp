// Whoever holds the broker sends what they like: nothing of it is obeyed, and it costs neither memory nor
// time.

#include <chrono>
#include <random>

#include <catch2/catch.hpp>

#include "tests/unit/command_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const std::string open_args = R"({"door":"net2-hq/1","reason":"x"})";

/// Every kind of forgery, again and again.
class Forger {
 public:
  explicit Forger(CommandBench& bench) : bench_(bench) {
    const auto now = bench.second();
    good_ = bench.token("door.open", open_args);
    const auto claims = bench.claims("door.open", open_args);
    const auto old = R"({"iat":)" + std::to_string(now - 60) + R"(,"exp":)" + std::to_string(now - 40) + "}";
    made_ = {
        bench.token("door.open", open_args, old),
        bench.token("door.open", open_args, R"({"epoch":"01OLD"})"),
        bench.token("door.open", open_args, R"({"aud":"acme/hq-02"})"),
        bench.token("door.open", open_args, R"({"exp":99999999999})"),
        bench.mute.sign(claims),
        stranger_.sign(claims),
        CommandSigner("stranger").sign(claims),
        bench.signer.sign(claims, R"({"alg":"none","kid":"cloud-1"})"),
        to_base64url(R"({"alg":"none","kid":"cloud-1"})") + '.' + to_base64url(claims) + '.',
        sign_hs256(claims, R"({"alg":"HS256","kid":"cloud-1"})", bench.signer.public_bytes()),
        sign_hs256(claims, R"({"alg":"EdDSA","kid":"cloud-1"})", bench.signer.public_bytes()),
        bench.signer.sign(claims, R"({"alg":"EdDSA","kid":"cloud-1","jwk":)" +
                                      boost::json::serialize(stranger_.jwk("")) + "}"),
        bench.signer.sign(std::string(50'000, '[')),
        bench.signer.sign(R"({"args":)" + std::string(20'000, '[') + std::string(20'000, ']') + "}"),
        std::string(10'000, '.'),
        std::string(10'000, '\xff'),
    };
    large_ = {std::string(1024 * 1024, 'A'), std::string(1024 * 1024 + 1, 'A'),
              std::string(900, 'A') + '.' + std::string(1024 * 1024, 'B') + ".C",
              stranger_.sign(R"({"iss":")" + std::string(700'000, 'x') + "\"}")};
  }

  const std::string& good() const { return good_; }

  Incoming next(std::size_t i) {
    auto message = bench_.message({});
    switch (i % 4) {
      case 0:
        message.payload = made_[i / 4 % made_.size()];
        return message;
      case 1: {  // one bit of a good one is another
        message.payload = good_;
        const auto at = chance_() % message.payload.size();
        message.payload[at] = static_cast<char>(message.payload[at] ^ (1 << (chance_() % 8)));
        return message;
      }
      case 2:
        message.payload = good_.substr(0, chance_() % good_.size());
        return message;
      default:
        break;
    }
    if (i % 1000 == 3) {
      message.payload = large_[i / 1000 % large_.size()];
      return message;
    }
    message.payload = good_;
    message.retained = i % 8 == 3;  // otherwise a copy of what was used up
    return message;
  }

 private:
  CommandBench& bench_;
  CommandSigner stranger_{"cloud-1"};
  std::mt19937 chance_{7};
  std::string good_;
  std::vector<std::string> made_;
  std::vector<std::string> large_;
};

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool keeps_what_was_freed = true;  // so do sanitizers
#else
constexpr bool keeps_what_was_freed = false;
#endif

long resident_kib() {
  long pages = 0;
  long resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * (::sysconf(_SC_PAGESIZE) / 1024);
}

void withstand(std::size_t count) {
  CommandBench bench;
  Forger forger(bench);
  bench.take(bench.message(forger.good()));
  REQUIRE(bench.opened == 1);
  for (std::size_t i = 0; i < count / 10; ++i) bench.desk->take(forger.next(i));
  bench.run();
  const auto before = resident_kib();
  const auto began = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < count; ++i) {
    bench.desk->take(forger.next(i));
    if (i % 64 == 0) bench.run();
  }
  bench.run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  CAPTURE(count, took.count());
  CHECK(bench.opened == 1);
  CHECK(bench.store->taken.size() == 1);
  CHECK(bench.store->audit.size() < 17 * 600);
  // The rows and replies of a minute are kept by the test's store; beyond them nothing grows.
  CHECK((keeps_what_was_freed || resident_kib() - before < 16 * 1024));
  CHECK(took.count() < 60);
  // And a true command still gets its turn.
  bench.take("door.open", open_args);
  CHECK(bench.last_code() == "");
  CHECK(bench.opened == 2);
}

}  // namespace

TEST_CASE("D-6: thousands of hostile commands open nothing", "[command]") {
  withstand(5'000);
}

TEST_CASE("D-6: a hundred thousand hostile commands open nothing", "[.long][command]") {
  withstand(100'000);
}
