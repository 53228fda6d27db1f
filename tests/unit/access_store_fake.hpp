#pragma once
// The stores that the desk knows, in memory, on a disk that survives a crash.

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/app/access_ports.hpp"
#include "tests/unit/fakes.hpp"

namespace gatehouse::test {

/// What is on the disk: survives a crash.
struct AccessDisk {
  std::map<std::string, DecisionRow> decisions;
  std::map<std::pair<std::string, DoorId>, DoorIntent> open;
  std::map<std::pair<std::string, std::string>, TakenCommand> commands;
  std::map<PersonId, PersonEntry> people;
  AccessState state;
  std::map<DoorId, Hold> holds;
  std::vector<AuditEntry> audit;
  std::vector<Message> messages;
  std::vector<Proof> proofs;
  /// Every intent there ever was, and the state that its door had when it was settled.
  std::vector<DoorIntent> intents;
};

/// The stores that the desk knows, on one disk. A process that is dead commits nothing.
class AccessStoreFake : public AccessStore, public KnowledgeStore, public Calls {
 public:
  AccessStoreFake(AccessDisk& disk, boost::asio::any_io_executor executor)
      : disk_(disk), gate_(std::move(executor)) {}

  // --- KnowledgeStore
  void tell_changes(KnowledgeListener& listener) override { listener_ = &listener; }
  Task<Result<std::vector<PersonEntry>>> known_people(PersonId after) override {
    if (auto error = fault(cannot_read)) co_return *error;
    std::vector<PersonEntry> page;
    for (auto at = disk_.people.upper_bound(after); at != disk_.people.end() && page.size() < 2; ++at)
      page.push_back(at->second);
    if (during_read) during_read();
    co_return page;
  }
  Task<Result<AccessState>> access_state() override {
    if (auto error = fault(cannot_read)) co_return *error;
    auto state = disk_.state;
    for (const auto& [door, hold] : disk_.holds) state.holds.push_back({hold.door, hold.until, std::nullopt});
    co_return state;
  }
  Task<Result<void>> save_proofs(std::vector<Proof> proofs) override {
    if (auto error = fault(cannot_write)) co_return *error;
    for (auto& proof : proofs) disk_.proofs.push_back(std::move(proof));
    co_return Result<void>{};
  }
  Task<Result<void>> set_door_mode(DoorId door, std::optional<DoorMode> mode, AuditEntry audit) override {
    if (auto error = fault(cannot_write)) co_return *error;
    disk_.state.modes.erase(door);
    if (mode) disk_.state.modes.emplace(door, *mode);
    disk_.audit.push_back(std::move(audit));
    co_return Result<void>{};
  }

  // --- AccessStore
  Task<Result<void>> begin_access(AccessBegin begin) override {
    ++begins;
    if (slow) co_await gate_.wait();
    if (auto error = fault(cannot_write)) co_return *error;
    if (begin.command) {
      auto key = std::pair(begin.command->issuer, begin.command->id);
      if (disk_.commands.contains(key)) co_return Error{Errc::refused, "replayed"};
      disk_.commands.emplace(std::move(key), std::move(*begin.command));
    }
    if (begin.decision) {
      auto id = begin.decision->id;
      disk_.decisions.insert_or_assign(id, DecisionRow{std::move(*begin.decision), std::move(begin.basis)});
    }
    for (auto& intent : begin.intents) {
      if (!intent.scheduled) disk_.state.commanded.insert_or_assign(intent.door, intent.at);
      disk_.intents.push_back(intent);
      disk_.open.insert_or_assign(std::pair(intent.owner, intent.door), std::move(intent));
    }
    if (begin.hold) disk_.holds.insert_or_assign(begin.hold->door, *begin.hold);
    if (begin.lockdown) {
      if (begin.lockdown->second) {
        disk_.state.lockdown.insert(begin.lockdown->first);
      } else {
        disk_.state.lockdown.erase(begin.lockdown->first);
      }
    }
    keep(begin.audit, begin.messages);
    if (begin.walk_in) put_walk_in(*begin.walk_in);
    if (begin.presence) put_presence(*begin.presence);
    if (die_after_begin) {
      die_after_begin = false;
      dead = true;
      co_return Error{Errc::storage, "dead"};
    }
    co_return Result<void>{};
  }
  Task<Result<void>> end_access(AccessEnd end) override {
    ++ends;
    if (auto error = fault(cannot_write || cannot_end)) co_return *error;
    for (const auto& door : end.doors) disk_.open.erase(std::pair(end.owner, door));
    if (end.decision) {
      auto& row = disk_.decisions[end.decision->id];
      row.decision = std::move(*end.decision);
    }
    if (end.command) {
      auto key = std::pair(end.command->issuer, end.command->id);
      disk_.commands.insert_or_assign(std::move(key), std::move(*end.command));
    }
    if (end.hold_over) {
      const auto held = disk_.holds.find(end.hold_over->door);
      if (held != disk_.holds.end() && held->second.until == end.hold_over->until) disk_.holds.erase(held);
    }
    keep(end.audit, end.messages);
    co_return Result<void>{};
  }
  Task<Result<std::vector<DoorIntent>>> open_intents() override {
    if (auto error = fault(cannot_read)) co_return *error;
    std::vector<DoorIntent> open;
    for (const auto& [key, intent] : disk_.open) open.push_back(intent);
    co_return open;
  }
  Task<Result<DecisionRow>> decision(std::string id) override {
    if (auto error = fault(cannot_read)) co_return *error;
    const auto found = disk_.decisions.find(id);
    if (found == disk_.decisions.end()) co_return Error{Errc::not_found, "no decision " + id};
    co_return found->second;
  }
  Task<Result<std::vector<DecisionRow>>> decisions(Instant /*since*/, std::string /*after*/) override {
    co_return std::vector<DecisionRow>();
  }
  Task<Result<std::size_t>> prune_decisions(Instant /*before*/, std::size_t /*at_most*/) override {
    co_return std::size_t{0};
  }
  Task<Result<std::vector<TakenCommand>>> taken_commands(Instant /*now*/) override {
    co_return std::vector<TakenCommand>();
  }
  Task<Result<std::map<std::string, std::int64_t>>> command_floors() override {
    co_return std::map<std::string, std::int64_t>();
  }
  Task<Result<std::size_t>> prune_commands(Instant /*now*/, std::size_t /*at_most*/) override {
    co_return std::size_t{0};
  }

  /// Lets one slow begin go on.
  void let_begin() { gate_.ring(); }
  void put_person(PersonEntry entry) {
    auto id = entry.person.id;
    disk_.people.insert_or_assign(id, entry);
    if (listener_ != nullptr) listener_->on_people({std::move(entry)}, {});
  }
  void put_presence(const Presence& presence) {
    std::erase_if(disk_.state.present, [&](const Presence& one) { return one.person == presence.person; });
    if (presence.on_site) disk_.state.present.push_back(presence);
    if (listener_ != nullptr) listener_->on_presence(presence);
  }

  bool cannot_read = false;
  bool cannot_write = false;
  bool cannot_end = false;
  bool slow = false;
  bool dead = false;
  bool die_after_begin = false;
  int begins = 0;
  int ends = 0;
  std::function<void()> during_read;

 private:
  std::optional<Error> fault(bool broken) {
    if (dead) return Error{Errc::storage, "dead"};
    if (broken) return Error{Errc::storage_full, "no room"};
    return next();
  }
  void keep(std::vector<AuditEntry>& audit, std::vector<Message>& messages) {
    for (auto& entry : audit) disk_.audit.push_back(std::move(entry));
    for (auto& message : messages) disk_.messages.push_back(std::move(message));
  }
  void put_walk_in(const WalkIn& walk_in) {
    PersonEntry entry;
    entry.person.id = walk_in.person;
    entry.person.facts.first_name = walk_in.first_name;
    entry.person.facts.last_name = walk_in.last_name;
    entry.person.facts.person_type = PersonType::visitor;
    entry.person.facts.site = walk_in.site.value();
    entry.person.sources.push_back({.integration = IntegrationId("walk_in"),
                                    .external_id = ExternalId("w"),
                                    .badge = "",
                                    .kind = SourceKind::walk_in,
                                    .evidence = "",
                                    .linked = std::nullopt});
    put_person(std::move(entry));
  }

  AccessDisk& disk_;
  Wakeup gate_;
  KnowledgeListener* listener_ = nullptr;
};

}  // namespace gatehouse::test
