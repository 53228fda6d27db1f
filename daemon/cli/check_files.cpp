#include "daemon/cli/check_files.hpp"

#include <cstdint>

#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/words.hpp"
#include "daemon/core/json_writer.hpp"
#include "daemon/host/zone_database.hpp"
#include "daemon/settings/policy_check.hpp"

namespace gatehouse {
namespace {

std::string faults_json(const Loaded& loaded) {
  JsonWriter json;
  json.begin_object().member("ok", loaded.faults.empty());
  if (loaded.faults.empty()) json.member("revision", loaded.revision);
  json.key("faults").begin_array();
  for (const auto& fault : loaded.faults) {
    json.begin_object().member("file", fault.file).member("line", fault.line).member("column", fault.column);
    json.member("message", fault.message).end_object();
  }
  json.end_array().end_object();
  return json.take();
}

}  // namespace

ExitStatus check_files(const std::string& file, bool json, Terminal& terminal) {
  Loaded loaded = load_settings(file);
  check_policy(loaded, load_zone);
  const bool good = loaded.faults.empty() && loaded.settings;
  if (json) {
    terminal.out << faults_json(loaded) << '\n';
  } else if (good) {
    terminal.out << harmless(file) << ": no faults"
                 << (loaded.files.size() > 1 ? " in " + count_words(loaded.files.size(), "file", "files")
                                             : "")
                 << '\n';
  } else {
    for (const auto& fault : loaded.faults) terminal.err << harmless(to_string(fault)) << '\n';
    terminal.err << count_words(loaded.faults.size(), "fault", "faults") << "; nothing was changed\n";
  }
  return good ? ExitStatus::done : ExitStatus::failed;
}

}  // namespace gatehouse
