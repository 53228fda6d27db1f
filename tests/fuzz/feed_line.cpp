// One line of a feed.

#include "connectors/feed/feed_line.hpp"

#include "tests/fuzz/must.hpp"

using namespace gatehouse;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<SourceField> fields{SourceField{"first_name"}, SourceField{"last_name"},
                                               SourceField{"email"}, SourceField{"phone"}};
  const auto text = fuzz::text_of(data, size);
  const auto line = parse_feed_line(text, fields);
  if (line && std::holds_alternative<SourceRecord>(*line)) {
    const auto& record = std::get<SourceRecord>(*line);
    must(record.values.size() == fields.size(), "a value for each field");
    must(!is_blank_line(text), "a blank line is nobody");
  }
  return 0;
}
