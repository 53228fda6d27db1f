#pragma once
// The names under which the daemon is found on D-Bus (contract §1). Public interface: never changed, only
// added to.

namespace gatehouse::bus_names {

inline constexpr char service[] = "org.gatehouse.Gateway1";
inline constexpr char object[] = "/org/gatehouse/Gateway1";

inline constexpr char gateway[] = "org.gatehouse.Gateway1";
inline constexpr char integrations[] = "org.gatehouse.Gateway1.Integrations";
inline constexpr char people[] = "org.gatehouse.Gateway1.People";
inline constexpr char doors[] = "org.gatehouse.Gateway1.Doors";
inline constexpr char events[] = "org.gatehouse.Gateway1.Events";
inline constexpr char sync[] = "org.gatehouse.Gateway1.Sync";
inline constexpr char outbox[] = "org.gatehouse.Gateway1.Outbox";
inline constexpr char config[] = "org.gatehouse.Gateway1.Config";

}  // namespace gatehouse::bus_names
