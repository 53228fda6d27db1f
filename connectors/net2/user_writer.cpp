#include "connectors/net2/user_writer.hpp"

#include <algorithm>

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gatehouse {
namespace {

namespace asio = boost::asio;
using How = Net2Api::Written::How;

std::string user_path(std::int64_t id, std::string_view part = {}) {
  return fmt::format("/users/{}{}", id, part);
}

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// It may have been done, and nobody can say so now.
Error uncertain(const Error& first, const Error& then) {
  return {Errc::incomplete,
          "it is not known whether this was done (" + first.detail + "), and asking failed: " + then.detail};
}

Error changed_meanwhile(std::int64_t id, std::string_view what) {
  return {Errc::refused,
          fmt::format("user {} was changed in Net2 meanwhile ({}): nothing was written", id, what)};
}

class MarkFinder final : public RecordSink {
 public:
  explicit MarkFinder(std::string mark) : mark_(std::move(mark)) {}
  void take(SourceRecord&& record) override {
    if (record.values.front() == mark_) found.emplace_back(record.number);
  }
  std::vector<Net2UserId> found;

 private:
  std::string mark_;
};

}  // namespace

Task<Result<std::vector<NamedNumber>>> UserWriter::names(std::string path) {
  auto body = co_await api_.get(path);
  if (!body) co_return body.error();
  auto rows = parse_named_ids(*body);
  if (!rows) co_return within("GET /api/v1" + path, rows.error());
  std::vector<NamedNumber> found;
  for (auto& row : *rows) found.push_back({row.id, std::move(row.name)});
  co_return found;
}

Task<Result<std::vector<NamedNumber>>> UserWriter::access_levels() {
  co_await asio::this_coro::throw_if_cancelled(false);
  auto found = co_await names("/accesslevels");
  co_return found;
}

Task<Result<std::vector<NamedNumber>>> UserWriter::departments() {
  co_await asio::this_coro::throw_if_cancelled(false);
  auto found = co_await names("/departments");
  co_return found;
}

Task<Result<std::vector<FieldPlace>>> UserWriter::place(std::vector<SourceField> fields,
                                                        std::vector<std::string> values) {
  auto body = co_await api_.get("/users/customfieldnames");
  if (!body) co_return body.error();
  auto known = parse_named_ids(*body);
  if (!known) co_return within("GET /api/v1/users/customfieldnames", known.error());
  auto lengths = parse_field_lengths(*body);
  if (!lengths) co_return within("GET /api/v1/users/customfieldnames", lengths.error());
  const PeopleQuery query{.fields = fields};
  auto places = place_fields(query, *known);
  if (!places) co_return places.error();
  for (std::size_t i = 0; i < places->size(); ++i) {
    const auto& field = (*places)[i];
    if (field.kind == FieldPlace::Kind::department)
      co_return Error{Errc::invalid, "the field 'department' cannot be written like another"};
    if (field.kind != FieldPlace::Kind::custom || i >= values.size()) continue;
    const auto limit = std::ranges::find(*lengths, field.custom, &CustomField::id);
    const auto length = static_cast<std::int64_t>(count_characters(values[i]));
    if (limit == lengths->end() || limit->max_length <= 0 || length <= limit->max_length) continue;
    co_return Error{Errc::invalid, fmt::format("Net2's field '{}' holds {} characters, and the value has {}",
                                               fields[i], limit->max_length, length)};
  }
  co_return places;
}

Task<Result<UserDocument>> UserWriter::read(std::int64_t id) {
  auto body = co_await api_.get(user_path(id));
  if (!body) co_return body.error();
  auto user = UserDocument::parse(*body);
  if (!user) co_return within("GET /api/v1" + user_path(id), user.error());
  if (user->id() != id)
    co_return Error{Errc::malformed, fmt::format("asked for user {}, got {}", id, user->id())};
  co_return user;
}

Task<Result<Net2User>> UserWriter::read_user(Net2UserId id, std::vector<SourceField> fields) {
  co_await asio::this_coro::throw_if_cancelled(false);
  auto places = co_await place(std::move(fields), {});
  if (!places) co_return places.error();
  auto user = co_await read(id.value());
  if (!user) co_return user.error();
  Net2User found;
  found.id = id;
  found.whole = user->whole();
  for (const auto& field : *places) found.values.push_back(user->value(field));
  found.access_levels = user->access_levels();
  found.individual_permissions = user->individual_permissions();
  co_return found;
}

Task<Result<std::vector<Net2UserId>>> UserWriter::find_marked(Ownership owner) {
  co_await asio::this_coro::throw_if_cancelled(false);
  MarkFinder finder(owner.mark);
  PeopleQuery query{.fields = {owner.field}};
  auto read = co_await people_.read(std::move(query), finder);
  if (!read) co_return within("look for the user by its mark", read.error());
  co_return std::move(finder.found);
}

// --- one write, and the truth about it

Task<Result<void>> UserWriter::write_until(std::string path, std::string body,
                                           std::function<Task<Result<bool>>()> reached) {
  Error why{Errc::incomplete, ""};
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto written = co_await api_.write("PUT", path, body);
    if (written.how == How::not_done) co_return written.why;
    auto there = co_await reached();
    if (!there) {
      const Error first = written.how == How::unknown ? written.why : Error{Errc::incomplete, "PUT " + path};
      co_return there.error().code == Errc::incomplete ? there.error() : uncertain(first, there.error());
    }
    if (*there) co_return Result<void>{};
    why = written.how == How::unknown
              ? written.why
              : Error{Errc::incomplete, "PUT /api/v1" + path + ": the server agreed, and nothing changed"};
  }
  why.code = Errc::incomplete;
  co_return why;
}

// --- a new user

Task<Result<Net2UserId>> UserWriter::create_user(NewNet2User user) {
  co_await asio::this_coro::throw_if_cancelled(false);
  std::vector<SourceField> fields{user.owner.field};
  std::vector<std::string> values{user.owner.mark};
  for (const auto& [field, value] : user.fields) {
    fields.push_back(field);
    values.push_back(value);
  }
  auto places = co_await place(std::move(fields), values);
  if (!places) co_return places.error();
  NewUserBody body;
  for (std::size_t i = 0; i < places->size(); ++i) body.values.emplace_back((*places)[i], values[i]);
  if (user.valid_from) body.activate_date = zone_.local_text(*user.valid_from);
  if (user.valid_until) body.expiry_date = zone_.local_text(*user.valid_until);
  body.access_level = user.access_level;

  auto written = co_await api_.write("POST", "/users", post_body(body));
  auto id = co_await made(std::move(written), user.owner);
  if (!id) co_return id.error();
  auto there = co_await read(*id);
  if (!there) co_return uncertain({Errc::incomplete, fmt::format("user {} was made", *id)}, there.error());
  for (const auto& [field, value] : body.values) {
    if (there->value(field) == value) continue;
    co_return Error{Errc::incomplete,
                    fmt::format("user {} was made, and its field '{}' is not as it was meant", *id,
                                field.member.empty() ? std::to_string(field.custom) : field.member)};
  }
  auto finished = co_await finish_user(Net2UserId(*id), user.owner, user.access_level, user.department);
  if (!finished) {
    co_return Error{Errc::incomplete,
                    fmt::format("user {} was made, but not to its end: {}", *id, finished.error().detail)};
  }
  co_return Net2UserId(*id);
}

Task<Result<std::int64_t>> UserWriter::made(Net2Api::Written written, Ownership owner) {
  if (written.how == How::not_done) co_return written.why;
  if (written.how == How::done) {
    if (const auto id = parse_created_id(written.answer.body)) co_return *id;
    written.why = {Errc::malformed, "POST /api/v1/users: the answer does not say which user was made"};
  }
  auto found = co_await find_marked(std::move(owner));
  if (!found) co_return uncertain(written.why, found.error());
  if (found->size() == 1) co_return found->front().value();
  if (found->empty()) {
    // It may still be on its way: whether it came through is seen at the next look, and only then tried
    // again.
    co_return Error{Errc::busy, written.why.detail + "; the user was not made"};
  }
  co_return Error{Errc::incomplete, fmt::format("{} users carry one mark", found->size())};
}

Task<Result<void>> UserWriter::finish_user(Net2UserId id, Ownership owner,
                                           std::optional<std::int64_t> access_level,
                                           std::optional<std::int64_t> department) {
  co_await asio::this_coro::throw_if_cancelled(false);
  auto places = co_await place({owner.field}, {});
  if (!places) co_return places.error();
  auto user = co_await read(id.value());
  if (!user) co_return user.error();
  if (user->value(places->front()) != owner.mark)
    co_return changed_meanwhile(id.value(), "it does not carry our mark");
  if (access_level) {
    auto given = co_await give_level(id.value(), *access_level);
    if (!given) co_return within("give the access level", given.error());
  }
  if (department) {
    auto given = co_await give_department(id.value(), *department);
    if (!given) co_return within("give the department", given.error());
  }
  co_return Result<void>{};
}

/// Only to a user without any permission: whatever is there already is somebody's decision (S1-26).
Task<Result<void>> UserWriter::give_level(std::int64_t id, std::int64_t access_level) {
  const auto path = user_path(id, "/doorpermissionset");
  auto body = co_await api_.get(path);
  if (!body) co_return body.error();
  auto before = parse_permissions(*body);
  if (!before) co_return within("GET /api/v1" + path, before.error());
  if (!before->none()) co_return Result<void>{};
  const std::function<Task<Result<bool>>()> reached = [this, path, access_level]() -> Task<Result<bool>> {
    auto read_back = co_await api_.get(path);
    if (!read_back) co_return read_back.error();
    auto now = parse_permissions(*read_back);
    if (!now) co_return within("GET /api/v1" + path, now.error());
    co_return std::ranges::find(now->access_levels, access_level) != now->access_levels.end();
  };
  auto done = co_await write_until(path, permission_body(access_level), reached);
  co_return done;
}

Task<Result<void>> UserWriter::give_department(std::int64_t id, std::int64_t department) {
  const auto path = user_path(id, "/departments");
  auto before = co_await names(path);
  if (!before) co_return before.error();
  const auto real = [](const NamedNumber& one) { return one.number != 0; };  // 0 = none (§3.5)
  if (std::ranges::any_of(*before, real)) co_return Result<void>{};
  const std::function<Task<Result<bool>>()> reached = [this, path, department]() -> Task<Result<bool>> {
    auto now = co_await names(path);
    if (!now) co_return now.error();
    co_return std::ranges::find(*now, department, &NamedNumber::number) != now->end();
  };
  auto done = co_await write_until(path, department_body(department), reached);
  co_return done;
}

// --- a known user

Task<Result<void>> UserWriter::update_user(Net2UserId id, Ownership owner,
                                           std::vector<Net2FieldWrite> fields) {
  co_await asio::this_coro::throw_if_cancelled(false);
  std::vector<SourceField> asked;
  std::vector<std::string> values;
  for (const auto& field : fields) {
    asked.push_back(field.field);
    values.push_back(field.after);
  }
  asked.push_back(owner.field);
  auto places = co_await place(std::move(asked), std::move(values));
  if (!places) co_return places.error();

  auto before = co_await read(id.value());
  if (!before) co_return before.error();
  if (before->value(places->back()) != owner.mark)
    co_return changed_meanwhile(id.value(), "it does not carry our mark");
  std::vector<PlacedValue> writes;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string now = before->value((*places)[i]);
    if (now == fields[i].after) continue;
    if (now != fields[i].before) co_return changed_meanwhile(id.value(), fields[i].field);
    writes.emplace_back((*places)[i], fields[i].after);
  }
  if (writes.empty()) co_return Result<void>{};

  const UserDocument& was = *before;
  const std::function<Task<Result<bool>>()> reached = [this, &was, &writes]() -> Task<Result<bool>> {
    auto now = co_await read(was.id());
    if (!now) co_return now.error();
    const auto differs = was.differences(*now, writes);
    const auto written = [&](const PlacedValue& write) { return now->value(write.first) == write.second; };
    const bool all = std::ranges::all_of(writes, written);
    const bool any = std::ranges::any_of(writes, written);
    // A date that was lost is put back by the second try; anything else is for people to look at.
    const bool only_dates = std::ranges::all_of(differs, [](const std::string& name) {
      return lower_case(name) == "expirydate" || lower_case(name) == "activatedate";
    });
    if (!only_dates || (any && !all)) {
      co_return Error{Errc::incomplete,
                      fmt::format("user {} was written, and {} not as it was meant", was.id(),
                                  differs.empty() ? std::string("a field is")
                                                  : fmt::format("'{}' is", fmt::join(differs, "', '")))};
    }
    co_return all&& differs.empty();
  };
  auto done = co_await write_until(user_path(id.value()), was.put_body(writes), reached);
  co_return done;
}

}  // namespace gatehouse
