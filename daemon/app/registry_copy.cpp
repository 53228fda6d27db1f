#include "daemon/app/registry_copy.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "daemon/app/cancelled.hpp"
#include "daemon/app/on_worker.hpp"

namespace gatehouse {
namespace {

std::uint32_t low_half(std::uint64_t key) {
  return static_cast<std::uint32_t>(key);
}

void note_of(const RegistryEntry& entry, std::vector<std::uint32_t>& noted) {
  if (entry.keys.email != 0) noted.push_back(low_half(entry.keys.email));
  if (entry.keys.name != 0) noted.push_back(low_half(entry.keys.name));
  if (entry.linked_here) noted.push_back(low_half(static_cast<std::uint64_t>(entry.record_here)));
  for (const auto record : entry.also_here) noted.push_back(low_half(static_cast<std::uint64_t>(record)));
}

}  // namespace

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
  if (revision_ == people.registry_revision() && has_all(ask)) co_return Result<void>{};
  release();
  asked_ = std::move(ask);
  auto done = co_await read(about, people, std::move(worker));
  co_return done;
}

bool RegistryCopy::has_all(RegistryAsk ask) const {
  const auto nobody_has = [&](auto key) {
    return !std::ranges::binary_search(everybody_, low_half(static_cast<std::uint64_t>(key)));
  };
  std::erase_if(ask.keys, nobody_has);
  std::erase_if(ask.records, nobody_has);
  return ask.is_within(asked_);
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
        note_of(entry, everybody_);
        if (asked_.wants(entry)) entries_.push_back(std::move(entry));
      }
    };
    co_await on_worker(worker, work);
  }
  entries_.shrink_to_fit();
  std::ranges::sort(everybody_);
  everybody_.shrink_to_fit();
  revision_ = revision;
  co_return Result<void>{};
}

void RegistryCopy::release() {
  std::vector<RegistryEntry>().swap(entries_);
  std::vector<std::uint32_t>().swap(everybody_);
  asked_ = {};
  revision_.reset();
}

}  // namespace gatehouse
