#include "daemon/app/exporter.hpp"

#include <algorithm>
#include <set>

#include "daemon/app/on_worker.hpp"

namespace gatehouse {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration plan_life = std::chrono::hours(24);  ///< each look that finds the same renews it
constexpr Duration between_looks = seconds(5);          ///< at least, and ten times what a look takes
constexpr Duration after_failures = minutes(5);         ///< with nothing changed meanwhile

/// What to read of each user: the mark first, then the fields of `exported_fields` that are mapped.
class Census final : public RecordSink {
 public:
  Census(std::vector<FieldTarget> targets, const TextFold& fold)
      : targets_(std::move(targets)), fold_(fold) {}

  void take(SourceRecord&& record) override {
    OwnUser user{.number = record.number, .person = {}, .fields = {}};
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      field_of(user.fields, targets_[i]) = std::move(record.values[i + 1]);
    }
    PersonFacts facts;
    facts.first_name = user.fields.first_name;
    facts.last_name = user.fields.last_name;
    facts.email = user.fields.email;
    facts.phone = user.fields.phone;
    users.put(identity_keys(facts, fold_), record.number);
    if (auto owner = owner_of(record.values.front())) {
      user.person = std::move(*owner);
      own.push_back(std::move(user));
    }
  }

  Lookup users;
  std::vector<OwnUser> own;

 private:
  std::vector<FieldTarget> targets_;
  const TextFold& fold_;
};

class ListedChanges final : public PlanKeeper::Listing {
 public:
  explicit ListedChanges(std::vector<PlanChange> changes) : changes_(std::move(changes)) {}
  void rewind() override { done_ = 0; }
  Task<Result<std::vector<PlanChange>>> next() override {
    constexpr std::size_t portion = 500;
    const auto from = changes_.begin() + static_cast<std::ptrdiff_t>(done_);
    done_ = std::min(done_ + portion, changes_.size());
    co_return std::vector<PlanChange>(from, changes_.begin() + static_cast<std::ptrdiff_t>(done_));
  }

 private:
  std::vector<PlanChange> changes_;
  std::size_t done_ = 0;
};

std::vector<PlanChange> changes_of(const ExportWork& work) {
  std::vector<PlanChange> changes;
  for (const auto& create : work.creates) changes.push_back(plan_change_of(create));
  for (const auto& update : work.updates) changes.push_back(plan_change_of(update));
  return changes;
}

}  // namespace

/// Both sides at one moment.
struct Exporter::Sight {
  Lookup users;
  std::vector<OwnUser> own;
  std::vector<NamedNumber> levels, departments;
  std::vector<Person> people;
  OperatorWord word;
  std::uint64_t revision = 0;
  Duration took{0};
};

Exporter::Exporter(Integration settings, Parts parts)
    : settings_(std::move(settings)),
      id_(settings_.id),
      parts_(std::move(parts)),
      hands_{.writer = parts_.writer,
             .store = parts_.store,
             .issues = parts_.issues,
             .clock = parts_.clock,
             .log = parts_.log,
             .news = parts_.news},
      plans_(id_, parts_.plans, parts_.clock, parts_.news) {}

Task<Result<ExportReport>> Exporter::run(ExportAsk ask) {
  if (settings_.sync.to_net2.mode == ExportMode::off) {
    if (ask.apply) co_return Error{Errc::refused, std::string(plan_stale) + "sync.export.mode is off"};
    auto retired = co_await retire();
    co_return retired;
  }
  const auto now = parts_.clock.uptime();
  news_ = news_ || ask.changed || parts_.people.registry_revision() != seen_revision_;
  const bool due =
      !looked_once_ || ask.at_once || (news_ && now >= next_look_) || (!at_rest_ && now >= next_try_);
  if (!due && !ask.apply) co_return ExportReport{};
  const bool asked_to_apply = ask.apply.has_value();
  auto report = co_await look_and_act(std::move(ask));
  if (report) co_return report;
  at_rest_ = false;
  if (asked_to_apply) co_return report;
  tell_trouble(report.error());
  ExportReport failed;
  if (!passes_by_itself(report.error().code)) {
    auto issue = export_issue(id_, IssueReason::export_refused, parts_.clock.now());
    issue.fields["why"] = report.error().detail;
    failed.looked = true;
    looked_once_ = true;
    failed.issues.push_back(std::move(issue));
    next_try_ = parts_.clock.uptime() + after_failures;
  }
  co_return failed;
}

/// Export was switched off: its plan holds no longer, and its issues are over.
Task<Result<ExportReport>> Exporter::retire() {
  if (looked_once_) co_return ExportReport{};
  auto dropped = co_await plans_.drop({PlanKind::to_net2});
  auto unfinished = co_await unfinished_plan();
  if (unfinished && *unfinished) {
    auto ended = co_await parts_.plans.set_plan_state((*unfinished)->id, PlanState::superseded);
    if (!ended) dropped = ended;
  }
  looked_once_ = dropped.ok() && unfinished.ok();
  ExportReport report;
  report.looked = looked_once_;
  co_return report;
}

// --- what there is

Task<Result<Exporter::Sight>> Exporter::look() {
  Sight sight;
  sight.revision = parts_.people.registry_revision();
  const auto began = parts_.clock.uptime();
  std::vector<FieldTarget> targets;
  PeopleQuery query{.fields = {settings_.sync.to_net2.owner_field}};
  for (const auto target : exported_fields) {
    const auto mapped = settings_.sync.fields.find(target);
    if (mapped == settings_.sync.fields.end()) continue;
    targets.push_back(target);
    query.fields.push_back(mapped->second);
  }
  Census census(std::move(targets), parts_.fold);
  auto read = co_await parts_.source.read_people(std::move(query), census);
  if (!read) co_return within("read the users of Net2", read.error());
  census.users.seal();
  sight.users = std::move(census.users);
  sight.own = std::move(census.own);
  auto levels = co_await parts_.writer.access_levels();
  if (!levels) co_return within("read the access levels", levels.error());
  sight.levels = std::move(*levels);
  auto departments = co_await parts_.writer.departments();
  if (!departments) co_return within("read the departments", departments.error());
  sight.departments = std::move(*departments);
  sight.took = parts_.clock.uptime() - began;
  auto cloud = co_await read_cloud(sight);
  if (!cloud) co_return cloud.error();
  auto word = co_await parts_.issues.operator_word(id_);
  if (!word) co_return within("read what operators have decided", word.error());
  sight.word = std::move(*word);
  co_return sight;
}

Task<Result<void>> Exporter::read_cloud(Sight& sight) {
  PersonId after;
  for (;;) {
    auto people = co_await parts_.store.cloud_people(after);
    if (!people) co_return within("read the people of the cloud", people.error());
    if (people->empty()) break;
    after = people->back().id;
    std::ranges::move(*people, std::back_inserter(sight.people));
  }
  co_return Result<void>{};
}

/// What else a plan rests on: which level each name means, and where the mark goes.
std::uint64_t Exporter::basis_of(const Sight& sight) const {
  std::uint64_t basis = hash_text(settings_.sync.to_net2.owner_field);
  for (const auto& level : sight.levels)
    basis += hash_text(level.name, static_cast<std::uint64_t>(level.number));
  return basis;
}

// --- what becomes of it

Task<Result<ExportReport>> Exporter::look_and_act(ExportAsk ask) {
  auto sight = co_await look();
  if (!sight) co_return sight.error();
  const ExportEvidence evidence{.integration = settings_,
                                .people = sight->people,
                                .own = sight->own,
                                .users = sight->users,
                                .open_issues = ask.open_issues,
                                .word = sight->word,
                                .levels = sight->levels,
                                .departments = sight->departments,
                                .fold = parts_.fold,
                                .now = parts_.clock.now()};
  ExportWork work;
  const std::function<void()> judge = [&] { work = export_work(evidence); };
  co_await on_worker(parts_.worker, judge);
  looked_once_ = true;
  news_ = false;
  seen_revision_ = sight->revision;
  next_look_ = parts_.clock.uptime() + std::max(between_looks, sight->took * 10);
  next_try_ = next_look_;

  ExportReport report;
  report.looked = true;
  ExportRun attempt(settings_, hands_, ask.run, report, told_failures_);
  const auto basis = basis_of(*sight);
  auto unfinished = co_await unfinished_plan();
  if (!unfinished) co_return unfinished.error();
  const bool unknown_level = std::ranges::any_of(
      work.issues, [](const Issue& issue) { return issue.reason == IssueReason::unknown_access_level; });
  Result<void> done;
  if (unknown_level) {
    if (ask.apply) {
      co_return Error{Errc::refused,
                      std::string(plan_stale) +
                          "Net2 has no access level of a configured name: see gatehouse issue list"};
    }
    done = co_await plans_.drop({PlanKind::to_net2});
  } else if (*unfinished) {
    done = co_await carry_out_plan(**unfinished, work, attempt);
  } else if (ask.apply) {
    ListedChanges listing(changes_of(work));
    auto token = co_await plans_.token(PlanKind::to_net2, basis, listing);
    if (!token) co_return token.error();
    if (*token != ask.apply->token) {
      auto offered = co_await offer(work, basis, report);
      if (!offered) co_return offered.error();
      co_return Error{Errc::refused, std::string(plan_stale) + "something that it rests on has changed" +
                                         (report.plan ? "; the plan is now " + report.plan->id.value()
                                                      : std::string("; nothing is left to confirm"))};
    }
    done = co_await parts_.plans.set_plan_state(ask.apply->id, PlanState::applying);
    if (done) done = co_await carry_out_plan(*ask.apply, work, attempt);
  } else if (settings_.sync.to_net2.mode == ExportMode::approve) {
    ExportWork links;  // finishing what was approved before
    links.links = work.links;
    done = co_await attempt.carry_out(links);
    if (done) done = co_await offer(work, basis, report);
  } else {
    done = co_await plans_.drop({PlanKind::to_net2});
    if (done) done = co_await attempt.carry_out(work);
  }
  report.issues = work.issues;
  for (auto& issue : attempt.take_issues()) report.issues.push_back(std::move(issue));
  at_rest_ = done.ok() && report.issues.empty() && !report.plan;
  if (!done && (ask.apply || report.created + report.updated + report.linked == 0)) co_return done.error();
  if (!done) tell_trouble(done.error());
  if (done) {
    told_trouble_.clear();
    next_try_ = parts_.clock.uptime() + after_failures;
  }
  if (report.created + report.updated + report.linked + report.failed != 0) parts_.news();
  co_return report;
}

Task<Result<void>> Exporter::offer(const ExportWork& work, std::uint64_t basis, ExportReport& report) {
  ListedChanges listing(changes_of(work));
  Plan wanted;
  wanted.kind = PlanKind::to_net2;
  wanted.basis = basis;
  wanted.run = RunId(parts_.clock.new_id());
  auto plan = co_await plans_.keep(std::move(wanted), listing, plan_life, false);
  if (!plan) co_return plan.error();
  report.plan = std::move(*plan);
  co_return Result<void>{};
}

/// One that was confirmed, and that trouble or a crash has cut short.
Task<Result<std::optional<Plan>>> Exporter::unfinished_plan() {
  auto live = co_await parts_.plans.live_plans();
  if (!live) co_return within("look for plans", live.error());
  for (const auto& plan : *live) {
    if (plan.integration == id_ && plan.kind == PlanKind::to_net2 && plan.state == PlanState::applying)
      co_return std::optional<Plan>(plan);
  }
  co_return std::optional<Plan>();
}

/// Of what is to be done now that, and only that, which the plan lists.
Task<Result<void>> Exporter::carry_out_plan(Plan plan, const ExportWork& work, ExportRun& attempt) {
  std::set<std::string> listed;
  std::uint64_t read = 0;
  for (;;) {
    auto changes = co_await parts_.plans.plan_changes(plan.id, read, 500);
    if (!changes) co_return within("read the plan", changes.error());
    if (changes->empty()) break;
    read += changes->size();
    for (const auto& change : *changes) listed.insert(plan_change_json(change));
  }
  ExportWork approved;
  approved.links = work.links;
  for (const auto& create : work.creates) {
    if (listed.contains(plan_change_json(plan_change_of(create)))) approved.creates.push_back(create);
  }
  for (const auto& update : work.updates) {
    if (listed.contains(plan_change_json(plan_change_of(update)))) approved.updates.push_back(update);
  }
  attempt.go_on_as(plan.run);
  auto done = co_await attempt.carry_out(approved);
  if (!done) co_return within("the plan is gone on with by itself", done.error());
  PlanEnd end;
  end.plan = plan.id;
  auto ended = co_await parts_.plans.end_plan(std::move(end));
  if (!ended) co_return within("end the plan", ended.error());
  co_return Result<void>{};
}

/// Once, until something else is wrong or all is well.
void Exporter::tell_trouble(const Error& why) {
  if (why.code == Errc::cancelled || told_trouble_ == why.detail) return;
  told_trouble_ = why.detail;
  parts_.log.write(Level::warning, "export into Net2 waits: " + why.detail, {{"INTEGRATION", id_.value()}});
}

}  // namespace gatehouse
