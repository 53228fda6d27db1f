#include "connectors/net2/people_reader.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include "daemon/app/on_worker.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;

constexpr Duration refusal_kept = 1h;
constexpr Duration nobody_believed = 1h;  ///< of /users alone
constexpr char nobody[] = "nobody";       ///< the mark of /users alone
constexpr std::size_t most_missing = 50;  ///< users of departments' lists looked for singly

/// It does not serve this route, rather than nothing at all for now.
bool is_refused(int status) {
  return status == 400 || status == 403 || status == 404 || status == 405 || status == 500 || status == 501;
}

std::string people_path(const std::vector<FieldPlace>& fields, const PeopleQuery& query) {
  return "/customquery/querydb?query=" + percent_encode(people_sql(fields, query.access_levels));
}

/// What the rows of a list are read by; the list itself is to be added.
AnswerMark mark_for(const std::string& path, const std::map<std::int64_t, std::string>& levels) {
  AnswerMark mark;
  mark.add(path);
  for (const auto& [id, name] : levels) mark.add(fmt::format("\n{}:{}:{}", id, name.size(), name));
  mark.add("\n");
  return mark;
}

/// Which ids were seen, and with what content. Small where ids ascend, as they mostly do.
class SeenPeople {
 public:
  enum class Kind { fresh, same, other };

  Kind add(std::int64_t number, std::uint64_t hash) {
    if (ascending_.empty() || number > ascending_.back().first) {
      ascending_.emplace_back(number, hash);
      return Kind::fresh;
    }
    const auto found =
        std::lower_bound(ascending_.begin(), ascending_.end(), std::pair(number, std::uint64_t{0}));
    if (found != ascending_.end() && found->first == number)
      return found->second == hash ? Kind::same : Kind::other;
    const auto [late, is_new] = others_.try_emplace(number, hash);
    if (is_new) return Kind::fresh;
    return late->second == hash ? Kind::same : Kind::other;
  }
  bool has(std::int64_t number) const {
    const auto found =
        std::lower_bound(ascending_.begin(), ascending_.end(), std::pair(number, std::uint64_t{0}));
    return (found != ascending_.end() && found->first == number) || others_.contains(number);
  }
  std::uint64_t count() const { return ascending_.size() + others_.size(); }

 private:
  std::vector<std::pair<std::int64_t, std::uint64_t>> ascending_;
  std::unordered_map<std::int64_t, std::uint64_t> others_;
};

}  // namespace

/// What one pass over everybody has found so far. Touched by whoever parses the list while it comes in.
struct PeopleReader::Listing {
  struct Open {
    SourceRecord record;
    bool department = false;  ///< still to be read
    bool levels = false;
    bool gone = false;
  };

  explicit Listing(std::vector<FieldPlace> places) : fields(std::move(places)) {}

  /// True where the row goes on: its id is good and new.
  bool admit(const PersonRow& row) {
    if (row.fault) {
      fault = Error{Errc::malformed, *row.fault};
      return false;
    }
    const auto kind = seen.add(row.record.number, fingerprint(row.record, hash_text(row.access_level)));
    if (kind == SeenPeople::Kind::other) {
      fault = Error{Errc::incomplete,
                    fmt::format("user {} came twice with different content", row.record.number)};
    }
    return kind == SeenPeople::Kind::fresh;
  }

  std::vector<FieldPlace> fields;
  SeenPeople seen;
  std::vector<Open> open;  ///< to be read singly, given to the sink at the end
  std::optional<Error> fault;
  bool unusable = false;  ///< the rows lack columns
};

PeopleReader::PeopleReader(boost::asio::any_io_executor worker, Net2Api& api, const HttpsClient& https,
                           const ServerZone& zone, const Clock& clock, Log& log)
    : worker_(std::move(worker)),
      api_(api),
      groups_(api),
      https_(https),
      zone_(zone),
      clock_(clock),
      log_(log) {}

Task<Result<PeopleRead>> PeopleReader::read(PeopleQuery query, RecordSink& sink) {
  const Uptime began = clock_.uptime();
  std::vector<NamedId> names;
  if (needs_custom_names(query)) {
    auto read = co_await custom_names();
    if (!read) co_return read.error();
    names = std::move(*read);
  }
  auto fields = place_fields(query, names);
  if (!fields) co_return fields.error();
  const bool has_columns = std::none_of(fields->begin(), fields->end(),
                                        [](const FieldPlace& field) { return field.only_by_users(); });
  if (clock_.uptime() < nobody_until_ && !(has_columns && querydb_worth_trying())) {
    auto users = co_await count_users();
    if (!users) co_return users.error();
    if (*users == 0)
      co_return PeopleRead{
          .took = clock_.uptime() - began, .way = "users", .mark = nobody, .repeats = query.known == nobody};
    querydb_refused_ = false;  // it may have been for showing nobody
  }
  Levels levels;
  if (query.access_levels) {
    auto read = co_await groups_.access_levels();
    if (!read) co_return read.error();
    levels = std::move(*read);
  }

  const bool refused_before = querydb_refused_;
  if (has_columns && querydb_worth_trying()) {
    auto known = co_await is_known(query, people_path(*fields, query), levels);
    if (!known) co_return known.error();
    if (*known)
      co_return PeopleRead{
          .took = clock_.uptime() - began, .way = "querydb", .mark = query.known, .repeats = true};
    auto read = co_await by_querydb(query, *fields, levels, sink);
    if (!read) co_return read.error();
    if (*read) {
      nobody_until_ = {};
      co_return PeopleRead{.seen = (*read)->seen,
                           .took = clock_.uptime() - began,
                           .way = "querydb",
                           .mark = std::move((*read)->mark)};
    }
  }
  auto seen = co_await by_users(query, *fields, levels, sink);
  if (!seen) {
    querydb_refused_ = refused_before;  // what a server that fails altogether says of one route is not kept
    co_return seen.error();
  }
  // The connections that this very read has opened are not the ones to ask again over.
  if (querydb_refused_) refused_over_ = https_.connections();
  nobody_until_ = *seen == 0 ? clock_.uptime() + nobody_believed : Uptime{};
  co_return PeopleRead{.seen = *seen, .took = clock_.uptime() - began, .way = "users"};
}

Task<Result<bool>> PeopleReader::is_known(const PeopleQuery& query, const std::string& path,
                                          const Levels& levels) {
  if (query.known.empty() || query.known == nobody) co_return false;
  AnswerMark mark = mark_for(path, levels);
  auto whole = co_await api_.read_mark(path, mark);
  if (!whole) co_return whole.error();
  co_return *whole&& mark.value() == query.known;
}

/// A server that has never told them has those of the factory, by which an integration was set up then; one
/// that has told them before may have other ones.
Task<Result<std::vector<NamedId>>> PeopleReader::custom_names() {
  const std::string path = "/users/customfieldnames";
  auto answer = co_await api_.ask(path);
  if (!answer) co_return answer.error();
  if (answer->status == 404 && !told_names_) {
    if (!std::exchange(factory_names_, true))
      log_.write(Level::warning,
                 "the server does not tell the names of its custom fields (404): they are "
                 "taken to be as delivered");
    co_return factory_field_names();
  }
  if (!is_success(*answer)) co_return Net2Api::refusal(*answer, path);
  auto names = parse_named_ids(answer->body);
  if (!names) co_return within("GET /api/v1" + path, names.error());
  told_names_ = true;
  co_return names;
}

bool PeopleReader::querydb_worth_trying() const {
  return !querydb_refused_ || clock_.uptime() >= refused_until_ || https_.connections() != refused_over_;
}

void PeopleReader::refuse_querydb(const std::string& why) {
  if (!querydb_refused_) log_.write(Level::info, "people are read by /users: " + why);
  querydb_refused_ = true;
  refused_until_ = clock_.uptime() + refusal_kept;
  refused_over_ = https_.connections();
}

/// nullopt where the server does not count.
Task<Result<std::optional<std::int64_t>>> PeopleReader::count_people() {
  using Count = std::optional<std::int64_t>;
  if (!counts_) co_return Count();
  auto answer = co_await api_.ask(people_count_path);
  if (!answer) co_return answer.error();
  if (answer->status >= 502 && answer->status <= 504) co_return Net2Api::refusal(*answer, people_count_path);
  if (is_success(*answer) && is_web_page(answer->body)) co_return Count();  // the rows will tell
  const Count count = is_success(*answer) ? parse_count(answer->body) : Count();
  counts_ = count.has_value();
  co_return count;
}

Task<Result<std::optional<PeopleReader::Read>>> PeopleReader::by_querydb(const PeopleQuery& query,
                                                                         std::vector<FieldPlace> fields,
                                                                         const Levels& levels,
                                                                         RecordSink& sink) {
  using Seen = std::optional<Read>;
  std::map<std::string, std::int64_t> level_ids;
  std::set<std::string> shared;
  for (const auto& [id, name] : levels) {
    if (!level_ids.emplace(lower_case(name), id).second) shared.insert(lower_case(name));
  }
  for (const auto& name : shared) level_ids.erase(name);

  Listing listing(std::move(fields));
  ValidityReader validity(zone_);
  JsonRows rows(querydb_shape(listing.fields, query.access_levels), [&](std::vector<Cell>& row) {
    auto person = querydb_row(row, listing.fields, query.access_levels, validity);
    if (!person.complete) {
      listing.unusable = listing.seen.count() == 0;
      listing.fault = Error{Errc::malformed, "a row of querydb lacks columns that were asked for"};
      return false;
    }
    if (!listing.admit(person)) return !listing.fault;
    if (query.access_levels) {
      // "Individual: …", null and whatever /accesslevels does not list says too little (net2-api.md §6.18).
      const auto level = level_ids.find(lower_case(person.access_level));
      if (level == level_ids.end()) {
        listing.open.push_back({.record = std::move(person.record), .levels = true});
        return true;
      }
      if (level->second != 0) person.record.access_levels = {levels.at(level->second)};
    }
    sink.take(std::move(person.record));
    return true;
  });

  const std::string path = people_path(listing.fields, query);
  AnswerMark mark = mark_for(path, levels);
  auto before = co_await count_people();
  if (!before) co_return before.error();
  std::uint64_t count = 0;
  auto answer = co_await api_.read_rows(path, rows, count, &mark);
  if (listing.unusable) {
    refuse_querydb("rows of querydb lack columns");
    co_return Seen();
  }
  if (listing.fault) co_return within("people by querydb", std::move(*listing.fault));
  if (!answer && rows.web_page()) {
    refuse_querydb("querydb answers with a web page");
    co_return Seen();
  }
  if (!answer) co_return answer.error();
  if (is_refused(answer->status)) {
    refuse_querydb(Net2Api::refusal(*answer, path).detail);
    co_return Seen();
  }
  if (!is_success(*answer)) co_return Net2Api::refusal(*answer, path);
  if (count == 0) {
    // Nobody at all is believed of /users only: a view can be empty for reasons of its own.
    refuse_querydb("querydb shows nobody");
    co_return Seen();
  }
  const auto found = static_cast<std::int64_t>(listing.seen.count());
  if (*before && **before != found) {
    auto after = co_await count_people();
    if (!after) co_return after.error();
    if (*after && **after != found) {
      co_return Error{Errc::incomplete,
                      fmt::format("people by querydb: {} came, the server counts {}", found, **after)};
    }
  }
  querydb_refused_ = false;
  auto single = co_await read_singly(listing, levels);
  if (!single) co_return single.error();
  const auto gone =
      std::count_if(listing.open.begin(), listing.open.end(), [](const auto& one) { return one.gone; });
  co_await deliver(listing, sink);
  // What was asked of somebody singly is in no list that could be known again.
  co_return Read{.seen = listing.seen.count() - static_cast<std::uint64_t>(gone),
                 .mark = listing.open.empty() ? mark.value() : std::string()};
}

Task<Result<std::uint64_t>> PeopleReader::by_users(const PeopleQuery& query, std::vector<FieldPlace> fields,
                                                   const Levels& levels, RecordSink& sink) {
  auto membership = co_await groups_.departments();
  if (!membership) co_return membership.error();

  Listing listing(std::move(fields));
  ValidityReader validity(zone_);
  JsonRows rows(users_shape(listing.fields), [&](std::vector<Cell>& row) {
    auto person = users_row(row, listing.fields, validity);
    if (!listing.admit(person)) return !listing.fault;
    const auto department = membership->department_of(person.record.number);
    if (department) set_department(person.record, listing.fields, *department);
    if (department && !query.access_levels) {
      sink.take(std::move(person.record));
    } else {
      listing.open.push_back(
          {.record = std::move(person.record), .department = !department, .levels = query.access_levels});
    }
    return true;
  });
  std::uint64_t count = 0;
  auto answer = co_await api_.read_rows("/users", rows, count);
  if (listing.fault) co_return within("GET /api/v1/users", std::move(*listing.fault));
  if (!answer) co_return answer.error();
  if (!is_success(*answer)) co_return Net2Api::refusal(*answer, "/users");

  auto agreed = co_await check_missing(*membership, listing);
  if (!agreed) co_return agreed.error();
  auto single = co_await read_singly(listing, levels);
  if (!single) co_return single.error();
  const auto gone =
      std::count_if(listing.open.begin(), listing.open.end(), [](const auto& one) { return one.gone; });
  // Who goes in between are few: many whom no route knows singly are a server that has lost its routes.
  if (gone > static_cast<std::ptrdiff_t>(most_missing) ||
      (gone != 0 && static_cast<std::uint64_t>(gone) == listing.seen.count()))
    co_return Error{Errc::incomplete,
                    fmt::format("GET /api/v1/users: {} users that it lists are not found singly", gone)};
  co_await deliver(listing, sink);
  co_return listing.seen.count() - static_cast<std::uint64_t>(gone);
}

Task<Result<std::uint64_t>> PeopleReader::count_users() {
  JsonRows rows({}, [](std::vector<Cell>&) { return true; });
  std::uint64_t count = 0;
  auto answer = co_await api_.read_rows("/users", rows, count);
  if (!answer) co_return answer.error();
  if (!is_success(*answer)) co_return Net2Api::refusal(*answer, "/users");
  co_return count;
}

/// Whom a department lists and /users does not: deleted in between, or /users is not complete.
Task<Result<void>> PeopleReader::check_missing(const Membership& membership, const Listing& listing) {
  auto missing = membership.users();
  std::erase_if(missing, [&](std::int64_t user) { return listing.seen.has(user); });
  if (missing.size() > most_missing) {
    co_return Error{
        Errc::incomplete,
        fmt::format("GET /api/v1/users: {} users of the departments' lists are missing", missing.size())};
  }
  for (const auto user : missing) {
    auto there = co_await groups_.exists(user);
    if (!there) co_return there.error();
    if (*there) co_return Error{Errc::incomplete, fmt::format("GET /api/v1/users: user {} is missing", user)};
  }
  co_return Result<void>{};
}

/// Two at a time: Net2 runs on small machines (net2-api.md §6.15).
Task<Result<void>> PeopleReader::read_singly(Listing& listing, const Levels& levels) {
  std::size_t next = 0;
  auto both = read_some_singly(listing, levels, next) && read_some_singly(listing, levels, next);
  auto [first, second] = co_await std::move(both);
  co_return first ? std::move(second) : std::move(first);
}

Task<Result<void>> PeopleReader::read_some_singly(Listing& listing, const Levels& levels, std::size_t& next) {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  while (next < listing.open.size()) {
    const std::size_t mine = next++;
    const std::int64_t user = listing.open[mine].record.number;
    if (listing.open[mine].department) {
      auto department = co_await groups_.department_of(user);
      if (!department) {
        next = listing.open.size();
        co_return department.error();
      }
      listing.open[mine].gone = !*department;
      if (*department) set_department(listing.open[mine].record, listing.fields, **department);
    }
    if (listing.open[mine].levels && !listing.open[mine].gone) {
      auto read = co_await groups_.access_levels_of(user, levels);
      if (!read) {
        next = listing.open.size();
        co_return read.error();
      }
      listing.open[mine].gone = !*read;
      if (*read) listing.open[mine].record.access_levels = std::move(**read);
    }
  }
  co_return Result<void>{};
}

Task<void> PeopleReader::deliver(Listing& listing, RecordSink& sink) {
  std::function<void()> work = [&listing, &sink] {
    for (auto& one : listing.open) {
      if (!one.gone) sink.take(std::move(one.record));
    }
  };
  if (!listing.open.empty()) {
    co_await on_worker(worker_, std::move(work));
  }
}

}  // namespace gatehouse
