#include "daemon/core/exposition.hpp"

#include <charconv>
#include <cmath>

namespace gatehouse {
namespace {

std::string_view word(MetricType type) {
  switch (type) {
    case MetricType::gauge:
      return "gauge";
    case MetricType::counter:
      return "counter";
    case MetricType::info:
      return "info";
  }
  return "unknown";
}

std::string_view suffix(MetricType type) {
  switch (type) {
    case MetricType::gauge:
      return "";
    case MetricType::counter:
      return "_total";
    case MetricType::info:
      return "_info";
  }
  return "";
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char letter : text) {
    if (letter == '\\') {
      out += "\\\\";
    } else if (letter == '"') {
      out += "\\\"";
    } else if (letter == '\n') {
      out += "\\n";
    } else {
      out += letter;
    }
  }
}

}  // namespace

Exposition& Exposition::family(std::string_view name, MetricType type, std::string_view help) {
  text_.append("# TYPE ").append(name).append(" ").append(word(type)).append("\n");
  for (const std::string_view unit : {"seconds", "bytes"}) {
    if (name.ends_with(unit)) text_.append("# UNIT ").append(name).append(" ").append(unit).append("\n");
  }
  text_.append("# HELP ").append(name).append(" ");
  append_escaped(text_, help);
  text_ += '\n';
  sample_name_.assign(name).append(suffix(type));
  return *this;
}

Exposition& Exposition::sample(std::uint64_t value, Labels labels) {
  char digits[24];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
  return write({digits, static_cast<std::size_t>(end - digits)}, labels);
}

Exposition& Exposition::sample(double value, Labels labels) {
  if (std::isnan(value)) return write("NaN", labels);
  if (std::isinf(value)) return write(value > 0 ? "+Inf" : "-Inf", labels);
  char digits[64];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
  return write({digits, static_cast<std::size_t>(end - digits)}, labels);
}

Exposition& Exposition::write(std::string_view number, Labels labels) {
  text_ += sample_name_;
  char before = '{';
  for (const auto& [name, value] : labels) {
    text_.append(1, before).append(name).append("=\"");
    append_escaped(text_, value);
    text_ += '"';
    before = ',';
  }
  if (before == ',') text_ += '}';
  text_.append(" ").append(number).append("\n");
  return *this;
}

std::string Exposition::take() {
  text_ += "# EOF\n";
  return std::move(text_);
}

}  // namespace gatehouse
