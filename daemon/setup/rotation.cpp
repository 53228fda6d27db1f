// `gatehouse setup --password ID`: other credentials for an integration that is configured.

#include <algorithm>
#include <filesystem>

#include "daemon/settings/load_settings.hpp"
#include "daemon/settings/secrets.hpp"
#include "daemon/setup/course.hpp"
#include "daemon/setup/drop_in.hpp"
#include "daemon/setup/host_facts.hpp"
#include "daemon/setup/questions.hpp"
#include "daemon/setup/writing.hpp"

namespace gatehouse::setup {
namespace {

struct NewCredentials {
  std::string password;
  std::optional<std::string> client_id;  ///< nullopt: the old one
};

std::vector<std::string> fault_lines(const std::vector<Fault>& faults) {
  std::vector<std::string> lines;
  lines.reserve(faults.size());
  for (const Fault& fault : faults) lines.push_back(to_string(fault));
  return lines;
}

/// The file in which a secret of the configuration is kept.
Result<std::string> place_of_secret(const SecretRef& secret, const Places& places) {
  if (secret.kind == SecretRef::Kind::file) return secret.name;
  if (secret.kind == SecretRef::Kind::env) {
    return Error{Errc::refused, "it is in the environment variable " + secret.name +
                                    " of the daemon, which cannot be changed from here"};
  }
  const auto loaded = path_of_credential(read_drop_in(places.drop_in), secret.name);
  return loaded.value_or(places.credentials + "/" + secret.name);
}

Result<std::string> old_client_id(const SecretRef& secret, const Places& places) {
  if (secret.kind != SecretRef::Kind::credential) return read_secret(secret);
  auto path = place_of_secret(secret, places);
  if (!path) return path.error();
  return read_secret({SecretRef::Kind::file, *path});
}

Result<NewCredentials> from_file(const std::string& path, std::vector<std::string>& faults) {
  auto read = read_rotation_answers(path);
  if (!read.answers) {
    faults = fault_lines(read.faults);
    return Error{Errc::invalid, "the answers have faults, so nothing was done"};
  }
  NewCredentials fresh;
  auto password = read_secret(read.answers->password);
  if (!password) return within("password", password.error());
  fresh.password = std::move(*password);
  if (!read.answers->client_id) return fresh;
  auto client_id = read_secret(*read.answers->client_id);
  if (!client_id) return within("client_id", client_id.error());
  fresh.client_id = std::move(*client_id);
  return fresh;
}

NewCredentials ask_for(Dialogue& dialogue, const Integration& net2, bool client_id_known) {
  Questions questions(dialogue);
  questions.say("New credentials for " + net2.id.value() + " (" + net2.net2.url +
                "). They are tried before they replace the old ones.");
  NewCredentials fresh;
  fresh.password = questions.hidden("New password of the operator '" + net2.net2.username + "'");
  const std::string id = questions.text(
      "Client id" + std::string(client_id_known ? ", Enter to keep the old one" : ""), "",
      [&](const std::string& text) {
        return text.empty() && !client_id_known ? "it is needed: the old one cannot be read" : "";
      });
  if (!id.empty()) fresh.client_id = id;
  return fresh;
}

Outcome write_them(const Course& course, const Net2Server& server, const NewCredentials& fresh) {
  std::vector<NewSecret> secrets;
  std::vector<std::string> paths;
  std::vector<std::pair<const SecretRef*, const std::string*>> changed{{&server.password, &fresh.password}};
  if (fresh.client_id) changed.emplace_back(&server.client_id, &*fresh.client_id);
  bool by_systemd = false;
  for (const auto& [ref, value] : changed) {
    auto path = place_of_secret(*ref, course.places);
    if (!path) return refused(to_string(*ref) + ": " + path.error().detail);
    secrets.push_back({ref->name, *value});
    paths.push_back(std::move(*path));
    by_systemd = by_systemd || ref->kind == SecretRef::Kind::credential;
  }
  Outcome outcome;
  outcome.restart_needed = by_systemd;
  if (course.options.dry_run) {
    outcome.how = Outcome::How::shown;
    outcome.written = std::move(paths);
    return outcome;
  }
  if (course.stop) return stopped();
  Places places = course.places;
  places.keeping = by_systemd ? Keeping::systemd : Keeping::files;
  auto written = write_secrets(secrets, paths, places);
  if (!written) return refused(written.error().detail);
  outcome.how = Outcome::How::done;
  outcome.written = std::move(written->paths);
  if (written->units_reload) outcome.next.emplace_back("systemctl daemon-reload");
  outcome.next.emplace_back(by_systemd ? "systemctl restart gatehouse" : "gatehouse config reload");
  outcome.next.emplace_back("gatehouse doctor");
  return outcome;
}

}  // namespace

Outcome rotate(const Course& course, Dialogue* dialogue) {
  const Loaded loaded = load_settings(course.places.config);
  if (!loaded.settings)
    return refused("the configuration has faults; mend them first", fault_lines(loaded.faults));
  const auto& all = loaded.settings->integrations;
  const auto found = std::find_if(all.begin(), all.end(), [&](const Integration& one) {
    return one.id.value() == course.options.rotate && one.kind == IntegrationKind::net2;
  });
  if (found == all.end())
    return refused("there is no Net2 integration '" + course.options.rotate + "' in " + course.places.config);
  const Net2Server& server = found->net2;
  const auto known_id = old_client_id(server.client_id, course.places);

  NewCredentials fresh;
  if (!course.options.answers.empty()) {
    std::vector<std::string> faults;
    auto read = from_file(course.options.answers, faults);
    if (!read) return refused(read.error().detail, std::move(faults));
    fresh = std::move(*read);
  } else if (dialogue != nullptr) {
    fresh = ask_for(*dialogue, *found, known_id.ok());
  } else {
    return refused("there is nobody to ask: give the new password in a file (--answers FILE)");
  }
  if (!fresh.client_id && !known_id)
    return refused("the client id in use cannot be read (" + known_id.error().detail +
                   "); answer client_id, too");
  course.say("Trying them at " + server.url + "…");
  const Net2Credentials credentials{.username = server.username,
                                    .password = fresh.password,
                                    .client_id = fresh.client_id ? *fresh.client_id : *known_id};
  if (auto tried = course.visit.sign_in(server, credentials); !tried) {
    if (tried.error().code == Errc::cancelled) return stopped();
    return refused(advice(tried.error()) + "; the old credentials stay");
  }
  return write_them(course, server, fresh);
}

}  // namespace gatehouse::setup
