#pragma once
// Sign-ins, commands and a listener, for the tests of what the store keeps of the doors.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/store_people.hpp"

namespace gatehouse::test {

inline const DoorId front{hq, Net2DoorId(6203980)};
inline const DoorId back{hq, Net2DoorId(6203981)};
inline const SiteId site_hq{"hq"};
inline const IntegrationId cloud{"cloud"};
inline const Instant noon{Duration{1'780'315'200'000}};

inline DecisionRecord decision_named(std::string id) {
  DecisionRecord made;
  made.id = std::move(id);
  made.at = noon;
  made.allow = true;
  made.reason = AccessReason::visitor_preregistered;
  made.asked = {AccessPointId("reception"), Direction::out, SignInMode::qr};
  made.person = PersonId("01J00000000000000000000ADA");
  made.person_type = PersonType::visitor;
  made.doors = {{.door = front,
                 .allow = true,
                 .reason = AccessReason::visitor_preregistered,
                 .command = {.state = DoorCommandState::scheduled, .why = ""}},
                {.door = back,
                 .allow = false,
                 .reason = AccessReason::door_blocked,
                 .command = {.state = DoorCommandState::not_sent, .why = "already \"commanded\""}}};
  made.via = Via::lan;
  made.net2_offline = true;
  made.policy_revision = "sha256:abc";
  made.trace = R"([{"check":"known","result":"pass","fact":"é","age_s":12}])";
  return made;
}

inline AuditEntry audit_entry(std::string action, std::string detail = "{}") {
  AuditEntry made;
  made.actor = "lan reception";
  made.action = std::move(action);
  made.target = "reception";
  made.outcome = "allow";
  made.detail = std::move(detail);
  return made;
}

inline TakenCommand command_named(std::string id, std::int64_t issued = 1'780'315'200) {
  TakenCommand made;
  made.issuer = "key cloud-1";
  made.id = std::move(id);
  made.digest = "sha256:def";
  made.until = noon + std::chrono::minutes{1};
  made.reply_topic = "up/reply/7";
  made.correlation = std::string("\0\xff\"x", 4);
  made.target = "door net2-hq/6203980";
  made.issued = issued;
  made.doors = {front, back};
  made.decision = "D-" + made.id;
  return made;
}

inline Message reply(std::string id) {
  Message made = message(Lane::access, std::move(id));
  made.topic = "up/reply/7";
  made.type = "reply";
  made.correlation = std::string("\0\xff\"x", 4);
  return made;
}

/// All that one sign-in leaves before its door is moved.
inline AccessBegin begin_of(const std::string& id) {
  AccessBegin made;
  made.decision = decision_named(id);
  made.basis = std::string("basis\0of", 8) + id;
  made.intents = {{.owner = id, .door = front, .action = DoorAction::open, .at = noon}};
  made.presence = Presence{PersonId("01J00000000000000000000ADA"),
                           site_hq,
                           true,
                           noon,
                           AccessPointId("reception"),
                           std::nullopt,
                           id};
  made.command = command_named("jti-" + id);
  made.audit = {audit_entry("decision")};
  made.messages = {message(Lane::access, "told-" + id)};
  return made;
}

inline AccessEnd end_of(const AccessBegin& begin) {
  AccessEnd made;
  made.owner = begin.decision->id;
  made.doors = {front};
  made.decision = begin.decision;
  made.decision->revision = 2;
  made.decision->doors[0].command = {.state = DoorCommandState::sent, .why = ""};
  made.command = begin.command;
  made.command->answer = R"({"ok":true})";
  made.audit = {audit_entry("door.open")};
  made.messages = {reply("reply-" + begin.decision->id)};
  return made;
}

/// Keeps what it is told.
class Hearer final : public KnowledgeListener {
 public:
  void on_people(std::vector<PersonEntry> changed, std::vector<PersonId> gone) override {
    ++calls;
    for (auto& entry : changed) people.push_back(std::move(entry));
    for (auto& id : gone) gone_people.push_back(std::move(id));
  }
  void on_net2_lockdown(const IntegrationId& integration, bool on) override {
    lockdown.emplace_back(integration, on);
  }
  void on_presence(const Presence& seen) override { presence.push_back(seen); }
  void clear() { *this = Hearer(); }

  int calls = 0;
  std::vector<PersonEntry> people;
  std::vector<PersonId> gone_people;
  std::vector<std::pair<IntegrationId, bool>> lockdown;
  std::vector<Presence> presence;
};

inline DirectoryCommit roster_pass(std::vector<RecordFate> fates,
                                   const std::vector<std::int64_t>& gone = {}) {
  DirectoryCommit commit = pass(std::move(fates), gone);
  commit.integration = cloud;
  commit.badge = "Cloud";
  commit.kind = SourceKind::cloud;
  return commit;
}

inline RosterVisit visit_of(std::string cloud_id, std::string id, bool removed = false) {
  RosterVisit made;
  made.cloud_id = ExternalId(std::move(cloud_id));
  made.visit = {.id = std::move(id),
                .site = site_hq,
                .start = noon,
                .end = noon + std::chrono::hours{1},
                .status = VisitStatus::expected};
  made.removed = removed;
  return made;
}

}  // namespace gatehouse::test
