#pragma once
// What a check-up found: faults with their reason and their cure, causes before consequences.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

enum class Severity {
  note,     ///< worth knowing; nothing is broken
  warning,  ///< it will break, or works worse than it should
  fault,    ///< it is broken
};
std::string_view to_string(Severity severity);

/// One thing that is wrong, each text one line for a person who knows neither Net2 nor MQTT.
struct Finding {
  std::string code;     ///< "net2.refused": for programs, never changed
  std::string subject;  ///< "gateway", "cloud", or the integration's id
  Severity severity = Severity::fault;
  std::string what;
  std::string why;     ///< why it matters
  std::string fix;     ///< how to mend it
  std::string peer{};  ///< "host:port" that it is about, where two integrations may share one; not shown
  struct Cause {
    std::string code, subject;
    bool operator==(const Cause&) const = default;
  };
  std::optional<Cause> caused_by{};  ///< stands before this one in the report

  bool operator==(const Finding&) const = default;
};

/// What was looked at and is well.
struct SoundPart {
  std::string subject;
  std::string what;
  bool operator==(const SoundPart&) const = default;
};

struct CheckUpReport {
  std::vector<Finding> findings;
  std::vector<SoundPart> checked;
};

/// Brings findings into the order in which they are to be read: the gateway itself first, then the
/// integrations, then the cloud; within these, faults before warnings before notes, each consequence behind
/// its cause. A consequence that says nothing beyond its cause is left out, and one fault of a server that
/// several integrations share is named once. A consequence that stays is no fault of its own: a note.
std::vector<Finding> causes_first(std::vector<Finding> found);

/// Whether anything is broken.
bool has_faults(const std::vector<Finding>& findings);

/// {"findings":[{code,subject,severity,what,why,fix,caused_by?}],"checked":[{subject,what}]}
std::string check_up_json(const CheckUpReport& report);

}  // namespace gatehouse
