#pragma once
// How much room the disk has, and the reserve that lets alarms through when it has none.

#include <cstdint>
#include <filesystem>
#include <functional>

namespace gatehouse {

struct SpaceOptions {
  std::uint64_t reserve = 8ULL << 20;  ///< bytes kept in a file of their own until the disk is full
  std::uint64_t floor = 4ULL << 20;    ///< less free than this is full
  /// Bytes free for us on the file system of a path; statvfs where empty.
  std::function<std::uint64_t(const std::filesystem::path&)> free_bytes;
};

/// Full is a state with a way back: it begins when the floor is reached or a write finds no room (which gives
/// the reserve to the store), and ends when there is room for the reserve again with something to spare.
class Space {
 public:
  Space(std::filesystem::path directory, SpaceOptions options);

  /// Measures, and enters or leaves the state. Cheap; call before each write.
  void look();
  /// A write found no room. True if that freed the reserve, so that trying again makes sense.
  bool ran_out();

  bool full() const { return full_; }
  const std::filesystem::path& directory() const { return directory_; }
  std::uint64_t reserve() const { return options_.reserve; }
  /// At the last look.
  std::uint64_t free() const { return free_; }

 private:
  bool make_reserve();
  bool give_reserve();
  std::uint64_t measure() const;

  std::filesystem::path directory_;
  std::filesystem::path reserve_file_;
  SpaceOptions options_;
  std::uint64_t free_ = 0;
  bool reserved_ = false;
  bool full_ = false;
};

}  // namespace gatehouse
