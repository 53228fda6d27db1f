#include "connectors/net2/json_rows.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <boost/json/basic_parser_impl.hpp>

namespace gatehouse {
namespace {

namespace json = boost::json;
constexpr std::size_t max_name = 64;  ///< no member of ours has a longer one
constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Where in the document we are: [ { member: [ { "id"/"value" } ] } ].
enum Depth : int { in_list = 1, in_row = 2, in_nested_list = 3, in_nested_row = 4 };

class Rows {
 public:
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);

  Rows(RowShape shape, JsonRows::Take take) : shape_(std::move(shape)), take_(std::move(take)) {
    for (auto& member : shape_.members) member = lower_case(member);
    shape_.list = lower_case(shape_.list);
    row_.resize(shape_.members.size() + shape_.list_ids.size());
  }
  std::uint64_t count() const { return count_; }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_array_begin(json::error_code& error) { return opened(true, error); }
  bool on_array_end(std::size_t, json::error_code& error) { return closed(error); }
  bool on_object_begin(json::error_code& error) { return opened(false, error); }
  bool on_object_end(std::size_t, json::error_code& error) { return closed(error); }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    add_key(part);
    return true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    add_key(part);
    choose_target();
    key_.clear();
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    add_text(part);
    return true;
  }
  bool on_string(json::string_view part, std::size_t, json::error_code& error) {
    add_text(part);
    if (target_ != nullptr) {
      target_->text.resize(cut_text(target_->text, shape_.max_text).size());
      target_->present = true;
      target_->null = false;
    }
    return value_done(error);
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t value, json::string_view, json::error_code& error) {
    return scalar(std::to_string(value), error);
  }
  bool on_uint64(std::uint64_t value, json::string_view, json::error_code& error) {
    return scalar(std::to_string(value), error);
  }
  bool on_double(double value, json::string_view, json::error_code& error) {
    const bool whole = std::abs(value) < 9e15 && std::trunc(value) == value;
    return scalar(whole ? std::to_string(static_cast<std::int64_t>(value)) : std::to_string(value), error);
  }
  bool on_bool(bool value, json::error_code& error) { return scalar(value ? "true" : "false", error); }
  bool on_null(json::error_code& error) {
    if (target_ != nullptr) *target_ = {.present = true, .null = true, .text = {}};
    return value_done(error);
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  void add_key(json::string_view part) {
    // A longer name than any of ours must not be mistaken for its own beginning: one byte more tells.
    const std::size_t room = max_name + 1 - std::min(key_.size(), max_name + 1);
    key_.append(part.data(), std::min(part.size(), room));
  }

  /// Which cell the value behind this name goes to.
  void choose_target() {
    target_ = nullptr;
    nested_ = false;
    if (depth_ != in_row && depth_ != in_nested_row) return;
    for (char& c : key_) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    if (depth_ == in_nested_row) {
      if (inside_list_ && key_ == "id") target_ = &nested_id_;
      if (inside_list_ && key_ == "value") target_ = &nested_value_;
    } else if (!shape_.list.empty() && key_ == shape_.list) {
      nested_ = true;
    } else {
      // Rows of one list name their members in one order, as a rule.
      const auto& all = shape_.members;
      const bool as_before = next_ < all.size() && all[next_] == key_;
      const auto at =
          as_before ? next_ : static_cast<std::size_t>(std::find(all.begin(), all.end(), key_) - all.begin());
      if (at < all.size()) {
        target_ = &row_[at];
        next_ = at + 1;
      }
    }
    if (target_ != nullptr) target_->text.clear();
  }

  void add_text(json::string_view part) {
    if (target_ == nullptr || target_->text.size() > shape_.max_text) return;
    // A few bytes beyond the limit tell where the last whole character ends.
    target_->text.append(part.data(), std::min(part.size(), shape_.max_text + 4 - target_->text.size()));
  }

  bool scalar(std::string text, json::error_code& error) {
    if (target_ != nullptr) *target_ = {.present = true, .null = false, .text = std::move(text)};
    return value_done(error);
  }

  bool value_done(json::error_code& error) {
    target_ = nullptr;
    nested_ = false;
    if (depth_ == 0) {
      error = json::error::syntax;  // a document that is one bare value
      return false;
    }
    return depth_ == in_list ? row_done(error) : true;
  }

  bool opened(bool array, json::error_code& error) {
    if (depth_ == 0 && !array) {
      error = json::error::syntax;
      return false;
    }
    if (target_ != nullptr) *target_ = {.present = true, .null = false, .text = {}};
    if (depth_ == in_row) inside_list_ = nested_ && array;
    target_ = nullptr;
    nested_ = false;
    ++depth_;
    return true;
  }

  bool closed(json::error_code& error) {
    --depth_;
    target_ = nullptr;
    if (depth_ == in_nested_list && inside_list_) keep_nested();
    if (depth_ == in_row) inside_list_ = false;
    return depth_ == in_list ? row_done(error) : true;
  }

  void keep_nested() {
    const auto id = nested_id_.integer();
    const auto found =
        id ? std::find(shape_.list_ids.begin(), shape_.list_ids.end(), *id) : shape_.list_ids.end();
    if (found != shape_.list_ids.end()) {
      const auto at = static_cast<std::size_t>(found - shape_.list_ids.begin());
      row_[shape_.members.size() + at] = std::move(nested_value_);
    }
    nested_id_ = {};
    nested_value_ = {};
  }

  bool row_done(json::error_code& error) {
    ++count_;
    next_ = 0;
    const bool go_on = take_(row_);
    for (auto& cell : row_) {
      cell.present = false;
      cell.null = true;
      cell.text.clear();
    }
    if (!go_on) error = json::error::exception;
    return go_on;
  }

  RowShape shape_;
  JsonRows::Take take_;
  std::vector<Cell> row_;
  std::string key_;
  Cell nested_id_;
  Cell nested_value_;
  Cell* target_ = nullptr;    ///< of the value that comes next
  std::size_t next_ = 0;      ///< the wanted member behind the one that came last
  bool nested_ = false;       ///< the value that comes next is the wanted list
  bool inside_list_ = false;  ///< we are within the wanted list
  int depth_ = 0;
  std::uint64_t count_ = 0;
};

json::parse_options lenient() {
  json::parse_options options;
  options.max_depth = 32;
  // One bad name must not lose the row it stands in.
  options.allow_invalid_utf8 = true;
  return options;
}

}  // namespace

struct JsonRows::Parser {
  Parser(RowShape shape, Take take) : json(lenient(), std::move(shape), std::move(take)) {}

  json::basic_parser<Rows> json;
  std::string start;     ///< the first bytes, until we know whether they are a byte order mark
  bool started = false;  ///< past the mark and the first blanks
};

JsonRows::JsonRows(RowShape shape, Take take)
    : parser_(std::make_unique<Parser>(std::move(shape), std::move(take))) {}
JsonRows::JsonRows(JsonRows&&) noexcept = default;
JsonRows& JsonRows::operator=(JsonRows&&) noexcept = default;
JsonRows::~JsonRows() = default;

Result<void> JsonRows::feed(std::string_view piece) {
  auto& parser = *parser_;
  if (!parser.started) {
    parser.start += piece;
    if (byte_order_mark.starts_with(parser.start)) return {};
    std::string_view text = parser.start;
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    if (std::string_view("null").starts_with(trim(text))) return {};
    if (text[first] == '<') return web_page_error();
    if (text[first] != '[') return Error{Errc::malformed, "answered something else than a JSON list"};
    parser.started = true;
    const std::string begin(text);
    parser.start.clear();
    return feed(begin);
  }
  std::size_t used = 0;
  if (!parser.json.done()) {
    json::error_code error;
    used = parser.json.write_some(true, piece.data(), piece.size(), error);
    if (error == json::error::exception) return Error{Errc::refused, "not wanted any further"};
    if (error) return Error{Errc::malformed, "answered broken JSON: " + error.message()};
  }
  if (piece.find_first_not_of(blanks, used) != std::string_view::npos) {
    return Error{Errc::malformed, "answered more than one JSON list"};
  }
  return {};
}

Result<std::uint64_t> JsonRows::finish() {
  auto& parser = *parser_;
  if (!parser.started) {
    std::string_view rest = parser.start;
    if (rest.starts_with(byte_order_mark)) rest.remove_prefix(byte_order_mark.size());
    if (trim(rest).empty() || trim(rest) == "null") return std::uint64_t{0};
    return Error{Errc::malformed, "answered something else than a JSON list"};
  }
  if (!parser.json.done()) {
    return Error{Errc::incomplete, "the JSON list stops in the middle, after " +
                                       std::to_string(parser.json.handler().count()) + " rows"};
  }
  return parser.json.handler().count();
}

bool JsonRows::begun() const {
  return parser_->started;
}

bool JsonRows::web_page() const {
  return !parser_->started && is_web_page(parser_->start);
}

std::optional<std::int64_t> Cell::integer() const {
  if (!present || null) return std::nullopt;
  const std::string_view digits = trim(text);
  std::int64_t value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || read.ec != std::errc{} || read.ptr != digits.data() + digits.size())
    return std::nullopt;
  return value;
}

std::string Cell::trimmed() const {
  return std::string(trim(text));
}

std::string_view cut_text(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  std::size_t end = limit;
  // Text that is not UTF-8 may go on like this for ever: a character has at most three such bytes.
  for (int i = 0; i < 3 && end > 0 && continues(end); ++i) --end;
  return text.substr(0, continues(end) ? limit : end);
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_web_page(std::string_view body) {
  if (body.starts_with(byte_order_mark)) body.remove_prefix(byte_order_mark.size());
  return trim(body).starts_with('<');
}

Error web_page_error() {
  return {Errc::unreachable, "answered HTML; is this the API port?"};
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

}  // namespace gatehouse
