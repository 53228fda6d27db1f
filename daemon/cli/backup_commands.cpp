// `gatehouse backup`, `gatehouse restore`, `gatehouse salvage`.

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "daemon/cli/commands.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/state_directory.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/words.hpp"
#include "daemon/control/bus_names.hpp"
#include "daemon/core/json_writer.hpp"
#include "daemon/offline/state_copy.hpp"
#include "daemon/settings/load_settings.hpp"

namespace gatehouse {
namespace {

using boost::json::value;
namespace fs = std::filesystem;

StatePlace place_of(const CommandSession& session) {
  const auto loaded = load_settings(session.command.config_file);
  StatePlace place{.directory = state_directory(session.command.state_dir, loaded.settings), .source = {}};
  if (loaded.settings)
    place.source = "/gatehouse/" + loaded.settings->gateway.tenant + '/' + loaded.settings->gateway.id;
  return place;
}

/// What is written under another name first, and takes FILE's when it is whole and on the disk.
class NewFile {
 public:
  explicit NewFile(const std::string& path) : path_(path), part_(path + ".part") {
    fs::remove(part_, ignored_);
  }
  ~NewFile() { fs::remove(part_, ignored_); }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  const std::string& part() const { return part_; }

  Result<void> keep(bool over_another) {
    const int fd = ::open(part_.c_str(), O_RDONLY | O_CLOEXEC);
    const bool flushed = fd >= 0 && ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    if (!flushed) return trouble("write ");
    // link() refuses where there is a file of that name by now; rename() does not.
    if (over_another ? ::rename(part_.c_str(), path_.c_str()) != 0
                     : ::link(part_.c_str(), path_.c_str()) != 0)
      return errno == EEXIST ? exists() : trouble("name ");
    const auto directory = fs::absolute(path_, ignored_).parent_path();
    const int at = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (at >= 0) {
      ::fsync(at);
      ::close(at);
    }
    return {};
  }

  Error exists() const { return {Errc::refused, path_ + " is there already (--force replaces it)"}; }

 private:
  Error trouble(const char* doing) const {
    return {Errc::storage, std::string("cannot ") + doing + path_ + ": " + std::strerror(errno)};
  }

  std::string path_;
  std::string part_;
  std::error_code ignored_;
};

Result<void> ask_the_daemon(CommandSession& session, const std::string& part, Answer& answer) {
  const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return Error{Errc::storage, "cannot write " + part + ": " + std::strerror(errno)};
  answer = session.daemon.ask_for_copy(bus_names::state, "Backup", {}, fd, patience_with_work);
  ::close(fd);
  return {};
}

std::string salvage_words(const value& document) {
  const auto& all = document.as_object();
  const auto* report = all.if_contains("salvage");
  if (report == nullptr || report->is_null())
    return "The state is whole: nothing was salvaged that waits for you.\n";
  std::string text;
  const auto why = text_field(*report, "why");
  if (why.empty()) {
    text += "The backup of " + local_time(text_field(*report, "made")) + " was restored.\n";
  } else {
    text += "Salvaged " + local_time(text_field(*report, "at")) + ": " + why + '\n';
    text += "The damaged files are in " + text_field(*report, "quarantine") + '\n';
    for (const auto& table : list_field(*report, "tables")) {
      text += "  " + text_field(table, "table") + ": about " +
              std::to_string(number_field(table, "lost_about").value_or(0)) + " rows lost, " +
              std::to_string(number_field(table, "kept").value_or(0)) + " kept\n";
    }
  }
  const auto locked = text_field(document, "locked_down");
  if (!locked.empty()) text += "Every site is locked down: " + locked + '\n';
  const auto people = list_field(document, "doubted_people");
  if (!people.empty())
    text += std::to_string(people.size()) + " people are disabled until somebody knows better:\n";
  for (const auto& person : people) text += "  " + std::string(person.as_string()) + '\n';
  text += "If all of that is right: gatehouse salvage accept\n";
  return text;
}

}  // namespace

ExitStatus back_up(CommandSession& session) {
  const auto& path = session.command.subject;
  NewFile file(path);
  std::error_code none;
  if (!session.command.force && fs::exists(path, none))
    return session.fail(ExitStatus::failed, file.exists().detail);
  Answer answer;
  if (const auto asked = ask_the_daemon(session, file.part(), answer); !asked)
    return session.fail(ExitStatus::failed, asked.error().detail);
  const bool alive = answer.document.has_value();
  if (!alive && answer.code) return session.fail(answer);
  if (!alive) {
    fs::remove(file.part(), none);
    const auto copied = copy_state(place_of(session), file.part(), wall_now());
    if (!copied)
      return session.fail(ExitStatus::failed, answer.why + "\nWithout the daemon: " + copied.error().detail);
  }
  const auto bytes = fs::file_size(file.part(), none);
  if (const auto kept = file.keep(session.command.force); !kept)
    return session.fail(ExitStatus::failed, kept.error().detail);
  auto& out = session.terminal.out;
  if (session.command.json) {
    JsonWriter json;
    json.begin_object().member("file", path).member("bytes", std::uint64_t{bytes}).member("daemon", alive);
    out << json.end_object().take() << '\n';
  } else {
    out << harmless(path) << ": " << (bytes + 1023) / 1024
        << " KiB. It names people: keep it as safe as the gateway.\n";
  }
  return ExitStatus::done;
}

ExitStatus restore(CommandSession& session) {
  const auto restored = restore_state(session.command.subject, place_of(session), wall_now());
  if (!restored) return session.fail(ExitStatus::failed, restored.error().detail);
  auto& out = session.terminal.out;
  if (session.command.json) {
    JsonWriter json;
    json.begin_object().member("made", format_utc(restored->made)).member("of", restored->source);
    json.member("aside", restored->aside);
    out << json.end_object().take() << '\n';
    return ExitStatus::done;
  }
  out << "The state of " << local_time(format_utc(restored->made)) << " is in place; what was there is in "
      << harmless(restored->aside)
      << ".\nNext: systemctl start gatehouse. Then nobody is let in before Net2 was read anew, events since "
         "the "
         "backup\nare read again and sent under a new stream (the cloud drops those that it has), and "
         "commands that "
         "were\nissued before now are refused. What operators said since the backup is forgotten: look at "
         "lockdowns, "
         "door\nmodes, and people who were disabled or erased since.\n";
  return ExitStatus::done;
}

ExitStatus show_salvage(CommandSession& session) {
  ExitStatus status = ExitStatus::done;
  const auto answer = session.daemon.ask(bus_names::state, "Salvage");
  const auto document = session.read(answer, status);
  if (!document) return status;
  status = session.print(answer, {}, salvage_words);
  const auto* report = document->as_object().if_contains("salvage");
  const bool waits = report != nullptr && !report->is_null();
  return status == ExitStatus::done && waits ? ExitStatus::not_well : status;
}

ExitStatus accept_salvage(CommandSession& session) {
  return session.print(session.work(bus_names::state, "AcceptSalvage", {}), {}, [](const value& document) {
    return "Accepted; " + std::to_string(number_field(document, "enabled").value_or(0)) +
           " people are enabled again. A lockdown is lifted within ten seconds.\n";
  });
}

}  // namespace gatehouse
