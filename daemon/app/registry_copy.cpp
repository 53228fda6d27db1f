#include "daemon/app/registry_copy.hpp"

#include <functional>
#include <utility>

#include "daemon/app/cancelled.hpp"
#include "daemon/app/on_worker.hpp"

namespace gatehouse {

Task<Result<void>> RegistryCopy::read_for(About about, PersonStore& people,
                                          boost::asio::any_io_executor worker) {
  RegistryAsk ask;
  const std::function<void()> asking = [&] {
    ask = registry_ask(about.changed, about.index, about.mapping, about.word);
  };
  co_await on_worker(worker, asking);
  if (ask.empty()) {
    release();
    co_return Result<void>{};
  }
  if (revision_ == people.registry_revision() && ask.is_within(asked_)) co_return Result<void>{};
  release();
  asked_ = std::move(ask);
  auto done = co_await read(about, people, std::move(worker));
  co_return done;
}

Task<Result<void>> RegistryCopy::read(const About& about, PersonStore& people,
                                      boost::asio::any_io_executor worker) {
  const auto revision = people.registry_revision();
  PersonId after;
  for (;;) {
    co_await leave_if_cancelled();
    auto rows = co_await people.registry_rows(about.integration, after);
    if (!rows) co_return within("read the registry for matching", rows.error());
    if (rows->empty()) break;
    after = rows->back().id;
    const std::function<void()> work = [&] {
      for (const auto& row : *rows) {
        auto entry = registry_entry(row, *about.mapping.fold);
        if (asked_.wants(entry)) entries_.push_back(std::move(entry));
      }
    };
    co_await on_worker(worker, work);
  }
  entries_.shrink_to_fit();
  revision_ = revision;
  co_return Result<void>{};
}

void RegistryCopy::release() {
  std::vector<RegistryEntry>().swap(entries_);
  asked_ = {};
  revision_.reset();
}

}  // namespace gatehouse
