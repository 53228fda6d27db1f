#include "daemon/control/polkit_authority.hpp"

#include <chrono>
#include <map>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sdbus-c++/Error.h>
#include <sdbus-c++/IProxy.h>
#include <sdbus-c++/Types.h>

namespace gatehouse {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// Somebody may be typing a password.
constexpr auto patience = 60s;
constexpr std::uint32_t allow_user_interaction = 1;

}  // namespace

std::string polkit_action(Permission wanted) {
  const std::string prefix = "org.gatehouse.Gateway1.";
  switch (wanted) {
    case Permission::view:
      return prefix + "view";
    case Permission::sync:
      return prefix + "sync";
    case Permission::open_door:
      return prefix + "open-door";
    case Permission::administer:
      break;
  }
  return prefix + "administer";
}

PolkitAuthority::PolkitAuthority(std::shared_ptr<BusLink> link)
    : link_(std::move(link)),
      authority_(sdbus::createProxy(link_->bus(), "org.freedesktop.PolicyKit1",
                                    "/org/freedesktop/PolicyKit1/Authority")) {}

PolkitAuthority::~PolkitAuthority() = default;

Task<std::optional<bool>> PolkitAuthority::allows(std::string caller, Permission wanted) {
  using Subject = sdbus::Struct<std::string, std::map<std::string, sdbus::Variant>>;
  using Verdict = sdbus::Struct<bool, bool, std::map<std::string, std::string>>;
  // The timer is both the patience and the bell.
  struct Question {
    asio::steady_timer bell;
    std::optional<bool> allowed;
  };
  auto question =
      std::make_shared<Question>(Question{asio::steady_timer(link_->executor(), patience), std::nullopt});
  try {
    const std::map<std::string, sdbus::Variant> name{{"name", sdbus::Variant(caller)}};
    authority_->callMethodAsync("CheckAuthorization")
        .onInterface("org.freedesktop.PolicyKit1.Authority")
        .withTimeout(patience)
        .withArguments(Subject{"system-bus-name", name}, polkit_action(wanted),
                       std::map<std::string, std::string>{}, allow_user_interaction, std::string())
        .uponReplyInvoke([question](const sdbus::Error* error, const Verdict& verdict) {
          if (error == nullptr) question->allowed = verdict.get<0>();
          question->bell.cancel();
        });
  } catch (const sdbus::Error&) {
    co_return std::nullopt;
  }
  link_->kick();
  co_await question->bell.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return question->allowed;
}

}  // namespace gatehouse
