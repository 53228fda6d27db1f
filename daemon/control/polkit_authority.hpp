#pragma once
// polkit, asked whether a caller may (contract §1: actions view, sync, open door, administer).

#include <memory>
#include <optional>
#include <string>

#include "daemon/app/task.hpp"
#include "daemon/control/admission.hpp"
#include "daemon/control/bus_link.hpp"

namespace sdbus {
class IProxy;
}

namespace gatehouse {

/// The action's id in packaging/polkit/org.gatehouse.Gateway1.policy: "org.gatehouse.Gateway1.open-door".
std::string polkit_action(Permission wanted);

/// org.freedesktop.PolicyKit1 on the bus that is served. On the io thread.
class PolkitAuthority {
 public:
  explicit PolkitAuthority(std::shared_ptr<BusLink> link);
  ~PolkitAuthority();

  /// What the authority says of the owner of a unique bus name; it may ask them for a password meanwhile.
  /// nullopt: none is running, or it does not answer within a minute: then the local rule decides.
  Task<std::optional<bool>> allows(std::string caller, Permission wanted);

 private:
  std::shared_ptr<BusLink> link_;
  std::unique_ptr<sdbus::IProxy> authority_;
};

}  // namespace gatehouse
