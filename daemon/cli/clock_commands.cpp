// The host's clock and the floor that it is held against.

#include "daemon/cli/commands.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/words.hpp"
#include "daemon/control/bus_names.hpp"

namespace gatehouse {
namespace {

using boost::json::value;

std::string clock_words(const value& clock) {
  const bool trusted = text_field(clock, "clock") == "ok";
  return "The host says " + local_time(text_field(clock, "time")) +
         (trusted ? ", which is trusted\n" : ", which is not trusted\n") +
         "Floor: " + local_time(text_field(clock, "floor")) + '\n';
}

}  // namespace

ExitStatus show_clock(CommandSession& session) {
  ExitStatus status = ExitStatus::done;
  const auto answer = session.daemon.ask(bus_names::clock, "Show");
  const auto clock = session.read(answer, status);
  if (!clock) return status;
  status = session.print(answer, {}, clock_words);
  const bool trusted = text_field(*clock, "clock") == "ok";
  return status == ExitStatus::done && !trusted ? ExitStatus::not_well : status;
}

ExitStatus reset_clock(CommandSession& session) {
  return session.print(session.work(bus_names::clock, "Reset", {session.command.reason}), "", clock_words);
}

}  // namespace gatehouse
