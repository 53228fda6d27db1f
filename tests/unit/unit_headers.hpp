#pragma once
// What many unit tests include, for the presets that read it once for all of them (tests/test_headers.hpp).

#include "tests/test_headers.hpp"
#include "tests/unit/fakes.hpp"
#include "tests/unit/scripted_https.hpp"
#include "tests/unit/store_fixture.hpp"
#include "tests/unit/sync_desk.hpp"
