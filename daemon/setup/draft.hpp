#pragma once
// The configuration that is going to be written, with all that belongs to it.

#include <string>
#include <vector>

#include "connectors/net2/net2_tokens.hpp"
#include "daemon/core/settings.hpp"
#include "daemon/setup/answers.hpp"
#include "daemon/setup/net2_survey.hpp"

namespace gatehouse::setup {

/// Where secrets are kept: handed over by systemd, or in files that the daemon reads.
enum class Keeping { systemd, files };

/// Where things are put.
struct Places {
  std::string config = "/etc/gatehouse/gatehouse.yaml";
  std::string credentials = "/etc/gatehouse/credentials";
  std::string drop_in = "/etc/systemd/system/gatehouse.service.d/credentials.conf";
  Keeping keeping = Keeping::files;

  /// Where a certificate is put: beside the configuration.
  std::string beside(const std::string& name) const;
};

/// A secret under the name that the configuration has for it: "net2-hq.password".
struct NewSecret {
  std::string name;
  std::string value;
};

/// Something that everybody may read: a certificate, copied to where the daemon sees it.
struct NewFile {
  std::string path;
  std::string content;
};

struct Draft {
  Settings settings;
  std::vector<NewSecret> secrets;
  std::vector<NewFile> files;
  std::string note;  ///< of the survey, for the head of the file: what was found

  Integration& net2() { return settings.integrations.front(); }
  const Integration& net2() const { return settings.integrations.front(); }
};

/// How the configuration names a secret that is kept at these places.
SecretRef secret_ref(const Places& places, const std::string& name);

/// A draft with a gateway, and one Net2 server without groups and doors. `url` as server_url() gives it.
Draft begin_draft(const Answers& answers, const std::string& url, const Places& places);

/// Puts what was answered about people, doors and the access point into the draft. What does not agree with
/// the server is told, all of it.
std::vector<std::string> add_site(Draft& draft, const Answers& answers, const Net2Survey& survey);

/// The broker, with its files read and looked at. Errc::invalid says what is wrong with which.
Result<void> add_cloud(Draft& draft, const CloudAnswer& cloud, const Places& places);

/// The CA of the Net2 server, if there is one, is copied beside the configuration.
Result<void> keep_net2_ca(Draft& draft, const Places& places);

/// A certificate's file and the key that belongs to it (PEM). Errc::invalid where they do not. Says nothing
/// of the key.
Result<void> check_pair(const std::string& certificate_pem, const std::string& key_pem);

/// A file of at most 64 KiB, whole.
Result<std::string> read_small_file(const std::string& path);

}  // namespace gatehouse::setup
