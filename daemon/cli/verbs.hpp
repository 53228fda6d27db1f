#pragma once
// The verbs as CLI11 knows them; it stands behind this header. Only the sources of the command line include
// it.

#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "daemon/cli/command_line.hpp"

namespace gatehouse {

/// What CLI11 fills in before it becomes an Invocation.
struct Given {
  Invocation command;
  std::string bus = "system";
  std::string subject, search, integration, type, site, access, since, lane, kind, outcome, reason;
  std::string at, direction, mode, door, scope, hours, from, until;
  std::vector<std::string> set;
  bool dead = false;
  bool effective = false;
  bool failed = false;
};

CLI::App* add_verb(CLI::App& parent, Given& given, Verb verb, const char* name, const char* what,
                   const char* example);
CLI::App* add_noun(CLI::App& parent, const char* name, const char* what, const char* example);

/// The one thing that a verb is about; it must be named, and not by an empty text.
void add_subject(CLI::App& verb, Given& given, const char* name, const char* what);

/// For options that must not be empty: a script's unset variable must not come to mean "all".
std::string refuse_empty(const std::string& text);

/// A second one, behind the first.
void add_word(CLI::App& verb, Given& given, const char* name, const char* what);

inline constexpr char person_help[] = "person id, INTEGRATION/EXTERNAL_ID, or e-mail";
inline constexpr char since_help[] =
    "RFC 3339 time, a date (from its first moment in UTC), or how far back: 30m, 2h, 7d";

void add_doctor_verb(CLI::App& app, Given& given);
void add_people_verbs(CLI::App& app, Given& given);
void add_person_verbs(CLI::App& people, Given& given);   ///< what is said of one person
void add_privacy_verbs(CLI::App& people, Given& given);  ///< export, erase
void add_bundle_verb(CLI::App& app, Given& given);
void add_backup_verbs(CLI::App& app, Given& given);  ///< backup, restore, salvage
void add_door_verbs(CLI::App& app, Given& given);
void add_access_verbs(CLI::App& app, Given& given);  ///< access, lockdown, muster, audit
void add_clock_verbs(CLI::App& app, Given& given);
void add_news_verbs(CLI::App& app, Given& given);
void add_config_verbs(CLI::App& app, Given& given);
void add_setup_verbs(CLI::App& app, Given& given);
void add_integration_verbs(CLI::App& app, Given& given);
void add_sync_verbs(CLI::App& app, Given& given);  ///< sync, plan, issue, purge

}  // namespace gatehouse
