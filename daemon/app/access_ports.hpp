#pragma once
// What decisions, commands and the roster need from the world. Threads and cancellation as in ports.hpp; one
// call of a store is one transaction.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/app/sync_ports.hpp"
#include "daemon/app/task.hpp"
#include "daemon/core/access_settings.hpp"
#include "daemon/core/audit_entry.hpp"
#include "daemon/core/decision_record.hpp"
#include "daemon/core/message.hpp"
#include "daemon/core/presence.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

// --- doors ------------------------------------------------------------------------------------------------

class DoorControl {
 public:
  virtual ~DoorControl() = default;
  /// One POST, never repeated, but once after a 401 within the deadline. `sent` where Net2 answered 2xx;
  /// `failed` only where no byte of the request was written or Net2 answered 4xx; after that `unknown`, also
  /// where the coroutine is cancelled. `not_sent` "late" where the deadline passed before the first byte.
  virtual Task<DoorAnswer> command(DoorOrder order) = 0;
};

// --- what is known, in memory -----------------------------------------------------------------------------

/// One person with all that a decision looks at.
struct PersonEntry {
  Person person;
  std::vector<Visit> visits;
};

/// Told of each committed change of people or visits, on the io thread, before the call that made it answers.
class KnowledgeListener {
 public:
  virtual ~KnowledgeListener() = default;
  virtual void on_people(std::vector<PersonEntry> changed, std::vector<PersonId> gone) = 0;
  /// Net2's own lockdown, by its events (300, 590, 120 until 301, 591, 121), committed with them.
  virtual void on_net2_lockdown(const IntegrationId& integration, bool on) = 0;
  virtual void on_presence(const Presence& presence) = 0;
};

/// When the copy of a source was last proved current.
struct Proof {
  IntegrationId integration;  ///< "cloud" for the roster
  Instant at{};
  bool operator==(const Proof&) const = default;
};

/// A door that is held open, and until when (durable: closed at start if overdue).
struct Hold {
  DoorId door;
  Instant until{};
  std::optional<Uptime> due;  ///< in this process
  bool operator==(const Hold&) const = default;
};

/// What is in force beside the configuration. Loaded at start: an error means that all sites are locked.
struct AccessState {
  std::set<SiteId> lockdown;
  std::set<IntegrationId> net2_lockdown;
  std::map<DoorId, DoorMode> modes;  ///< set by operators
  std::vector<Hold> holds;
  std::vector<Proof> proofs;
  std::vector<Presence> present;  ///< on_site only
  /// `at` of each door's last intent that was not scheduled, settled or not: what a momentary door is spared
  /// by after a crash.
  std::map<DoorId, Instant> commanded{};
  /// A salvage lost people, and nobody has accepted that yet: whose name is nobody's may be somebody's who
  /// was disabled.
  bool people_lost = false;
};

class KnowledgeStore {
 public:
  virtual ~KnowledgeStore() = default;
  /// From now on; before anything is read. The listener must outlive the store.
  virtual void tell_changes(KnowledgeListener& listener) = 0;
  /// By ascending id, at most 2000 a call.
  virtual Task<Result<std::vector<PersonEntry>>> known_people(PersonId after) = 0;
  virtual Task<Result<AccessState>> access_state() = 0;
  virtual Task<Result<void>> save_proofs(std::vector<Proof> proofs) = 0;
  /// nullopt: as the configuration says.
  virtual Task<Result<void>> set_door_mode(DoorId door, std::optional<DoorMode> mode, AuditEntry audit) = 0;
};

// --- decisions and commands -------------------------------------------------------------------------------

/// That a command's id is used up, and what its sender gets. `issuer` is "key KID" or "lan CLIENT".
struct TakenCommand {
  std::string issuer;
  std::string id;             ///< jti, or Idempotency-Key
  std::string digest;         ///< of the body, for the LAN; empty for a command: its id alone counts
  Instant until{};            ///< kept so long, and never used again before
  std::string reply_topic;    ///< below ROOT; empty: no reply on MQTT
  std::string correlation;    ///< bytes
  std::string answer;         ///< JSON: the first outcome; empty: none yet
  std::string target;         ///< of the floor: "door net2-hq/1", "lockdown hq", "person 01J…"; or empty
  std::int64_t issued = 0;    ///< `iat`: the floor of the target from now on
  std::vector<DoorId> doors;  ///< it may move these: what a crash leaves open is `unknown`
  std::string decision{};  ///< of a sign-in: id, durable with the intent; what a crash leaves is told by it
  bool operator==(const TakenCommand&) const = default;
};

/// A walk-in becomes a person with a source of kind walk_in; told as person.upserted.
struct WalkIn {
  PersonId person;
  std::string first_name;
  std::string last_name;
  SiteId site;
};

/// A door that is about to be commanded. One of an owner and door: a later one takes its place.
struct DoorIntent {
  std::string owner;  ///< id of the decision, or of the operator's act
  DoorId door;
  DoorAction action = DoorAction::open;
  Instant at{};  ///< of a scheduled one: when it is due
  bool scheduled =
      false;  ///< decided again when it is due: a restart drops it, and nothing was asked of Net2
  bool operator==(const DoorIntent&) const = default;
};

/// What must be on disk before a door is moved or a denial is told.
struct AccessBegin {
  std::optional<DecisionRecord> decision;
  std::string basis;  ///< pack(DecisionBasis)
  std::vector<DoorIntent> intents;
  std::optional<Presence> presence;
  std::optional<WalkIn> walk_in;
  std::optional<TakenCommand> command;
  std::optional<Hold> hold;                         ///< begins
  std::optional<std::pair<SiteId, bool>> lockdown;  ///< of a site, on or off
  std::vector<AuditEntry> audit;
  std::vector<Message> messages;
};

/// How it went.
struct AccessEnd {
  std::string owner;  ///< its intents for `doors` are settled
  std::vector<DoorId> doors;
  std::optional<DecisionRecord> decision;  ///< the revision that is stored now
  std::optional<TakenCommand> command;     ///< with its answer
  std::optional<Hold> hold_over;           ///< this one; another that began at its door meanwhile stays
  std::vector<AuditEntry> audit;
  std::vector<Message> messages;  ///< the decision's revision, the reply
  /// How an operator's act went: for Finish (access_desk.hpp). Nothing that the store keeps.
  std::optional<DoorAnswer> answer{};
};

struct DecisionRow {
  DecisionRecord decision;
  std::string basis;
};

class AccessStore {
 public:
  virtual ~AccessStore() = default;
  /// While the disk is full it uses the reserve, which has room for at least 1,000 of these.
  /// Errc::refused, detail "replayed", where the command's id is taken already: then nothing has happened.
  virtual Task<Result<void>> begin_access(AccessBegin begin) = 0;
  virtual Task<Result<void>> end_access(AccessEnd end) = 0;
  /// What a crash left open, oldest first.
  virtual Task<Result<std::vector<DoorIntent>>> open_intents() = 0;
  /// Errc::not_found where it is unknown or pruned.
  virtual Task<Result<DecisionRow>> decision(std::string id) = 0;
  /// Since a moment, by id, at most 500 a call.
  virtual Task<Result<std::vector<DecisionRow>>> decisions(Instant since, std::string after) = 0;
  virtual Task<Result<std::size_t>> prune_decisions(Instant before, std::size_t at_most) = 0;

  /// Those whose `until` has not passed, and the floor of each target ("door net2-hq/1" → iat).
  virtual Task<Result<std::vector<TakenCommand>>> taken_commands(Instant now) = 0;
  virtual Task<Result<std::map<std::string, std::int64_t>>> command_floors() = 0;
  /// Those past `until` that have an answer. Floors stay.
  virtual Task<Result<std::size_t>> prune_commands(Instant now, std::size_t at_most) = 0;
};

// --- audit ------------------------------------------------------------------------------------------------

class AuditStore {
 public:
  virtual ~AuditStore() = default;
  /// Rows, and messages told with them (a reply to a refused command), in one transaction.
  virtual Task<Result<void>> note(std::vector<AuditEntry> entries, std::vector<Message> messages = {}) = 0;
  /// Newest first, before `number` (0: from the newest), at most `at_most`.
  virtual Task<Result<std::vector<AuditRow>>> audit_rows(std::int64_t before, std::size_t at_most) = 0;
  virtual Task<Result<AuditHead>> audit_head() = 0;
  /// The whole chain, from the oldest kept row on.
  virtual Task<Result<AuditFinding>> verify_audit() = 0;
  /// From the front only; the hash of the last pruned row is what the first kept row is proved by.
  virtual Task<Result<std::size_t>> prune_audit(Instant before, std::size_t at_most) = 0;
};

// --- the roster -------------------------------------------------------------------------------------------

struct RosterVisit {
  ExternalId cloud_id;
  Visit visit;
  bool removed = false;
  bool operator==(const RosterVisit&) const = default;
};

struct RosterState {
  std::optional<std::string> cursor;
  std::optional<Instant> proved;  ///< by the last accepted roster.put
  std::uint64_t people = 0;       ///< cloud people present
};

/// People of one or more batches, judged, with their visits and the cursor after them: all or nothing.
struct RosterCommit {
  DirectoryCommit directory;          ///< integration "cloud", kind cloud
  bool replace_visits = false;        ///< a snapshot: visits that are not named are gone
  std::vector<RosterVisit> visits;    ///< of somebody who has no person they are kept until there is one
  std::optional<std::string> cursor;  ///< as it is afterwards
  Instant proved{};  ///< Instant{}: it proves nothing (a batch of an open snapshot, a second look)
  std::optional<TakenCommand> command;  ///< Errc::refused "replayed" as begin_access
  std::vector<AuditEntry> audit;
  std::vector<Message> messages;
};

class RosterStore {
 public:
  virtual ~RosterStore() = default;
  virtual Task<Result<RosterState>> roster_state() = 0;
  virtual Task<Result<DirectoryReport>> apply_roster(RosterCommit commit) = 0;
};

// --- what administrators say of a person ------------------------------------------------------------------

/// What is not set stays as it is.
struct PersonWord {
  PersonId person;
  std::optional<bool> admin_enabled;
  std::optional<bool> tracked;
  std::optional<std::vector<std::string>> custom_tags;
  std::optional<std::vector<Grant>> grants;  ///< all of them
  std::optional<TakenCommand> command;
  std::vector<AuditEntry> audit;
};

class AdministrationStore {
 public:
  virtual ~AdministrationStore() = default;
  /// With person.upserted naming what changed, and person.disabled (reason admin) where effective access ends
  /// by it. Writes nothing but audit and command where nothing changed. Errc::not_found.
  virtual Task<Result<Person>> set_person(PersonWord word) = 0;
  virtual Task<Result<Person>> person(PersonId id) = 0;
};

// --- invitations ------------------------------------------------------------------------------------------

/// What one call has told.
struct ToldInvitations {
  std::size_t told = 0;
  std::optional<PersonId> last;  ///< the last one looked at; none: there is nobody left
};

/// Who is to be invited by the cloud, and who was (person.invitable, person.invited). The gateway sends no
/// mail.
class Invitations {
 public:
  virtual ~Invitations() = default;
  /// Whether the invitation of a person reached them. With `ok` nobody is told of them again; without it all
  /// stays as it is. Errc::not_found where nobody has this id.
  virtual Task<Result<void>> invited(PersonId person, bool ok) = 0;
  /// Tells of everybody who is tracked, has effective access and an e-mail, and was never told of; looks at
  /// most at 500 people: call it again until `last` is none. Writes nothing where there is nobody.
  virtual Task<Result<ToldInvitations>> tell_invitable() = 0;
  /// Tells once more, with the same invitation, of those told before and not invited yet, by ascending id
  /// after `after`, as above.
  virtual Task<Result<ToldInvitations>> tell_invitable_again(PersonId after) = 0;
};

}  // namespace gatehouse
