#include "daemon/cli/status_view.hpp"

#include <algorithm>
#include <utility>

#include <boost/json/array.hpp>

#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/list_views.hpp"
#include "daemon/cli/table.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/words.hpp"

namespace gatehouse {
namespace {

using boost::json::value;

// What does not fit on a screen is counted.
constexpr std::size_t most_integrations = 10;
constexpr std::size_t least_trouble_lines = 4;

std::uint64_t count_of(const value& status, std::string_view path) {
  const auto number = number_field(status, path).value_or(0);
  return number < 0 ? 0 : static_cast<std::uint64_t>(number);
}

std::string or_else(std::string text, const char* otherwise) {
  return text.empty() ? otherwise : text;
}

std::string cloud_line(const value& status) {
  const auto connected = bool_field(status, "cloud.connected");
  if (!connected || bool_field(status, "cloud.configured") == false)
    return "not configured: news is kept, and sent to nobody";
  const auto since = text_field(status, "cloud.since");
  std::string line = *connected ? "connected" : "NOT connected";
  if (!since.empty()) line += " since " + local_time(since);
  const auto oldest = count_of(status, "cloud.oldest_unsent_s");
  if (oldest > 0) line += ", oldest unsent message " + duration_words(static_cast<std::int64_t>(oldest));
  return line;
}

std::string outbox_line(const value& status) {
  std::string line = count_words(count_of(status, "outbox.pending"), "message", "messages") + " waiting";
  std::string lanes;
  for (const char* lane : {"alarm", "access", "people", "telemetry"}) {
    const auto pending = count_of(status, std::string("outbox.lanes.") + lane);
    if (pending > 0) lanes += (lanes.empty() ? "" : ", ") + std::string(lane) + " " + std::to_string(pending);
  }
  if (!lanes.empty()) line += " (" + lanes + ")";
  line += ", " + size_words(count_of(status, "outbox.bytes"));
  line += ", " + count_words(count_of(status, "outbox.dead"), "dead letter", "dead letters");
  return line;
}

/// The field itself, which says null while the store cannot be asked. nullptr where there is none.
const value* find_outbox(const value& status) {
  return status.is_object() ? status.as_object().if_contains("outbox") : nullptr;
}

/// Rows that these lines take on a terminal, which breaks them at its width.
std::size_t rows_of(const std::string& lines, std::size_t width) {
  std::size_t rows = 0;
  for (std::size_t at = 0; at < lines.size();) {
    const auto end = lines.find('\n', at);
    const auto columns = display_width(std::string_view(lines).substr(at, end - at));
    rows += width == 0 || columns == 0 ? 1 : (columns + width - 1) / width;
    at = end + 1;
  }
  return rows;
}

bool needs_attention(const value& integration) {
  const auto state = text_field(integration, "status");
  return state != "active" && state != "importing" && state != "disabled" && state != "staging" &&
         state != "paused";
}

}  // namespace

std::vector<Trouble> integration_troubles(const value& integration) {
  const auto detail = text_field(integration, "detail");
  if (!needs_attention(integration) && detail.empty()) return {};
  const auto id = text_field(integration, "id");
  std::string what = id + " is " + text_field(integration, "status");
  if (!detail.empty()) what += ": " + detail;
  return {
      {what, or_else(text_field(integration, "hint"), ("see: gatehouse integration show " + id).c_str())}};
}

std::vector<Trouble> find_troubles(const value& status) {
  std::vector<Trouble> troubles;
  for (const auto& loop : list_field(status, "late_loops")) {
    if (loop.is_string())
      troubles.push_back({"\"" + std::string(loop.get_string().c_str()) + "\" stands still",
                          "systemd restarts the gateway by itself; without it: systemctl restart gatehouse"});
  }
  if (const auto* outbox = find_outbox(status); outbox != nullptr && outbox->is_null()) {
    troubles.push_back({"the store does not answer", "check the disk and the rights of the state directory"});
  }
  for (const auto& site : list_field(status, "lockdown")) {
    const auto name = site.is_string() ? std::string(site.get_string().c_str()) : text_field(site, "site");
    troubles.push_back({"lockdown is on at " + name, ""});
  }
  if (bool_field(status, "ready") == false) {
    troubles.push_back({"the gateway is not ready yet", "if this lasts: journalctl -u gatehouse"});
  }
  const auto reload_error = text_field(status, "config.reload_error");
  if (!reload_error.empty()) {
    troubles.push_back(
        {"the configuration files have faults, so the last good one is in force: " + reload_error,
         "see all of them: gatehouse check; then: gatehouse config reload"});
  }
  if (find_field(status, "config.trial") != nullptr) {
    troubles.push_back(
        {"a configuration is on trial until " + local_time(text_field(status, "config.trial.until")),
         "keep it: gatehouse config confirm"});
  }
  if (find_field(status, "config.taken_back") != nullptr) {
    troubles.push_back({"the configuration in the files was taken back: " +
                            text_field(status, "config.taken_back.why") + "; the one before it is in force",
                        "mend the files; then: gatehouse config reload --confirm-within 10m"});
  }
  for (const auto& certificate : list_field(status, "certificates"))
    troubles.push_back({text_field(certificate, "detail"), text_field(certificate, "hint")});
  for (const auto& integration : list_field(status, "integrations")) {
    for (auto& trouble : integration_troubles(integration)) troubles.push_back(std::move(trouble));
  }
  if (const auto issues = count_of(status, "cloud.issues"); issues > 0) {
    troubles.push_back({count_words(issues, "issue is", "issues are") + " open about the cloud's people",
                        "see: gatehouse issue list"});
  }
  if (const auto withheld = count_of(status, "cloud.withheld"); withheld > 0) {
    troubles.push_back({"the cloud has taken " + count_words(withheld, "person", "people") +
                            " out of its roster; " +
                            (withheld == 1 ? "that removal is" : "these removals are") + " withheld",
                        "see: gatehouse plan list, and gatehouse issue list"});
  }
  if (bool_field(status, "cloud.connected") == false && bool_field(status, "cloud.configured") != false) {
    const auto detail = text_field(status, "cloud.detail");
    troubles.push_back(
        {detail.empty() ? "the cloud is not connected" : "the cloud is not connected: " + detail,
         or_else(text_field(status, "cloud.hint"),
                 "nothing is lost meanwhile; check cloud.host, the network and the certificates")});
  }
  if (const auto dead = count_of(status, "outbox.dead"); dead > 0) {
    troubles.push_back({count_words(dead, "message was", "messages were") + " refused by the broker for good",
                        "see: gatehouse outbox list --dead"});
  }
  if (text_field(status, "clock") == "unsynced") {
    troubles.push_back(
        {"the clock is not trusted; what depends on the time of day is denied", "see: timedatectl status"});
  }
  return troubles;
}

std::string troubles_words(const std::vector<Trouble>& troubles) {
  std::string out;
  for (const auto& trouble : troubles) {
    out += "! " + harmless(trouble.what) + '\n';
    if (!trouble.remedy.empty()) out += "  → " + harmless(trouble.remedy) + '\n';
  }
  return out;
}

std::string gateway_words(const value& status) {
  return "Gatehouse " + text_field(status, "version") + "   " + text_field(status, "gateway") + "   up " +
         duration_words(number_field(status, "uptime_s").value_or(0)) +
         (bool_field(status, "ready") == false ? "   NOT ready" : "   ready");
}

std::string cloud_and_queue_words(const value& status) {
  return "Cloud     " + cloud_line(status) + "\nOutbox    " + outbox_line(status) + "\n";
}

std::string status_screen(const value& status, std::size_t width, std::size_t height) {
  const bool screen = width > 0;
  std::string out;
  const auto add = [&](const std::string& line) {
    const auto safe = harmless(line);
    out += (screen ? cut_to_width(safe, width) : safe) + '\n';
  };
  const auto& integrations = list_field(status, "integrations");
  add(gateway_words(status));

  // What is wrong comes first, and gets what the rest leaves; the last line is the shell's.
  constexpr std::size_t fixed_lines = 8;  // title, two blanks, four lines of facts, the shell
  const auto table = std::min(integrations.size(), most_integrations) + 1;
  const auto room =
      std::max(least_trouble_lines, height > fixed_lines + table ? height - fixed_lines - table : 0);
  const auto troubles = find_troubles(status);
  if (troubles.empty()) add("All is well.");
  std::size_t shown = 0;
  std::size_t used = 0;
  for (const auto& trouble : troubles) {
    const auto words = troubles_words({trouble});
    const auto rows = rows_of(words, width);
    const bool more_behind = shown + 1 < troubles.size();
    if (screen && shown > 0 && used + rows + (more_behind ? 1 : 0) > room) break;
    out += words;
    used += rows;
    ++shown;
  }
  if (troubles.size() > shown)
    add("! and " + std::to_string(troubles.size() - shown) + " more: gatehouse doctor");
  out += '\n';

  for (const auto& line : {"Cloud     " + cloud_line(status), "Outbox    " + outbox_line(status)}) add(line);
  add("Known     " + count_words(count_of(status, "people"), "person", "people") + ", " +
      count_words(count_of(status, "doors"), "door", "doors"));
  add("Config    " + or_else(text_field(status, "config.revision").substr(0, 19), "unknown") + "   clock " +
      or_else(text_field(status, "clock"), "unknown"));
  out += '\n';

  if (integrations.empty()) add("No integrations are configured.");
  std::vector<Row> rows;
  const auto most =
      !screen || integrations.size() <= most_integrations ? integrations.size() : most_integrations - 1;
  for (const auto& integration : integrations) {
    if (rows.size() == most) break;
    rows.push_back(make_row(integrations_view(), integration));
  }
  if (!rows.empty()) out += make_table(integrations_view(), width).lines(rows);
  if (integrations.size() > rows.size()) {
    add("and " + std::to_string(integrations.size() - rows.size()) + " more: gatehouse integration list");
  }
  return out;
}

}  // namespace gatehouse
