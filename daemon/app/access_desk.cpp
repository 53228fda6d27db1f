#include "daemon/app/access_desk.hpp"

#include <algorithm>
#include <utility>

#include "daemon/app/access_desk_inside.hpp"
#include "daemon/core/settings_names.hpp"

namespace gatehouse {
namespace {

Error stopping_error() {
  return {Errc::cancelled, "the gateway is stopping"};
}

constexpr std::string_view mode_word(const std::optional<DoorMode>& mode) {
  return mode ? to_string(*mode) : std::string_view("config");
}

}  // namespace

// --- what others see

AccessDesk::AccessDesk(Parts parts) : inside_(std::make_unique<Inside>(std::move(parts))) {}

AccessDesk::~AccessDesk() = default;

Task<void> AccessDesk::load() {
  inside_->parts.knowledge.tell_changes(*this);
  co_await inside_->load();
}

void AccessDesk::use(Settings settings, AccessPolicy::Zones zones, std::string revision) {
  inside_->rules.use(std::move(settings), std::move(zones), std::move(revision));
}

void AccessDesk::start() {
  inside_->loops.start("doors", [inside = inside_.get()](Pulse& pulse) { return inside->run(pulse); });
}

Task<void> AccessDesk::stop() {
  co_await inside_->stop();
}

Task<Result<DecisionRecord>> AccessDesk::sign_in(SignInRequest request) {
  if (inside_->stopping) co_return stopping_error();
  const auto received = inside_->parts.clock.uptime();
  auto work = inside_->sign_ins.sign_in(std::move(request), received);
  auto answer = inside_->errands.run("sign-in", std::move(work));
  co_return co_await std::move(answer);
}

Result<DecisionRecord> AccessDesk::say(const SignIn& asked, const PersonRef& person,
                                       std::optional<Instant> at) const {
  auto made = inside_->maker.make(asked, person, true, Via::local, at);
  if (!made) return made.error();
  return std::move(made->record);
}

Task<Result<DoorReport>> AccessDesk::move_door(DoorRequest request) {
  if (inside_->stopping) co_return stopping_error();
  if (!inside_->crash_settled)
    co_return Error{Errc::storage, "store_unwritable: what was begun at the doors cannot be read"};
  const auto received = inside_->parts.clock.uptime();
  auto work = inside_->acts.move(std::move(request), received);
  auto answer = inside_->errands.run("act at a door", std::move(work));
  co_return co_await std::move(answer);
}

Task<Result<void>> AccessDesk::set_lockdown(LockdownRequest request) {
  if (inside_->stopping) co_return stopping_error();
  auto work = inside_->set_lockdown(std::move(request));
  auto answer = inside_->errands.run("lockdown", std::move(work));
  co_return co_await std::move(answer);
}

Task<Result<void>> AccessDesk::set_mode(DoorId door, std::optional<DoorMode> mode, std::string actor) {
  if (inside_->stopping) co_return stopping_error();
  auto work = inside_->set_mode(std::move(door), mode, std::move(actor));
  auto answer = inside_->errands.run("door mode", std::move(work));
  co_return co_await std::move(answer);
}

AccessVerdict AccessDesk::again(const DecisionRow& row, const AccessPolicy& policy,
                                const DecisionBasis& basis) {
  return decide(row.decision.asked, basis.subject(), policy, basis.lockdown, basis.moment);
}

void AccessDesk::on_events(const IntegrationId& integration, const std::vector<EventCommit::Item>& events) {
  inside_->watch.on_events(integration, events);
}

void AccessDesk::on_door_status(const IntegrationId& integration, const std::vector<DoorStatus>& status) {
  inside_->watch.on_door_status(integration, status);
  inside_->bell.ring();  // and a moment to look at the clock: a machine that slept has a timer that did
}

void AccessDesk::trust_names() {
  inside_->book.doubt_names(false);
}

void AccessDesk::on_people(std::vector<PersonEntry> changed, std::vector<PersonId> gone) {
  for (const auto& entry : changed) {
    inside_->book.put(entry);
    if (inside_->loading) inside_->told_meanwhile.insert(entry.person.id);
  }
  for (const auto& id : gone) {
    inside_->book.drop(id);
    if (inside_->loading) inside_->told_meanwhile.insert(id);
  }
}

void AccessDesk::on_net2_lockdown(const IntegrationId& integration, bool on) {
  inside_->rules.net2_lockdown(integration, on);
}

void AccessDesk::on_presence(const Presence& presence) {
  inside_->book.put(presence);
  if (inside_->loading) inside_->presence_told.insert(presence.person);
}

const AccessBook& AccessDesk::book() const {
  return inside_->book;
}

const KnowledgeAges& AccessDesk::ages() const {
  return inside_->ages;
}

KnowledgeAges& AccessDesk::ages() {
  return inside_->ages;
}

const AccessPolicy& AccessDesk::policy() const {
  return inside_->rules.policy();
}

std::set<SiteId> AccessDesk::lockdown() const {
  return inside_->rules.locked_sites();
}

const std::vector<DoorIntent>& AccessDesk::left_open() const {
  return inside_->left_open;
}

std::vector<std::string> AccessDesk::late() const {
  auto late = inside_->loops.late();
  for (const auto* group : {&inside_->errands, &inside_->calls}) {
    for (auto& name : group->late()) late.push_back(std::move(name));
  }
  return late;
}

// --- what operators set

Task<Result<void>> AccessDesk::Inside::set_lockdown(LockdownRequest request) {
  if (!rules.has_site(request.site))
    co_return Error{Errc::invalid, "bad_args: the configuration has no site " + request.site.value()};
  // Locked from this moment on, whatever the disk says.
  if (request.on) {
    rules.lockdown_begins(request.site);
    sign_ins.drop_delayed(request.site);
    parts.status_changed();
  }
  AccessBegin begin;
  begin.lockdown = std::pair(request.site, request.on);
  begin.command = request.asker.command;
  begin.audit.push_back({.actor = request.asker.actor,
                         .action = "lockdown.set",
                         .target = request.site.value(),
                         .outcome = request.on ? "on" : "off",
                         .detail = "{}",
                         .person = std::nullopt});
  finish_at_once(begin, request.asker.finish, {});
  const bool told = !begin.messages.empty();
  const auto begun = co_await parts.store.begin_access(std::move(begin));
  const bool used_up = !begun && begun.error().code == Errc::refused;
  std::optional<bool> in_force;
  if (begun) in_force = request.on;
  // What could not be written is kept on while this process lasts: better shut than open.
  if (!begun && !used_up && request.on) in_force = true;
  if (request.on) {
    rules.lockdown_settled(request.site, in_force);
  } else if (begun) {
    rules.lockdown_is(request.site, false);
  }
  parts.status_changed();
  if (begun) {
    if (told) parts.news();
    co_return Result<void>{};
  }
  if (used_up) co_return begun.error();
  co_return Error{Errc::storage, "store_unwritable: " + begun.error().detail};
}

Task<Result<void>> AccessDesk::Inside::set_mode(DoorId door, std::optional<DoorMode> mode,
                                                std::string actor) {
  const bool known = rules.door(door) != nullptr || (!mode && rules.mode_is_set(door));
  if (!known) co_return Error{Errc::not_found, "the configuration has no door " + to_string(door)};
  AuditEntry audit{.actor = std::move(actor),
                   .action = "door.mode",
                   .target = to_string(door),
                   .outcome = std::string(mode_word(mode)),
                   .detail = "{}",
                   .person = std::nullopt};
  auto stored = co_await parts.knowledge.set_door_mode(door, mode, std::move(audit));
  if (stored) rules.set_mode(door, mode);
  co_return stored;
}

}  // namespace gatehouse
