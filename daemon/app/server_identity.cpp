#include "daemon/app/server_identity.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse {
namespace {

bool any_known(const std::vector<SourceDoor>& doors, const std::vector<DoorRow>& known) {
  return std::ranges::any_of(doors, [&](const SourceDoor& door) {
    return std::ranges::any_of(known, [&](const DoorRow& row) { return row.id == door.id; });
  });
}

bool same_doors(const std::vector<SourceDoor>& one, const std::vector<SourceDoor>& other) {
  return std::ranges::is_permutation(one, other, {}, &SourceDoor::id, &SourceDoor::id);
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
  const bool other = !known->empty() && !any_known(*doors, *known);
  if (std::exchange(other_server_, other) != other) doubt_people();
  if (other) {
    met_ = std::move(*doors);
    co_return Error{Errc::refused, "another Net2 server answers at this address: none of the " +
                                       std::to_string(known->size()) + " doors we know is there"};
  }
  auto saved = co_await store_.save_doors(id_, *doors);
  if (!saved) co_return within("keep the doors", saved.error());
  doors_ = std::move(*doors);
  met_.clear();
  confirmed_ = connection;
  co_return Result<void>{};
}

Task<Result<void>> ServerIdentity::take_over(std::vector<SourceDoor> met, bool anew) {
  const auto connection = source_.connections();
  auto doors = co_await source_.read_doors();
  if (!doors) co_return within("read the doors", doors.error());
  if (!same_doors(*doors, met)) {
    co_return Error{Errc::refused, "the doors are others than when its people were read"};
  }
  if (!doors->empty()) {
    auto saved = co_await store_.take_over_doors(id_, *doors);
    if (!saved) co_return within("keep the doors", saved.error());
  }
  doors_ = std::move(*doors);
  met_.clear();
  other_server_ = false;
  takeovers_ += anew ? 1 : 0;
  confirmed_.reset();
  if (connection == source_.connections()) confirmed_ = connection;
  co_return Result<void>{};
}

}  // namespace gatehouse
