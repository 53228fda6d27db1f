#include "tests/unit/store_fixture.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

Message told(const std::string& subject) {
  Message message = test::message(Lane::alarm, subject, 10);
  message.type = "alert";
  return message;
}

}  // namespace

TEST_CASE("What is raised outlives the store's process, and is replaced as a whole", "[store][alerts]") {
  StoreDirectory directory;
  SetClock clock;
  const Alert hq_down{.kind = "integration",
                      .subject = "net2-hq",
                      .detail = "unreachable: no answer",
                      .hint = "look at the server",
                      .since = clock.now()};
  const Alert refused{.kind = "broker_refuses",
                      .subject = "access",
                      .detail = "not authorized",
                      .hint = "check the rules",
                      .since = clock.now() + Duration(5)};
  {
    auto store = open_store(directory.path, clock);
    CHECK(get(store->load_alerts()).empty());
    get(store->tell_alerts({told("1"), told("2")}, {refused, hq_down}));
    CHECK(waiting(*store, Lane::alarm).size() == 2);
  }
  auto store = open_store(directory.path, clock);
  CHECK(get(store->load_alerts()) == std::vector{refused, hq_down});
  get(store->tell_alerts({told("3")}, {hq_down}));
  CHECK(get(store->load_alerts()) == std::vector{hq_down});
  const auto rows = waiting(*store, Lane::alarm);
  REQUIRE(rows.size() == 3);
  CHECK(rows.back().sequence == 3);
}
