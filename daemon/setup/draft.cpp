#include "daemon/setup/draft.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "connectors/https/certificate_facts.hpp"
#include "connectors/net2/json_rows.hpp"
#include "daemon/settings/nearest.hpp"
#include "daemon/settings/secrets.hpp"
#include "daemon/setup/questions.hpp"

namespace gatehouse::setup {
namespace {

std::vector<std::string> names_of(const std::vector<CountedGroup>& groups) {
  std::vector<std::string> names;
  names.reserve(groups.size());
  for (const CountedGroup& group : groups) names.push_back(group.name);
  return names;
}

bool knows_field(const Net2Survey& survey, const SourceField& field) {
  const std::array<std::string_view, 6> columns{"firstName", "middleName", "lastName",
                                                "telephone", "extension",  "fax"};
  return std::find(columns.begin(), columns.end(), field) != columns.end() ||
         std::any_of(survey.fields.begin(), survey.fields.end(),
                     [&](const FieldLook& look) { return look.field == field; });
}

void add_people(Sync& sync, const PeopleAnswer& people, const Net2Survey& survey,
                std::vector<std::string>& wrong) {
  sync.group_by = people.group_by;
  sync.first = people.first;
  const bool levels = people.group_by == GroupBy::access_level;
  const auto& groups = levels ? survey.access_levels : survey.departments;
  for (const GroupMapping& mapping : people.groups) {
    const CountedGroup* group = find_group(groups, mapping.group);
    if (group == nullptr) {
      wrong.push_back(std::string("Net2 has no ") + (levels ? "access level" : "department") + " '" +
                      mapping.group + "'" + config::did_you_mean(mapping.group, names_of(groups)));
    } else if (std::any_of(sync.groups.begin(), sync.groups.end(),
                           [&](const GroupMapping& known) { return known.group == group->name; })) {
      wrong.push_back("'" + group->name + "' is answered twice");
    } else {
      sync.groups.push_back({group->name, mapping.person_type});
    }
  }
  auto email = people.email ? people.email : likely_email(survey);
  auto phone = people.phone ? people.phone : likely_phone(survey);
  if (email && email->empty()) email.reset();
  if (phone && phone->empty()) phone.reset();
  sync.fields = {{FieldTarget::first_name, "firstName"}, {FieldTarget::last_name, "lastName"}};
  if (email) sync.fields[FieldTarget::email] = *email;
  if (phone && phone != email) sync.fields[FieldTarget::phone] = *phone;
  for (const auto& field : {people.email, people.phone})
    if (field && !field->empty() && !knows_field(survey, *field))
      wrong.push_back("Net2 has no field '" + *field + "' (a custom field is written \"custom:NAME\")");
  // Without a field for either nobody would ever be imported.
  if (!email && !phone) sync.require_identifier = RequiredIdentifier::none;
}

std::optional<DoorId> find_door_id(const Draft& draft, const std::string& word, const Net2Survey& survey,
                                   std::vector<std::string>& wrong) {
  auto door = find_door(survey.doors, word);
  if (!door) {
    wrong.push_back(door.error().detail);
    return std::nullopt;
  }
  return DoorId{draft.net2().id, Net2DoorId(door->number)};
}

/// As the configuration takes names: on one line, at most 200 bytes.
std::string configured_name(const std::string& name) {
  return std::string(cut_text(shown(name), 200));
}

void add_doors(Draft& draft, const std::vector<DoorAnswer>& doors, const Net2Survey& survey,
               std::vector<std::string>& wrong) {
  for (const DoorAnswer& answer : doors) {
    const auto id = find_door_id(draft, answer.door, survey, wrong);
    if (!id) continue;
    const auto found = find_door(survey.doors, answer.door);
    ConfiguredDoor door;
    door.id = *id;
    door.name = answer.name.empty() ? configured_name(found->name) : answer.name;
    if (door.name.empty()) door.name = to_string(door.id);
    door.site = draft.settings.gateway.sites.front().id;
    door.kind = answer.kind;
    door.open = answer.open;
    draft.settings.doors.push_back(std::move(door));
  }
}

void add_access_point(Draft& draft, const AccessPointAnswer& answer, const Net2Survey& survey,
                      std::vector<std::string>& wrong) {
  AccessPoint point;
  point.id = AccessPointId{answer.id};
  point.name = answer.name.empty() ? answer.id : answer.name;
  point.site = draft.settings.gateway.sites.front().id;
  point.open_on = {Direction::in};
  point.open_modes = answer.open_modes;
  for (const std::string& word : answer.doors) {
    const auto id = find_door_id(draft, word, survey, wrong);
    if (!id) continue;
    const auto& doors = draft.settings.doors;
    if (std::any_of(doors.begin(), doors.end(), [&](const ConfiguredDoor& door) { return door.id == *id; }))
      point.doors.push_back(*id);
    else
      wrong.push_back("the access point opens '" + word +
                      "', which is not among the doors that may be opened");
  }
  if (answer.doors.empty())
    for (const ConfiguredDoor& door : draft.settings.doors) point.doors.push_back(door.id);
  draft.settings.access_points.push_back(std::move(point));
}

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

Bio memory(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

/// A key with a passphrase is refused instead of asking for one.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

std::string Places::beside(const std::string& name) const {
  return (std::filesystem::path(config).parent_path() / name).string();
}

SecretRef secret_ref(const Places& places, const std::string& name) {
  if (places.keeping == Keeping::systemd) return {SecretRef::Kind::credential, name};
  return {SecretRef::Kind::file, places.credentials + "/" + name};
}

Result<std::string> read_small_file(const std::string& path) {
  constexpr std::size_t largest = 64u << 10;
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::string content(largest + 1, '\0');
  if (in.is_open()) in.read(content.data(), static_cast<std::streamsize>(content.size()));
  const auto got = in.is_open() ? in.gcount() : 0;
  if (!in.is_open() || in.bad() || got == 0) {
    const char* why = errno != 0 ? std::strerror(errno) : "it is empty";
    return Error{Errc::invalid, path + ": cannot be read: " + why};
  }
  if (static_cast<std::size_t>(got) > largest) return Error{Errc::invalid, path + ": larger than 64 KiB"};
  content.resize(static_cast<std::size_t>(got));
  return content;
}

Result<void> check_pair(const std::string& certificate_pem, const std::string& key_pem) {
  const Bio certificate_text = memory(certificate_pem);
  const Bio key_text = memory(key_pem);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr), &X509_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(key_text.get(), nullptr, &no_passphrase, nullptr), &EVP_PKEY_free);
  const bool belongs = certificate && key && X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (!certificate) return Error{Errc::invalid, "there is no certificate in that file (PEM)"};
  if (!key) return Error{Errc::invalid, "there is no private key in that file (PEM without a passphrase)"};
  if (!belongs) return Error{Errc::invalid, "the key does not belong to the certificate"};
  return {};
}

Draft begin_draft(const Answers& answers, const std::string& url, const Places& places) {
  Draft draft;
  Gateway& gateway = draft.settings.gateway;
  gateway = answers.gateway;
  if (gateway.name.empty()) gateway.name = gateway.id;
  const std::string site = answers.site.empty() ? "main" : answers.site;
  gateway.sites = {{.id = SiteId{site}, .timezone = gateway.timezone}};
  Integration net2;
  net2.id = IntegrationId{answers.integration.empty() ? ("net2-" + site).substr(0, 32) : answers.integration};
  net2.name = answers.display_name.empty() ? net2.id.value() : answers.display_name;
  net2.enabled = true;
  net2.sites = {SiteId{site}};
  net2.net2.url = url;
  net2.net2.username = answers.username;
  net2.net2.password = secret_ref(places, net2.id.value() + ".password");
  net2.net2.client_id = secret_ref(places, net2.id.value() + ".client_id");
  net2.net2.timezone = answers.net2_timezone.empty() ? gateway.timezone : answers.net2_timezone;
  if (!answers.pin.empty()) net2.net2.tls.pins = {answers.pin};
  net2.net2.tls.ca = answers.ca;
  net2.net2.tls.server_name = answers.server_name;
  net2.sync.site.fallback = SiteId{site};
  draft.settings.integrations.push_back(std::move(net2));
  Policy& policy = draft.settings.policy.policy;
  policy.employees.open = answers.policy.employees;
  policy.contractors.open = answers.policy.contractors;
  policy.visitors.open = answers.policy.visitors;
  return draft;
}

std::vector<std::string> add_site(Draft& draft, const Answers& answers, const Net2Survey& survey) {
  std::vector<std::string> wrong;
  add_people(draft.net2().sync, answers.people, survey, wrong);
  add_doors(draft, answers.doors, survey, wrong);
  if (answers.access_point) add_access_point(draft, *answers.access_point, survey, wrong);
  return wrong;
}

Result<void> add_cloud(Draft& draft, const CloudAnswer& answer, const Places& places) {
  Cloud cloud;
  std::vector<NewFile> files;  // only what is wholly right goes into the draft: it may be asked again
  std::vector<NewSecret> secrets;
  cloud.host = answer.host;
  cloud.port = answer.port;
  cloud.client_id = answer.client_id.empty() ? draft.settings.gateway.tenant + "." + draft.settings.gateway.id
                                             : answer.client_id;
  auto authority = read_certificate_file(answer.ca);
  if (!authority) return within("the broker's CA", authority.error());
  auto ca = read_small_file(answer.ca);
  if (!ca) return within("the broker's CA", ca.error());
  cloud.tls.ca = places.beside("cloud-ca.pem");
  files.push_back({cloud.tls.ca, std::move(*ca)});
  if (answer.cert && answer.key) {
    auto certificate = read_small_file(*answer.cert);
    if (!certificate) return within("this gateway's certificate", certificate.error());
    auto key = read_secret(*answer.key);
    if (!key) return within("the certificate's key", key.error());
    if (auto pair = check_pair(*certificate, *key); !pair) return within(*answer.cert, pair.error());
    cloud.tls.cert = places.beside("gateway.pem");
    cloud.tls.key = secret_ref(places, "gateway.key");
    files.push_back({*cloud.tls.cert, std::move(*certificate)});
    secrets.push_back({"gateway.key", std::move(*key)});
  }
  if (answer.username && answer.password) {
    auto password = read_secret(*answer.password);
    if (!password) return within("the broker's password", password.error());
    cloud.username = answer.username;
    cloud.password = secret_ref(places, "cloud.password");
    secrets.push_back({"cloud.password", std::move(*password)});
  }
  draft.settings.cloud = std::move(cloud);
  std::move(files.begin(), files.end(), std::back_inserter(draft.files));
  std::move(secrets.begin(), secrets.end(), std::back_inserter(draft.secrets));
  return {};
}

Result<void> keep_net2_ca(Draft& draft, const Places& places) {
  auto& ca = draft.net2().net2.tls.ca;
  if (!ca) return {};
  auto content = read_small_file(*ca);
  if (!content) return within("the Net2 server's CA", content.error());
  ca = places.beside(draft.net2().id.value() + "-ca.pem");
  draft.files.push_back({*ca, std::move(*content)});
  return {};
}

}  // namespace gatehouse::setup
