#pragma once
// Who has which e-mail, name or phone, among many.

#include <cstdint>
#include <span>
#include <vector>

#include "daemon/core/identity_keys.hpp"

namespace gatehouse {

/// Sorted lists of (key, item): small, and quick to make. Put all, seal, then ask.
class Lookup {
 public:
  /// Takes only what shares an e-mail or a name with one of `asking`: nothing else will be asked for. Before
  /// the first put.
  void only_for(const std::vector<IdentityKeys>& asking);
  void put(const IdentityKeys& keys, std::int64_t item);
  void seal();

  std::vector<std::int64_t> by_email(std::uint64_t key) const { return found(emails_, key); }
  std::vector<std::int64_t> by_name(std::uint64_t key) const { return found(names_, key); }
  /// Same name, and same e-mail or phone. Each item once, ascending.
  std::vector<std::int64_t> alike(const IdentityKeys& keys) const;
  std::size_t count_email(std::uint64_t key) const { return range(emails_, key).size(); }
  std::size_t count_name(std::uint64_t key) const { return range(names_, key).size(); }

 private:
  struct Entry {
    std::uint64_t key = 0;
    std::int64_t item = 0;
    auto operator<=>(const Entry&) const = default;
  };
  static std::span<const Entry> range(const std::vector<Entry>& list, std::uint64_t key);
  static std::vector<std::int64_t> found(const std::vector<Entry>& list, std::uint64_t key);

  bool wanted(std::uint64_t key) const;

  std::vector<std::uint64_t> wanted_;  ///< sorted
  bool choosy_ = false;
  std::vector<Entry> emails_;
  std::vector<Entry> names_;
  std::vector<Entry> both_;  ///< of name and e-mail, and of name and phone
};

}  // namespace gatehouse
