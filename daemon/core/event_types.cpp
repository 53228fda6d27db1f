#include "daemon/core/event_types.hpp"

#include <algorithm>
#include <array>

namespace gatehouse {
namespace {

// net2-api.md §4.1, in ascending order.
constexpr auto event_types = std::to_array<EventType>({
    {1, "Control unit reset", EventGroup::other},
    {2, "System setting", EventGroup::other},
    {4, "Real time clock set", EventGroup::other},
    {5, "Real time clock error", EventGroup::other},
    {6, "Custom day", EventGroup::other},
    {7, "Control unit", EventGroup::other},
    {8, "Checksum failure", EventGroup::other},
    {9, "ACU diagnostics available", EventGroup::other},
    {10, "Token swiped", EventGroup::other},
    {11, "Desktop reader", EventGroup::other},
    {12, "Valid code entered", EventGroup::other},
    {13, "Valid pin entered", EventGroup::other},
    {15, "Access permitted", EventGroup::granted},
    {16, "Access denied", EventGroup::denied},
    {17, "Access denied", EventGroup::denied},
    {20, "Access permitted - token only", EventGroup::granted},
    {21, "Access permitted - token + PIN", EventGroup::granted},
    {22, "Access permitted - token + code", EventGroup::granted},
    {23, "Access denied - invalid token", EventGroup::denied},
    {24, "Access denied - invalid PIN", EventGroup::denied},
    {25, "Access denied - invalid code", EventGroup::denied},
    {26, "Access permitted - PIN only", EventGroup::granted},
    {27, "Access permitted - code only", EventGroup::granted},
    {28, "Door opened", EventGroup::door},
    {29, "Door relock", EventGroup::door},
    {30, "Access permitted - ANPR", EventGroup::granted},
    {31, "Access denied - ANPR", EventGroup::denied},
    {32, "Request Access Check", EventGroup::other},
    {33, "ACU APB cleared", EventGroup::other},
    {34, "Input 5", EventGroup::other},
    {35, "Input 6", EventGroup::other},
    {36, "Input 7", EventGroup::other},
    {37, "Input 8", EventGroup::other},
    {38, "Output 1", EventGroup::other},
    {39, "Output 2", EventGroup::other},
    {40, "Output 3", EventGroup::other},
    {41, "Output 4", EventGroup::other},
    {42, "Output 5", EventGroup::other},
    {43, "Output 6", EventGroup::other},
    {44, "Output 7", EventGroup::other},
    {45, "Output 8", EventGroup::other},
    {46, "Door opened", EventGroup::door},
    {47, "Door closed", EventGroup::door},
    {48, "Lock opened", EventGroup::door},
    {49, "Lock closed", EventGroup::door},
    {50, "Reader not active", EventGroup::other},
    {52, "Door bell pressed", EventGroup::other},
    {54, "Reader detected", EventGroup::other},
    {55, "Keypad detected", EventGroup::other},
    {60, "Relay toggled", EventGroup::other},
    {61, "Door not opened", EventGroup::door},
    {62, "Relay 1 Toggled", EventGroup::other},
    {63, "Relay 2 Toggled", EventGroup::other},
    {65, "Trigger and action rule was run", EventGroup::other},
    {67, "Relay 2 opened", EventGroup::other},
    {68, "Relay 2 closed", EventGroup::other},
    {70, "Time and attendance", EventGroup::other},
    {75, "Intruder alarm", EventGroup::alarm},
    {76, "Intruder alarm on partition", EventGroup::alarm},
    {80, "Firmware updated", EventGroup::other},
    {83, "Silence alarm", EventGroup::other},
    {85, "Fire alarm input", EventGroup::alarm},
    {86, "Fire door", EventGroup::alarm},
    {87, "PIN not valid", EventGroup::other},
    {88, "Token not valid", EventGroup::other},
    {89, "Keypad time out", EventGroup::other},
    {90, "Tamper", EventGroup::alarm},
    {91, "Mains failed", EventGroup::alarm},
    {92, "Door forced", EventGroup::door},
    {93, "Door left open", EventGroup::door},
    {94, "Reader tamper", EventGroup::alarm},
    {95, "Duress code", EventGroup::alarm},
    {96, "Keypad hacker", EventGroup::alarm},
    {97, "Input short", EventGroup::alarm},
    {98, "Input cut", EventGroup::alarm},
    {99, "Input voltage substitution", EventGroup::alarm},
    {100, "Input pressed", EventGroup::other},
    {101, "Input released", EventGroup::other},
    {102, "Mains restored", EventGroup::alarm_end},
    {103, "Tamper restored", EventGroup::alarm_end},
    {110, "Access permitted", EventGroup::granted},
    {111, "Access denied", EventGroup::denied},
    {112, "Access Denied - Lockdown in Progress", EventGroup::denied},
    {113, "Access permitted - lockdown in progress", EventGroup::granted},
    {114, "Access denied - Critical battery voltage", EventGroup::denied},
    {120, "Door Lockdown Activated", EventGroup::lockdown},
    {121, "Door Lockdown Reset", EventGroup::lockdown},
    {122, "Set Door Open Time", EventGroup::door},
    {132, "Relay 2 latched on", EventGroup::other},
    {134, "Double tap", EventGroup::other},
    {135, "Extended Event", EventGroup::other},
    {137, "Summer time clocks forward", EventGroup::other},
    {138, "Summer time clocks backward", EventGroup::other},
    {140, "Door unlocked", EventGroup::door},
    {141, "Door not unlocked following call", EventGroup::door},
    {142, "Call not answered", EventGroup::other},
    {143, "Video viewed", EventGroup::other},
    {144, "Door unlocked while viewing video", EventGroup::door},
    {145, "Call made", EventGroup::other},
    {146, "action button 1 pressed", EventGroup::other},
    {147, "action button 2 pressed", EventGroup::other},
    {148, "action button 3 pressed", EventGroup::other},
    {149, "action button 4 pressed", EventGroup::other},
    {150, "action button 5 pressed", EventGroup::other},
    {151, "action button 6 pressed", EventGroup::other},
    {152, "action button 7 pressed", EventGroup::other},
    {153, "action button 8 pressed", EventGroup::other},
    {300, "Lockdown Activated", EventGroup::lockdown},
    {301, "Lockdown Reset", EventGroup::lockdown},
    {302, "Application Launched", EventGroup::other},
    {500, "ACU not responding", EventGroup::comms},
    {501, "ACU online", EventGroup::comms},
    {502, "Check communications interface", EventGroup::comms},
    {503, "Scheduled wake up", EventGroup::comms},
    {504, "Handle wake up", EventGroup::comms},
    {510, "IO board not responding", EventGroup::comms},
    {511, "IO board online", EventGroup::comms},
    {512, "IO board firmware update succeeded", EventGroup::comms},
    {513, "IO board firmware update failed", EventGroup::comms},
    {514, "Could not connect to IO board", EventGroup::comms},
    {515, "Could not configure IO board", EventGroup::comms},
    {516, "IO board settings updated", EventGroup::comms},
    {517, "Logged on as OEM client", EventGroup::comms},
    {518, "Logged off as OEM client", EventGroup::comms},
    {519, "IO Board", EventGroup::comms},
    {520, "Net2 Air Bridge disconnected", EventGroup::comms},
    {521, "Net2 Air Bridge reconnected", EventGroup::comms},
    {550, "Operator", EventGroup::system},
    {551, "Alarm actioned", EventGroup::system},
    {552, "Backup succeeded", EventGroup::system},
    {553, "Backup failed", EventGroup::system},
    {554, "Archive succeeded", EventGroup::system},
    {555, "Archive failed", EventGroup::system},
    {556, "Server", EventGroup::system},
    {557, "Server error", EventGroup::system},
    {558, "Add ACU", EventGroup::system},
    {559, "Add ACU Error", EventGroup::system},
    {560, "Server warning", EventGroup::system},
    {561, "Send message failed", EventGroup::system},
    {568, "Object Changed Without Event Showing In Event Viewer", EventGroup::system},
    {569, "Object", EventGroup::system},
    {570, "User details", EventGroup::system},
    {571, "Timezone", EventGroup::system},
    {572, "Access level", EventGroup::system},
    {573, "ACU configuration", EventGroup::system},
    {574, "Area", EventGroup::system},
    {575, "Report", EventGroup::system},
    {576, "Anti-passback", EventGroup::system},
    {577, "System operator", EventGroup::system},
    {578, "Firmware upgrade error", EventGroup::system},
    {579, "Site graphics", EventGroup::system},
    {580, "Request door open", EventGroup::system},
    {581, "Open door group", EventGroup::system},
    {582, "Close door group", EventGroup::system},
    {583, "Trigger and Action", EventGroup::system},
    {584, "User details", EventGroup::system},
    {585, "Door group", EventGroup::system},
    {590, "Lockdown activated by user with network instruction", EventGroup::lockdown},
    {591, "Lockdown reset by user with network instruction", EventGroup::lockdown},
    {600, "Remote site", EventGroup::other},
    {700, "Event table corrupted", EventGroup::other},
    {701, "Flash CRC changed", EventGroup::other},
    {702, "EEprom CRC changed", EventGroup::other},
    {703, "Invalid session", EventGroup::other},
    {704, "Session started", EventGroup::other},
    {705, "Session complete", EventGroup::other},
    {706, "Compact started", EventGroup::other},
    {707, "Compact complete", EventGroup::other},
    {708, "Factory reset started", EventGroup::other},
    {709, "Factory reset complete", EventGroup::other},
    {710, "Nano Debug information", EventGroup::other},
    {711, "Queued events lost", EventGroup::other},
    {712, "Osal message error", EventGroup::other},
    {720, "Cannot unlock", EventGroup::wireless_lock},
    {721, "Cannot lock", EventGroup::wireless_lock},
    {722, "Low battery", EventGroup::wireless_lock},
    {723, "Battery critically low", EventGroup::wireless_lock},
    {724, "Battery level updated", EventGroup::wireless_lock},
    {725, "Communications failure signal strength too low", EventGroup::wireless_lock},
    {726, "Communications warning, signal strength is low", EventGroup::wireless_lock},
    {727, "Hardware Warning", EventGroup::wireless_lock},
    {728, "Hardware Error", EventGroup::wireless_lock},
    {750, "Inactive bank erase complete", EventGroup::other},
});

}  // namespace

const EventType* find_event_type(int id) {
  const auto* at = std::ranges::lower_bound(event_types, id, {}, &EventType::id);
  return at != event_types.end() && at->id == id ? &*at : nullptr;
}

std::string_view alarm_kind(int event_type) {
  switch (event_type) {
    case 75:
    case 76:
      return "intruder";
    case 85:
      return "fire";
    case 86:
      return "fire_door";
    case 90:
      return "tamper";
    case 91:
      return "mains_failed";
    case 92:
      return "door_forced";
    case 93:
      return "door_left_open";
    case 94:
      return "reader_tamper";
    case 95:
      return "duress";
    case 96:
      return "keypad_hacker";
    case 97:
      return "input_short";
    case 98:
      return "input_cut";
    case 99:
      return "input_voltage";
    default:
      return {};
  }
}

std::optional<bool> net2_lockdown(int event_type) {
  switch (event_type) {
    case 120:
    case 300:
    case 590:
      return true;
    case 121:
    case 301:
    case 591:
      return false;
    default:
      return std::nullopt;
  }
}

}  // namespace gatehouse
