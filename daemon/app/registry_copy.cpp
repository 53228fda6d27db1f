#include "daemon/app/registry_copy.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "daemon/app/cancelled.hpp"
#include "daemon/app/on_worker.hpp"
#include "daemon/core/mapping.hpp"
#include "daemon/core/record_pack.hpp"

namespace gatehouse {
namespace {

/// An ask of so many names, or of so many people, keeps the store a few milliseconds.
constexpr std::size_t in_a_part = 500;

}  // namespace

Task<Result<void>> RegistryCopy::read_for(About about, PersonStore& people,
                                          boost::asio::any_io_executor worker) {
  RegistryAsk ask;
  if (about.changed.size() == 0) {
    release();
    co_return Result<void>{};
  }
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
  if (asked_.everybody) {
    PersonId after;
    for (;;) {
      co_await leave_if_cancelled();
      auto rows = co_await people.registry_rows(about.integration, after);
      if (!rows) co_return within("read the registry for matching", rows.error());
      if (rows->empty()) break;
      after = rows->back().id;
      co_await keep(*rows, *about.mapping.fold, worker);
    }
  } else {
    // Who first: many may have one address, and one of them may be found by each of their names.
    auto wanted = co_await ids(about.integration, people);
    if (!wanted) co_return wanted.error();
    for (auto from = wanted->begin(); from != wanted->end();) {
      const auto until = from + std::min<std::ptrdiff_t>(in_a_part, wanted->end() - from);
      co_await leave_if_cancelled();
      auto rows = co_await people.registry_rows_of(about.integration, std::vector<PersonId>(from, until));
      if (!rows) co_return within("read the registry for matching", rows.error());
      co_await keep(*rows, *about.mapping.fold, worker);
      from = until;
    }
  }
  entries_.shrink_to_fit();
  revision_ = revision;
  co_return Result<void>{};
}

/// Each once, ascending.
Task<Result<std::vector<PersonId>>> RegistryCopy::ids(IntegrationId integration, PersonStore& people) const {
  std::vector<PersonId> all;
  for (auto& part : parts_of(asked_, in_a_part)) {
    co_await leave_if_cancelled();
    auto found = co_await people.registry_ids(integration, std::move(part));
    if (!found) co_return within("look for people of the registry", found.error());
    std::ranges::move(*found, std::back_inserter(all));
  }
  std::ranges::sort(all);
  const auto again = std::ranges::unique(all);
  all.erase(again.begin(), again.end());
  co_return all;
}

Task<void> RegistryCopy::keep(const std::vector<RegistryRow>& rows, const TextFold& fold,
                              boost::asio::any_io_executor worker) {
  const std::function<void()> work = [&] {
    for (const auto& row : rows) entries_.push_back(registry_entry(row, fold));
  };
  co_await on_worker(worker, work);
}

void RegistryCopy::release() {
  std::vector<RegistryEntry>().swap(entries_);
  asked_ = {};
  revision_.reset();
}

}  // namespace gatehouse
