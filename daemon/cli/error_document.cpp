#include "daemon/cli/error_document.hpp"

#include "daemon/core/json_writer.hpp"

namespace gatehouse {

std::string error_document(const std::string& code, const std::string& message) {
  JsonWriter json;
  json.begin_object().key("error").begin_object().member("code", code).member("message", message);
  json.end_object().end_object();
  return json.take();
}

std::streamsize WatchedOutput::xsputn(const char* text, std::streamsize size) {
  used_ = used_ || size > 0;
  to_.write(text, size);
  return to_ ? size : 0;
}

WatchedOutput::int_type WatchedOutput::overflow(int_type character) {
  if (traits_type::eq_int_type(character, traits_type::eof())) return traits_type::not_eof(character);
  const char one = traits_type::to_char_type(character);
  return xsputn(&one, 1) == 1 ? character : traits_type::eof();
}

int WatchedOutput::sync() {
  return to_.flush() ? 0 : -1;
}

}  // namespace gatehouse
