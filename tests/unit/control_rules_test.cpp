#include <catch2/catch.hpp>

#include "daemon/control/admission.hpp"
#include "daemon/control/bus_address.hpp"
#include "daemon/control/error_names.hpp"

using namespace gatehouse;

TEST_CASE("Where no authority answers, the house rules say who may do what", "[control]") {
  struct Case {
    const char* when;
    Caller caller;
    Permission wanted;
    Polkit polkit;
    bool admitted;
  };
  constexpr uid_t own = 990, stranger = 1000;
  constexpr gid_t house = 985;
  const auto row = GENERATE_COPY(values<Case>({
      {"root administers", {0, {0}}, Permission::administer, Polkit::automatic, true},
      {"the daemon's own user administers", {own, {own}}, Permission::administer, Polkit::automatic, true},
      {"the group views", {stranger, {stranger, house}}, Permission::view, Polkit::automatic, true},
      {"the group administers",
       {stranger, {stranger, house}},
       Permission::administer,
       Polkit::automatic,
       false},
      {"the group opens a door", {stranger, {house}}, Permission::open_door, Polkit::automatic, false},
      {"the group starts a sync", {stranger, {house}}, Permission::sync, Polkit::automatic, false},
      {"the group administers without polkit",
       {stranger, {house}},
       Permission::administer,
       Polkit::none,
       true},
      {"a stranger views", {stranger, {stranger}}, Permission::view, Polkit::automatic, false},
      {"a stranger views without polkit", {stranger, {stranger}}, Permission::view, Polkit::none, false},
      {"a user whose own group is root's views", {stranger, {0}}, Permission::view, Polkit::none, false},
  }));
  DYNAMIC_SECTION(row.when) {
    const auto result = admit_locally(row.caller, row.wanted, {own, house, row.polkit});
    CHECK(result.ok() == row.admitted);
    if (!row.admitted) CHECK(result.error().code == Errc::forbidden);
  }
}

TEST_CASE("On a system without the group nobody is in it", "[control]") {
  CHECK_FALSE(admit_locally({1000, {1000}}, Permission::view, {990, std::nullopt, Polkit::none}).ok());
}

TEST_CASE("Groups come from the system's own database", "[control]") {
  CHECK(find_group("root") == gid_t{0});
  CHECK_FALSE(find_group("no such group here").has_value());
  CHECK(groups_of(0).front() == 0);
  CHECK(groups_of(4'000'000'000u).empty());
}

TEST_CASE("A kind of bus becomes an address", "[control]") {
  const BusEnvironment bare;
  const BusEnvironment desktop{
      .system_address = "unix:path=/s", .session_address = std::nullopt, .runtime_dir = "/r"};
  CHECK(*bus_address({Bus::Kind::system, ""}, bare) == "unix:path=/run/dbus/system_bus_socket");
  CHECK(*bus_address({Bus::Kind::system, ""}, desktop) == "unix:path=/s");
  CHECK(*bus_address({Bus::Kind::session, ""}, desktop) == "unix:path=/r/bus");
  CHECK(bus_address({Bus::Kind::session, ""}, bare).error().code == Errc::invalid);
  CHECK(*bus_address({Bus::Kind::address, "unix:path=/x"}, desktop) == "unix:path=/x");
  CHECK_FALSE(bus_address({Bus::Kind::none, ""}, desktop).ok());
}

TEST_CASE("The unix sockets of an address are found, encoded ones too", "[control]") {
  using Names = std::vector<std::string>;
  CHECK(unix_sockets_of("unix:path=/run/a%20b,guid=12") == Names{"/run/a b"});
  CHECK(unix_sockets_of("tcp:host=x,port=1;unix:guid=1,abstract=/tmp/y") ==
        Names{std::string("\0/tmp/y", 7)});
  CHECK(unix_sockets_of("tcp:host=x,port=1").empty());
  CHECK(unix_sockets_of("nonsense;;unix:;=").empty());
}

TEST_CASE("Every kind of error has a name on D-Bus, and is known by it", "[control]") {
  for (int code = 0; code <= static_cast<int>(Errc::invalid); ++code) {
    const auto name = bus_error_name(static_cast<Errc>(code));
    CHECK(name.starts_with("org.gatehouse.Error."));
    CHECK(errc_of_bus_error(name) == static_cast<Errc>(code));
  }
  CHECK_FALSE(errc_of_bus_error("org.freedesktop.DBus.Error.NoReply").has_value());
}
