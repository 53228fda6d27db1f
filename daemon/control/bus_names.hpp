#pragma once
// The names under which the daemon is found on D-Bus (contract §1). Public interface: never changed, only
// added to.

namespace gatehouse::bus_names {

inline constexpr char service[] = "org.gatehouse.Gateway1";
inline constexpr char object[] = "/org/gatehouse/Gateway1";

inline constexpr char gateway[] = "org.gatehouse.Gateway1";
inline constexpr char integrations[] = "org.gatehouse.Gateway1.Integrations";
inline constexpr char people[] = "org.gatehouse.Gateway1.People";
inline constexpr char access[] = "org.gatehouse.Gateway1.Access";
inline constexpr char doors[] = "org.gatehouse.Gateway1.Doors";
inline constexpr char clock[] = "org.gatehouse.Gateway1.Clock";
inline constexpr char lockdown[] = "org.gatehouse.Gateway1.Lockdown";
inline constexpr char muster[] = "org.gatehouse.Gateway1.Muster";
inline constexpr char audit[] = "org.gatehouse.Gateway1.Audit";
inline constexpr char events[] = "org.gatehouse.Gateway1.Events";
inline constexpr char sync[] = "org.gatehouse.Gateway1.Sync";
inline constexpr char plans[] = "org.gatehouse.Gateway1.Plans";
inline constexpr char purge[] = "org.gatehouse.Gateway1.Purge";
inline constexpr char issues[] = "org.gatehouse.Gateway1.Issues";
inline constexpr char activity[] = "org.gatehouse.Gateway1.Activity";
inline constexpr char log[] = "org.gatehouse.Gateway1.Log";
inline constexpr char outbox[] = "org.gatehouse.Gateway1.Outbox";
inline constexpr char state[] = "org.gatehouse.Gateway1.State";
inline constexpr char config[] = "org.gatehouse.Gateway1.Config";

}  // namespace gatehouse::bus_names
