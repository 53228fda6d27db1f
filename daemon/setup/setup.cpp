#include "daemon/setup/setup.hpp"

#include <filesystem>

#include <unistd.h>

#include "daemon/settings/load_settings.hpp"
#include "daemon/setup/compose.hpp"
#include "daemon/setup/course.hpp"
#include "daemon/setup/host_facts.hpp"
#include "daemon/setup/questions.hpp"
#include "daemon/setup/writing.hpp"

namespace gatehouse::setup {
namespace {

std::string counted(std::uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

Places places_of(const Options& options) {
  Places places;
  // Paths in the configuration and in the drop-in must hold wherever the daemon starts.
  const auto absolute = [](const std::string& path) {
    std::error_code failed;
    const auto whole = std::filesystem::absolute(path, failed);
    return failed ? path : whole.lexically_normal().string();
  };
  places.config = absolute(options.config);
  places.credentials = absolute(options.credentials);
  while (places.credentials.size() > 1 && places.credentials.back() == '/') places.credentials.pop_back();
  places.drop_in = options.drop_in;
  places.keeping = options.keeping.value_or(systemd_runs() ? Keeping::systemd : Keeping::files);
  return places;
}

/// The folder of a file, or the nearest above it that is there, can be written by this user.
bool can_write_beside(const std::string& path) {
  std::filesystem::path at = std::filesystem::path(path).parent_path();
  std::error_code unknown;
  while (!std::filesystem::exists(at, unknown) && at.has_relative_path()) at = at.parent_path();
  return access(at.c_str(), W_OK | X_OK) == 0;
}

/// Asked before the first question, not after the last. Empty: all is well.
std::string cannot_write(const Course& course) {
  if (course.options.dry_run) return {};
  std::vector<std::string> paths{course.places.credentials + "/x"};
  const bool whole = course.options.rotate.empty();
  if (whole) paths.push_back(course.places.config);
  if (whole && course.places.keeping == Keeping::systemd) paths.push_back(course.places.drop_in);
  for (const std::string& path : paths) {
    if (can_write_beside(path)) continue;
    return "this user cannot write " + std::filesystem::path(path).parent_path().string() +
           ": run it as root (sudo gatehouse setup), or with --dry-run to look only";
  }
  return {};
}

std::vector<std::string> next_commands(const Course& course, const Written& written) {
  std::vector<std::string> next;
  if (written.units_reload) next.emplace_back("systemctl daemon-reload");
  if (systemd_runs() || course.places.keeping == Keeping::systemd)
    next.emplace_back("systemctl restart gatehouse");
  else
    next.emplace_back("gatehoused --config " + course.places.config);
  next.emplace_back("gatehouse doctor");
  return next;
}

}  // namespace

Outcome refused(std::string error, std::vector<std::string> details) {
  Outcome outcome;
  outcome.error = std::move(error);
  outcome.details = std::move(details);
  return outcome;
}

Outcome stopped() {
  Outcome outcome;
  outcome.how = Outcome::How::stopped;
  outcome.error = "stopped; nothing was written";
  return outcome;
}

Outcome refused(const Error& error) {
  return error.code == Errc::cancelled ? stopped() : refused(advice(error));
}

std::string describe_survey(const Net2Survey& survey) {
  std::string text = "Net2";
  if (!survey.version.empty()) text += " " + survey.version;
  text += ": " + counted(survey.departments.size(), "department", "departments") + ", " +
          counted(survey.access_levels.size(), "access level", "access levels") + ", " +
          counted(survey.doors.size(), "door", "doors");
  if (!survey.people_fault) text += ", " + counted(survey.people, "person", "people");
  return text;
}

std::string left_behind(const std::string& config) {
  const Loaded loaded = load_settings(config);
  if (!loaded.settings) return {};
  const Settings& known = *loaded.settings;
  std::vector<std::string> parts;
  if (known.integrations.size() > 1) parts.emplace_back("integrations but one");
  if (!known.schedules.empty()) parts.emplace_back("schedules");
  if (!known.policy.policy.rules.empty()) parts.emplace_back("rules");
  if (!known.scopes.empty()) parts.emplace_back("scopes");
  if (known.access_points.size() > 1) parts.emplace_back("access points but one");
  if (!known.tests.empty()) parts.emplace_back("tests");
  if (known.lan_api) parts.emplace_back("lan_api");
  if (known.metrics) parts.emplace_back("metrics");
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : ", ") + part;
  return all.empty() ? "" : "What set-up does not ask for is not taken over from the old file: " + all;
}

Outcome finish(const Course& course, const Draft& draft, const Net2Survey& survey) {
  Outcome outcome;
  outcome.found = survey;
  outcome.config_text = compose_yaml(draft, today());
  if (auto faults = check_text(outcome.config_text, course.places.config); !faults.empty()) {
    outcome.error = "the configuration would have faults, so nothing was written";
    outcome.details = std::move(faults);
    return outcome;
  }
  if (course.options.dry_run) {
    outcome.how = Outcome::How::shown;
    outcome.written = describe_writing(draft, course.places);
    return outcome;
  }
  if (course.stop) return stopped();
  auto written = write_all(draft, outcome.config_text, course.places);
  if (!written) {
    outcome.error = written.error().detail;
    return outcome;
  }
  outcome.how = Outcome::How::done;
  outcome.written = std::move(written->paths);
  outcome.backup = std::move(written->backup);
  outcome.restart_needed = true;
  outcome.next = next_commands(course, *written);
  return outcome;
}

Outcome run_setup(const Options& options, Dialogue* dialogue, const std::atomic<bool>& stop,
                  const std::function<void(const std::string&)>& say) {
  const Course course{
      .options = options, .places = places_of(options), .visit = Net2Visit(stop), .stop = stop, .say = say};
  if (auto why = cannot_write(course); !why.empty()) return refused(std::move(why));
  try {
    if (!options.rotate.empty()) return rotate(course, dialogue);
    if (!options.answers.empty()) return set_up_by_answers(course);
    if (dialogue != nullptr) return set_up_by_dialogue(course, *dialogue);
  } catch (const Stopped&) {
    return stopped();
  }
  return refused("there is nobody to ask: give the answers in a file (--answers FILE)");
}

}  // namespace gatehouse::setup
