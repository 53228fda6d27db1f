#pragma once
// At the door: decides, keeps what it decided, and moves doors at most once (contract.md §3.2, §4).

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/access_book.hpp"
#include "daemon/app/access_ports.hpp"
#include "daemon/app/alerts.hpp"
#include "daemon/app/knowledge_age.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/app/task_group.hpp"
#include "daemon/core/access_policy.hpp"
#include "daemon/core/tallies.hpp"

namespace gatehouse {

/// Whom a sign-in is about.
struct CloudPerson {
  std::string cloud_id;
};
struct WalkInName {
  std::string first_name;
  std::string last_name;
};
using PersonRef = std::variant<PersonId, CloudPerson, WalkInName>;

/// Adds what the sender gets (the command's answer, a reply) to the transaction that ends a request. Called
/// once, right before that transaction, with `end.decision` (a sign-in) or `end.answer` (an act at a door)
/// set, or neither (a lockdown); not called where the request is refused or cannot be stored. It only adds to
/// `end.command`, `end.audit` and `end.messages`. A request that moves no door has one transaction in all,
/// its begin_access: what is added goes into that.
using Finish = std::function<void(AccessEnd& end)>;

/// Takes one opening from what is left for a door; false: there is none. What was taken for a door that was
/// not moved after all is given back by whoever keeps the account.
using TakeOpening = std::function<bool(const DoorId& door)>;

/// Who asks, and what is used up by it.
struct Asker {
  Via via = Via::local;
  std::string actor;                    ///< AuditEntry::actor
  std::optional<TakenCommand> command;  ///< durable with the intent
  std::optional<Uptime> expires;        ///< no byte to Net2 after it
  Finish finish;                        ///< may be empty
  /// Asked once for each door that a sign-in is allowed; empty: no limit. Where none of them has an opening
  /// left, the sign-in is Errc::refused "rate_limited: …", and nothing of it has happened.
  TakeOpening take_opening{};
};

struct SignInRequest {
  SignIn asked;
  PersonRef person;
  bool walk_ins_allowed = true;  ///< by the LAN client's entry
  Asker asker;
};

/// An operator's act at a door: no policy, but lockdown, modes and audit.
struct DoorRequest {
  DoorId door;
  DoorAction action = DoorAction::open;
  std::optional<Duration> seconds;  ///< open: 1 to 60 s; hold: up to 12 h
  std::string reason;
  bool break_glass = false;  ///< beats force_closed, blocked and lockdown; an alert goes up at once
  Asker asker;
};

struct DoorReport {
  DoorId door;
  DoorAction action = DoorAction::open;
  DoorAnswer answer;
};
/// {"door","action","command","why"}
std::string door_report_json(const DoorReport& report);

struct LockdownRequest {
  SiteId site;
  bool on = true;
  Asker asker;
};

/// How the desk reaches a door, and what it asks of the world beside. A DoorControl that was handed out lives
/// until the calls under way on it have ended.
class DoorYard {
 public:
  virtual ~DoorYard() = default;
  /// nullptr where the integration is not running or is no Net2 server. Whoever holds it may finish a call,
  /// whatever becomes of the integration.
  virtual std::shared_ptr<DoorControl> control_of(const IntegrationId& integration) = 0;
  virtual bool connected(const IntegrationId& integration) const = 0;
  virtual bool cloud_connected() const = 0;
};

/// On the io thread. Every error is a Result: Errc::invalid (bad_args), Errc::not_found (no such door, site),
/// Errc::refused with the reason's word at the start of the detail ("lockdown: …", "door_force_closed: …"),
/// Errc::storage (store_unwritable).
class AccessDesk final : public KnowledgeListener {
 public:
  struct Parts {
    boost::asio::any_io_executor executor;
    AccessStore& store;
    KnowledgeStore& knowledge;
    DoorYard& yard;
    Alerts& alerts;
    Clock& clock;
    Log& log;
    const TextFold& fold;
    std::function<void()> news;            ///< messages are in the outbox
    std::function<void()> status_changed;  ///< lockdown() says something else
    Tallies* tallies = nullptr;
  };
  explicit AccessDesk(Parts parts);
  ~AccessDesk() override;

  /// Reads what is known and what was in force, before anybody is served. What a crash left open becomes
  /// `unknown` and is told. An error leaves every site locked, and is raised as an alert.
  Task<void> load();
  /// Policy from now on: at start and with each reload. `revision`: "sha256:…".
  void use(Settings settings, AccessPolicy::Zones zones, std::string revision);
  /// Overdue holds are closed, and those that run are watched; once the integrations have been started.
  void start();
  /// Delayed openings are dropped and told; what is under way at Net2 is waited for, at most a second.
  Task<void> stop();

  /// Decides and opens; answers when each allowed door has Net2's answer (a delayed one: `scheduled`). The
  /// decision is told when it is complete so far, and again when something of it changes.
  Task<Result<DecisionRecord>> sign_in(SignInRequest request);
  /// Decides only. `at`: for validity, visits and hours, not for age.
  Result<DecisionRecord> say(const SignIn& asked, const PersonRef& person, std::optional<Instant> at) const;
  Task<Result<DoorReport>> move_door(DoorRequest request);
  Task<Result<void>> set_lockdown(LockdownRequest request);
  Task<Result<void>> set_mode(DoorId door, std::optional<DoorMode> mode, std::string actor);
  /// Makes a past decision again under other settings: pure but for the stored row.
  static AccessVerdict again(const DecisionRow& row, const AccessPolicy& policy, const DecisionBasis& basis);

  /// What load() found open, oldest first: these doors were perhaps asked for, or (`scheduled`) certainly
  /// not. For the answer to a taken command that has none.
  const std::vector<DoorIntent>& left_open() const;

  /// Committed events and polled relays confirm what was sent.
  void on_events(const IntegrationId& integration, const std::vector<EventCommit::Item>& events);
  void on_door_status(const IntegrationId& integration, const std::vector<DoorStatus>& status);

  /// An operator has accepted what a salvage left: a name that is nobody's is a walk-in's again.
  void trust_names();

  void on_people(std::vector<PersonEntry> changed, std::vector<PersonId> gone) override;
  void on_net2_lockdown(const IntegrationId& integration, bool on) override;
  void on_presence(const Presence& presence) override;

  const AccessBook& book() const;
  KnowledgeAges& ages();
  const KnowledgeAges& ages() const;
  const AccessPolicy& policy() const;
  /// Sites that are locked down; all of them while that cannot be read.
  std::set<SiteId> lockdown() const;
  std::vector<std::string> late() const;

 private:
  class Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace gatehouse
