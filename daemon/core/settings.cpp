#include "daemon/core/settings.hpp"

#include "daemon/core/settings_names.hpp"

namespace gatehouse {

std::string to_string(const SecretRef& secret) {
  return std::string(to_string(secret.kind)) + " " + secret.name;
}

}  // namespace gatehouse
