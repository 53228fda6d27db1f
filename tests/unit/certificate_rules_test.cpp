// When a certificate's end is told, and which of two the broker is shown.

#include <fstream>
#include <iterator>
#include <set>

#include <catch2/catch.hpp>

#include "connectors/mqtt/client_identity.hpp"
#include "daemon/core/certificate_swap.hpp"
#include "daemon/core/certificate_term.hpp"
#include "tests/unit/test_certificates.hpp"

namespace gatehouse {
namespace {

using std::chrono::hours;
const Instant now(hours(24 * 20'000));

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

ClientIdentity identity_of(const test::CertificateFiles& files) {
  return {.cert_pem = text_of(files.cert), .key_pem = files.key_pem()};
}

}  // namespace

TEST_CASE("certs: an end is told at 30, 7 and 1 days, and once it is there", "[certificate]") {
  const std::pair<Duration, CertificateStage> table[] = {
      {hours(24 * 31), CertificateStage::good},
      {hours(24 * 30) + Duration(1), CertificateStage::good},
      {hours(24 * 30), CertificateStage::thirty_days},
      {hours(24 * 7) + Duration(1), CertificateStage::thirty_days},
      {hours(24 * 7), CertificateStage::seven_days},
      {hours(24) + Duration(1), CertificateStage::seven_days},
      {hours(24), CertificateStage::one_day},
      {Duration(1), CertificateStage::one_day},
      {Duration(0), CertificateStage::ended},
      {-hours(24 * 60), CertificateStage::ended}};
  std::set<std::string> hints;
  for (const auto& [left, stage] : table) {
    INFO(left.count());
    CHECK(certificate_stage(now + left, now) == stage);
    hints.insert(certificate_hint(stage));
  }
  CHECK(hints.size() == 5);  // an alert is told anew where its hint is another
  CHECK(certificate_detail("it", now + hours(24 * 6), now).ends_with(", in 6 days"));
  CHECK(certificate_detail("it", now + hours(5), now).ends_with(", in 5 hours"));
  CHECK(certificate_detail("it", now - hours(5), now).starts_with("it ended on "));
}

TEST_CASE("S6: the new certificate must get in before the old one goes", "[certificate]") {
  CertificateSwap swap;
  using enum ShownCertificate;
  CHECK(swap.next(1, std::nullopt) == files);  // the first there is
  swap.on_up();
  CHECK(swap.next(1, 1) == files);

  SECTION("taken") {
    CHECK(swap.next(2, 1) == files);
    swap.on_up();
    CHECK_FALSE(swap.turned_down(2));
  }
  SECTION("refused: the old one at once, and it stays while it gets in") {
    CHECK(swap.next(2, 1) == files);
    CHECK(swap.on_failed(true));
    CHECK(swap.next(2, 1) == kept);
    swap.on_up();
    CHECK(swap.turned_down(2));
    swap.on_lost();
    CHECK(swap.next(2, 1) == kept);
    // ...until the old one fails too, and then they take turns
    CHECK_FALSE(swap.on_failed(true));
    CHECK(swap.next(2, 1) == files);
    CHECK_FALSE(swap.on_failed(true));  // known already: not told again, and no hurry
    CHECK(swap.next(2, 1) == kept);
  }
  SECTION("another new one is a new try") {
    CHECK(swap.next(2, 1) == files);
    CHECK(swap.on_failed(true));
    CHECK(swap.next(2, 1) == kept);
    swap.on_up();
    CHECK(swap.next(3, 1) == files);
  }
  SECTION("a network that is away refuses nothing, but they take turns: brokers hang up without a word") {
    CHECK(swap.next(2, 1) == files);
    CHECK_FALSE(swap.on_failed(false));
    CHECK_FALSE(swap.turned_down(2));
    CHECK(swap.next(2, 1) == kept);
    CHECK_FALSE(swap.on_failed(false));
    CHECK(swap.next(2, 1) == files);
  }
  SECTION("files that are half replaced are not shown") {
    CHECK(swap.next(std::nullopt, 1) == kept);
    swap.on_up();
    CHECK(swap.next(2, 1) == files);
  }
  SECTION("what came of a connection beside") {
    swap.on_tried(2, false);
    CHECK(swap.next(2, 1) == kept);
    swap.on_tried(2, true);
    CHECK_FALSE(swap.turned_down(2));
  }
}

TEST_CASE("certs: a certificate and a key are looked at together, and nothing of the key is said",
          "[certificate]") {
  test::TestAuthority authority;
  const auto one = identity_of(authority.issue_client("one"));
  const auto two = identity_of(authority.issue_client("two"));
  const auto facts = look_at_identity(one);
  REQUIRE(facts);
  CHECK_FALSE(facts->subject.empty());
  CHECK(facts->not_after > std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()));

  const auto mixed = look_at_identity({.cert_pem = one.cert_pem, .key_pem = two.key_pem});
  REQUIRE_FALSE(mixed);
  CHECK(mixed.error().detail.find("does not belong") != std::string::npos);
  CHECK(mixed.error().detail.find("BEGIN") == std::string::npos);
  CHECK_FALSE(look_at_identity({.cert_pem = "", .key_pem = one.key_pem}));
  CHECK_FALSE(look_at_identity({.cert_pem = one.cert_pem.substr(0, 100), .key_pem = one.key_pem}));
  CHECK_FALSE(look_at_identity({.cert_pem = one.cert_pem, .key_pem = one.key_pem.substr(0, 60)}));
}

TEST_CASE("certs: a certificate that has ended is shown all the same: the broker decides", "[certificate]") {
  test::TestAuthority authority;
  test::CertificateOrder order;
  order.valid_for = std::chrono::seconds(60);
  const auto ended = look_at_identity(identity_of(authority.issue("ended", order)));
  REQUIRE(ended);
  CHECK(ended->not_after < std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()));
}

}  // namespace gatehouse
