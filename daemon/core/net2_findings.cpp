#include "daemon/core/net2_findings.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "daemon/core/contact_findings.hpp"

namespace gatehouse {
namespace {

constexpr Duration most_skew_allowed = std::chrono::seconds(60);
constexpr std::size_t most_listed = 12;
constexpr std::string_view custom_prefix = "custom:";

constexpr char why_away[] =
    "until then no people and no events come from Net2, and no door can be opened from here; cards at the "
    "doors go on working";

using Texts = std::vector<std::string>;

std::string folded(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::size_t times_in(const Texts& texts, std::string_view wanted) {
  return static_cast<std::size_t>(
      std::ranges::count_if(texts, [&](const std::string& text) { return folded(text) == folded(wanted); }));
}

std::string listed(const Texts& texts) {
  std::string all;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i == most_listed) return all + " and " + std::to_string(texts.size() - i) + " more";
    all += (i == 0 ? "" : ", ") + texts[i];
  }
  return all.empty() ? "none" : all;
}

std::string quoted(const Texts& texts) {
  Texts marked;
  for (const auto& text : texts) marked.push_back('"' + text + '"');
  return listed(marked);
}

/// "1 h 5 min", "90 s".
std::string span_words(Duration span) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::abs(span)).count();
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min";
  return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " min";
}

/// The numbers in front: "6.7.12040" is {6, 7}.
std::pair<int, int> version_numbers(const std::string& version) {
  int major = 0;
  int minor = 0;
  const char* end = version.data() + version.size();
  const auto first = std::from_chars(version.data(), end, major);
  if (first.ec == std::errc{} && first.ptr != end && *first.ptr == '.')
    std::from_chars(first.ptr + 1, end, minor);
  return {major, minor};
}

/// Adds findings about one server.
class Teller {
 public:
  Teller(const Integration& integration, const Net2Evidence& evidence, std::vector<Finding>& to)
      : id_(integration.id.value()), peer_(evidence.contact.peer), to_(to) {}

  void say(const char* code, std::string what, std::string why, std::string fix,
           Severity severity = Severity::fault) {
    to_.push_back({.code = std::string("net2.") + code,
                   .subject = id_,
                   .severity = severity,
                   .what = std::move(what),
                   .why = std::move(why),
                   .fix = std::move(fix)});
  }
  /// The same, where two integrations behind one address would have the same fault.
  void say_of_server(const char* code, std::string what, std::string why, std::string fix,
                     Severity severity = Severity::fault) {
    say(code, std::move(what), std::move(why), std::move(fix), severity);
    to_.back().peer = peer_;
  }

 private:
  std::string id_;
  std::string peer_;
  std::vector<Finding>& to_;
};

/// False where nothing above it can be spoken of.
bool tell_sign_in(Teller& teller, const Integration& integration, const Net2Evidence& evidence) {
  const auto& net2 = integration.net2;
  const auto& at = evidence.contact.peer;
  const auto in_words = evidence.detail.empty() ? "" : " (" + evidence.detail + ")";
  switch (evidence.sign_in) {
    case Net2SignIn::done:
      return true;
    case Net2SignIn::not_tried:
      return false;
    case Net2SignIn::wrong_password:
      teller.say("password", "Net2 refuses the operator \"" + net2.username + "\" or its password", why_away,
                 "in Net2, look under Operators how the name is written (first name, blank, last name), set "
                 "its password anew, and put that into the " +
                     to_string(net2.password) + "; then restart gatehouse (a file: gatehouse config reload)");
      return false;
    case Net2SignIn::unknown_client:
      teller.say("licence", "Net2 does not know our API licence (client id)", why_away,
                 "on the Net2 PC the licence file must lie in C:\\Program Files (x86)\\Paxton Access\\Access "
                 "Control\\ApiLicences under the name it was sent with, CLIENTID.lic; restart the Net2 "
                 "service after "
                 "that. The " +
                     to_string(net2.client_id) +
                     " must hold that name without .lic (not the <Id> inside the file)");
      return false;
    case Net2SignIn::mfa:
      teller.say("mfa", "the operator \"" + net2.username + "\" has multi-factor sign-in (MFA) on", why_away,
                 "use an operator without MFA: make one for the gateway alone, or switch MFA off for it");
      return false;
    case Net2SignIn::too_often:
      teller.say_of_server(
          "too_often", "Net2 takes no sign-in just now: too many were made from here (429)", why_away,
          "wait a minute; if it stays so, another program on this machine, or behind the same address, signs "
          "in all the time: stop it (Net2 allows two a second for an address)");
      return false;
    case Net2SignIn::forbidden:
      teller.say(
          "operator", "the operator \"" + net2.username + "\" may not use Net2's API (403)", why_away,
          "in Net2, give this operator the role System Engineer, and check that the API licence is the "
          "one for this integration");
      return false;
    case Net2SignIn::service_down:
      teller.say_of_server(
          "service", "the web server of Net2 answers, Net2 itself behind it does not" + in_words, why_away,
          "wait two minutes after a start of the Net2 PC; then, on it, see that the Windows "
          "service \"Net2\" runs, and restart it");
      return false;
    case Net2SignIn::no_net2:
      teller.say_of_server(
          "not_net2", "what answers at " + at + " is not Net2's Local API" + in_words, why_away,
          "check address and port in `url` (HTTPS is 8443; 8080 is Net2's set-up page). Local API: Net2 "
          "Configuration Utility, tab Security. Net2 Nano, PaxLock alone and Paxton10 do not have it");
      return false;
    case Net2SignIn::no_answer:
      teller.say_of_server(
          "silent", at + " takes the question and gives no whole answer" + in_words, why_away,
          "restart the Windows services \"Net2 Nginx\" and \"Net2\"; see whether the Net2 PC is "
          "overloaded");
      return false;
    case Net2SignIn::odd:
      teller.say_of_server(
          "sign_in", "Net2 did not sign us in" + in_words, why_away,
          "restart the Net2 service; if it stays so, send a support bundle (gatehouse bundle)");
      return false;
  }
  return false;
}

void tell_rights(Teller& teller, const Integration& integration, const Net2Evidence& evidence) {
  Texts forbidden;
  Texts failed;
  for (const auto& one : evidence.unread) {
    if (one.status == 403) {
      forbidden.push_back(one.what);
    } else {
      failed.push_back(one.what + " (" + one.detail + ")");
    }
  }
  if (!forbidden.empty()) {
    teller.say(
        "rights", "the operator \"" + integration.net2.username + "\" may not read: " + listed(forbidden),
        "what cannot be read cannot be kept up to date, and people who are not up to date are denied in "
        "the end",
        "in Net2, give this operator the role System Engineer (or one that may read people, doors and "
        "events)");
  }
  if (!failed.empty()) {
    teller.say(
        "unread", "Net2 did not give: " + listed(failed),
        "what cannot be read cannot be kept up to date, and people who are not up to date are denied in "
        "the end",
        "restart the Net2 service; if it stays so, update Net2 (6.6 or newer)");
  }
}

void tell_edition(Teller& teller, const Net2Evidence& evidence) {
  const auto numbers = version_numbers(evidence.version);
  if (numbers.first > 0 && numbers < std::pair(6, 1)) {
    teller.say_of_server("version", "Net2 is of version " + evidence.version,
                         "the Local API is known to work from 6.1 on; older ones may leave things out",
                         "update Net2, to 6.6 or newer", Severity::warning);
  }
  if (evidence.lite) {
    teller.say_of_server("lite", "this is Net2 Lite, where a person has one access level only",
                         "groups by access level can then be one for each person",
                         "nothing needs to be done; group_by: department works with both", Severity::note);
  }
  if (evidence.sql_refused) {
    teller.say("sql", "the operator may not use Net2's query route, so people are read list by list",
               "it takes longer, and asks the Net2 PC more often",
               "nothing needs to be done; the role System Engineer would make it faster", Severity::note);
  }
}

void tell_fields(Teller& teller, const Integration& integration, const Net2Evidence& evidence) {
  if (!evidence.custom_fields) return;
  Texts missing;
  Texts twice;
  const auto look = [&](const std::string& field) {
    if (!folded(field).starts_with(custom_prefix)) return;
    const auto name = field.substr(custom_prefix.size());
    const auto times = times_in(*evidence.custom_fields, name);
    auto& to = times == 0 ? missing : twice;
    if (times != 1 && std::ranges::find(to, name) == to.end()) to.push_back(name);
  };
  for (const auto& [target, field] : integration.sync.fields) look(field);
  if (integration.sync.to_net2.mode != ExportMode::off) look(integration.sync.to_net2.owner_field);
  const std::string why =
      "without it no person of this server can be read: nobody is added, nobody is removed";
  if (!missing.empty()) {
    teller.say("field",
               "Net2 has no custom field " + quoted(missing) + "; it has " + quoted(*evidence.custom_fields),
               why,
               "was it renamed in Net2? Write its name there into sync.fields (\"custom:NAME\"), or name it "
               "in Net2 as before");
  }
  if (!twice.empty()) {
    teller.say("field_twice", "Net2 has the custom field " + quoted(twice) + " more than once", why,
               "give one of them another name in Net2");
  }
}

void tell_groups(Teller& teller, const Integration& integration, const Net2Evidence& evidence) {
  const bool by_level = integration.sync.group_by == GroupBy::access_level;
  const auto& there = by_level ? evidence.access_levels : evidence.departments;
  const std::string kind = by_level ? "access level" : "department";
  if (!there) return;
  if (there->empty()) {
    teller.say("no_departments", "Net2 has no " + kind + " at all",
               "people come in by their " + kind + ", so nobody comes in",
               "make " + kind + "s in Net2 and put the people into them");
  }
  Texts missing;
  for (const auto& group : integration.sync.groups) {
    if (times_in(*there, group.group) == 0) missing.push_back(group.group);
  }
  if (missing.empty()) return;
  const bool all = missing.size() == integration.sync.groups.size();
  teller.say("group",
             "Net2 has no " + kind + " " + quoted(missing) + (all ? "; it has " + quoted(*there) : ""),
             all ? "no group of the configuration is there, so nobody is taken in"
                 : "people in a group that is not named in the configuration are not taken in",
             "was it renamed in Net2? Write its name there into sync.groups, or take the line out",
             all ? Severity::fault : Severity::warning);
}

void tell_levels(Teller& teller, const Integration& integration, const Net2Evidence& evidence) {
  const auto& to_net2 = integration.sync.to_net2;
  if (to_net2.mode == ExportMode::off || !evidence.access_levels) return;
  Texts missing;
  const auto look = [&](const std::string& level) {
    if (times_in(*evidence.access_levels, level) == 0) missing.push_back(level);
  };
  for (const auto& [site, level] : to_net2.access_levels) look(level);
  if (to_net2.default_access_level) look(*to_net2.default_access_level);
  if (missing.empty()) return;
  teller.say("access_level",
             "Net2 has no access level " + quoted(missing) + "; it has " + quoted(*evidence.access_levels),
             "cloud people cannot be made in Net2 without it",
             "write an access level that is there into sync.export.access_level");
}

void tell_emptiness(Teller& teller, const Integration& integration, const std::vector<ConfiguredDoor>& doors,
                    const Net2Evidence& evidence) {
  if (evidence.people && *evidence.people == 0) {
    teller.say("no_people", "Net2 has not one person",
               "nobody can be taken in; people who are known are kept, since that looks like a fault and not "
               "like everybody leaving",
               "is this the right server, and has its database been restored? Put people into Net2");
  }
  if (!evidence.doors) return;
  if (evidence.doors->empty()) {
    teller.say("no_doors", "Net2 has not one door", "no door can be watched or opened",
               "is this the right server? Add the door controllers in Net2");
    return;
  }
  Texts missing;
  for (const auto& door : doors) {
    if (door.id.integration != integration.id) continue;
    const bool there = std::ranges::any_of(
        *evidence.doors, [&](const auto& known) { return known.first == door.id.number.value(); });
    if (!there) missing.push_back(std::to_string(door.id.number.value()) + " (" + door.name + ")");
  }
  if (missing.empty()) return;
  teller.say("door", "the configuration has a door that Net2 has not: " + listed(missing),
             "it can never be opened",
             "gatehouse door discover lists the doors of Net2; correct the id in `doors`, or take it out");
}

}  // namespace

std::vector<Finding> net2_findings(const Integration& integration, const std::vector<ConfiguredDoor>& doors,
                                   const Net2Evidence& evidence, Instant now) {
  auto found = net2_contact_findings(integration.id.value(), integration.net2, evidence.contact, now);
  if (!evidence.contact.ok()) return found;
  Teller teller(integration, evidence, found);
  if (evidence.clock_ahead && std::chrono::abs(*evidence.clock_ahead) > most_skew_allowed) {
    teller.say_of_server(
        "clock",
        "the clock of the Net2 PC is " + span_words(*evidence.clock_ahead) +
            (*evidence.clock_ahead > Duration{0} ? " ahead of" : " behind") + " this machine's",
        "events carry a wrong time, and what depends on the time of day is decided wrongly on one of the two",
        "see with a telephone which of the two is wrong and let it follow a time server: Windows settings, "
        "Time, Sync now; here: timedatectl set-ntp true");
  }
  if (!tell_sign_in(teller, integration, evidence)) return found;
  if (evidence.zone_ahead) {
    teller.say(
        "zone",
        "the Net2 PC is in another time zone: its wall clock is " + span_words(*evidence.zone_ahead) +
            (*evidence.zone_ahead > Duration{0} ? " ahead of " : " behind ") + integration.net2.timezone,
        "people's dates of validity are read by the wrong clock",
        "write the time zone of the Net2 PC (Windows settings, Time) into the integration's `timezone`");
  }
  tell_rights(teller, integration, evidence);
  tell_edition(teller, evidence);
  tell_fields(teller, integration, evidence);
  tell_groups(teller, integration, evidence);
  tell_levels(teller, integration, evidence);
  tell_emptiness(teller, integration, doors, evidence);
  return found;
}

std::vector<SoundPart> net2_sound_parts(const Integration& integration, const Net2Evidence& evidence) {
  std::vector<SoundPart> sound;
  const auto add = [&](std::string what) {
    sound.push_back({.subject = integration.id.value(), .what = std::move(what)});
  };
  const auto& contact = evidence.contact;
  if (!contact.ok()) return sound;
  add("reached at " + contact.peer + " in " + std::to_string(contact.took.count()) + " ms");
  if (contact.shown) {
    add("its certificate is good: " + contact.shown->subject + ", until " + day_of(contact.shown->not_after) +
        ", key " + contact.shown->pin);
  }
  if (evidence.clock_ahead && std::chrono::abs(*evidence.clock_ahead) <= most_skew_allowed)
    add("its clock agrees with ours");
  if (evidence.sign_in != Net2SignIn::done) return sound;
  add("signed in as " + integration.net2.username +
      (evidence.version.empty() ? "" : "; Net2 is of version " + evidence.version));
  if (evidence.people && *evidence.people != 0)
    add(evidence.counted ? std::to_string(*evidence.people) + " people can be read" : "people can be read");
  if (evidence.doors && !evidence.doors->empty())
    add(std::to_string(evidence.doors->size()) + " doors can be read");
  return sound;
}

std::vector<Finding> integration_findings(const Integration& integration, const IntegrationStatus& status) {
  const auto& judged = status.judged;
  const bool net2 = integration.kind == IntegrationKind::net2;
  Finding finding{.code = net2 ? "net2.link" : "feed.link",
                  .subject = integration.id.value(),
                  .severity = Severity::fault,
                  .what = std::string("it is ") + std::string(to_string(judged.state)) +
                          (judged.detail.empty() ? "" : ": " + judged.detail),
                  .why = "people are not kept up to date, and those who are not are denied in the end",
                  .fix = judged.hint};
  switch (judged.state) {
    case IntegrationState::unauthenticated:
    case IntegrationState::unreachable:
      if (net2)
        finding.fix = "the check-up found nothing that stands in the way now; the next try comes within 30 s";
      return {std::move(finding)};
    case IntegrationState::issues:
      // Records that wait for somebody are no fault of the machinery; a read that fails is one.
      if (!judged.hint.starts_with("gatehouse issue list")) return {std::move(finding)};
      [[fallthrough]];
    case IntegrationState::disabled:
    case IntegrationState::draft:
    case IntegrationState::guarded:
    case IntegrationState::paused:
    case IntegrationState::reimport_pending:
    case IntegrationState::staging:
      finding.code = "integration." + std::string(to_string(judged.state));
      finding.severity = Severity::note;
      finding.why = judged.state == IntegrationState::guarded || judged.state == IntegrationState::draft ||
                            judged.state == IntegrationState::reimport_pending
                        ? "it waits for somebody to look and decide"
                        : "so it was asked for, or it waits for somebody to decide";
      return {std::move(finding)};
    case IntegrationState::pending:
    case IntegrationState::active:
      // A feed's last snapshot was refused, and the one before it goes on being in force.
      if (!judged.detail.empty()) return {std::move(finding)};
      [[fallthrough]];
    case IntegrationState::importing:
      return {};
  }
  return {};
}

}  // namespace gatehouse
