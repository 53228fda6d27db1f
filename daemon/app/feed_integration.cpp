#include "daemon/app/feed_integration.hpp"

#include <utility>

namespace gatehouse {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// A snapshot that was read once says nothing new: only the next one does.
constexpr Duration read_again = hours(24);
constexpr Duration look_again = seconds(30);

/// Where the disk, rather than a file, is to blame: over by itself, and not with the next snapshot only.
bool is_of_the_disk(const Error& error) {
  return error.code == Errc::storage || error.code == Errc::storage_full;
}

}  // namespace

FeedIntegration::FeedIntegration(Integration settings, const std::vector<SiteId>& all_sites, Parts parts)
    : settings_(std::move(settings)),
      parts_(std::move(parts)),
      read_bell_(parts_.people.executor),
      people_(settings_, all_sites, people_parts()),
      judged_(judge_now()) {}

PeopleSync::Parts FeedIntegration::people_parts() {
  auto people = parts_.people;
  people.poll = read_again;
  people.before_read = [this]() -> Task<Result<void>> {
    read_ = taken_;
    co_return Result<void>{};
  };
  people.changed = [this] {
    judge_again();
    read_bell_.ring();
  };
  people.ended = [this] {
    ended_ = read_;
    read_bell_.ring();
  };
  // Reading an old file again proves nothing new.
  people.proved = [this, proved = people.proved](Uptime at) {
    if (std::exchange(proved_, read_) != read_ && proved) proved(at);
  };
  return people;
}

void FeedIntegration::start(TaskGroup& loops) {
  if (!settings_.enabled) return;
  loops.start(settings_.id.value() + " people", [this](Pulse& pulse) { return people_.loop(pulse); });
  loops.start(settings_.id.value() + " inlet", [this](Pulse& pulse) { return inlet_loop(pulse); });
}

/// Each snapshot has a pass of its own before the next one takes its place, also the one that was current
/// when the daemon before this one ended. Where passes are made by hand they are of the newest.
Task<void> FeedIntegration::until_read() {
  while (settings_.automatic && !people_.paused() && ended_ != taken_) co_await read_bell_.wait(look_again);
}

Task<void> FeedIntegration::inlet_loop(Pulse& pulse) {
  for (;;) {
    co_await until_read();
    auto taken = co_await parts_.inlet.take_next();
    if (taken && *taken) {
      broken_.reset();
      ++taken_;
      people_.ring();
      judge_again();
      continue;
    }
    if (!taken) {
      if (taken.error().code == Errc::cancelled) co_return;
      broken_ = taken.error();
      judge_again();
      // Said once: the file is in failed/ now, or told and left alone. It makes way for the next.
      const bool of_this_file = broken_->code == Errc::malformed || broken_->code == Errc::incomplete;
      if (of_this_file) continue;
    } else if (broken_ && is_of_the_disk(*broken_)) {
      broken_.reset();
      judge_again();
    }
    co_await parts_.inlet.wait_for_change(look_again);
  }
}

std::optional<Error> FeedIntegration::fault() const {
  if (broken_) return broken_;
  // Nothing has come yet: that is no fault, and nothing is known to be well either.
  const auto& fault = people_.facts().fault;
  const bool real = fault && fault->code != Errc::not_found && fault->code != Errc::cancelled;
  return real ? fault : std::nullopt;
}

std::optional<Error> FeedIntegration::fault_of_a_file() const {
  const auto error = fault();
  const bool in_it = error && (error->code == Errc::malformed || error->code == Errc::incomplete);
  return in_it ? error : std::nullopt;
}

StateAndReason FeedIntegration::judge_now() const {
  const auto& people = people_.facts();
  const auto file = fault_of_a_file();
  const bool no_directory = broken_ && is_of_the_disk(*broken_);
  IntegrationFacts facts;
  facts.enabled = settings_.enabled;
  facts.automatic = settings_.automatic;
  facts.staging = settings_.mode == IntegrationMode::staging;
  facts.switched = people_.paused() ? Switch::paused : Switch::on;
  facts.importing_first = people.importing_first && people.read_once;
  facts.draft = people.draft;
  facts.guarded = people.guarded;
  facts.other_people = people.other_server;
  facts.reimport = people.reimport;
  facts.open_issues = people.open_issues;
  if (!file) facts.people_fault = fault();
  if (no_directory) facts.people_fault->code = Errc::unreachable;
  facts.authenticated_once = has_one_in_force() || facts.people_fault;
  auto judged = judge(facts);
  if (judged.state == IntegrationState::pending)
    judged.hint = "no complete snapshot has come yet; its format: connectors/feed/README.md";
  if (judged.state == IntegrationState::unreachable)
    judged.hint = "mend what is named; it is tried again by itself";
  const bool well = judged.state == IntegrationState::active || judged.state == IntegrationState::pending;
  if (file && well) {
    judged.detail = file->detail;
    judged.hint = hint_for_file();
  }
  return judged;
}

bool FeedIntegration::has_one_in_force() const {
  return people_.facts().read_once || people_.sync().ever_complete();
}

std::string FeedIntegration::hint_for_file() const {
  return has_one_in_force() ? "the last good snapshot stays in force; mend the program that writes the feed"
                            : "mend the program that writes the feed";
}

void FeedIntegration::judge_again() {
  auto judged = judge_now();
  const bool told_anew = judged != judged_;
  const bool other_state = judged.state != judged_.state;
  judged_ = std::move(judged);
  const bool withheld =
      judged_.state == IntegrationState::guarded || judged_.state == IntegrationState::reimport_pending;
  const bool faulty = fault().has_value() || withheld;
  if (faulty) {
    const auto file = fault_of_a_file();
    parts_.alerts.raise({.kind = "integration",
                         .subject = settings_.id.value(),
                         .detail = file ? file->detail : judged_.detail,
                         .hint = file ? hint_for_file() : judged_.hint});
  } else if (people_.facts().read_once) {  // not before: the daemon before this one may have raised it
    parts_.alerts.over("integration", settings_.id.value());
  }
  if (other_state) {
    parts_.log.write(faulty ? Level::warning : Level::info,
                     "status: " + std::string(to_string(judged_.state)) +
                         (judged_.detail.empty() ? "" : ": " + judged_.detail),
                     {{"INTEGRATION", settings_.id.value()}, {"STATUS", to_string(judged_.state)}});
  }
  if (told_anew) parts_.status_changed();
}

IntegrationStatus FeedIntegration::status() const {
  IntegrationStatus status;
  status.id = settings_.id.value();
  status.name = settings_.name;
  status.kind = "feed";
  status.judged = judged_;
  status.connected = judged_.state != IntegrationState::pending &&
                     judged_.state != IntegrationState::disabled &&
                     judged_.state != IntegrationState::unreachable;
  status.last_run = people_.last_run() ? people_.last_run() : people_.sync().last_complete();
  status.last_full = people_.sync().last_full();
  status.people = people_.sync().index().people();
  status.issues = people_.sync().open_issues().size();
  return status;
}

}  // namespace gatehouse
