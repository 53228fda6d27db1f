#include "daemon/store/digest.hpp"

#include <array>
#include <bit>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "daemon/store/fault.hpp"

namespace gatehouse {
namespace {

[[noreturn]] void fail(std::string_view what) {
  throw StoreFault({Errc::storage, "OpenSSL cannot " + std::string(what)});
}

/// Big-endian, whatever the machine.
std::array<char, 8> bytes_of(std::uint64_t number) {
  std::array<char, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(number >> (56 - 8 * i));
  return bytes;
}

}  // namespace

Digest::Digest() : context_(EVP_MD_CTX_new()) {
  if (context_ == nullptr) fail("make a digest");
  try {
    begin();
  } catch (const StoreFault&) {
    EVP_MD_CTX_free(context_);
    throw;
  }
}

Digest::~Digest() {
  EVP_MD_CTX_free(context_);
}

void Digest::begin() {
  if (EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) != 1) fail("begin a digest");
}

void Digest::update(std::string_view bytes) {
  if (EVP_DigestUpdate(context_, bytes.data(), bytes.size()) != 1) fail("go on with a digest");
}

Digest& Digest::add(std::string_view bytes) {
  const auto length = bytes_of(bytes.size());
  update({length.data(), length.size()});
  update(bytes);
  return *this;
}

Digest& Digest::add(std::int64_t number) {
  const auto bytes = bytes_of(std::bit_cast<std::uint64_t>(number));
  return add(std::string_view(bytes.data(), bytes.size()));
}

std::string Digest::take() {
  std::string bytes(digest_size, '\0');
  unsigned length = 0;
  if (EVP_DigestFinal_ex(context_, reinterpret_cast<unsigned char*>(bytes.data()), &length) != 1 ||
      length != digest_size) {
    fail("end a digest");
  }
  begin();
  return bytes;
}

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    fail("give random bytes");
  }
  return bytes;
}

std::string named_digest(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "sha256:";
  text.reserve(text.size() + 2 * bytes.size());
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += digits[value >> 4];
    text += digits[value & 15];
  }
  return text;
}

}  // namespace gatehouse
