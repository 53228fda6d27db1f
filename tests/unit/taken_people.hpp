#pragma once
// What tests of reading people ask a scripted Net2 for, and what they are given.

#include <map>

#include "daemon/app/ports.hpp"
#include "tests/unit/scripted_net2.hpp"

namespace gatehouse::test {

inline constexpr auto querydb = "GET /api/v1/customquery/querydb?query=SELECT%20";
inline const PeopleQuery names{.fields = {"firstName", "lastName"}};

struct People final : RecordSink {
  void take(SourceRecord&& record) override { records[record.number] = std::move(record); }
  std::map<std::int64_t, SourceRecord> records;
};

}  // namespace gatehouse::test
