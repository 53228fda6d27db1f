#pragma once
// Operators, their rights, and the tokens they hold (net2-api.md §1.5, §2).

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tests/sim/site_clock.hpp"

namespace gatehouse::sim {

/// Role numbers of the SDK: the lower, the mightier.
struct Operator {
  int id;
  std::string first, surname;
  std::string password;
  int role;
  bool mfa = false;

  std::string name() const { return surname.empty() ? first : first + " " + surname; }
};

/// Number of a role by name in any case or by number; nullopt where there is none.
std::optional<int> find_role(std::string_view name);

struct Grant {
  std::string access;
  std::string refresh;  ///< empty: none was asked for
};

class SignIn {
 public:
  using Steady = std::chrono::steady_clock;

  explicit SignIn(std::uint64_t seed) : random_(seed ^ std::random_device{}()) {}

  std::vector<Operator> operators;
  std::string client_id;

  Operator* find(std::string_view name);
  /// A new access token of that operator; `access_s`, `refresh_s` in seconds.
  Grant grant(int operator_id, double access_s, double refresh_s, bool with_refresh, UtcMs wall);
  /// Whose token it is; nullptr: unknown, expired or forgotten.
  const Operator* owner(std::string_view access);
  /// The operator a refresh token belongs to; nullopt where it is no good.
  std::optional<int> refresh_owner(const std::string& refresh);
  void revoke_refresh(const std::string& refresh) { refresh_.erase(refresh); }
  void forget_all();     ///< as after a restart of the service
  void forget_access();  ///< every access token is expired; refresh tokens live

  std::string new_challenge(int operator_id);
  std::optional<int> take_challenge(const std::string& challenge);

  /// One sign-in per 500 ms and address; false: too soon (§2.6).
  bool admit(const std::string& address);

  std::string random_hex(std::size_t digits);
  std::size_t live_tokens() const { return access_.size(); }
  std::uint64_t grants() const { return grants_; }

 private:
  struct Held {
    int operator_id;
    Steady::time_point until;
  };
  std::mt19937_64 random_;
  std::unordered_map<std::string, Held> access_, refresh_, challenges_;
  std::unordered_map<std::string, Steady::time_point> last_seen_;
  std::uint64_t grants_ = 0;
};

}  // namespace gatehouse::sim
