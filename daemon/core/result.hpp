#pragma once
// Expected trouble as a value: a code for programs, words for people.

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace gatehouse {

/// What kind of trouble it is. Few, and each one is acted upon differently somewhere.
enum class Errc {
  cancelled,        ///< we are stopping; nobody needs to hear of it
  timeout,          ///< the peer said nothing in time
  unreachable,      ///< no route, refused, name not found, connection cut
  tls,              ///< certificate, pin or handshake
  unauthenticated,  ///< credentials refused; asking again will not help before somebody acts
  mfa_required,     ///< the Net2 operator has multi-factor authentication on (net2-api.md §2.7)
  forbidden,        ///< authenticated, but not allowed to do this
  not_found,        ///< the thing asked for does not exist
  refused,          ///< the peer understood and said no (other 4xx, MQTT refusal)
  busy,             ///< asked too often (429) or a temporary fault of the peer (5xx)
  malformed,        ///< an answer that is not what the protocol promises
  incomplete,       ///< an answer that stops in the middle; never to be taken for a shorter one
  storage,          ///< the local store cannot be read or written
  storage_full,     ///< no space or quota left for the local store
  invalid,          ///< our own input is wrong (configuration, arguments)
};

std::string_view to_string(Errc code);

struct Error {
  Errc code;
  std::string detail;  ///< one line for a person; grows by within() as it travels up

  bool operator==(const Error&) const = default;
};

/// Adds the place to an error: within("read people of net2-hq", e).
Error within(std::string_view doing, Error error);

/// Either a value or an Error. Ask `if (!r)` before `*r`; taking the value of an error is a fault of ours
/// and ends the program (std::bad_variant_access).
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Error error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }

  Error& error() & { return std::get<1>(state_); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : failed_(true), error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return error_; }

 private:
  bool failed_ = false;
  Error error_{};
};

}  // namespace gatehouse
