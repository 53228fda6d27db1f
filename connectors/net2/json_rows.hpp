#pragma once
// A JSON list of flat objects, read while it comes in: only the wanted members are ever kept, so 100,000
// people need no more memory than one of them, and PINs and card numbers pass by unread (net2-api.md §6.8).

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.hpp"

namespace gatehouse {

/// What of each row is wanted.
struct RowShape {
  std::vector<std::string> members;    ///< matched without case (net2-api.md §3); a cell each, in this order
  std::string list;                    ///< member that holds [{"id": n, "value": x}, …]; empty: none
  std::vector<std::int64_t> list_ids;  ///< its wanted ids; a cell each, behind those of the members
  std::size_t max_text = 4096;         ///< bytes; longer text is cut between two characters
};

/// One member of one row, as text whatever it was: Net2 writes numbers as strings and the reverse.
struct Cell {
  bool present = false;
  bool null = true;
  std::string text;  ///< "" for null, lists and objects

  /// A whole number, blanks around it allowed.
  std::optional<std::int64_t> integer() const;
  /// Without the blanks at either end (net2-api.md §6.13).
  std::string trimmed() const;
};

/// Not thread-safe; may move between threads from one call to the next.
class JsonRows {
 public:
  /// Called for each element of the list; an element that is no object has no present cell. The cells may be
  /// moved from. False ends the reading: feed() then answers Errc::refused.
  using Take = std::function<bool(std::vector<Cell>& row)>;

  JsonRows(RowShape shape, Take take);
  JsonRows(JsonRows&&) noexcept;
  JsonRows& operator=(JsonRows&&) noexcept;
  ~JsonRows();

  /// The next piece, cut anywhere. Errc::malformed where it cannot be part of a list of rows; unreachable
  /// where it is a web page: somebody else than Net2 answers.
  Result<void> feed(std::string_view piece);
  /// The number of rows. Nothing at all (or a byte order mark alone) is an empty list (net2-api.md §6.5), and
  /// so is null; Errc::incomplete where the list is not closed.
  Result<std::uint64_t> finish();
  /// It looked like a JSON list to begin with.
  bool begun() const;
  /// It was a web page to begin with.
  bool web_page() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

/// At most `limit` bytes of `text`, not ending within a UTF-8 character.
std::string_view cut_text(std::string_view text, std::size_t limit);
std::string_view trim(std::string_view text);
std::string lower_case(std::string_view text);

/// HTML where JSON should be, behind a byte order mark or blanks.
bool is_web_page(std::string_view body);
/// What is said of it, with the code of a server that does not answer: this one is not Net2.
Error web_page_error();

}  // namespace gatehouse
