#pragma once
// What the configuration says of a source of people (contract §2 `integrations`).

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/ids.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/person.hpp"
#include "daemon/core/source_record.hpp"

namespace gatehouse {

/// Where a secret is kept.
struct SecretRef {
  enum class Kind { credential, file, env };
  Kind kind = Kind::credential;
  std::string name;  ///< of the credential, the path of the file, or the environment variable

  bool operator==(const SecretRef&) const = default;
};

/// "credential net2-hq.password": for messages; says nothing of the secret itself.
std::string to_string(const SecretRef& secret);

/// How the Net2 server proves itself: a CA file, or one to three pinned keys in place of chain, name and
/// date.
struct Net2Tls {
  std::optional<std::string> ca;           ///< PEM file
  std::vector<std::string> pins;           ///< "sha256/BASE64" of the SubjectPublicKeyInfo
  std::optional<std::string> server_name;  ///< expected in the certificate; nullopt: the URL's host

  bool operator==(const Net2Tls&) const = default;
};

struct Net2Poll {
  Duration people{30'000};              ///< at least 1 s; never more often than 10 × the last read took
  Duration events{2'000};               ///< at least 200 ms
  Duration doors{30'000};               ///< at least 1 s
  bool live = true;                     ///< listen to the live feed as a doorbell to the polls
  std::optional<Duration> events_from;  ///< at the first start: this far back; nullopt: from now on

  bool operator==(const Net2Poll&) const = default;
};

struct Net2Server {
  std::string url;       ///< "https://host[:port]", no path
  std::string username;  ///< the Net2 operator
  SecretRef password;
  SecretRef client_id;   ///< of the API licence
  std::string timezone;  ///< IANA; the server's own
  Net2Tls tls;
  Net2Poll poll;

  bool operator==(const Net2Server&) const = default;
};

struct Feed {
  std::optional<std::string> directory;  ///< watched for *.jsonl; nullopt: the LAN interface only

  bool operator==(const Feed&) const = default;
};

enum class FieldTarget {
  first_name,
  last_name,
  email,
  phone,
  membership_status,
  tags,
  roamer,
  roamer_sites,
  sites
};

struct FullSync {
  enum class Every { daily, weekly, monthly };
  Every every = Every::daily;
  std::chrono::minutes at{150};                        ///< after local midnight, gateway's zone
  std::chrono::weekday weekday = std::chrono::Sunday;  ///< weekly only
  int day = 1;                                         ///< monthly only, 1..31; a shorter month: its last day

  bool operator==(const FullSync&) const = default;
};

enum class FirstSync { confirm, automatic };    ///< "auto" in the file
enum class OnRemoved { disable, erase, keep };  ///< "disable", "delete", "keep"
enum class ImportMode { all, new_only, update_only, dry_run };
enum class RequiredIdentifier { email_or_phone, email, phone, both, none };
enum class GroupBy { department, access_level, group };  ///< `group` for feeds only
enum class MultipleGroups { error, same_type_ok, first_in_map };
enum class OnNameOnly { review, link };  ///< also for matches across sources
enum class OnNoMatch { create, review };
enum class Authority { source, cloud, none };
enum class ExportMode { off, approve, automatic };  ///< "auto" in the file
enum class IntegrationMode { apply, staging };
enum class IntegrationKind { net2, feed };

/// A group of the source and the type its people get; the order counts for `first_in_map`.
struct GroupMapping {
  std::string group;
  PersonType person_type = PersonType::employee;

  bool operator==(const GroupMapping&) const = default;
};

/// The home site by department; `department` may hold `*` and `?`.
struct SiteRule {
  std::string department;
  SiteId site;

  bool operator==(const SiteRule&) const = default;
};

struct HomeSite {
  std::optional<SiteId>
      fallback;  ///< `default`: where no rule matches; nullopt: nobody, where rules stand alone
  std::vector<SiteRule> rules;  ///< first match wins

  bool operator==(const HomeSite&) const = default;
};

struct Matching {
  OnNameOnly name_only = OnNameOnly::review;     ///< only the full name agrees
  OnNoMatch none = OnNoMatch::create;            ///< nobody agrees
  OnNameOnly cross_source = OnNameOnly::review;  ///< a feed's record agrees with another source's person

  bool operator==(const Matching&) const = default;
};

struct FieldAuthority {
  Authority first_name = Authority::source;
  Authority last_name = Authority::source;
  Authority email = Authority::source;
  Authority phone = Authority::source;

  bool operator==(const FieldAuthority&) const = default;
};

/// More removals than this within the window are withheld (contract §5).
struct RemovalGuard {
  std::uint32_t count = 50;
  double percent = 10;  ///< 0..100
  Duration window = std::chrono::hours{24};

  bool operator==(const RemovalGuard&) const = default;
};

/// Cloud employees into Net2.
struct Export {
  ExportMode mode = ExportMode::off;
  std::vector<PersonType> person_types;
  std::map<SiteId, std::string> access_levels;      ///< at creation only, by home site
  std::optional<std::string> default_access_level;  ///< `access_level.default`: any other site
  SourceField owner_field = "custom:Gatehouse";     ///< marks the users that are ours

  bool operator==(const Export&) const = default;
};

struct Sync {
  FullSync full;
  FirstSync first = FirstSync::confirm;
  OnRemoved on_removed = OnRemoved::disable;
  Duration delete_after =
      std::chrono::days{30};  ///< with OnRemoved::erase: disabled first, deleted this much later
  ImportMode import = ImportMode::all;
  RequiredIdentifier require_identifier = RequiredIdentifier::email_or_phone;
  GroupBy group_by = GroupBy::department;
  MultipleGroups multiple_groups = MultipleGroups::same_type_ok;
  std::vector<GroupMapping> groups;           ///< unmapped groups are not imported
  std::map<FieldTarget, SourceField> fields;  ///< what is not named is not imported
  HomeSite site;
  Matching match;
  FieldAuthority authority;
  RemovalGuard guard;
  Export to_net2;  ///< `export`

  bool operator==(const Sync&) const = default;
};

/// One source of people.
struct Integration {
  IntegrationId id;  ///< immutable
  std::string name;  ///< for people; the id where the file says none
  IntegrationKind kind = IntegrationKind::net2;
  bool enabled = false;       ///< nothing talks to anybody until true
  bool automatic = true;      ///< false: only manual runs
  std::vector<SiteId> sites;  ///< those it covers; empty: all
  IntegrationMode mode = IntegrationMode::apply;
  Net2Server net2;  ///< with IntegrationKind::net2
  Feed feed;        ///< with IntegrationKind::feed
  Sync sync;

  bool operator==(const Integration&) const = default;
};

}  // namespace gatehouse
