#include "tests/whole/bus.hpp"

#include <filesystem>
#include <stdexcept>

#include "tests/whole/temp_dir.hpp"

namespace gatehouse::whole {

Bus::Bus(const std::string& dir) {
  const auto socket = dir + "/bus";
  const auto config = dir + "/bus.conf";
  address_ = "unix:path=" + socket;
  // A message bus with one rule: whoever may open the socket (this user) may do anything.
  write_file(config, R"(<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>)" + address_ + R"(</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
)");
  process_ =
      std::make_unique<Process>(Argv{"dbus-daemon", "--nofork", "--config-file=" + config}, dir + "/bus.log");
  if (!eventually(10s, [&] { return std::filesystem::exists(socket) || !process_->running(); }) ||
      !process_->running()) {
    throw std::runtime_error("dbus-daemon did not start:\n" + read_file(dir + "/bus.log"));
  }
}

}  // namespace gatehouse::whole
