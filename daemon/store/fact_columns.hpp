#pragma once
// A person's facts as columns: of the person, and of a plan's changes.

#include <string>

#include "daemon/core/person.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

/// "first_name, …, valid_until", in the order in which the two below go.
std::string fact_columns();
inline constexpr int fact_column_count = 13;

/// Binds the next parameters; NULLs where there are no facts.
void bind_facts(Statement& statement, const PersonFacts* facts);
/// From the column `first` on. Throws StoreFault where somebody else has written into the file.
PersonFacts read_facts(const Statement& row, int first);

/// "?, ?, …": as many.
std::string placeholders(int count);

}  // namespace gatehouse
