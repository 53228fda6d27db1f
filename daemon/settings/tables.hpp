#pragma once
// The grammar of the file: one table for each section (contract §2).

#include "daemon/core/settings.hpp"
#include "daemon/settings/table.hpp"

namespace gatehouse::config {

const Table<Settings>& settings_table();
const Table<Gateway>& gateway_table();
const Table<Integration>& integration_table();
const Table<Sync>& sync_table();
const Table<RemovalGuard>& removal_guard_table();
const Table<SitePolicy>& site_policy_table();
const Table<Scope>& scope_table();
const Table<ConfiguredDoor>& door_table();
const Table<AccessPoint>& access_point_table();
const Table<PolicyTest>& policy_test_table();
const Table<Cloud>& cloud_table();
const Table<LanApi>& lan_api_table();

Codec<std::map<ScheduleId, Schedule>> schedules();

/// A TLS section: "off", or any other single value, is refused in plain words.
template <typename T>
Codec<T> tls_section(const Table<T>& table) {
  Codec<T> codec = section(table);
  codec.read = [read = codec.read](const TreeNode& node, Reading& reading, T& into) {
    if (node.kind == TreeNode::Kind::scalar)
      reading.fault(node.place,
                    "certificate checks cannot be switched off; say how the other side proves itself");
    else
      read(node, reading, into);
  };
  return codec;
}

/// What holds between an integration's kind and its `sync`, and the defaults that follow from the kind.
void check_sync(const TreeNode& integration, Reading& reading, Integration& into);

/// What holds between sections, and the defaults that one section takes from another. `root` is the merged
/// tree.
void complete(const TreeNode& root, Reading& reading, Settings& settings);

}  // namespace gatehouse::config
