#include "tests/sim/switches.hpp"

#include <variant>
#include <vector>

#include "tests/sim/json_text.hpp"
#include "tests/sim/plain_text.hpp"

namespace gatehouse::sim {
namespace {

using Member = std::variant<int Switches::*, double Switches::*, bool Switches::*, std::string Switches::*>;

struct Named {
  std::string_view name;
  Member member;
  std::vector<std::string_view> allowed{};  ///< of a text switch
};

const std::vector<Named>& all() {
  static const std::vector<Named> table = {
      {"wrong_password_status", &Switches::wrong_password_status},
      {"unknown_client", &Switches::unknown_client, {"error", "message"}},
      {"empty_401", &Switches::empty_401},
      {"token_rate_limit", &Switches::token_rate_limit, {"remote", "all", "off"}},
      {"retry_after", &Switches::retry_after},
      {"rotate_refresh", &Switches::rotate_refresh},
      {"access_lifetime", &Switches::access_lifetime},
      {"refresh_lifetime", &Switches::refresh_lifetime},
      {"mfa", &Switches::mfa},
      {"mfa_status", &Switches::mfa_status},
      {"post_status", &Switches::post_status},
      {"put_user_object", &Switches::put_user_object},
      {"put_permissions_status", &Switches::put_permissions_status},
      {"delete_status", &Switches::delete_status},
      {"empty_list", &Switches::empty_list, {"events", "all", "none"}},
      {"key_case", &Switches::key_case, {"camel", "pascal"}},
      {"keep_expiry", &Switches::keep_expiry},
      {"truncate_expiry", &Switches::truncate_expiry},
      {"lite", &Switches::lite},
      {"department_zero", &Switches::department_zero},
      {"live_args", &Switches::live_args, {"nested", "flat"}},
      {"live_time", &Switches::live_time, {"local", "offset"}},
      {"live_all", &Switches::live_all},
      {"user_name_order", &Switches::user_name_order, {"surname", "first"}},
      {"keep_alive", &Switches::keep_alive},
      {"keep_alive_timeout", &Switches::keep_alive_timeout},
      {"disconnect_timeout", &Switches::disconnect_timeout},
      {"event_id_in_where", &Switches::event_id_in_where},
      {"querydb", &Switches::querydb, {"on", "400", "403", "404"}},
      {"never_date", &Switches::never_date, {"null", "1753", "0001"}},
      {"default_row_count", &Switches::default_row_count},
      {"default_order", &Switches::default_order, {"newest", "oldest"}},
      {"offline_command_status", &Switches::offline_command_status},
      {"walk_through", &Switches::walk_through},
      {"lockdown_configured", &Switches::lockdown_configured},
      {"status_names", &Switches::status_names},
      {"chunked", &Switches::chunked},
      {"tls_max", &Switches::tls_max, {"1.3", "1.2"}},
  };
  return table;
}

Result<void> apply(Switches& to, const Named& named, const json::value& value) {
  const Error wrong{Errc::invalid, "switch " + std::string(named.name) + ": wrong value"};
  if (const auto* member = std::get_if<int Switches::*>(&named.member)) {
    const auto number = as_integer(value);
    if (!number || *number < 0 || *number > 1'000'000'000) return wrong;
    to.*(*member) = static_cast<int>(*number);
  } else if (const auto* decimal = std::get_if<double Switches::*>(&named.member)) {
    const auto number = as_decimal(value);
    if (!number || *number < 0) return wrong;
    to.*(*decimal) = *number;
  } else if (const auto* flag = std::get_if<bool Switches::*>(&named.member)) {
    const auto on = as_flag(value);
    if (!on) return wrong;
    to.*(*flag) = *on;
  } else {
    const auto text = as_text(value);
    for (const auto& allowed : named.allowed) {
      if (text && same_word(*text, allowed)) {
        to.*std::get<std::string Switches::*>(named.member) = std::string(allowed);
        return {};
      }
    }
    return wrong;
  }
  return {};
}

}  // namespace

Result<void> Switches::set(const json::object& changes) {
  Switches next = *this;
  for (const auto& change : changes) {
    const std::string_view name(change.key().data(), change.key().size());
    const Named* found = nullptr;
    for (const auto& named : all()) {
      if (same_word(named.name, name)) found = &named;
    }
    if (!found) return Error{Errc::invalid, "no switch is called " + std::string(name)};
    auto done = apply(next, *found, change.value());
    if (!done) return done;
  }
  *this = next;
  return {};
}

void Switches::write(JsonText& out) const {
  out.open_object();
  for (const auto& named : all()) {
    out.key(named.name);
    std::visit([&](auto member) { out.value(this->*member); }, named.member);
  }
  out.close_object();
}

}  // namespace gatehouse::sim
