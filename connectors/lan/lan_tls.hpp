#pragma once
// How the LAN interface proves itself, and by what its clients do.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ssl/context.hpp>

#include "daemon/core/result.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

/// TLS 1.2 or newer. `cert`: a PEM file with the chain; `key`: PEM. Errc::invalid says what to mend, and
/// nothing of the key.
Result<std::unique_ptr<boost::asio::ssl::context>> make_lan_tls(const std::string& cert,
                                                                const std::string& key);

/// 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);

/// Whose token this is; nullptr: nobody's. Takes the same time whichever it is, and whether it is one.
const LanClient* find_lan_client(const std::vector<LanClient>& clients, std::string_view token);

}  // namespace gatehouse
