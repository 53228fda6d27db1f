#pragma once
// A store that is damaged: its files are put aside, and what stands on whole pages goes into a new one.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/instant.hpp"

namespace gatehouse {

/// What became of one table.
struct SalvagedTable {
  std::string table;
  std::uint64_t kept = 0;        ///< rows
  std::uint64_t lost_about = 0;  ///< rows, by what its other pages hold
  std::uint32_t lost_pages = 0;
};

struct SalvageReport {
  Instant at{};
  std::string why;                     ///< what was found, for a person
  std::filesystem::path quarantine{};  ///< where the damaged files are
  std::vector<SalvagedTable> tables{};
  /// Why what decides doors cannot be taken for true any more; empty: it can.
  std::string doubt{};
  bool people_lost = false;    ///< somebody who was disabled may be among them
  bool sources_lost = false;   ///< which source somebody is of, or that they have left it
  bool messages_lost = false;  ///< of the queue to the cloud

  std::uint64_t lost() const;
};

/// {"at":…,"why":…,"quarantine":…,"doubt":…|null,"kept":N,"lost_about":N,"tables":[…]}; tables that lost
/// nothing are left out.
std::string to_json(const SalvageReport& report);

/// The mark that the next open looks at everything and salvages, whatever it finds: left by whoever met
/// damage.
std::filesystem::path damage_mark(const std::filesystem::path& directory);
void mark_damaged(const std::filesystem::path& directory) noexcept;
/// There is a file of ours, however damaged.
bool is_store(const std::filesystem::path& directory);

/// What lies finished under gatehouse.db.salvaging (with its seal) takes the place of the state's files,
/// which are put aside; returns where. A crash in between is made good at the next start. Throws StoreFault.
std::filesystem::path put_in_place(const std::filesystem::path& directory, Instant now);

/// For start-up, with the directory locked and before SQLite opens the file. Does nothing where the file is
/// sound, not there, or not ours. What it made is to be mended (mend.hpp) once its schema is up to date.
/// Throws StoreFault where there is damage and no room or no right to do anything about it.
std::optional<SalvageReport> salvage_if_damaged(const std::filesystem::path& directory, Instant now);

}  // namespace gatehouse
