#pragma once
// The registry as matching needs it: read from the store when somebody has to be matched, and kept for as
// long as nothing in it changes.

#include <cstdint>
#include <optional>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/sync_ports.hpp"
#include "daemon/app/task.hpp"
#include "daemon/core/registry_keys.hpp"

namespace gatehouse {

/// On the io thread; the entries are made on the worker.
class RegistryCopy {
 public:
  /// Reads all of it, with what `integration` knows of each person, unless it is current. An error leaves it
  /// to be read anew.
  Task<Result<void>> refresh(PersonStore& people, boost::asio::any_io_executor worker,
                             IntegrationId integration, const TextFold& fold);
  const std::vector<RegistryEntry>& entries() const { return entries_; }
  /// Read anew next time, whatever the store says.
  void doubt() { revision_.reset(); }
  /// Gives the memory back.
  void release();

 private:
  std::vector<RegistryEntry> entries_;
  std::optional<std::uint64_t> revision_;  ///< PersonStore::registry_revision() that they are of
};

}  // namespace gatehouse
