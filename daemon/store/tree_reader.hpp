#pragma once
// Rows out of a store's file page by page, past what is broken: SQLite itself reads nothing below a page that
// it cannot read. https://www.sqlite.org/fileformat2.html

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/store_image.hpp"

namespace gatehouse {

/// A value of a row; the bytes live as long as the call that gives it.
struct StoredValue {
  enum class Type { null, integer, real, text, blob };
  Type type = Type::null;
  std::int64_t integer = 0;
  std::string_view bytes{};
};

struct StoredRow {
  std::int64_t number = 0;  ///< the row id; 0 in trees whose keys are the rows themselves
  std::vector<StoredValue> values;
};

enum class TreeKind { table, index };

/// How far a tree could be read.
struct TreeWalk {
  std::uint64_t rows = 0;
  std::uint64_t broken_rows = 0;  ///< seen, but not to be read as a whole
  std::uint32_t leaves = 0;
  std::uint32_t lost_leaves = 0;
  std::uint32_t lost_inner = 0;  ///< pages with everything below them; the leaves may be found as strays

  bool whole() const { return broken_rows == 0 && lost_leaves == 0 && lost_inner == 0; }
};

class TreeReader {
 public:
  using Take = std::function<void(const StoredRow&)>;

  explicit TreeReader(const StoreImage& image);

  /// Every page of the tree below `root` counts as seen from now on. 0: nobody knows where it begins.
  TreeWalk walk(std::uint32_t root, TreeKind kind, const Take& take);
  /// The list of unused pages could be read to its end: what is neither used nor in it belongs to a tree that
  /// lost a page, and is in force.
  bool free_list_whole();
  /// Pages with rows that are whole, that no tree has led to, and that are not unused.
  std::vector<std::uint32_t> strays(TreeKind kind);
  /// The rows of one page.
  TreeWalk read_stray(std::uint32_t page, const Take& take);
  const StoreImage& image() const { return image_; }

 private:
  struct Page;
  void walk_below(std::uint32_t number, TreeKind kind, int depth, const Take& take);
  void take_cells(const Page& page, const Take& take);
  bool read_payload(const Page& page, std::size_t at, bool has_number, StoredRow& row);
  bool see(std::uint32_t number);
  void read_free_list();

  const StoreImage& image_;
  std::size_t usable_;
  std::vector<bool> seen_;
  TreeWalk walked_;
  int leaf_depth_ = -1;
  std::vector<int> lost_at_;
  std::string payload_;
  bool free_list_read_ = false;
  bool free_list_whole_ = false;
};

}  // namespace gatehouse
