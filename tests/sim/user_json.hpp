#pragma once
// A user as the REST routes show and take it (net2-api.md §3.1).

#include <string>

#include "tests/sim/json_input.hpp"
#include "tests/sim/json_text.hpp"
#include "tests/sim/world.hpp"

namespace gatehouse::sim {

void write_user(JsonText& out, const Person& person, const SiteClock& clock, bool with_permissions);
void write_permissions(JsonText& out, const Person& person);
void write_card(JsonText& out, const Card& card);

/// Takes from the body what it names, onto `person`; what it leaves out stays, expiryDate too.
/// Invalid: a date that is none, a duplicate PIN, an unknown access level, nobody's name.
Result<void> read_user(const json::object& in, const World& world, Person& person);
Result<void> read_permissions(const json::object& in, const World& world, Person& person);

}  // namespace gatehouse::sim
