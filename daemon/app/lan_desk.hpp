#pragma once
// What a request on the LAN means (contract.md §7). connectors/lan speaks HTTP and knows who asks; this knows
// what they may, and what they get.

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/app/access_desk.hpp"
#include "daemon/app/errands.hpp"
#include "daemon/app/gateway_state.hpp"
#include "daemon/app/sign_in_args.hpp"
#include "daemon/app/wakeup.hpp"

namespace gatehouse {

/// A JSON document, or what goes into a problem (RFC 9457).
struct LanReply {
  int status = 200;
  std::string body;                     ///< below 400: a JSON document
  std::string detail;                   ///< from 400 on: for a person; nothing of anybody's in it
  std::optional<Duration> retry_after;  ///< whole seconds
};

struct LanSignIn {
  std::string key;     ///< Idempotency-Key
  std::string body;    ///< as it came
  std::string digest;  ///< of the body: "sha256:…"
};

/// Where a feed's snapshots go, or why not.
struct LanFeed {
  std::optional<std::string> directory;
  LanReply refusal;  ///< where there is no directory
};

/// What the HTTPS server asks for those who have shown their token. On the io thread.
class LanRequests {
 public:
  virtual ~LanRequests() = default;
  virtual Task<LanReply> sign_in(LanClient client, LanSignIn request) = 0;
  /// `site` empty: all.
  virtual Task<LanReply> muster(LanClient client, std::string site) = 0;
  virtual LanReply health() = 0;
  virtual LanFeed feed(const LanClient& client, const IntegrationId& integration) = 0;
};

class LanDesk final : public LanRequests {
 public:
  /// References must outlive the desk.
  struct Parts {
    boost::asio::any_io_executor executor;
    AccessStore& store;
    Clock& clock;
    Log& log;
    const Settings& settings;  ///< those in force
    std::string feeds;         ///< where feeds without a directory of their own lie, one folder each
    ReadSignInArgs read_args;
    std::function<Task<Result<DecisionRecord>>(SignInRequest)> sign_in;  ///< AccessDesk::sign_in
    std::function<Task<Result<std::string>>(std::string site)> muster;   ///< AccessVerbs::muster
    std::function<GatewayState()> state;
    std::function<std::set<SiteId>()> lockdown;
  };
  explicit LanDesk(Parts parts)
      : parts_(std::move(parts)), errands_(parts_.executor, parts_.clock, parts_.log) {}

  /// The keys that are used up. Until this has gone well every sign-in is answered 503: whoever asks again
  /// must never be let in twice.
  Task<Result<void>> load();

  /// The decision, as it was given the first time: who asks again while that is under way waits for it, and
  /// after a crash in the middle gets the decision whose doors ended `unknown`. 400 for what is not in order,
  /// 403 for an access point that is not the client's, 409 for a key that has gone with another body, 429
  /// where too many keys are kept, 503 where nothing can be stored or read. Goes on where its caller is gone.
  Task<LanReply> sign_in(LanClient client, LanSignIn request) override;
  Task<LanReply> muster(LanClient client, std::string site) override;
  LanReply health() override;
  LanFeed feed(const LanClient& client, const IntegrationId& integration) override;
  /// Before it is destroyed.
  Task<void> stop() { co_await errands_.finish(); }

  /// How long a key is kept.
  static constexpr Duration keep = std::chrono::hours(24);
  /// Of one client, at a time: one each four seconds around the clock.
  static constexpr std::size_t most_keys = 20'000;

 private:
  struct Used {
    std::string digest;
    std::string answer;    ///< JSON; empty: none that is known
    std::string decision;  ///< its id, where a crash left no answer
    Instant until{};
    bool under_way = false;
    std::vector<std::shared_ptr<Wakeup>> waiting{};  ///< for the answer
  };
  using Keys = std::map<std::string, Used>;

  void forget_old(const std::string& issuer);
  Task<LanReply> known(std::string issuer, std::string key);
  Task<Result<LanReply>> ask(LanClient client, LanSignIn request, SignInArgs args);
  LanReply outcome(Keys& keys, const std::string& key, const Result<DecisionRecord>& decided,
                   const std::string& answer) const;
  static void under_way_no_more(Keys& keys, const std::string& key);

  Parts parts_;
  bool loaded_ = false;
  std::map<std::string, Keys> used_;       ///< by issuer: "lan CLIENT"
  std::map<std::string, Instant> looked_;  ///< when the old keys of an issuer were last looked for
  Errands errands_;
};

}  // namespace gatehouse
