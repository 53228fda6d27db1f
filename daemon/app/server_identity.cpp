#include "daemon/app/server_identity.hpp"

#include <algorithm>

namespace gatehouse {
namespace {

bool any_known(const std::vector<SourceDoor>& doors, const std::vector<DoorRow>& known) {
  return std::ranges::any_of(doors, [&](const SourceDoor& door) {
    return std::ranges::any_of(known, [&](const DoorRow& row) { return row.id == door.id; });
  });
}

}  // namespace

Task<Result<void>> ServerIdentity::confirm() {
  if (still_confirmed()) co_return Result<void>{};
  auto connection = source_.connections();
  auto doors = co_await source_.read_doors();
  if (!doors) co_return within("read the doors", doors.error());
  if (connection != source_.connections()) {
    // A connection was made meanwhile, by this read or by another: once more, on what there is now.
    connection = source_.connections();
    doors = co_await source_.read_doors();
    if (!doors) co_return within("read the doors", doors.error());
  }
  auto known = co_await store_.doors(id_);
  if (!known) co_return within("look up the known doors", known.error());
  other_server_ = !known->empty() && !any_known(*doors, *known);
  if (other_server_) {
    co_return Error{Errc::refused, "another Net2 server answers at this address: none of the " +
                                       std::to_string(known->size()) +
                                       " doors we know is there; nothing is read from it"};
  }
  auto saved = co_await store_.save_doors(id_, *doors);
  if (!saved) co_return within("keep the doors", saved.error());
  doors_ = std::move(*doors);
  confirmed_ = connection;
  co_return Result<void>{};
}

}  // namespace gatehouse
