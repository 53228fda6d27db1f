#pragma once
// The questions of a set-up, one at a time. Inside daemon/setup only.

#include "daemon/setup/course.hpp"
#include "daemon/setup/questions.hpp"

namespace gatehouse::setup {

class Interview {
 public:
  Interview(const Course& course, Dialogue& dialogue) : course_(course), ask_(dialogue) {}

  /// Throws Stopped.
  Outcome run();

 private:
  void take_defaults();
  void ask_gateway();
  void ask_server();
  bool ask_trust(const CertificateFacts& seen);
  void ask_credentials();
  /// False: the address is to be asked for again.
  bool sign_in_and_look();
  void ask_people();
  void ask_groups();
  void ask_fields();
  SourceField ask_field(const std::string& question, const std::optional<SourceField>& likely);
  void ask_doors();
  void ask_access_point(const std::vector<std::size_t>& doors);
  void ask_policy();
  void ask_cloud();
  Outcome show_and_write();

  const Course& course_;
  Questions ask_;
  Answers answers_;
  Net2Credentials credentials_;
  std::string url_;
  Draft draft_;
  Net2Survey survey_;
};

}  // namespace gatehouse::setup
