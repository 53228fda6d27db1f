#include <catch2/catch.hpp>

#include "connectors/mqtt/send_window.hpp"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

Uptime at(Duration since_start) {
  return Uptime{since_start};
}

Outgoing message(std::int64_t token, bool urgent = false) {
  Outgoing made;
  made.token = token;
  made.urgent = urgent;
  return made;
}

/// Sends all there is room for, from `id` on; the next identifier.
std::uint16_t send_all(SendWindow& window, std::uint16_t id, Uptime now = at(0s)) {
  while (window.next() != nullptr) {
    window.sent(id, now);
    id = id == 65535 ? std::uint16_t{1} : static_cast<std::uint16_t>(id + 1);
  }
  return id;
}

}  // namespace

TEST_CASE("The window is the smaller of the setting and the Receive Maximum", "[mqtt][F6]") {
  SendWindow window;
  const auto [inflight, maximum] = GENERATE(table<std::uint32_t, std::uint16_t>({{2, 65535}, {100, 2}}));
  window.open(inflight, maximum);
  window.add({message(1), message(2), message(3)});
  send_all(window, 10);
  CHECK(window.unacknowledged() == 2);
  CHECK(window.acknowledged(11) == 2);
  REQUIRE(window.next() != nullptr);
  CHECK(window.next()->token == 3);
}

TEST_CASE("A PUBACK for what is not on its way is not taken", "[mqtt]") {
  SendWindow window;
  window.open(10, 10);
  window.add({message(1), message(2), message(3)});
  send_all(window, 5);
  CHECK(window.acknowledged(6) == 2);
  CHECK_FALSE(window.acknowledged(6));
  CHECK_FALSE(window.acknowledged(0));
  CHECK_FALSE(window.acknowledged(4));
  CHECK_FALSE(window.acknowledged(8));
  CHECK(window.unacknowledged() == 2);
}

TEST_CASE("Identifiers wrap around from 65535 to 1", "[mqtt]") {
  SendWindow window;
  window.open(4, 4);
  window.add({message(1), message(2), message(3), message(4)});
  CHECK(send_all(window, 65534) == 3);
  CHECK(window.acknowledged(1) == 3);
  CHECK(window.acknowledged(65534) == 1);
  CHECK(window.acknowledged(2) == 4);
  CHECK(window.acknowledged(65535) == 2);
  CHECK(window.unacknowledged() == 0);
}

TEST_CASE("An identifier is not used again while its message is on its way", "[mqtt][F5]") {
  SendWindow window;
  window.open(2, 65535);
  window.add({message(-1)});
  std::uint16_t id = send_all(window, 1);
  for (int i = 0; i < 65534; ++i) {
    window.add({message(i)});
    REQUIRE_FALSE(window.out_of_ids());
    const std::uint16_t used = id;
    id = send_all(window, id);
    REQUIRE(window.acknowledged(used) == i);
  }
  window.add({message(1)});
  CHECK(window.out_of_ids());
  CHECK(window.next() == nullptr);
}

TEST_CASE("Late messages give their places to others, up to the Receive Maximum", "[mqtt][F5][F6]") {
  SendWindow window;
  window.open(2, 3);
  window.add({message(1), message(2), message(3), message(4), message(5)});
  std::uint16_t id = send_all(window, 1, at(0s));
  CHECK(window.unacknowledged() == 2);
  CHECK(window.acknowledged(2) == 2);
  id = send_all(window, id, at(20s));
  window.expire_before(at(10s));  // the first is late, the third is not
  CHECK_FALSE(window.stuck());
  id = send_all(window, id, at(40s));
  CHECK(window.unacknowledged() == 3);  // two in the window, and the late one
  CHECK(window.next() == nullptr);
  window.expire_before(at(50s));
  CHECK(window.stuck());
  CHECK(window.acknowledged(1) == 1);  // it came after all
  CHECK(window.acknowledged(3) == 3);
  CHECK_FALSE(window.stuck());
  CHECK(window.next() != nullptr);
}

TEST_CASE("Urgent messages go first, in their own order", "[mqtt][F3]") {
  SendWindow window;
  window.open(1, 1);
  window.add({message(1), message(2), message(8, true), message(9, true)});
  std::vector<std::int64_t> order;
  for (std::uint16_t id = 1; const Outgoing* next = window.next(); ++id) {
    order.push_back(next->token);
    window.sent(id, at(0s));
    window.acknowledged(id);
  }
  CHECK(order == std::vector<std::int64_t>{8, 9, 1, 2});
}

TEST_CASE("The last message does not wait for the window, but for the broker", "[mqtt]") {
  SendWindow window;
  window.open(1, 2);
  window.add({message(1), message(2)});
  send_all(window, 1);
  window.add_last(message(3));
  REQUIRE(window.next() != nullptr);
  CHECK(window.next()->token == 3);
  send_all(window, 2);
  CHECK(window.next() == nullptr);
  CHECK(window.unacknowledged() == 2);
}
