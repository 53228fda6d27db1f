#pragma once
// With --json a command that fails says so on stdout as well, where nothing else has been said there.

#include <ostream>
#include <streambuf>
#include <string>

namespace gatehouse {

/// {"error":{"code":"…","message":"…"}}
std::string error_document(const std::string& code, const std::string& message);

/// A stream that passes all on to another one, and knows whether there was anything. Trouble with writing is
/// the other stream's.
class WatchedOutput : private std::streambuf {
 public:
  explicit WatchedOutput(std::ostream& to) : to_(to), stream_(this) {}

  std::ostream& stream() { return stream_; }
  bool used() const { return used_; }

 private:
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int_type overflow(int_type character) override;
  int sync() override;

  std::ostream& to_;
  std::ostream stream_;
  bool used_ = false;
};

}  // namespace gatehouse
