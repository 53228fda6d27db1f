#pragma once
// How operators name a person: id, INTEGRATION/EXTERNAL_ID, or e-mail.

#include <string>

#include "daemon/app/queries.hpp"
#include "daemon/app/task.hpp"

namespace gatehouse {

/// The one whom the key names. Errc::not_found where that is nobody, Errc::refused where an e-mail is shared;
/// both say what to do.
Task<Result<Person>> find_one_person(QueryStore& store, std::string key);

}  // namespace gatehouse
