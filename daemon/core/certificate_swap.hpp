#pragma once
// Which of two certificates to show the broker: the one in the files, or the one that it took last. The new
// one must get in before the old one goes (decisions/0009). Pure.

#include <cstdint>
#include <optional>

namespace gatehouse {

enum class ShownCertificate { files, kept };

/// Certificates are told apart by a hash of their bytes and their keys'.
class CertificateSwap {
 public:
  /// For the next attempt. `files`: none where they cannot be used (half replaced, unreadable); `kept`: what
  /// the broker took last, none before the first time. With neither, the files are shown, so that what is
  /// wrong with them is told.
  ///
  /// Where both are there and differ, the new one comes first; after a failure always the other one, because
  /// a broker that hangs up says seldom why. One that was refused while the kept one got in is not tried
  /// again by itself until the kept one fails too.
  ShownCertificate next(std::optional<std::uint64_t> files, std::optional<std::uint64_t> kept);

  /// The attempt got in; what was shown is the one to keep.
  void on_up();
  /// It did not. `refused`: by TLS or by the broker's word, not for want of a network. True: a new one was
  /// refused, and the kept one should be shown at once.
  bool on_failed(bool refused);
  /// A connection that was up is lost: that says nothing about certificates.
  void on_lost() { failed_ = false; }
  /// What a trial connection beside the real one came to.
  void on_tried(std::uint64_t files, bool taken);

  /// This one was refused, and nothing has changed since.
  bool turned_down(std::uint64_t files) const { return turned_down_ == files; }
  ShownCertificate shown() const { return shown_; }

 private:
  ShownCertificate shown_ = ShownCertificate::files;
  std::optional<std::uint64_t> files_;  ///< at the last attempt, where they could be used
  bool differ_ = false;                 ///< then there was a choice
  bool failed_ = false;                 ///< the last attempt
  std::optional<std::uint64_t> turned_down_;
};

}  // namespace gatehouse
