#pragma once
// What this machine says of itself.

#include <optional>
#include <string>

#include "daemon/setup/staged_files.hpp"

namespace gatehouse::setup {

/// IANA name; "UTC" where the machine does not say.
std::string system_timezone();

/// "2026-06-01", local time.
std::string today();

/// The host's name in the grammar of ids; "gateway-01" where nothing of it is left.
std::string host_id();

bool systemd_runs();

/// True for root, who may give files away.
bool is_root();

/// User and group `gatehouse`, where the package has made them.
std::optional<FileOwner> gateway_account();

/// `systemctl daemon-reload`, so that a changed drop-in counts at the next start. False: it did not work.
bool reload_units();

}  // namespace gatehouse::setup
