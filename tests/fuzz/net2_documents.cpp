// Single answers of Net2: doors, names, permissions, tokens, a user. The first byte says which.

#include "connectors/net2/net2_json.hpp"
#include "connectors/net2/user_document.hpp"
#include "tests/fuzz/must.hpp"

using namespace gatehouse;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto text = fuzz::text_of(data + 1, size - 1);
  switch (data[0] % 8) {
    case 0:
      (void)parse_door_status(text);
      break;
    case 1:
      (void)parse_named_ids(text);
      break;
    case 2:
      (void)parse_permission_set(text);
      break;
    case 3:
      (void)parse_token_answer(text);
      break;
    case 4:
      (void)parse_count(text);
      (void)parse_created_id(text);
      break;
    case 5:
      (void)UserDocument::parse(text);
      break;
    case 6:
      (void)parse_permissions(text);
      break;
    default:
      (void)parse_field_lengths(text);
  }
  return 0;
}
