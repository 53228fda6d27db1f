#pragma once
// Views that the user keeps: a filter and columns under a name, in a file of the command line's own.
//
//   activity:
//     "denied-today":
//       columns: ["time", "name", "reason"]
//       filter: {"outcome": "skipped", "since": "1d"}

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.hpp"

namespace gatehouse {

struct SavedView {
  std::vector<std::string> columns;           ///< empty: the usual ones
  std::map<std::string, std::string> filter;  ///< by the name of the option

  bool operator==(const SavedView&) const = default;
};

/// By list ("activity", "log_api"), then by name.
using SavedViews = std::map<std::string, std::map<std::string, SavedView>>;

/// $XDG_CONFIG_HOME/gatehouse/views.yaml, or the same below ~/.config; nullopt where neither is known.
std::optional<std::filesystem::path> views_file();

/// No file: no views. Errc::invalid with FILE:LINE:COLUMN for what is not as above, Errc::storage where it
/// cannot be read.
Result<SavedViews> load_views(const std::filesystem::path& file);

/// Adds or replaces one; the file is replaced as a whole, and its comments go with it.
Result<void> save_view(const std::filesystem::path& file, const std::string& list, const std::string& name,
                       const SavedView& view);

/// The views that come with the program, "default" and "problems"; their names cannot be taken.
const std::map<std::string, SavedView>& built_in_views(std::string_view list);

/// Built in or saved. Errc::invalid with the nearest name and all the names for an unknown one.
Result<SavedView> find_view(const SavedViews& saved, const std::string& list, const std::string& name);

}  // namespace gatehouse
