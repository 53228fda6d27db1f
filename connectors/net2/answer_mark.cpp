#include "connectors/net2/answer_mark.hpp"

namespace gatehouse {

AnswerMark::AnswerMark() : digest_(EVP_MD_CTX_new()) {
  if (digest_ && EVP_DigestInit_ex(digest_.get(), EVP_sha256(), nullptr) != 1) digest_.reset();
}

void AnswerMark::add(std::string_view piece) {
  if (!digest_) return;
  size_ += piece.size();
  if (size_ > most || EVP_DigestUpdate(digest_.get(), piece.data(), piece.size()) != 1) digest_.reset();
}

std::string AnswerMark::value() {
  std::string mark(static_cast<std::size_t>(EVP_MD_get_size(EVP_sha256())), '\0');
  unsigned size = 0;
  if (!digest_ ||
      EVP_DigestFinal_ex(digest_.get(), reinterpret_cast<unsigned char*>(mark.data()), &size) != 1)
    return {};
  mark.resize(size);
  return mark;
}

}  // namespace gatehouse
