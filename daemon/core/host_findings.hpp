#pragma once
// What the gateway knows of its own machine, and what is said of it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/findings.hpp"
#include "daemon/core/result.hpp"
#include "daemon/core/server_contact.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

/// A secret that the configuration names and that cannot be read.
struct UnreadSecret {
  std::string subject;  ///< "gateway", "cloud", or the integration's id
  std::string key;      ///< "password"
  std::string detail;
};

/// How the database stood up to being read through.
struct DatabaseLook {
  enum class Outcome { not_looked, sound, damaged, unfinished };
  Outcome outcome = Outcome::not_looked;
  std::string detail{};     ///< of damage: the store's own words
  std::uint32_t pages = 0;  ///< read
};

struct FeedFolderLook {
  std::string integration;
  std::string directory;
  std::string trouble{};  ///< empty: it is well
  bool missing = false;
};

struct HostEvidence {
  std::string state_dir;
  std::string state_trouble{};  ///< it cannot be written, say; empty: it is well
  bool state_open_to_others = false;
  std::optional<std::uint64_t> free{};    ///< bytes
  std::uint64_t min_free = 0;             ///< cloud.outbox.min_free
  std::uint64_t full_below = 4ULL << 20;  ///< less than this is full

  std::uint64_t waiting = 0;  ///< messages
  std::optional<Duration> oldest_waiting{};
  std::uint64_t waiting_bytes = 0;
  std::uint64_t max_bytes = 0;
  std::uint64_t dead_letters = 0;
  std::optional<std::string> store_trouble{};  ///< the store's own last error
  DatabaseLook database{};

  bool clock_trusted = true;
  std::optional<Duration> clock_behind{};  ///< behind what was committed before
  bool clock_needs_ntp = false;            ///< gateway.clock: ntp
  bool clock_disciplined = true;           ///< the kernel says so
  std::optional<Duration> cloud_ahead{};   ///< of the clock that signed the last command to ours

  std::string config_path{};
  std::vector<std::string> config_faults{};
  std::string reload_error{};
  bool config_changed = false;  ///< what is on the disk is not what is in force

  std::vector<UnreadSecret> secrets{};
  std::optional<Error> command_keys{};  ///< why they cannot be used; Errc::not_found: there is no file
  std::vector<FeedFolderLook> feeds{};
  std::optional<SeenCertificate> lan_certificate{};
  std::string lan_trouble{};
  std::vector<std::string> late_loops{};
};

std::vector<Finding> host_findings(const HostEvidence& evidence, Instant now);
std::vector<SoundPart> host_sound_parts(const HostEvidence& evidence);

}  // namespace gatehouse
