#pragma once
// Ids of different kinds never mix.

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace gatehouse {

template <typename Tag, typename Rep>
class Id {
 public:
  Id() = default;
  explicit Id(Rep value) : value_(std::move(value)) {}
  const Rep& value() const { return value_; }
  auto operator<=>(const Id&) const = default;

 private:
  Rep value_{};
};

using IntegrationId = Id<struct IntegrationTag, std::string>;  ///< key of the configuration: "net2-hq"
using SiteId = Id<struct SiteTag, std::string>;
using PersonId = Id<struct PersonTag, std::string>;      ///< a ULID, ours
using ExternalId = Id<struct ExternalTag, std::string>;  ///< the source's own id for a record
using RunId = Id<struct RunTag, std::string>;
using Net2UserId = Id<struct Net2UserTag, std::int64_t>;
using Net2DoorId = Id<struct Net2DoorTag, std::int64_t>;  ///< serial number of the ACU (net2-api.md §3.8)
using Net2EventId = Id<struct Net2EventTag, std::int64_t>;

}  // namespace gatehouse

template <typename Tag, typename Rep>
struct std::hash<gatehouse::Id<Tag, Rep>> {
  std::size_t operator()(const gatehouse::Id<Tag, Rep>& id) const noexcept {
    return std::hash<Rep>{}(id.value());
  }
};
