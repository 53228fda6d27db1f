#pragma once
// How the model reads one record.

#include "tests/month/model.hpp"

namespace gatehouse::month {

struct Reading {
  PersonFacts facts;
  Marks marks;
  std::optional<SkipReason> skip;
  bool in_group = false;
  std::vector<std::string> healed;  ///< fields whose mended values are no longer needed
};

Reading read_record(const SourceRecord& record, const Directory& directory);

}  // namespace gatehouse::month
