#pragma once
// A house with a kiosk on the LAN.

#include <optional>
#include <string>

#include "tests/whole/access_house.hpp"

namespace gatehouse::whole {

inline constexpr auto kiosk_token = "a-token-of-the-reception-kiosk-0123456789";

/// With one person, Ada Lovelace, who may enter; running, and active.
struct LanHouse : AccessHouse {
  LanHouse();

  /// {"status","type","body"}; none where nobody answered to the end.
  std::optional<json::object> try_to_ask(const std::string& method, const std::string& target,
                                         Argv more) const;
  /// Throws where nobody answered.
  json::object ask(const std::string& method, const std::string& target, Argv more) const;
  /// What a kiosk sends for a sign-in, with an Idempotency-Key.
  Argv signing_in(const json::object& who, const std::string& key,
                  const std::string& point = "reception") const;
  json::object sign_in_by(const json::object& who, const std::string& key,
                          const std::string& point = "reception") const;

  int port;
  int ada = 0;
};

}  // namespace gatehouse::whole
