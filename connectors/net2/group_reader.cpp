#include "connectors/net2/group_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace gatehouse {

void Membership::seal() {
  std::sort(of_.begin(), of_.end());
  of_.erase(std::unique(of_.begin(), of_.end()), of_.end());
}

std::optional<std::string> Membership::department_of(std::int64_t user) const {
  const auto first = std::lower_bound(of_.begin(), of_.end(), std::pair(user, std::int32_t{none}));
  if (first == of_.end() || first->first != user) return std::nullopt;
  const auto next = first + 1;
  if (next != of_.end() && next->first == user) return std::nullopt;
  return first->second == none ? std::string() : names[static_cast<std::size_t>(first->second)];
}

std::vector<std::int64_t> Membership::users() const {
  std::vector<std::int64_t> all;
  all.reserve(of_.size());
  for (const auto& [user, department] : of_) {
    if (all.empty() || all.back() != user) all.push_back(user);
  }
  return all;
}

Task<Result<Membership>> GroupReader::departments() {
  auto list = co_await api_.get("/departments");
  if (!list) co_return list.error();
  auto departments = parse_named_ids(*list);
  if (!departments) co_return within("GET /api/v1/departments", departments.error());

  Membership membership;
  for (const auto& department : *departments) {
    if (department.id == 0) continue;  // "(none)", where it is listed at all (§3.5)
    membership.names.push_back(department.name);
    const auto index = static_cast<std::int32_t>(membership.names.size() - 1);
    const std::string path = fmt::format("/departments/{}/users", department.id);
    auto answer = co_await read_users(path, membership, index);
    if (!answer) co_return answer.error();
    if (!is_success(*answer) && answer->status != 404) co_return Net2Api::refusal(*answer, path);
  }
  const std::string path = "/departments/root/users";
  auto answer = co_await read_users(path, membership, Membership::none);
  if (!answer) co_return answer.error();
  if (!is_success(*answer) && answer->status != 404) co_return Net2Api::refusal(*answer, path);
  membership.seal();
  co_return membership;
}

/// These lists hold whole user objects: they are read as they stream in.
Task<Result<HttpAnswer>> GroupReader::read_users(std::string path, Membership& membership,
                                                 std::int32_t department) {
  bool unusable = false;
  JsonRows rows({.members = {"id"}, .list = {}, .list_ids = {}}, [&](std::vector<Cell>& row) {
    const auto user = row[0].integer();
    unusable = !user;
    if (user) membership.add(*user, department);
    return !unusable;
  });
  std::uint64_t count = 0;
  auto answer = co_await api_.read_rows(path, rows, count);
  if (unusable) co_return Error{Errc::malformed, "GET /api/v1" + path + ": a user has no usable id"};
  co_return answer;
}

Task<Result<std::map<std::int64_t, std::string>>> GroupReader::access_levels() {
  auto list = co_await api_.get("/accesslevels");
  if (!list) co_return list.error();
  auto levels = parse_named_ids(*list);
  if (!levels) co_return within("GET /api/v1/accesslevels", levels.error());
  std::map<std::int64_t, std::string> names;
  for (auto& level : *levels) names.emplace(level.id, std::move(level.name));
  co_return names;
}

Task<Result<bool>> GroupReader::exists(std::int64_t user) {
  const std::string path = fmt::format("/users/{}", user);
  auto answer = co_await api_.ask(path);
  if (!answer) co_return answer.error();
  if (answer->status == 404) co_return false;
  if (!is_success(*answer)) co_return Net2Api::refusal(*answer, path);
  co_return true;
}

/// A 404 may mean that the user was deleted meanwhile, or that this server has no such route.
Task<Result<std::optional<std::string>>> GroupReader::part_of_user(std::int64_t user, std::string part) {
  const std::string path = fmt::format("/users/{}/{}", user, part);
  auto answer = co_await api_.ask(path);
  if (!answer) co_return answer.error();
  if (is_success(*answer)) co_return std::optional<std::string>(std::move(answer->body));
  if (answer->status != 404) co_return Net2Api::refusal(*answer, path);
  auto there = co_await exists(user);
  if (!there) co_return there.error();
  if (*there) co_return Error{Errc::incomplete, "GET /api/v1" + path + ": not found, though the user exists"};
  co_return std::optional<std::string>();
}

Task<Result<std::optional<std::string>>> GroupReader::department_of(std::int64_t user) {
  auto body = co_await part_of_user(user, "departments");
  if (!body) co_return body.error();
  if (!*body) co_return std::optional<std::string>();
  auto departments = parse_named_ids(**body);
  if (!departments) co_return within(fmt::format("departments of user {}", user), departments.error());
  std::erase_if(*departments, [](const NamedId& department) { return department.id == 0; });
  if (departments->empty()) co_return std::optional<std::string>("");
  if (departments->size() > 1) {
    co_return Error{Errc::incomplete, fmt::format("user {} is in more than one department", user)};
  }
  co_return std::optional<std::string>(std::move(departments->front().name));
}

Task<Result<std::optional<std::vector<std::string>>>> GroupReader::access_levels_of(
    std::int64_t user, const std::map<std::int64_t, std::string>& names) {
  using Levels = std::optional<std::vector<std::string>>;
  auto body = co_await part_of_user(user, "doorpermissionset");
  if (!body) co_return body.error();
  if (!*body) co_return Levels();
  auto set = parse_permission_set(**body);
  if (!set) co_return within(fmt::format("permissions of user {}", user), set.error());
  std::vector<std::string> levels;
  for (const auto id : set->access_levels) {
    const auto name = names.find(id);
    if (name == names.end()) {
      co_return Error{
          Errc::incomplete,
          fmt::format("user {} has access level {}, which /accesslevels does not list", user, id)};
    }
    levels.push_back(name->second);
  }
  std::sort(levels.begin(), levels.end());
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  co_return Levels(std::move(levels));
}

}  // namespace gatehouse
