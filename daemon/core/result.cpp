#include "daemon/core/result.hpp"

namespace gatehouse {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::cancelled:
      return "cancelled";
    case Errc::timeout:
      return "timeout";
    case Errc::unreachable:
      return "unreachable";
    case Errc::tls:
      return "tls";
    case Errc::unauthenticated:
      return "unauthenticated";
    case Errc::mfa_required:
      return "mfa_required";
    case Errc::forbidden:
      return "forbidden";
    case Errc::not_found:
      return "not_found";
    case Errc::refused:
      return "refused";
    case Errc::busy:
      return "busy";
    case Errc::malformed:
      return "malformed";
    case Errc::incomplete:
      return "incomplete";
    case Errc::storage:
      return "storage";
    case Errc::storage_full:
      return "storage_full";
    case Errc::invalid:
      return "invalid";
  }
  return "unknown";
}

Error within(std::string_view doing, Error error) {
  error.detail.insert(0, ": ");
  error.detail.insert(0, doing);
  return error;
}

}  // namespace gatehouse
