#pragma once
// Takes out of a text what must not leave the building: secrets, and what names people.

#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/settings.hpp"

namespace gatehouse {

class Redaction {
 public:
  /// Stands nowhere in a text any more; of several lines each long one. Shorter than four bytes it is left
  /// out, for it would be found everywhere.
  void forget(std::string_view secret);

  /// Without the secrets, e-mail addresses, telephone numbers that begin with +, names of operators
  /// ("uid 1000 (olga)"), and hashes of tokens.
  std::string clean(std::string_view text) const;

 private:
  std::vector<std::string> secrets_;  ///< the longest first
};

/// Where the configuration keeps its secrets.
std::vector<SecretRef> secrets_of(const Settings& settings);
/// The values of these, as far as this process may read them.
Redaction redaction_for(const Settings& settings);

}  // namespace gatehouse
