// Sign-in, refresh, sign-out and MFA (net2-api.md §2).

#include "tests/sim/json_text.hpp"
#include "tests/sim/router.hpp"

namespace gatehouse::sim {
namespace {

Response granted(Call& call, const Grant& grant) {
  const double lifetime = call.world.switches.access_lifetime;
  Response out;
  JsonText text(out.body);
  text.open_object().member("access_token", grant.access).member("token_type", "bearer");
  text.member("expires_in", static_cast<std::int64_t>(lifetime));
  if (!grant.refresh.empty()) text.member("refresh_token", grant.refresh);
  text.member("expiry_datetime",
              format_utc7(call.world.clock.now() + static_cast<std::int64_t>(lifetime * 1000)))
      .close_object();
  return out;
}

Response oauth_fault(int status, std::string_view error, std::string_view why) {
  Response out;
  out.status = status;
  JsonText text(out.body);
  text.open_object().member("error", error);
  if (!why.empty()) text.member("error_description", why);
  text.close_object();
  return out;
}

Response issue(Call& call, int operator_id, bool with_refresh) {
  const auto& switches = call.world.switches;
  return granted(call,
                 call.world.sign_in.grant(operator_id, switches.access_lifetime, switches.refresh_lifetime,
                                          with_refresh, call.world.clock.now()));
}

bool wants_refresh(const json::object& body) {
  return text_of(body, "scope").value_or("").find("offline_access") != std::string::npos;
}

Response password_grant(Call& call, const json::object& body) {
  auto& world = call.world;
  auto* op = world.sign_in.find(text_of(body, "username").value_or(""));
  if (!op || op->password != text_of(body, "password").value_or("")) {
    return oauth_fault(world.switches.wrong_password_status, "invalid_grant",
                       "The user name or password is incorrect.");
  }
  if (world.switches.mfa || op->mfa) {
    Response out;
    out.status = world.switches.mfa_status;
    JsonText(out.body)
        .open_object()
        .member("error", "mfa_required")
        .member("challengeToken", world.sign_in.new_challenge(op->id))
        .close_object();
    return out;
  }
  world.log({.type = 550, .sub_type = 550, .details = op->name()});
  return issue(call, op->id, wants_refresh(body));
}

Response refresh_grant(Call& call, const json::object& body) {
  auto& world = call.world;
  const auto old = text_of(body, "refresh_token").value_or("");
  const auto owner = world.sign_in.refresh_owner(old);
  if (!owner) return oauth_fault(400, "invalid_grant", "");
  const bool renew = wants_refresh(body) || world.switches.rotate_refresh;
  if (world.switches.rotate_refresh) world.sign_in.revoke_refresh(old);
  return issue(call, *owner, renew);
}

Response post_token(Call& call) {
  auto& world = call.world;
  const auto& limit = world.switches.token_rate_limit;
  const bool limited = limit == "all" || (limit == "remote" && !call.request.loopback);
  if (limited && !world.sign_in.admit(call.request.remote)) {
    auto out = html_page(429, "Too Many Requests");
    if (world.switches.retry_after > 0)
      out.headers.emplace_back("Retry-After", std::to_string(world.switches.retry_after));
    return out;
  }
  const auto body = call.body();
  if (!body) return oauth_fault(400, "invalid_request", "");
  if (text_of(*body, "client_id").value_or("") != world.sign_in.client_id) {
    Response out;
    out.status = 400;
    JsonText(out.body).open_object().member(world.switches.unknown_client, "invalid_client").close_object();
    return out;
  }
  const auto kind = text_of(*body, "grant_type").value_or("");
  if (kind == "password") return password_grant(call, *body);
  if (kind == "refresh_token") return refresh_grant(call, *body);
  if (kind == "mfa_2fa") {
    const auto owner = world.sign_in.take_challenge(text_of(*body, "challengeToken").value_or(""));
    return owner ? issue(call, *owner, wants_refresh(*body)) : oauth_fault(400, "invalid_grant", "");
  }
  return oauth_fault(400, "unsupported_grant_type", "");
}

Response delete_token(Call& call) {
  const auto body = call.body();
  if (!body) return fault(400, body.error().detail);
  call.world.sign_in.revoke_refresh(text_of(*body, "refreshToken").value_or(""));
  return answer(call.world.switches.delete_status);
}

/// The next challenge in exchange for the last one.
Response next_challenge(Call& call, int owner) {
  Response out;
  JsonText(out.body)
      .open_object()
      .member("challengeToken", call.world.sign_in.new_challenge(owner))
      .close_object();
  return out;
}

Response mfa_request(Call& call) {
  const auto body = call.body();
  const auto owner =
      body ? call.world.sign_in.take_challenge(text_of(*body, "challengeToken").value_or("")) : std::nullopt;
  if (!owner) return oauth_fault(400, "invalid_grant", "");
  return next_challenge(call, *owner);
}

Response mfa_challenge(Call& call) {
  const auto body = call.body();
  const auto owner =
      body ? call.world.sign_in.take_challenge(text_of(*body, "challengeToken").value_or("")) : std::nullopt;
  // The code that the simulator "mails" is always the same; its README says so.
  if (!owner || text_of(*body, "code").value_or("") != "123456") return oauth_fault(400, "invalid_grant", "");
  return next_challenge(call, *owner);
}

}  // namespace

void add_token_routes(Router& router) {
  router.add("POST", "authorization/tokens", Right::open, post_token);
  router.add("DELETE", "authorization/tokens", Right::events, delete_token);
  router.add("POST", "authorization/mfa-request", Right::open, mfa_request);
  router.add("POST", "authorization/mfa-challenge", Right::open, mfa_challenge);
}

}  // namespace gatehouse::sim
