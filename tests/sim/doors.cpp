#include "tests/sim/doors.hpp"

#include "tests/sim/json_text.hpp"

namespace gatehouse::sim {

void Door::write_status(JsonText& out) const {
  out.open_object()
      .member("intruderAlarmArmed", intruder_armed)
      .member("psuContactClosed", mains_ok)
      .member("tamperContactClosed", tamper_ok)
      .member("doorContactClosed", !leaf_open)
      .member("alarmTripped", alarm_tripped)
      .member("doorRelayOpen", relay_open)
      .close_object();
}

int Door::status_bits() const {
  return (intruder_armed ? 1 : 0) | (mains_ok ? 2 : 0) | (tamper_ok ? 4 : 0) | (leaf_open ? 0 : 8) |
         (alarm_tripped ? 16 : 0) | (relay_open ? 32 : 0);
}

Door* Doors::find(std::int64_t address) {
  for (auto& door : all) {
    if (door.address == address) return &door;
  }
  return nullptr;
}

const Door* Doors::find(std::int64_t address) const {
  return const_cast<Doors*>(this)->find(address);
}

}  // namespace gatehouse::sim
