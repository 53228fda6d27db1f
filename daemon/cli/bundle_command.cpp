// `gatehouse bundle`: what support needs to see, without secrets and without people.

#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <sys/statvfs.h>
#include <sys/utsname.h>

#include "daemon/cli/commands.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/state_directory.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/control/bus_names.hpp"
#include "daemon/core/json_writer.hpp"
#include "daemon/host/journal_reader.hpp"
#include "daemon/offline/redaction.hpp"
#include "daemon/offline/store_look.hpp"
#include "daemon/offline/tar_file.hpp"
#include "daemon/settings/load_settings.hpp"
#include "daemon/settings/show_settings.hpp"

namespace gatehouse {
namespace {

using boost::json::value;

constexpr std::size_t most_of_one = 4ULL << 20;
constexpr std::size_t most_of_all = 32ULL << 20;
constexpr std::size_t journal_lines = 2000;
constexpr std::chrono::seconds patience_with_one{10};
constexpr std::chrono::seconds patience_with_doctor{75};
constexpr char service[] = "gatehouse.service";

std::string whole_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// How many there are of each, and no more of them: {"issues":[{"integration":…,"reason":…,"count":N}]}.
std::string counted(const std::string& document, const char* array, const std::vector<const char*>& by) {
  boost::json::error_code failed;
  const auto parsed = boost::json::parse(document, failed);
  if (failed) return "{}";
  std::map<std::vector<std::string>, std::int64_t> counts;
  for (const auto& item : list_field(parsed, array)) {
    std::vector<std::string> key;
    for (const char* name : by) key.push_back(text_field(item, name));
    ++counts[key];
  }
  JsonWriter json;
  json.begin_object().key(array).begin_array();
  for (const auto& [key, count] : counts) {
    json.begin_object();
    for (std::size_t i = 0; i < by.size(); ++i) json.member(by[i], key[i]);
    json.member("count", count).end_object();
  }
  json.end_array().end_object();
  return json.take();
}

class Bundle {
 public:
  explicit Bundle(CommandSession& session) : session_(session), tar_(wall_now()) {}

  ExitStatus make() {
    read_configuration();
    ask_the_daemon();
    if (!alive_) look_at_the_store();
    add("system.txt", system_text());
    add_journal();
    add("bundle.json", manifest());
    auto packed = tar_.take();
    if (!packed) return session_.fail(ExitStatus::failed, packed.error().detail);
    const auto& path = session_.command.subject;
    if (const auto written = write_new_file(path, *packed, session_.command.force); !written)
      return session_.fail(ExitStatus::failed, written.error().detail);
    tell(path, packed->size());
    return ExitStatus::done;
  }

 private:
  struct Missing {
    std::string what, why;
  };

  void missing(std::string what, std::string why) {
    missing_.push_back({std::move(what), redaction_.clean(why)});
  }

  void add(const std::string& name, std::string_view text) {
    auto clean = redaction_.clean(text);
    if (clean.size() > most_of_one) {
      clean.resize(most_of_one);
      missing(name, "only its first 4 MiB are here");
    }
    if (tar_.size() + clean.size() > most_of_all) {
      missing(name, "the bundle is full: at most 32 MiB");
      return;
    }
    tar_.add("gatehouse-bundle/" + name, clean);
    names_.push_back(name);
  }

  /// For its secrets, so that they can be looked for; and for itself, where no daemon says what is in force.
  void read_configuration() {
    loaded_ = load_settings(session_.command.config_file);
    if (loaded_.settings) redaction_ = redaction_for(*loaded_.settings);
    state_dir_ = state_directory(session_.command.state_dir, loaded_.settings);
  }

  void add_configuration() {
    if (loaded_.settings) {
      add("config.yaml", effective_yaml(*loaded_.settings));
      return;
    }
    // What a fault quotes may be a secret that somebody has put into the wrong place.
    std::string places;
    for (const auto& fault : loaded_.faults)
      places += fault.file + ':' + std::to_string(fault.line) + ':' + std::to_string(fault.column) + '\n';
    add("config-faults.txt", places);
    missing("config.yaml",
            "it has faults, or may not be read: gatehouse check " + session_.command.config_file);
  }

  struct Question {
    const char* file;
    const char* interface;
    const char* method;
    std::vector<Argument> arguments;
    const char* array = nullptr;    ///< only counted
    std::vector<const char*> by{};  ///< by these
    std::chrono::seconds patience = patience_with_one;
  };

  void ask_the_daemon() {
    const Filter dead{{"dead", "true"}};
    const Filter none;
    const std::vector<Question> questions{
        {"status.json", bus_names::gateway, "Status", {}},
        {"integrations.json", bus_names::integrations, "List", {}},
        {"runs.json", bus_names::sync, "Log", {std::string()}},
        {"issues.json", bus_names::issues, "List", {none}, "issues", {"integration", "kind", "reason"}},
        {"plans.json", bus_names::plans, "List", {}, "plans", {"integration", "kind"}},
        {"dead-letters.json",
         bus_names::outbox,
         "List",
         {dead, std::string(), page_size},
         "outbox",
         {"lane", "type", "cause"}},
        {"store.json", bus_names::gateway, "StoreFigures", {}},
        {"api-log.json", bus_names::log, "Api", {std::string("24h")}},
        {"config.yaml", bus_names::config, "Effective", {std::string("yaml")}},
        {"doctor.json", bus_names::gateway, "Doctor", {std::string()}, nullptr, {}, patience_with_doctor}};
    for (const auto& question : questions) {
      const auto answer =
          session_.daemon.ask(question.interface, question.method, question.arguments, question.patience);
      if (!answer.document && !alive_) {
        missing("what only a running daemon knows", answer.why);
        return;
      }
      alive_ = true;
      if (!answer.document)
        missing(question.file, answer.why);
      else if (question.array != nullptr)
        add(question.file, counted(*answer.document, question.array, question.by));
      else
        add(question.file, *answer.document);
    }
  }

  void look_at_the_store() {
    add_configuration();
    const auto figures = look_at_store(state_dir_);
    if (figures)
      add("store.json", *figures);
    else
      missing("store.json", figures.error().detail);
  }

  std::string system_text() const {
    std::string text = "gatehouse " GATEHOUSE_VERSION "\n";
    utsname host{};
    if (::uname(&host) == 0)
      text += std::string(host.sysname) + ' ' + host.release + ' ' + host.version + ' ' + host.machine + '\n';
    text += whole_file("/etc/os-release");
    struct statvfs disk{};
    if (::statvfs(state_dir_.c_str(), &disk) == 0) {
      const auto free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
      const auto all = static_cast<std::uint64_t>(disk.f_blocks) * disk.f_frsize;
      text += "disk of " + state_dir_ + ": " + std::to_string(free) + " bytes free of " +
              std::to_string(all) + ", " + std::to_string(disk.f_favail) + " files more\n";
    }
    text += "load: " + whole_file("/proc/loadavg") + whole_file("/proc/meminfo").substr(0, 200) + '\n';
    return text;
  }

  void add_journal() {
    const auto lines = last_journal_lines(service, journal_lines, patience_with_one);
    if (!lines) {
      missing("journal.txt", lines.error().detail);
      return;
    }
    std::string text;
    for (const auto& line : *lines) text += line + '\n';
    add("journal.txt", text);
  }

  void write_missing(JsonWriter& json) const {
    json.key("missing").begin_array();
    for (const auto& one : missing_)
      json.begin_object().member("what", one.what).member("why", one.why).end_object();
    json.end_array();
  }

  std::string manifest() const {
    JsonWriter json;
    json.begin_object().member("made", format_utc(wall_now())).member("version", GATEHOUSE_VERSION);
    json.member("daemon", alive_);
    json.key("files").begin_array();
    for (const auto& name : names_) json.value(name);
    json.end_array();
    write_missing(json);
    json.end_object();
    return json.take();
  }

  void tell(const std::string& path, std::size_t bytes) {
    auto& out = session_.terminal.out;
    if (session_.command.json) {
      JsonWriter json;
      json.begin_object().member("file", path).member("bytes", static_cast<std::uint64_t>(bytes));
      json.key("files").begin_array();
      for (const auto& name : names_) json.value(name);
      json.end_array();
      write_missing(json);
      json.end_object();
      out << json.take() << '\n';
      return;
    }
    out << harmless(path) << ": " << names_.size() << " files, " << (bytes + 1023) / 1024
        << " KiB. Secrets and people's data were left out; look through it before it leaves the building: "
           "tar "
           "xzf "
        << harmless(path) << '\n';
    for (const auto& one : missing_)
      out << "not in it: " << harmless(one.what) << " (" << harmless(one.why) << ")\n";
  }

  CommandSession& session_;
  TarFile tar_;
  Loaded loaded_;
  Redaction redaction_;
  std::string state_dir_;
  bool alive_ = false;
  std::vector<std::string> names_;
  std::vector<Missing> missing_;
};

}  // namespace

ExitStatus make_bundle(CommandSession& session) {
  return Bundle(session).make();
}

}  // namespace gatehouse
