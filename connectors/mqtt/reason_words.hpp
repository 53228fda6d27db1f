#pragma once
// MQTT 5 reason codes and socket errors as errors with words that name the fix.

#include <cstdint>
#include <string>

#include "daemon/core/result.hpp"

namespace gatehouse {

/// "0x87 not authorized" (MQTT 5 §2.4).
std::string reason_name(std::uint8_t reason);

/// A CONNACK that refuses (§3.2.2.2).
Error connack_error(std::uint8_t reason);

/// A DISCONNECT by the broker (§3.14.2.1). `client_id`: ours, for 0x8E.
Error disconnect_error(std::uint8_t reason, const std::string& client_id);

/// A SUBACK that refuses (§3.9.3).
Error suback_error(std::uint8_t reason, const std::string& topic);

/// A TCP connection that was not made. `where`: "mqtt.example.com:8883 (192.0.2.1)".
Error dial_error(int system_error, const std::string& where);

}  // namespace gatehouse
