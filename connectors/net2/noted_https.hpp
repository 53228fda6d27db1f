#pragma once
// Tells of each call to the server, without anything that somebody wrote or asked for (features.md S1-36).

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "connectors/https/https_client.hpp"
#include "daemon/app/api_log.hpp"
#include "daemon/app/ports.hpp"

namespace gatehouse {

/// Gets each call when it has ended, on the io thread; `integration` is left for it to fill in.
using ApiNote = std::function<void(ApiCall)>;

/// A target without ids and values: "/api/v1/users/17?where=x" is "/api/v1/users/{id}?where". Any part of a
/// path that is not made of letters only counts as an id, but for the version.
std::string path_template(std::string_view target);

/// A client that does as `https` does. `clock` must outlive it.
std::unique_ptr<HttpsClient> note_calls(std::unique_ptr<HttpsClient> https, const Clock& clock, ApiNote note);

}  // namespace gatehouse
