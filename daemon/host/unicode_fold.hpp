#pragma once
// Text brought into the one form in which two spellings of it are equal (libutf8proc's Unicode tables).

#include <string>
#include <string_view>

#include "daemon/core/identity_keys.hpp"

namespace gatehouse {

/// NFC of the full case folding of the NFC (Unicode 3.13, D144 and D145 but for the form), so that texts that
/// are canonically equal fold to the same bytes: "ß" is "ss", "ς" is "σ", "İ" is "i" with a dot above (the
/// default folding; no locale's). Compatibility forms stay as they are, but for those that case folding
/// itself takes apart ("ﬁ" is "fi"). Blanks are what Unicode calls White_Space. Folding what is folded
/// changes nothing. Stateless; safe from any thread.
class UnicodeFold final : public TextFold {
 public:
  std::string fold(std::string_view text) const override;
};

/// The one that everybody uses. It lives as long as the process.
const TextFold& unicode_fold();

}  // namespace gatehouse
