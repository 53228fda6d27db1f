#include "daemon/core/certificate_swap.hpp"

namespace gatehouse {

ShownCertificate CertificateSwap::next(std::optional<std::uint64_t> files,
                                       std::optional<std::uint64_t> kept) {
  const bool choice = files && kept && *files != *kept;
  const auto last = shown_;
  if (!kept || files == kept) {
    shown_ = ShownCertificate::files;
  } else if (!files) {
    shown_ = ShownCertificate::kept;
  } else if (failed_ && differ_ && files == files_) {
    shown_ = last == ShownCertificate::files ? ShownCertificate::kept : ShownCertificate::files;
  } else {
    shown_ = turned_down(*files) ? ShownCertificate::kept : ShownCertificate::files;
  }
  differ_ = choice;
  files_ = files;
  return shown_;
}

void CertificateSwap::on_up() {
  failed_ = false;
  if (shown_ == ShownCertificate::files) turned_down_.reset();
}

bool CertificateSwap::on_failed(bool refused) {
  failed_ = true;
  if (!refused || !differ_ || shown_ == ShownCertificate::kept) return false;
  const bool first = turned_down_ != files_;
  turned_down_ = files_;
  return first;
}

void CertificateSwap::on_tried(std::uint64_t files, bool taken) {
  if (taken) {
    turned_down_.reset();
  } else {
    turned_down_ = files;
  }
}

}  // namespace gatehouse
