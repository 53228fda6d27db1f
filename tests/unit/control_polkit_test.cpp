// polkit is asked where it runs, and its word counts (contract §1); the fake authority speaks its D-Bus
// interface on the test's own bus.

#include <filesystem>
#include <map>
#include <mutex>

#include <catch2/catch.hpp>
#include <sdbus-c++/sdbus-c++.h>

#include "served_gateway.hpp"

namespace gatehouse::test {
namespace {

constexpr uid_t nobody = 65534;

class FakeAuthority {
 public:
  explicit FakeAuthority(const std::string& address)
      : connection_(sdbus::createSessionBusConnectionWithAddress(address)),
        object_(sdbus::createObject(*connection_, "/org/freedesktop/PolicyKit1/Authority")) {
    using Subject = sdbus::Struct<std::string, std::map<std::string, sdbus::Variant>>;
    using Verdict = sdbus::Struct<bool, bool, std::map<std::string, std::string>>;
    object_->registerMethod("CheckAuthorization")
        .onInterface("org.freedesktop.PolicyKit1.Authority")
        .implementedAs([this](const Subject& subject, const std::string& action,
                              const std::map<std::string, std::string>&, const std::uint32_t&,
                              const std::string&) {
          const std::lock_guard lock(mutex_);
          asked_.push_back(subject.get<0>() + " " + action);
          return Verdict{action == allowed_, false, {}};
        });
    object_->finishRegistration();
    connection_->requestName("org.freedesktop.PolicyKit1");
    connection_->enterEventLoopAsync();
  }
  void allow(const std::string& action) {
    const std::lock_guard lock(mutex_);
    allowed_ = action;
  }
  std::vector<std::string> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  std::mutex mutex_;
  std::string allowed_;
  std::vector<std::string> asked_;
  std::unique_ptr<sdbus::IConnection> connection_;
  std::unique_ptr<sdbus::IObject> object_;
};

TEST_CASE("polkit decides for everybody but root and the gateway's own user", "[control][polkit]") {
  if (::geteuid() != 0) {
    WARN("only root can become somebody else; not tried");
    return;
  }
  ServedGateway gateway;
  const auto program = gateway.bus.folder() / "gatehouse";
  std::filesystem::copy_file(GATEHOUSE_PROGRAM, program);
  const auto as_nobody = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {program.string(), "--bus", gateway.bus.address()});
    return run_program(words, nobody);
  };
  SECTION("where no authority runs, nobody else is let in") {
    const auto ran = as_nobody({"status"});
    CHECK(ran.status == 1);
    CHECK(gateway.says({"status"}).status == 0);
  }
  SECTION("where it runs, each action is asked for by its name") {
    FakeAuthority authority(gateway.bus.address());
    authority.allow("org.gatehouse.Gateway1.view");
    const auto admitted = as_nobody({"status"});
    INFO(admitted.err);
    CHECK(admitted.status == 0);
    const auto refused = as_nobody({"config", "reload"});
    CHECK(refused.status == 1);
    CHECK(refused.err.find("org.gatehouse.Gateway1.administer") != std::string::npos);
    const auto asked = authority.asked();
    REQUIRE_FALSE(asked.empty());
    CHECK(asked.front() == "system-bus-name org.gatehouse.Gateway1.view");
    const auto before = asked.size();
    CHECK(gateway.says({"status"}).status == 0);
    CHECK(authority.asked().size() == before);
  }
}

}  // namespace
}  // namespace gatehouse::test
