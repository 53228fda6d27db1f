#pragma once
// `gatehouse setup --answers FILE`: what a person would have answered, as YAML, in the words of the
// configuration. Strict as that is: an unknown key, a wrong type or a missing answer is a fault with its
// place.

#include <optional>
#include <string>
#include <vector>

#include "daemon/core/settings.hpp"
#include "daemon/settings/fault.hpp"

namespace gatehouse::setup {

struct DoorAnswer {
  std::string door;    ///< its number in Net2, or its name there
  std::string name{};  ///< for people; empty: Net2's
  DoorKind kind = DoorKind::timed;
  Duration open{5'000};
};

struct AccessPointAnswer {
  std::string id;
  std::string name{};                ///< empty: the id
  std::vector<std::string> doors{};  ///< as DoorAnswer::door; empty: all of `doors`
  std::vector<SignInMode> open_modes{SignInMode::kiosk};
};

struct CloudAnswer {
  std::string host;
  std::uint16_t port = 8883;
  std::string client_id;  ///< empty: {tenant}.{gateway}
  std::string ca;         ///< PEM file; it is copied beside the configuration
  std::optional<std::string> cert;
  std::optional<SecretRef> key;
  std::optional<std::string> username;
  std::optional<SecretRef> password;
};

struct PolicyAnswer {
  bool employees = true;
  bool contractors = false;
  VisitorsAdmitted visitors = VisitorsAdmitted::none;
};

struct PeopleAnswer {
  GroupBy group_by = GroupBy::department;
  std::vector<GroupMapping> groups;
  std::optional<SourceField>
      email;  ///< "" for none; nullopt: the custom field that looks like it, if there is
  std::optional<SourceField> phone;  ///< nullopt: likewise, or the telephone
  FirstSync first = FirstSync::confirm;
};

/// What a key left out means stands here, and is what Enter means in the dialogue.
struct Answers {
  Gateway gateway;           ///< an empty time zone: this machine's
  std::string site;          ///< empty: "main"
  std::string integration;   ///< empty: "net2-" and the site
  std::string display_name;  ///< of the integration; empty: its id
  std::string address;       ///< HOST, HOST:PORT or https://HOST:PORT
  std::string pin;           ///< either this or `ca`
  std::optional<std::string> ca;
  std::optional<std::string> server_name;
  std::string username = "Gateway Service";
  SecretRef password;
  SecretRef client_id;
  std::string net2_timezone;  ///< empty: the gateway's
  PeopleAnswer people;
  PolicyAnswer policy;
  std::vector<DoorAnswer> doors;
  std::optional<AccessPointAnswer> access_point;
  std::optional<CloudAnswer> cloud;
  bool replace = false;  ///< the yes to replacing a configuration that is there
};

struct ReadAnswers {
  std::optional<Answers> answers;  ///< only where there is no fault
  std::vector<Fault> faults;
};

/// Reads and checks the file. Blocks on the file system; secrets are not read. Relative paths start beside
/// it.
ReadAnswers read_answers(const std::string& path);

/// The answers to `setup --password`: a password, and a client id where that changes, too.
struct RotationAnswers {
  SecretRef password;
  std::optional<SecretRef> client_id;
};
struct ReadRotation {
  std::optional<RotationAnswers> answers;
  std::vector<Fault> faults;
};
ReadRotation read_rotation_answers(const std::string& path);

}  // namespace gatehouse::setup
