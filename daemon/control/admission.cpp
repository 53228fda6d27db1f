#include "daemon/control/admission.hpp"

#include <algorithm>
#include <string>

#include <grp.h>
#include <pwd.h>

namespace gatehouse {
namespace {

std::string_view doing(Permission wanted) {
  switch (wanted) {
    case Permission::view:
      return "viewing";
    case Permission::sync:
      return "directing the synchronisation";
    case Permission::open_door:
      return "opening a door";
    case Permission::administer:
      return "administering";
  }
  return "this";
}

// getpwuid_r and getgrnam_r want a buffer of a size that only trying tells.
template <typename Record, typename Lookup>
bool look_up(Record& record, std::vector<char>& buffer, Lookup lookup) {
  buffer.resize(4096);
  for (;;) {
    Record* found = nullptr;
    const int failed = lookup(record, buffer, found);
    if (failed != ERANGE || buffer.size() > (1u << 20)) return failed == 0 && found != nullptr;
    buffer.resize(buffer.size() * 2);
  }
}

bool find_user(uid_t uid, passwd& record, std::vector<char>& buffer) {
  return look_up(record, buffer, [uid](passwd& into, std::vector<char>& space, passwd*& result) {
    return getpwuid_r(uid, &into, space.data(), space.size(), &result);
  });
}

}  // namespace

Result<void> admit_locally(const Caller& caller, Permission wanted, const Household& household) {
  if (caller.uid == 0 || caller.uid == household.own_uid) return {};
  const bool member =
      household.group && std::ranges::find(caller.groups, *household.group) != caller.groups.end();
  if (member && (wanted == Permission::view || household.polkit == Polkit::none)) return {};

  std::string why = std::string(doing(wanted)) + " needs root or the gateway's own user";
  if (wanted == Permission::view || household.polkit == Polkit::none) {
    why += ", or membership of the group gatehouse (usermod -aG gatehouse USER, then log in again)";
  } else if (member) {
    why += "; the group gatehouse may only view";
  }
  return Error{Errc::forbidden, std::move(why)};
}

std::optional<gid_t> find_group(const char* name) {
  group record{};
  std::vector<char> buffer;
  const bool found = look_up(record, buffer, [name](group& into, std::vector<char>& space, group*& result) {
    return getgrnam_r(name, &into, space.data(), space.size(), &result);
  });
  if (!found) return std::nullopt;
  return record.gr_gid;
}

std::vector<gid_t> groups_of(uid_t uid) {
  passwd record{};
  std::vector<char> buffer;
  if (!find_user(uid, record, buffer)) return {};
  std::vector<gid_t> groups(64);
  int count = static_cast<int>(groups.size());
  if (getgrouplist(record.pw_name, record.pw_gid, groups.data(), &count) < 0) {
    groups.resize(static_cast<std::size_t>(count));
    if (getgrouplist(record.pw_name, record.pw_gid, groups.data(), &count) < 0) return {};
  }
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

std::string words_for_user(uid_t uid) {
  const std::string number = "uid " + std::to_string(uid);
  if (uid == 0) return number + " (root)";
  passwd record{};
  std::vector<char> buffer;
  if (!find_user(uid, record, buffer)) return number;
  return number + " (" + record.pw_name + ")";
}

}  // namespace gatehouse
