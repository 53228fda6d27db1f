#include "daemon/setup/writing.hpp"

#include <filesystem>

#include <sys/stat.h>

#include "daemon/host/zone_database.hpp"
#include "daemon/settings/load_settings.hpp"
#include "daemon/settings/policy_check.hpp"
#include "daemon/setup/drop_in.hpp"
#include "daemon/setup/host_facts.hpp"
#include "daemon/setup/staged_files.hpp"

namespace gatehouse::setup {
namespace {

constexpr mode_t config_mode = 0640;
constexpr mode_t secret_mode = 0600;
constexpr mode_t public_mode = 0644;

/// Who gets what: root may give files away where the package's account is there; anybody else keeps them.
struct Owners {
  std::optional<FileOwner> config;
  std::optional<FileOwner> secret;
  std::optional<FileOwner> secret_folder;
  mode_t folder_mode = 0700;
};

Owners owners_for(Keeping keeping) {
  Owners owners;
  const auto account = gateway_account();
  if (!is_root() || !account) return owners;
  owners.config = FileOwner{0, account->group};
  if (keeping == Keeping::systemd) {
    owners.secret = owners.secret_folder = FileOwner{0, 0};  // systemd reads them for the daemon
    return owners;
  }
  owners.secret = *account;
  owners.secret_folder = FileOwner{0, account->group};
  owners.folder_mode = 0750;
  return owners;
}

std::vector<std::string> faults_of(Loaded& loaded, const std::string& staged, const std::string& path) {
  check_policy(loaded, load_zone);
  std::vector<std::string> faults;
  for (const Fault& fault : loaded.faults) {
    std::string text = to_string(fault);
    for (auto at = text.find(staged); staged != path && at != std::string::npos; at = text.find(staged))
      text.replace(at, staged.size(), path);
    faults.push_back(std::move(text));
  }
  return faults;
}

bool is_there(const std::string& path) {
  std::error_code unknown;
  return std::filesystem::exists(path, unknown);
}

std::optional<FileOwner> owner_of(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileOwner{status.st_uid, status.st_gid};
}

/// An unchanged file is left alone.
Result<void> add_changed(StagedFiles& staged, std::vector<std::string>& paths, const NewFile& file,
                         const std::string& day) {
  const auto known = read_small_file(file.path);
  if (known && *known == file.content) return {};
  const auto backup = is_there(file.path) ? std::optional(backup_name(file.path, day)) : std::nullopt;
  paths.push_back(file.path);
  return staged.add(file.path, file.content, public_mode, std::nullopt, backup);
}

Result<bool> add_drop_in(StagedFiles& staged, std::vector<std::string>& paths,
                         const std::vector<LoadedCredential>& credentials, const Places& places) {
  if (places.keeping != Keeping::systemd || credentials.empty()) return false;
  for (const LoadedCredential& credential : credentials)
    if (auto other = check_other_sources(places.drop_in, credential.name); !other) return other.error();
  const std::string before = read_drop_in(places.drop_in);
  const std::string text = with_credentials(before, credentials);
  if (text == before) return false;
  const auto folder = std::filesystem::path(places.drop_in).parent_path().string();
  if (auto made = staged.add_folder(folder, 0755, std::nullopt); !made) return made.error();
  if (auto added = staged.add(places.drop_in, text, public_mode, std::nullopt); !added) return added.error();
  paths.push_back(places.drop_in);
  return true;
}

}  // namespace

std::vector<std::string> check_text(const std::string& text, const std::string& path) {
  Loaded loaded = load_settings_text(text, path);
  return faults_of(loaded, path, path);
}

std::vector<std::string> describe_writing(const Draft& draft, const Places& places) {
  std::vector<std::string> lines;
  const bool replaces = is_there(places.config);
  lines.push_back(
      places.config +
      (replaces ? "  (the one that is there is kept as " + backup_name(places.config, today()) + ")" : ""));
  for (const NewFile& file : draft.files) {
    const auto known = read_small_file(file.path);
    if (!known || *known != file.content) lines.push_back(file.path);
  }
  for (const NewSecret& secret : draft.secrets) lines.push_back(places.credentials + "/" + secret.name);
  if (places.keeping == Keeping::systemd) lines.push_back(places.drop_in);
  return lines;
}

Result<Written> write_all(const Draft& draft, const std::string& text, const Places& places) {
  const Owners owners = owners_for(places.keeping);
  const std::string day = today();
  StagedFiles staged;
  Written written;
  const auto folder = std::filesystem::path(places.config).parent_path().string();
  if (auto made = staged.add_folder(folder, 0755, std::nullopt); !made) return made.error();
  if (auto made = staged.add_folder(places.credentials, owners.folder_mode, owners.secret_folder); !made)
    return made.error();
  std::vector<LoadedCredential> credentials;
  for (const NewSecret& secret : draft.secrets) {
    const std::string path = places.credentials + "/" + secret.name;
    if (auto added = staged.add(path, secret.value, secret_mode, owners.secret); !added) return added.error();
    written.paths.push_back(path);
    credentials.push_back({secret.name, path});
  }
  for (const NewFile& file : draft.files)
    if (auto added = add_changed(staged, written.paths, file, day); !added) return added.error();
  auto drop_in = add_drop_in(staged, written.paths, credentials, places);
  if (!drop_in) return drop_in.error();

  const auto backup = is_there(places.config) ? std::optional(backup_name(places.config, day)) : std::nullopt;
  if (auto added = staged.add(places.config, text, config_mode, owners.config, backup); !added)
    return added.error();
  const std::string fresh = staged.staged_path(places.config);
  Loaded loaded = load_settings(fresh);
  if (const auto faults = faults_of(loaded, fresh, places.config); !faults.empty()) {
    std::string all;
    for (const std::string& fault : faults) all += "\n" + fault;
    return Error{Errc::invalid, "nothing was written, as the configuration would have faults:" + all};
  }
  if (auto committed = staged.commit(); !committed) return committed.error();
  written.paths.push_back(places.config);
  written.backup = backup.value_or("");
  written.units_reload = *drop_in && !(systemd_runs() && reload_units());
  return written;
}

Result<Written> write_secrets(const std::vector<NewSecret>& secrets, const std::vector<std::string>& paths,
                              const Places& places) {
  const Owners owners = owners_for(places.keeping);
  StagedFiles staged;
  Written written;
  std::vector<LoadedCredential> credentials;
  for (std::size_t i = 0; i < secrets.size(); ++i) {
    const auto folder = std::filesystem::path(paths[i]).parent_path().string();
    if (auto made = staged.add_folder(folder, owners.folder_mode, owners.secret_folder); !made)
      return made.error();
    const auto owner = is_root() && is_there(paths[i]) ? owner_of(paths[i]) : owners.secret;
    if (auto added = staged.add(paths[i], secrets[i].value, secret_mode, owner); !added) return added.error();
    written.paths.push_back(paths[i]);
    // A secret that is kept as a file is named by its path, and systemd hands over none of these.
    if (secrets[i].name.find('/') == std::string::npos) credentials.push_back({secrets[i].name, paths[i]});
  }
  auto drop_in = add_drop_in(staged, written.paths, credentials, places);
  if (!drop_in) return drop_in.error();
  if (auto committed = staged.commit(); !committed) return committed.error();
  written.units_reload = *drop_in && !(systemd_runs() && reload_units());
  return written;
}

}  // namespace gatehouse::setup
