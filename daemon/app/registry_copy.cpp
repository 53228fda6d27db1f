#include "daemon/app/registry_copy.hpp"

#include <functional>
#include <utility>

#include "daemon/app/cancelled.hpp"
#include "daemon/app/on_worker.hpp"

namespace gatehouse {

Task<Result<void>> RegistryCopy::refresh(PersonStore& people, boost::asio::any_io_executor worker,
                                         IntegrationId integration, const TextFold& fold) {
  const auto revision = people.registry_revision();
  if (revision_ == revision) co_return Result<void>{};
  revision_.reset();
  entries_.clear();
  PersonId after;
  for (;;) {
    co_await leave_if_cancelled();
    auto rows = co_await people.registry_rows(integration, after);
    if (!rows) co_return within("read the registry for matching", rows.error());
    if (rows->empty()) break;
    after = rows->back().id;
    const std::function<void()> work = [&] {
      for (const auto& row : *rows) entries_.push_back(registry_entry(row, fold));
    };
    co_await on_worker(worker, work);
  }
  revision_ = revision;
  co_return Result<void>{};
}

void RegistryCopy::release() {
  std::vector<RegistryEntry>().swap(entries_);
  revision_.reset();
}

}  // namespace gatehouse
