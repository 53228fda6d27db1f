#include "daemon/cli/check_files.hpp"

#include <cstdint>

#include "connectors/jose/command_keys.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/words.hpp"
#include "daemon/core/json_writer.hpp"
#include "daemon/host/zone_database.hpp"
#include "daemon/settings/command_key_check.hpp"
#include "daemon/settings/policy_check.hpp"

namespace gatehouse {
namespace {

std::string faults_json(const Loaded& loaded, const Foresight& foresight) {
  const bool good = loaded.faults.empty() && loaded.settings;
  JsonWriter json;
  json.begin_object().member("ok", good);
  if (good) {
    json.member("revision", loaded.revision);
    json.member("tests", static_cast<std::uint64_t>(loaded.settings->tests.size()));
  }
  json.key("faults").begin_array();
  for (const auto& fault : loaded.faults) {
    json.begin_object().member("file", fault.file).member("line", fault.line).member("column", fault.column);
    json.member("message", fault.message).end_object();
  }
  json.end_array();
  if (good) {
    json.key("changes");
    foresight.document.empty() ? json.null() : json.raw(foresight.document);
    if (!foresight.unknown.empty()) json.member("changes_unknown", foresight.unknown);
  }
  json.end_object();
  return json.take();
}

std::string good_words(const Loaded& loaded, const std::string& file) {
  std::string words = harmless(file) + ": no faults";
  if (loaded.files.size() > 1) words += " in " + count_words(loaded.files.size(), "file", "files");
  if (const auto tests = loaded.settings->tests.size(); tests > 0)
    words += "; " + count_words(tests, "test holds", "tests hold");
  return words + '\n';
}

}  // namespace

Loaded look_through(const std::string& file) {
  Loaded loaded = load_settings(file);
  check_policy(loaded, load_zone);
  check_command_keys(loaded, check_command_keys_text);
  return loaded;
}

ExitStatus tell_checked(const Loaded& loaded, const std::string& file, bool json, const Foresight& foresight,
                        Terminal& terminal) {
  const bool good = loaded.faults.empty() && loaded.settings;
  if (json) {
    terminal.out << faults_json(loaded, foresight) << '\n';
  } else if (good) {
    terminal.out << good_words(loaded, file) << foresight.words;
    if (!foresight.unknown.empty())
      terminal.out << "Only the file was checked: " << harmless(foresight.unknown) << '\n';
  } else {
    for (const auto& fault : loaded.faults) terminal.err << harmless(to_string(fault)) << '\n';
    terminal.err << count_words(loaded.faults.size(), "fault", "faults") << "; nothing was changed\n";
  }
  return good ? ExitStatus::done : ExitStatus::failed;
}

ExitStatus check_files(const std::string& file, bool json, Terminal& terminal) {
  return tell_checked(look_through(file), file, json, {}, terminal);
}

}  // namespace gatehouse
