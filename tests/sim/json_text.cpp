#include "tests/sim/json_text.hpp"

#include <charconv>
#include <cstdio>

namespace gatehouse::sim {

void append_escaped(std::string& out, std::string_view text) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, begin, i - begin);
    begin = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default: {
        char code[8];
        std::snprintf(code, sizeof code, "\\u%04x", c);
        out += code;
      }
    }
  }
  out.append(text, begin, text.size() - begin);
}

void JsonText::separate() {
  if (comma_) out_ += ',';
  comma_ = true;
}

JsonText& JsonText::open_object() {
  separate();
  out_ += '{';
  comma_ = false;
  return *this;
}

JsonText& JsonText::close_object() {
  out_ += '}';
  comma_ = true;
  return *this;
}

JsonText& JsonText::open_array() {
  separate();
  out_ += '[';
  comma_ = false;
  return *this;
}

JsonText& JsonText::close_array() {
  out_ += ']';
  comma_ = true;
  return *this;
}

JsonText& JsonText::key(std::string_view name) {
  separate();
  out_ += '"';
  out_ += name;
  out_ += "\":";
  comma_ = false;
  return *this;
}

JsonText& JsonText::value(std::string_view text) {
  separate();
  out_ += '"';
  append_escaped(out_, text);
  out_ += '"';
  return *this;
}

JsonText& JsonText::value(std::int64_t number) {
  separate();
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out_.append(digits, end);
  return *this;
}

JsonText& JsonText::value(double number) {
  separate();
  char digits[40];
  // One decimal at least: SignalR writes its seconds as 20.0 (net2-api.md §5.2).
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  const std::string_view text(digits, static_cast<std::size_t>(end - digits));
  out_ += text;
  if (text.find_first_of(".e") == std::string_view::npos) out_ += ".0";
  return *this;
}

JsonText& JsonText::value(bool flag) {
  separate();
  out_ += flag ? "true" : "false";
  return *this;
}

JsonText& JsonText::value(std::nullptr_t) {
  separate();
  out_ += "null";
  return *this;
}

JsonText& JsonText::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

std::string with_pascal_keys(std::string_view json) {
  std::string out(json);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] != '"') continue;
    const std::size_t first = i + 1;
    for (++i; i < out.size() && out[i] != '"'; ++i) {
      if (out[i] == '\\') ++i;
    }
    const bool is_key = i + 1 < out.size() && out[i + 1] == ':';
    if (is_key && out[first] >= 'a' && out[first] <= 'z')
      out[first] = static_cast<char>(out[first] - 'a' + 'A');
  }
  return out;
}

}  // namespace gatehouse::sim
