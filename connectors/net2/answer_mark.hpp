#pragma once
// By what an answer is known again when it comes a second time.

#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>

namespace gatehouse {

/// SHA-256 over what was added, wherever it was cut. Of more than `most` bytes it gives up: a long list is
/// sooner read once as it comes than twice. Not thread-safe; may move between threads from one call to the
/// next.
class AnswerMark {
 public:
  static constexpr std::size_t most = std::size_t{256} * 1024;

  AnswerMark();
  void add(std::string_view piece);
  bool too_long() const { return digest_ == nullptr; }
  /// 32 bytes; empty where it has given up. Nothing may be added afterwards.
  std::string value();

 private:
  struct Free {
    void operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> digest_;
  std::size_t size_ = 0;
};

}  // namespace gatehouse
