#pragma once
// The object org.gatehouse.Gateway1 on one connection: its methods, properties, and the calls under way.

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <sdbus-c++/IObject.h>
#include <sdbus-c++/IProxy.h>
#include <sdbus-c++/Message.h>

#include "daemon/app/console.hpp"
#include "daemon/app/task.hpp"
#include "daemon/control/admission.hpp"
#include "daemon/control/bus_link.hpp"
#include "daemon/control/control_service.hpp"

namespace gatehouse {

/// What outlives a connection: who is served, and the calls under way over all connections.
struct ControlState {
  Console& console;
  Log& log;
  PublicStatus status;
  Household household;
  bool stopping = false;
  std::list<boost::asio::cancellation_signal> under_way;
  std::function<void()> on_idle;  ///< called when the last call has ended
};

/// All of it on the io thread.
class ControlObject : public std::enable_shared_from_this<ControlObject> {
 public:
  /// Registers everything; announce the name afterwards, so that nobody sees half of it. Throws sdbus::Error.
  static std::shared_ptr<ControlObject> make(std::shared_ptr<BusLink> link,
                                             std::shared_ptr<ControlState> state);

  /// Tells that properties have changed; the values are read from the state. Throws sdbus::Error.
  void tell_changed(const std::vector<std::string>& names);

 private:
  using Ask = std::function<Task<Result<std::string>>()>;
  /// Reads the arguments of a call and makes the question of them. Throws sdbus::Error on bad arguments.
  using Read = std::function<Ask(sdbus::MethodCall&)>;

  /// One call until it is answered. The call needs the connection until its own end, so it goes first.
  struct Pending {
    std::shared_ptr<ControlObject> object;
    sdbus::MethodCall call;
    Permission permission;
    Ask ask;
  };

  ControlObject(std::shared_ptr<BusLink> link, std::shared_ptr<ControlState> state);
  void register_methods();
  void register_properties();
  void offer(const char* interface, const char* method, std::string signature, std::vector<std::string> names,
             Permission permission, Read read);
  void take(sdbus::MethodCall call, Permission permission, const Read& read);
  static Task<void> answer(std::shared_ptr<Pending> pending);
  Task<Result<void>> admit(std::string sender, Permission permission);
  Task<Result<Caller>> caller_of(std::string sender);
  void reply(const sdbus::MethodCall& call, const Result<std::string>& answer);
  void refuse_call(const sdbus::MethodCall& call, const Error& why);

  std::shared_ptr<BusLink> link_;  ///< first, so that it goes last
  std::shared_ptr<ControlState> state_;
  std::unique_ptr<sdbus::IObject> object_;
  std::unique_ptr<sdbus::IProxy> bus_daemon_;
  std::map<std::string, Caller> callers_;  ///< by unique name, which a bus never gives twice
};

}  // namespace gatehouse
