// What is done with messages for the cloud.

#include "daemon/cli/cells.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/control/bus_names.hpp"

namespace gatehouse {
namespace {

using namespace cells;

constexpr char see_dead_letters[] = "gatehouse outbox list --dead";

const ListView& retried_view() {
  static const ListView view{"outbox", "message is sent again, under this ID until the broker has it",
                             "messages are sent again, under these IDs until the broker has them",
                             outbox_view().columns};
  return view;
}

const ListView& dropped_view() {
  static const ListView view{"outbox", "dead letter dropped for good", "dead letters dropped for good",
                             dead_letters_view().columns};
  return view;
}

}  // namespace

ExitStatus settle_dead_letter(CommandSession& session) {
  const bool retry = session.command.verb == Verb::outbox_retry;
  const auto answer = session.work(bus_names::outbox, retry ? "Retry" : "Drop", {session.command.subject});
  return session.print_list(retry ? retried_view() : dropped_view(), answer, see_dead_letters);
}

}  // namespace gatehouse
