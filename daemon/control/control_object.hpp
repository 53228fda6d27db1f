#pragma once
// The object org.gatehouse.Gateway1 on one connection: its methods, properties, and the calls under way.

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sdbus-c++/IObject.h>
#include <sdbus-c++/IProxy.h>
#include <sdbus-c++/Message.h>

#include "daemon/app/access_console.hpp"
#include "daemon/app/console.hpp"
#include "daemon/app/task.hpp"
#include "daemon/control/admission.hpp"
#include "daemon/control/bus_link.hpp"
#include "daemon/control/control_service.hpp"
#include "daemon/control/methods.hpp"
#include "daemon/control/polkit_authority.hpp"

namespace gatehouse {

/// What outlives a connection: who is served, and the calls under way over all connections.
struct ControlState {
  Console& console;
  AccessVerbs& access;
  std::vector<Method> more;
  std::function<void(AuditEntry)> audit;
  Log& log;
  PublicStatus status;
  Household household;
  bool stopping = false;
  std::list<boost::asio::cancellation_signal> under_way;
  std::size_t acting = 0;         ///< of these, calls that do more than view
  std::function<void()> on_idle;  ///< called when the last call has ended
};

/// All of it on the io thread.
class ControlObject : public std::enable_shared_from_this<ControlObject> {
 public:
  /// Registers everything; announce the name afterwards, so that nobody sees half of it. Throws sdbus::Error.
  static std::shared_ptr<ControlObject> make(std::shared_ptr<BusLink> link,
                                             std::shared_ptr<ControlState> state);

  /// Emits the signal Changed.
  void tell_news(const std::string& what);
  /// Tells that properties have changed; the values are read from the state. Throws sdbus::Error.
  void tell_changed(const std::vector<std::string>& names);

 private:
  /// One call until it is answered. The call needs the connection until its own end, so it goes first.
  struct Pending {
    std::shared_ptr<ControlObject> object;
    sdbus::MethodCall call;
    std::shared_ptr<const Method> method;
    Ask ask;
    boost::asio::steady_timer patience;  ///< with ReplyForm::started
    std::optional<AuditEntry> row{};     ///< to be noted when it has ended
    bool replied = false;
  };

  ControlObject(std::shared_ptr<BusLink> link, std::shared_ptr<ControlState> state);
  void register_methods();
  void register_properties();
  void offer(Method method);
  void take(sdbus::MethodCall call, const std::shared_ptr<const Method>& method);
  static Task<void> answer(std::shared_ptr<Pending> pending);
  static void reply_soon(const std::shared_ptr<Pending>& pending);
  /// Once; what comes after that is only logged where it is an error.
  static void reply(Pending& pending, const Result<std::string>& answer);
  /// Once, and only of somebody who was admitted.
  static void note(Pending& pending, const Result<std::string>& answer);
  /// Who is asking, for journals; empty where the permission is view.
  Task<Result<std::string>> admit(std::string sender, Permission permission);
  Task<Result<Caller>> caller_of(std::string sender);
  void send(const sdbus::MethodCall& call, const std::string& answer);
  void send_file(const sdbus::MethodCall& call, const Result<int>& file);
  void refuse_call(const sdbus::MethodCall& call, const Error& why);

  std::shared_ptr<BusLink> link_;  ///< first, so that it goes last
  std::shared_ptr<ControlState> state_;
  std::unique_ptr<sdbus::IObject> object_;
  std::unique_ptr<sdbus::IProxy> bus_daemon_;
  PolkitAuthority authority_;
  std::map<std::string, Caller> callers_;  ///< by unique name, which a bus never gives twice
};

}  // namespace gatehouse
