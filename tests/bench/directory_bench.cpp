// The directory sync by itself: a plan of everybody, a changed mapping, and matching against a roster;
// processor time and memory, at 10,000 and 100,000 people. The store is the real one; the source is a list in
// memory, and handing it out is the baseline that is taken off.

#include <cstring>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/app/directory_sync.hpp"
#include "daemon/host/system_clock.hpp"
#include "daemon/host/unicode_fold.hpp"
#include "daemon/store/store.hpp"
#include "tests/bench/measurements.hpp"
#include "tests/bench/proc.hpp"
#include "tests/whole/temp_dir.hpp"

namespace gatehouse::bench {
namespace {

const UnicodeFold fold;
const std::vector<SiteId> sites{SiteId("hq")};

Integration settings() {
  Integration made;
  made.id = IntegrationId("net2-hq");
  made.name = "Head office";
  made.enabled = true;
  made.sync.groups = {{"Staff", PersonType::employee}};
  made.sync.fields = {{FieldTarget::first_name, "firstName"},
                      {FieldTarget::last_name, "lastName"},
                      {FieldTarget::email, "custom:Email"},
                      {FieldTarget::phone, "telephone"}};
  made.sync.site.fallback = SiteId("hq");
  return made;
}

/// Somebody of their own, by number.
SourceRecord somebody(std::int64_t number) {
  const auto text = std::to_string(number);
  return {.number = number,
          .external_id = {},
          .group = {},
          .department = "Staff",
          .access_levels = {},
          .valid_from = std::nullopt,
          .valid_until = std::nullopt,
          .values = {"Ada" + text, "Lovelace" + text, "ada" + text + "@example.com", "+44 1632 " + text}};
}

class List final : public PeopleSource {
 public:
  explicit List(std::int64_t people) : people_(people) {}
  Task<Result<PeopleRead>> read_people(PeopleQuery query, RecordSink& sink) override {
    (void)query;
    for (std::int64_t i = 1; i <= people_; ++i) sink.take(somebody(i));
    co_return PeopleRead{.seen = static_cast<std::uint64_t>(people_), .took = Duration{0}, .way = "list"};
  }

 private:
  std::int64_t people_;
};

class Nothing final : public RecordSink {
 public:
  void take(SourceRecord&& record) override { bytes_ += record.values.size(); }

 private:
  std::size_t bytes_ = 0;
};

/// One engine over a store of its own.
class Engine {
 public:
  explicit Engine(std::int64_t people) : list(people) {
    auto opened = Store::open(
        {.directory = dir.path(), .source = "/gatehouse/acme/bench", .fold = fold, .space = {}}, clock);
    if (!opened) throw std::runtime_error(opened.error().detail);
    store = std::move(*opened);
  }

  template <typename T>
  T get(Task<Result<T>> task) {
    std::optional<Result<T>> answer;
    boost::asio::co_spawn(
        io, [&]() -> Task<void> { answer.emplace(co_await std::move(task)); },
        [](const std::exception_ptr& broken) {
          if (broken) std::rethrow_exception(broken);
        });
    io.restart();
    io.run();
    if (!*answer) throw std::runtime_error(answer->error().detail);
    if constexpr (!std::is_void_v<T>) return std::move(**answer);
  }

  PassReport pass(const Integration& with, std::optional<Plan> apply = std::nullopt) {
    DirectorySync sync(with, make_mapping(with, sites, fold),
                       {.source = list,
                        .store = *store,
                        .issues = *store,
                        .plans = *store,
                        .people = *store,
                        .turn = turn,
                        .clock = clock,
                        .worker = worker.get_executor(),
                        .news = [] {},
                        .progress = {}});
    get(sync.load());
    PassAsk ask;
    ask.apply = std::move(apply);
    return get(sync.run(std::move(ask)));
  }

  double handing_out() {
    const double before = cpu_seconds(::getpid());
    Nothing nothing;
    get(list.read_people({}, nothing));
    return cpu_seconds(::getpid()) - before;
  }

  whole::TempDir dir;
  SystemClock clock;
  boost::asio::io_context io;
  boost::asio::thread_pool worker{1};
  RegistryTurn turn;
  List list;
  std::unique_ptr<Store> store;
};

struct Figures {
  double plan = 0, plan_kept = 0, matching = 0, mapping = 0;  ///< seconds of processor
  double memory = 0;                                          ///< MB above the start
};

double peak_mb() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  return static_cast<double>(use.ru_maxrss) * 1024 / 1e6;
}

/// Everybody in the registry is also in the source: by e-mail and name.
double match_all(std::int64_t people) {
  RecordPack changed;
  std::vector<RegistryEntry> registry;
  for (std::int64_t i = 1; i <= people; ++i) {
    const auto record = somebody(i);
    changed.put(record);
    RegistryRow row;
    row.id = PersonId("01J0000000000000000" + std::to_string(1'000'000 + i));
    row.first_name = record.values[0];
    row.last_name = record.values[1];
    row.email = record.values[2];
    row.phone = record.values[3];
    registry.push_back(registry_entry(row, fold));
  }
  const auto with = settings();
  const auto mapping = make_mapping(with, sites, fold);
  const RecordIndex index;
  const std::vector<bool> seen;
  const OperatorWord word;
  const double before = thread_cpu_seconds();
  const auto evaluation = evaluate({.integration = with,
                                    .mapping = mapping,
                                    .index = index,
                                    .seen = seen,
                                    .changed = changed,
                                    .registry = registry,
                                    .word = word,
                                    .now = {},
                                    .same_mapping = true,
                                    .other_server = false});
  const double took = thread_cpu_seconds() - before;
  if (evaluation.links.size() != static_cast<std::size_t>(people))
    throw std::runtime_error("the matching did not match");
  return took;
}

Figures measure(std::int64_t people) {
  Figures figures;
  Engine engine(people);
  const double reading = engine.handing_out();
  const double start = peak_mb();
  const auto pid = ::getpid();
  double before = cpu_seconds(pid);
  const auto drafted = engine.pass(settings());
  figures.plan = cpu_seconds(pid) - before - reading;
  if (!drafted.plan || drafted.plan->count != static_cast<std::uint64_t>(people))
    throw std::runtime_error("the plan does not list everybody");
  before = cpu_seconds(pid);
  const auto again = engine.pass(settings());
  figures.plan_kept = cpu_seconds(pid) - before - reading;
  if (!again.plan || again.plan->id != drafted.plan->id) throw std::runtime_error("the plan was not kept");
  figures.memory = peak_mb() - start;
  engine.pass(settings(), drafted.plan);
  auto other = settings();
  other.sync.groups = {{"Staff", PersonType::member}};
  before = cpu_seconds(pid);
  const auto changed = engine.pass(other);
  figures.mapping = cpu_seconds(pid) - before - reading;
  if (!changed.plan || changed.plan->count != static_cast<std::uint64_t>(people))
    throw std::runtime_error("the changed mapping does not list everybody");
  figures.matching = match_all(people);
  return figures;
}

/// In a process of its own, so that its memory is its own.
Figures apart(std::int64_t people) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
  const auto child = ::fork();
  if (child == 0) {
    Figures figures;
    int status = 0;
    try {
      figures = measure(people);
    } catch (const std::exception& trouble) {
      std::fprintf(stderr, "%s\n", trouble.what());
      status = 1;
    }
    const auto written = ::write(ends[1], &figures, sizeof figures);
    ::_exit(written == sizeof figures ? status : 1);
  }
  ::close(ends[1]);
  Figures figures;
  const auto got = ::read(ends[0], &figures, sizeof figures);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (got != sizeof figures || status != 0) throw std::runtime_error("the measurement did not end well");
  return figures;
}

}  // namespace

void measure_directory(Report& report) {
  report.begin("directory sync by itself, without a network");
  const auto small = apart(10'000);
  const auto large = apart(100'000);
  const auto times = [](double more, double less) { return number(more / less) + " x of 10 000"; };
  report.at_most("100 000 people: judged, compared, planned", large.plan_kept, 1, "s of processor",
                 times(large.plan_kept, small.plan_kept));
  report.told("the same, with the plan written for the first time", large.plan, "s of processor",
              times(large.plan, small.plan));
  report.told("100 000 people under a changed mapping, planned", large.mapping, "s of processor",
              times(large.mapping, small.mapping));
  report.at_most("100 000 records matched against a roster of 100 000", large.matching, 1, "s of processor",
                 times(large.matching, small.matching));
  report.at_most("memory of a plan of 100 000 people", large.memory, 60, "MB",
                 times(large.memory, small.memory));
}

}  // namespace gatehouse::bench
