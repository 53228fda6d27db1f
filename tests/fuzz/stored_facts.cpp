// Bytes of the store: the basis of a decision, and a person as held in memory. What unpacks is what was
// packed.

#include "daemon/core/decision_record.hpp"
#include "tests/fuzz/must.hpp"

using namespace gatehouse;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  if (const auto basis = unpack_basis(bytes))
    must(unpack_basis(pack(*basis)) == basis, "a basis stays itself");
  if (const auto person = unpack_known_person(bytes))
    must(unpack_known_person(pack(*person)) == person, "a person stays themselves");
  return 0;
}
