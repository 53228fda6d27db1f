// The gateway's own certificates: renewed without a message lost, bad ones refused, ends told before they
// come (issue 5, point 8; reliability S6 and the row "certs").
#include <atomic>
#include <thread>

#include <catch2/catch.hpp>
#include <signal.h>
#include <sys/stat.h>

#include "tests/whole/lan_house.hpp"

namespace gatehouse::whole {
namespace {

constexpr auto authority = "ca";
constexpr auto strange_authority = "other-ca";

/// Makes DIR/NAME.pem and NAME.key for a client or a server, signed by one of the test's authorities. The
/// files are written in place, as ACME clients do.
void issue(const std::string& dir, const std::string& name, int days, const std::string& by = authority,
           const std::string& more = "extendedKeyUsage=clientAuth") {
  constexpr auto script = R"sh(
    cd "$1"; umask 077
    openssl ecparam -name prime256v1 -genkey -noout -out new.key
    openssl req -new -key new.key -subj /CN=acme.hq-01 -out new.csr
    printf '%b\n' "$5" >new.ext
    openssl x509 -req -in new.csr -CA "$2/$4.pem" -CAkey "$2/$4.key" -set_serial "0x$(openssl rand -hex 8)" \
      -extfile new.ext -days "$3" -out new.pem 2>/dev/null
    cat new.pem >"$6.pem"; cat new.key >"$6.key"; rm -f new.*)sh";
  const auto made =
      run({"bash", "-euc", script, "bash", dir, test_certificates(), std::to_string(days), by, more, name});
  INFO(made.err);
  REQUIRE(made.status == 0);
}

/// A gateway whose certificate lies in files of its own.
struct Renewing {
  explicit Renewing(int days = 90) {
    issue(house.dir.path(), "own", days);
    house.gateway.site().cloud_tls = "{ca: " + test_certificates() +
                                     "/ca.pem, cert: " + (house.dir / "own.pem") +
                                     ", key: {file: " + (house.dir / "own.key") + "}}";
    house.gateway.write_config();
  }
  bool connected() const {
    const auto status = house.gateway.status();
    const auto* cloud = status.if_contains("cloud");
    return cloud != nullptr && cloud->as_object().at("connected").as_bool();
  }
  std::string since() const { return text_at(house.gateway.status().at("cloud").as_object(), "since"); }
  std::size_t alerts(const std::string& subject, const std::string& state) const {
    return house.recorder.ask([&](const Ledger& ledger) {
      std::size_t count = 0;
      for (const auto& fact : ledger.of("alert")) {
        const auto data = fact.data();
        if (text_at(data, "kind") == "certificate" && text_at(data, "subject") == subject &&
            text_at(data, "state") == state)
          ++count;
      }
      return count;
    });
  }
  bool alerts_become(const std::string& subject, const std::string& state, std::size_t count) const {
    return eventually(20s, [&] { return alerts(subject, state) == count; });
  }
  Outcome reload() const { return house.gateway.ask({"config", "reload"}, 60s); }
  std::string kept() const { return read_file(house.gateway.state_dir() + "/cloud-identity.pem"); }

  House house{{.people = 5, .doors = 1, .sim_arguments = {"--plain"}}};
};

TEST_CASE("S6: a new certificate is taken with the next reload, and no message is lost", "[certificate]") {
  Renewing it;
  it.house.start_and_import();
  const auto first_cert = read_file(it.house.dir / "own.pem");
  REQUIRE(eventually(10s, [&] { return it.kept().starts_with(first_cert); }));
  struct stat status{};
  REQUIRE(stat((it.house.gateway.state_dir() + "/cloud-identity.pem").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);

  const auto first = it.house.net2.last_event() + 1;
  it.house.net2.traffic(200);
  for (int round = 0; round < 3; ++round) {
    issue(it.house.dir.path(), "own", 90);
    const auto reloaded = it.reload();
    INFO(reloaded.err << it.house.gateway.log());
    REQUIRE(reloaded.status == 0);
    CHECK(it.connected());
    CHECK(it.kept().starts_with(read_file(it.house.dir / "own.pem")));
  }
  it.house.net2.traffic(0);
  CHECK(it.house.all_events_out(30s, first));
  CHECK(lines(it.house.recorder.ledger().broken()).empty());
  CHECK(it.house.gateway.ask({"audit", "show"}).out.find("certificate.renew") != std::string::npos);
  // The last word on the board is that it is online.
  CHECK(it.house.recorder.wait(10s, [](const Ledger& ledger) {
    const auto state = ledger.last("/up/state");
    return state.contains("data") && state.at("data").as_object().at("online").as_bool();
  }));
}

TEST_CASE("S6: an end does not wait for a certificate that is being tried", "[certificate]") {
  Renewing it;
  it.house.start_and_import();
  REQUIRE(eventually(10s, [&] { return it.connected() && !it.kept().empty(); }));
  const auto old = it.kept();
  issue(it.house.dir.path(), "own", 90);
  it.house.broker.freeze();
  std::thread asks([&] { it.reload(); });
  const bool tried = eventually(20s, [&] {
    const auto second = it.house.gateway.ask({"config", "reload"}, 1s);
    return second.err.find("a reload is under way") != std::string::npos;
  });
  const auto status = it.house.gateway.stop(3s);
  it.house.broker.go_on();
  asks.join();
  INFO(it.house.gateway.log());
  CHECK(tried);
  CHECK(status == 0);
  CHECK(it.kept() == old);  // nothing is known against it, and nothing for it
  it.house.gateway.start();
  CHECK(eventually(20s, [&] { return it.kept().starts_with(read_file(it.house.dir / "own.pem")); }));
}

TEST_CASE("S6: other paths in the configuration are a new certificate too", "[certificate]") {
  Renewing it;
  it.house.start_and_import();
  issue(it.house.dir.path(), "next", 90);
  it.house.gateway.site().cloud_tls = "{ca: " + test_certificates() +
                                      "/ca.pem, cert: " + (it.house.dir / "next.pem") +
                                      ", key: {file: " + (it.house.dir / "next.key") + "}}";
  it.house.gateway.write_config();
  REQUIRE(it.reload().status == 0);
  CHECK(it.connected());
  CHECK(it.kept().starts_with(read_file(it.house.dir / "next.pem")));
}

TEST_CASE("S6: a bad new certificate leaves the old one at work, undisturbed and over restarts",
          "[certificate]") {
  Renewing it;
  it.house.start_and_import();
  REQUIRE(eventually(10s, [&] { return it.connected() && !it.kept().empty(); }));
  const auto since = it.since();
  SECTION("one that the broker does not know") {
    issue(it.house.dir.path(), "own", 90, strange_authority);
  }
  SECTION("one that has ended") {
    issue(it.house.dir.path(), "own", -1);
  }
  SECTION("half replaced: another key than the certificate's") {
    const auto cert = read_file(it.house.dir / "own.pem");
    issue(it.house.dir.path(), "own", 90);
    write_file(it.house.dir / "own.pem", cert);
  }
  SECTION("no certificate at all") {
    write_file(it.house.dir / "own.pem", "nothing");
  }
  const auto reloaded = it.reload();
  INFO(reloaded.err << it.house.gateway.log());
  CHECK(reloaded.status == 1);
  CHECK(reloaded.err.find("the old one stays at work") != std::string::npos);
  CHECK(it.connected());
  CHECK(it.since() == since);  // never away
  CHECK(it.alerts_become("cloud.tls.cert renewal", "raised", 1));
  auto first = it.house.net2.last_event() + 1;
  it.house.net2.swipes(20);
  CHECK(it.house.all_events_out(15s, first));

  // A restart in between has nothing but the files and what was kept.
  it.house.gateway.kill();
  it.house.gateway.start();
  REQUIRE(eventually(20s, [&] { return it.connected(); }));
  first = it.house.net2.last_event() + 1;
  it.house.net2.swipes(20);
  CHECK(it.house.all_events_out(15s, first));
  CHECK(it.alerts("cloud.tls.cert renewal", "raised") == 1);

  issue(it.house.dir.path(), "own", 90);
  CHECK(it.reload().status == 0);
  CHECK(it.connected());
  CHECK(it.kept().starts_with(read_file(it.house.dir / "own.pem")));
  CHECK(it.alerts_become("cloud.tls.cert renewal", "over", 1));
  CHECK(lines(it.house.recorder.ledger().broken()).empty());
}

TEST_CASE("S6 certs: a certificate that has ended stops neither decisions nor buffering", "[certificate]") {
  AccessHouse house;
  issue(house.dir.path(), "own", -1);
  house.gateway.site().cloud_tls = "{ca: " + test_certificates() +
                                   "/ca.pem, cert: " + (house.dir / "own.pem") +
                                   ", key: {file: " + (house.dir / "own.key") + "}}";
  house.gateway.write_config();
  const auto ada = house.add({.first = "Ada", .last = "Lovelace", .email = "ada@example.com"});
  house.gateway.start();
  REQUIRE(house.becomes("active"));
  REQUIRE(eventually(20s, [&] { return !house.person_id(ada).empty(); }));
  const auto connected = [&] {
    return house.gateway.status().at("cloud").as_object().at("connected").as_bool();
  };
  const auto pending = house.gateway.outbox("pending");
  const auto first = house.net2.last_event() + 1;
  const auto decided = house.gateway.ask(
      {"access", "sign-in", "--person", house.person_id(ada), "--access-point", "reception", "--json"});
  INFO(decided.err << house.gateway.log());
  CHECK(decided.status == 0);
  CHECK(decided.out.find(R"("outcome":"allow")") != std::string::npos);
  CHECK(eventually(10s, [&] { return house.opens() == 1; }));
  house.net2.swipes(20);
  CHECK(eventually(10s, [&] { return house.gateway.outbox("pending") >= pending + 20; }));
  CHECK_FALSE(connected());
  CHECK(house.recorder.ledger().of("event").empty());

  // Renewed: it connects by itself or with the reload, and everything comes.
  issue(house.dir.path(), "own", 90);
  CHECK(house.gateway.ask({"config", "reload"}, 60s).status == 0);
  REQUIRE(eventually(60s, connected));
  CHECK(house.all_events_out(20s, first));
  CHECK(lines(house.recorder.ledger().broken()).empty());
  const auto told = [&](const std::string& state) {
    return house.recorder.wait(20s, [&](const Ledger& ledger) {
      for (const auto& fact : ledger.of("alert")) {
        const auto data = fact.data();
        if (text_at(data, "subject") == "cloud.tls.cert" && text_at(data, "state") == state) return true;
      }
      return false;
    });
  };
  CHECK(told("raised"));
  CHECK(house.gateway.ask({"config", "reload"}, 60s).status == 0);  // looked at again, now in use
  CHECK(told("over"));
}

TEST_CASE("certs: the end of a certificate is told at 30, 7 and 1 days, once each", "[certificate]") {
  Renewing it(25);
  it.house.start_and_import();
  const auto subject = "cloud.tls.cert";
  REQUIRE(it.alerts_become(subject, "raised", 1));
  CHECK(it.alerts("cloud.tls.ca", "raised") == 0);
  CHECK(it.alerts("net2-hq server", "raised") == 0);
  const auto renew = [&](int days) {
    issue(it.house.dir.path(), "own", days);
    const auto reloaded = it.reload();
    INFO(reloaded.err << it.house.gateway.log());
    REQUIRE(reloaded.status == 0);
  };
  it.house.gateway.kill();
  it.house.gateway.start();
  REQUIRE(eventually(20s, [&] { return it.connected(); }));
  renew(20);  // of the same stage
  renew(5);
  REQUIRE(it.alerts_become(subject, "raised", 2));
  renew(1);
  REQUIRE(it.alerts_become(subject, "raised", 3));
  renew(90);
  REQUIRE(it.alerts_become(subject, "over", 1));
  CHECK(it.alerts(subject, "raised") == 3);
}

TEST_CASE("certs: the end of others' certificates is told as they are seen", "[certificate]") {
  Renewing it;
  const auto& dir = it.house.dir;
  issue(dir.path(), "short-net2", 3, authority,
        "extendedKeyUsage=serverAuth\\nsubjectAltName=DNS:NET2PC,DNS:localhost,IP:127.0.0.1");
  it.house.net2.kill();
  // The simulator takes its certificates from one folder.
  for (const auto* end : {".pem", ".key"})
    write_file(test_certificates() + "/short-net2" + end, read_file(dir / (std::string("short-net2") + end)));
  it.house.net2.use_certificate("short-net2");
  it.house.net2.start();
  it.house.start_and_import();
  CHECK(it.alerts_become("net2-hq server", "raised", 1));
  it.house.net2.kill();
  it.house.net2.use_certificate("net2");
  it.house.net2.start();
  REQUIRE(it.house.state_becomes("active", 60s));
  CHECK(it.reload().status == 0);
  CHECK(it.alerts_become("net2-hq server", "over", 1));
}

std::string shown_serial(int port) {
  const auto seen = run({"bash", "-c",
                         "openssl s_client -connect 127.0.0.1:" + std::to_string(port) +
                             " </dev/null 2>/dev/null | openssl x509 -noout -serial"});
  return seen.out;
}

TEST_CASE("certs: the LAN interface changes its certificate without turning anybody away",
          "[certificate][lan]") {
  LanHouse house;
  const auto path = house.gateway.config_path();
  const auto config = read_file(path);
  const auto names = "extendedKeyUsage=serverAuth\\nsubjectAltName=DNS:localhost,IP:127.0.0.1";
  issue(house.dir.path(), "lan", 90, authority, names);
  auto changed = config;
  const auto from = changed.find("cert:", changed.find("lan_api:"));
  REQUIRE(from != std::string::npos);
  const auto to = changed.find("}}", from);
  changed.replace(from, to + 2 - from,
                  "cert: " + (house.dir / "lan.pem") + ", key: {file: " + (house.dir / "lan.key") + "}}");
  const auto before = shown_serial(house.port);
  REQUIRE_FALSE(before.empty());

  std::atomic<bool> stop = false;
  std::atomic<int> answered = 0;
  std::atomic<int> failed = 0;
  std::thread kiosk([&] {
    while (!stop) {
      const auto answer = house.try_to_ask("GET", "/v1/health", {"--token", kiosk_token});
      ++(answer && number_at(*answer, "status") == 200 ? answered : failed);
    }
  });
  write_file(path, changed);
  const auto reloaded = house.gateway.ask({"config", "reload"}, 60s);
  CHECK(eventually(20s, [&] { return shown_serial(house.port) != before; }));
  const auto first = shown_serial(house.port);
  const int so_far = answered;
  CHECK(eventually(20s, [&] { return answered > so_far + 3; }));

  // A bad one leaves the one that works.
  write_file(house.dir / "lan.pem", "nothing");
  CHECK(house.gateway.ask({"config", "reload"}, 60s).status == 0);
  CHECK(house.recorder.wait(20s, [](const Ledger& ledger) {
    for (const auto& fact : ledger.of("alert")) {
      if (text_at(fact.data(), "kind") == "lan" && text_at(fact.data(), "state") == "raised") return true;
    }
    return false;
  }));
  CHECK(shown_serial(house.port) == first);
  const int then = answered;
  CHECK(eventually(20s, [&] { return answered > then + 3; }));
  stop = true;
  kiosk.join();
  INFO(house.gateway.log());
  CHECK(reloaded.status == 0);
  CHECK(failed == 0);
}

}  // namespace
}  // namespace gatehouse::whole
