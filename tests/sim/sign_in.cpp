#include "tests/sim/sign_in.hpp"

#include "tests/sim/plain_text.hpp"

namespace gatehouse::sim {
namespace {

using namespace std::chrono_literals;

SignIn::Steady::time_point after(double seconds) {
  return SignIn::Steady::now() + std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

}  // namespace

std::optional<int> find_role(std::string_view name) {
  static constexpr std::pair<std::string_view, int> roles[] = {
      {"SystemEngineer", 0}, {"Supervisor", 10}, {"TimesheetAdmin", 20}, {"CardAdministrator", 30},
      {"Standard", 40},      {"EventsOnly", 45}, {"TimesheetOnly", 47},  {"None", 49}};
  const auto number = to_integer(name);
  for (const auto& [known, value] : roles) {
    if (same_word(known, name) || number == value) return value;
  }
  return std::nullopt;
}

Operator* SignIn::find(std::string_view name) {
  for (auto& op : operators) {
    if (same_word(op.name(), name)) return &op;
  }
  return nullptr;
}

Grant SignIn::grant(int operator_id, double access_s, double refresh_s, bool with_refresh, UtcMs wall) {
  const auto expiry = std::to_string(wall / 1000 + static_cast<std::int64_t>(access_s));
  // Longer than 500 bytes, as real ones may be.
  Grant out{base64(R"({"alg":"HS256","typ":"JWT"})", Base64::url) + "." +
                base64("{\"sub\":\"" + std::to_string(operator_id) + "\",\"jti\":\"" + random_hex(320) +
                           "\",\"exp\":" + expiry + "}",
                       Base64::url) +
                "." + base64(random_hex(32), Base64::url),
            {}};
  access_[out.access] = {operator_id, after(access_s)};
  if (with_refresh) {
    out.refresh = random_hex(32);
    refresh_[out.refresh] = {operator_id, after(refresh_s)};
  }
  ++grants_;
  return out;
}

const Operator* SignIn::owner(std::string_view access) {
  const auto at = access_.find(std::string(access));
  if (at == access_.end()) return nullptr;
  if (at->second.until <= Steady::now()) {
    access_.erase(at);
    return nullptr;
  }
  for (const auto& op : operators) {
    if (op.id == at->second.operator_id) return &op;
  }
  return nullptr;
}

std::optional<int> SignIn::refresh_owner(const std::string& refresh) {
  const auto at = refresh_.find(refresh);
  if (at == refresh_.end() || at->second.until <= Steady::now()) return std::nullopt;
  return at->second.operator_id;
}

void SignIn::forget_all() {
  access_.clear();
  refresh_.clear();
}

void SignIn::forget_access() {
  access_.clear();
}

std::string SignIn::new_challenge(int operator_id) {
  auto challenge = random_hex(40);
  challenges_[challenge] = {operator_id, after(300)};
  return challenge;
}

std::optional<int> SignIn::take_challenge(const std::string& challenge) {
  const auto at = challenges_.find(challenge);
  if (at == challenges_.end() || at->second.until <= Steady::now()) return std::nullopt;
  const int id = at->second.operator_id;
  challenges_.erase(at);
  return id;
}

bool SignIn::admit(const std::string& address) {
  const auto now = Steady::now();
  const auto [at, is_new] = last_seen_.try_emplace(address, now);
  if (!is_new && now - at->second < 500ms) return false;
  at->second = now;
  return true;
}

std::string SignIn::random_hex(std::size_t digits) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string out;
  while (out.size() < digits) {
    auto bits = random_();
    for (int i = 0; i < 16 && out.size() < digits; ++i, bits >>= 4) out += hex[bits & 15];
  }
  return out;
}

}  // namespace gatehouse::sim
