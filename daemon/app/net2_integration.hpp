#pragma once
// One Net2 server as the gateway lives with it: four loops (events, people, doors, live feed), one that asks
// for a sign of life where these are slow, and one status.

#include <functional>
#include <map>
#include <optional>

#include "daemon/app/access_ports.hpp"
#include "daemon/app/alerts.hpp"
#include "daemon/app/event_poller.hpp"
#include "daemon/app/people_sync.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/app/server_identity.hpp"
#include "daemon/app/state_board.hpp"
#include "daemon/app/task_group.hpp"
#include "daemon/app/wakeup.hpp"
#include "daemon/core/integration_status.hpp"

namespace gatehouse {

class Net2Integration final : public LiveListener {
 public:
  /// References must outlive the integration; its loops must have been stopped before it goes.
  struct Parts {
    boost::asio::any_io_executor executor;
    Net2Source& source;
    LiveFeed& feed;
    EventStore& events;
    DirectoryStore& directory;
    Clock& clock;
    Log& log;
    Alerts& alerts;
    AuditStore& audit;
    StateBoard& board;
    std::function<void()> news;            ///< the outbox has something new
    std::function<void()> status_changed;  ///< status() says something else
    SourceWitness* witness = nullptr;      ///< may be none
    ZoneByName zones{};                    ///< may be none
    /// What it asks of the source beside the people themselves is set by the integration.
    PeopleSync::Parts people;
  };

  Net2Integration(Integration settings, const std::vector<SiteId>& all_sites, Parts parts);

  /// Starts the loops in `loops`; nothing at all where the integration is disabled.
  void start(TaskGroup& loops);

  const IntegrationId& id() const { return settings_.id; }
  IntegrationStatus status() const;
  PeopleSync& people() { return people_; }
  const std::vector<SourceDoor>& doors() const { return identity_.doors(); }
  std::optional<DoorStatus> door_status(Net2DoorId id) const;
  /// None of the doors that we know is there: no door may be moved.
  bool other_server() const { return identity_.other_server(); }

  void on_live() override;
  void on_event() override { events_bell_.ring(); }
  void on_door_status() override { doors_bell_.ring(); }

 private:
  Task<void> events_loop(Pulse& pulse);
  Task<void> doors_loop(Pulse& pulse);
  Task<void> live_loop(Pulse& pulse);
  Task<void> contact_loop(Pulse& pulse);

  Task<Result<void>> read_doors_once();
  PeopleSync::Parts people_parts();
  Task<Result<void>> meet_server();
  Task<Result<void>> same_server();
  Task<bool> take_over(bool by_plan);
  void judge_people(PassEnd end);
  void read_people_where_doubted();
  void heard();
  void note(std::optional<Error>& fault, std::optional<Error> now);
  void judge_again();
  void tell_alert(const StateAndReason& judged);

  const Integration settings_;
  Parts parts_;
  ServerIdentity identity_;
  EventPoller poller_;
  PeopleSync people_;
  Wakeup events_bell_;
  Wakeup doors_bell_;
  Wakeup back_again_;  ///< the server answers after it did not: the events are tried at once

  IntegrationFacts facts_;
  StateAndReason judged_;
  std::optional<Uptime> faulty_since_;
  bool live_ = false;
  std::optional<Uptime> events_read_;
  Uptime heard_at_{};  ///< the last answer as it should be
  std::map<Net2DoorId, DoorStatus> statuses_;
  std::optional<std::vector<SourceDoor>> met_;  ///< of another server, whose people are being read
  std::uint64_t doubts_ = 0;                    ///< of the identity, when that read began
  std::uint64_t doubts_heeded_ = 0;
};

}  // namespace gatehouse
