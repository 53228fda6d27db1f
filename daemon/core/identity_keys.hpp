#pragma once
// By what two records are recognised as one person (contract.md §5: trim, case fold, NFC, digits of a phone).

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/core/person.hpp"

namespace gatehouse {

/// Unicode case folding and NFC, which need tables that floor 0 has not. Safe from any thread.
class TextFold {
 public:
  virtual ~TextFold() = default;
  /// Trimmed, inner blanks as one, folded, composed. What is not UTF-8 is folded as ASCII.
  virtual std::string fold(std::string_view text) const = 0;
};

/// Hashes of the normalised values; 0: there is none. Equal keys are taken for equal values only to propose;
/// a link that is made by itself compares the values.
struct IdentityKeys {
  std::uint64_t name = 0;   ///< first and last name, both given
  std::uint64_t email = 0;  ///< whole address, folded
  std::uint64_t phone = 0;  ///< digits; the last nine where there are more, so that +44 and 0 agree

  bool operator==(const IdentityKeys&) const = default;
};

IdentityKeys identity_keys(const PersonFacts& facts, const TextFold& fold);

/// "020 7946-0018" and "+442079460018" are both "079460018"; fewer than five digits are no phone: "".
std::string phone_digits(std::string_view phone);

}  // namespace gatehouse
