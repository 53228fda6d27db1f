#pragma once
// The registry as matching needs it: read from the store when somebody has to be matched, and kept for as
// long as nothing in it changes.

#include <cstdint>
#include <optional>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/sync_ports.hpp"
#include "daemon/app/task.hpp"
#include "daemon/core/registry_ask.hpp"
#include "daemon/core/registry_keys.hpp"

namespace gatehouse {

/// On the io thread; the entries are made on the worker.
class RegistryCopy {
 public:
  /// What is going to be judged. References must outlive the read.
  struct About {
    IntegrationId integration;
    const RecordPack& changed;
    const RecordIndex& index;
    const Mapping& mapping;
    const OperatorWord& word;
  };
  /// Reads whom registry_ask() wants for it, with what the integration knows of each person, unless they are
  /// here and current. An error leaves it to be read anew.
  Task<Result<void>> read_for(About about, PersonStore& people, boost::asio::any_io_executor worker);
  const std::vector<RegistryEntry>& entries() const { return entries_; }
  /// Read anew next time, whatever the store says.
  void doubt() { revision_.reset(); }

 private:
  Task<Result<void>> read(const About& about, PersonStore& people, boost::asio::any_io_executor worker);
  Task<Result<std::vector<PersonId>>> ids(IntegrationId integration, PersonStore& people) const;
  Task<void> keep(const std::vector<RegistryRow>& rows, const TextFold& fold,
                  boost::asio::any_io_executor worker);
  /// Gives the memory back.
  void release();

  std::vector<RegistryEntry> entries_;
  RegistryAsk asked_;
  std::optional<std::uint64_t> revision_;  ///< PersonStore::registry_revision() that they are of
};

}  // namespace gatehouse
