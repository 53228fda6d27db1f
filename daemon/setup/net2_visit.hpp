#pragma once
// A conversation with one Net2 server, from a program that waits for each answer.

#include <atomic>
#include <functional>
#include <string>

#include "connectors/https/certificate_facts.hpp"
#include "connectors/net2/net2_tokens.hpp"
#include "daemon/core/integration_settings.hpp"
#include "daemon/setup/net2_survey.hpp"

namespace gatehouse::setup {

/// Each call runs an io_context of its own to its end, on the calling thread. `stop` may be set by a signal
/// handler: then the call under way ends within a moment with Errc::cancelled.
class Net2Visit {
 public:
  explicit Net2Visit(const std::atomic<bool>& stop) : stop_(stop) {}

  /// The certificate shown at `url`, believed for nothing.
  Result<CertificateFacts> look(const std::string& url) const;

  /// Proves server and credentials: TLS as `server.tls` says, and a sign-in. Errors as the daemon would tell
  /// them.
  Result<void> sign_in(const Net2Server& server, Net2Credentials credentials) const;

  /// Signs in and reads what there is. An error where the server, the credentials or the operator's rights do
  /// not allow the lists of groups and doors; see Net2Survey::people_fault for people. `say` gets a line for
  /// each step that may take long.
  Result<Net2Survey> survey(const Net2Server& server, Net2Credentials credentials,
                            const std::function<void(const std::string&)>& say) const;

  /// Fills in how many people have each access level: by a read of its own, which may take long.
  Result<void> count_levels(const Net2Server& server, Net2Credentials credentials, Net2Survey& survey) const;

 private:
  const std::atomic<bool>& stop_;
};

/// "https://HOST:8443" from HOST, HOST:PORT or https://HOST[:PORT]. Errc::invalid says what is wrong.
Result<std::string> server_url(const std::string& address);

/// What is wrong and what to do about it, in the daemon's words: two sentences at most.
std::string advice(const Error& error);

}  // namespace gatehouse::setup
