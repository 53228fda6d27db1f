#pragma once
// The one access token for a Net2 server, shared by all who ask it anything (net2-api.md §2).

#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "connectors/https/https_client.hpp"
#include "daemon/app/ports.hpp"

namespace gatehouse {

struct Net2Credentials {
  std::string username;  ///< of the operator: "First Last" (§2.1)
  std::string password;
  std::string client_id;  ///< of the API licence (§1.4)
};

struct TokenPacing {
  Duration between{1'000};         ///< attempts are at least this far apart (§2.6)
  Duration after_refusal{25'000};  ///< so long nobody asks again with credentials that were refused
  Duration after_distrust{3'000};  ///< so long after a new token was refused; doubling up to the above
  Duration backoff_least{2'000};   ///< after 429 and 5xx, doubling
  Duration backoff_most{25'000};
};

/// Use from one thread. Outlives its calls. Nothing of a token answer is ever logged or put into an error.
class Net2Tokens {
 public:
  Net2Tokens(boost::asio::any_io_executor io, HttpsClient& https, Net2Credentials credentials,
             const Clock& clock, TokenPacing pacing = {});

  /// A token that is good for a while. Errc::unauthenticated: told at once again for `after_refusal`, without
  /// asking the server; mfa_required: told so for ever, since nobody can answer for a service (§2.7).
  /// Errc::busy after 429 or 5xx, until the back-off is over.
  Task<Result<std::string>> token();
  /// The token as it is, if it is good still, perhaps not for long; empty where token() would have to ask.
  /// For those who cannot wait for it to be renewed: others ask often enough.
  std::string current() const;

  /// The server refused this token: the next token() signs in anew.
  void drop(const std::string& token);
  /// A token that was just made was refused as well: nobody asks again for `after_distrust`, or longer where
  /// that goes on.
  void distrust(Error why);

 private:
  struct Turn;
  struct Grant {
    std::string form;
    bool refresh = false;
  };

  std::optional<Error> refusal() const;
  Task<Result<std::string>> obtain();
  Task<Result<void>> wait_for_pace();
  Task<Result<std::string>> ask(const Grant& grant);
  Result<std::string> judge(const HttpAnswer& answer, const Grant& grant);
  void back_off(std::optional<Duration> told);
  Grant next_grant() const;

  boost::asio::any_io_executor io_;
  HttpsClient& https_;
  Net2Credentials credentials_;
  const Clock& clock_;
  TokenPacing pacing_;

  std::string token_;
  std::string refresh_token_;
  Uptime renew_at_{};  ///< from then on a new token is fetched
  Uptime expires_at_{};
  Uptime refresh_until_{};  ///< the refresh token is good until then
  std::optional<Uptime> last_try_;
  Uptime not_before_{};  ///< back-off
  Duration backoff_{0};
  std::optional<Error> refused_;
  Uptime refused_until_{};
  Duration distrust_{0};  ///< the last wait after a distrust
  bool busy_ = false;
  boost::asio::steady_timer turn_;  ///< its cancellation wakes those who wait for the one who asks
};

}  // namespace gatehouse
