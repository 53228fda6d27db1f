#pragma once
// SHA-256, and bytes that nobody can guess.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace gatehouse {

/// Of fields one after the other, each with its length before it: what belongs to which field is part of the
/// digest. Throws StoreFault where OpenSSL cannot.
class Digest {
 public:
  Digest();
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  Digest& add(std::string_view bytes);
  /// Eight bytes.
  Digest& add(std::int64_t number);
  /// The 32 bytes; the next one begins.
  std::string take();

 private:
  void begin();
  void update(std::string_view bytes);

  evp_md_ctx_st* context_;
};

inline constexpr std::size_t digest_size = 32;

/// Throws StoreFault where the system has none to give.
std::string random_bytes(std::size_t count);

/// "sha256:" and the bytes in hexadecimal.
std::string named_digest(std::string_view bytes);

}  // namespace gatehouse
