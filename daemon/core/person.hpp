#pragma once
// A person in the gateway's own registry, and the messages about one.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/grant.hpp"
#include "daemon/core/ids.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/message.hpp"

namespace gatehouse {

class JsonWriter;

enum class PersonType { employee, visitor, contractor, member };
std::string_view to_string(PersonType type);
std::optional<PersonType> parse_person_type(std::string_view text);

/// What a source says of a person, after mapping. Overwritten by every pass that finds it changed.
struct PersonFacts {
  std::string first_name;
  std::string last_name;
  std::string email;  ///< empty: none
  std::string phone;  ///< empty: none
  PersonType person_type = PersonType::employee;
  std::string membership_status;  ///< empty: none
  std::vector<std::string> synced_tags;
  std::string site;  ///< the home site
  std::vector<std::string> sites;
  bool roamer = false;
  std::vector<std::string> roamer_sites;
  std::optional<Instant> valid_from;
  std::optional<Instant> valid_until;

  bool operator==(const PersonFacts&) const = default;
};

/// In the order in which they rule: the first of a person's sources by this order says type, site, status and
/// synced tags (contract.md §5).
enum class SourceKind { net2, cloud, feed, walk_in };
std::string_view to_string(SourceKind kind);
std::optional<SourceKind> parse_source_kind(std::string_view text);

/// Why a record is this person's.
enum class LinkRule {
  created,   ///< nobody agreed, so the person was made for it
  email,     ///< one e-mail on both sides, and the names agree
  name,      ///< one full name on both sides, match.name_only: link
  merged,    ///< an operator said so
  relinked,  ///< an operator said so: the source had made the person anew under another id
};
std::string_view to_string(LinkRule rule);
std::optional<LinkRule> parse_link_rule(std::string_view text);

/// One record that says who this person is.
struct PersonSource {
  IntegrationId integration;
  ExternalId external_id;
  std::string badge;  ///< the integration's display name
  bool present = true;
  SourceKind kind = SourceKind::net2;
  LinkRule rule = LinkRule::created;
  std::string evidence;  ///< what agreed: "ada@example.com"
  std::optional<Instant> linked;
  bool removed = false;  ///< a plan has removed the integration (of the table of integrations, not kept here)
  std::optional<PersonType> says{};  ///< the type that it gave last, taken or not; none: not known

  bool operator==(const PersonSource&) const = default;
};

struct Person {
  PersonId id;
  PersonFacts facts;
  bool admin_enabled = true;  ///< the administrator's switch; no pass ever touches it
  bool tracked = true;        ///< false: decoupled, a pass skips the record whole
  std::string decoupled_reason;
  std::optional<Instant> decoupled_until;  ///< tracked again from then on
  bool email_verified = true;              ///< false only where the cloud says so
  std::vector<std::string> custom_tags;
  std::vector<Grant> grants;  ///< no pass ever touches them
  std::vector<PersonSource> sources;
  std::optional<Instant> last_synced;

  /// A source that a plan has removed counts only where every source is one: else whoever another source has
  /// would be denied for good (contract.md §5).
  bool counts(const PersonSource& source) const;
  /// True only if every source that counts has them (contract.md §5). False without a source.
  bool source_present() const;
  /// Of those that count, the source that rules; nullptr without one.
  const PersonSource* main_source() const;
  /// Effective access: both switches on. What a decision adds (validity, policy) is not part of it.
  bool effective() const { return admin_enabled && (source_present() || !tracked); }

  bool operator==(const Person&) const = default;
};

/// When the person was last synced, to whoever looks: a read that found nothing changed writes nothing, and
/// counts all the same. `last_read`: the end of the last complete read of a source.
std::optional<Instant> last_synced(
    const Person& person, const std::function<std::optional<Instant>(const IntegrationId&)>& last_read);

/// Names of the facts that differ, as the public JSON calls them: {"email","valid_until"}.
std::vector<std::string> changed_facts(const PersonFacts& before, const PersonFacts& after);

/// Facts as members of the public JSON; only those named in `only`, where it is given.
void write_facts(JsonWriter& json, const PersonFacts& facts, const std::vector<std::string>* only = nullptr);

/// The `person` object of contract.md §3.1.
std::string person_json(const Person& person);

/// person.upserted; `changed` is empty for somebody new. `id` is the message's own.
Message person_upserted(const Person& person, const std::vector<std::string>& changed, std::string id,
                        Instant now);

/// person.disabled and person.removed. `reason`: removed_at_source | admin | purge | erased.
Message person_gone(std::string_view type, const Person& person, std::string_view reason, const RunId& run,
                    std::string id, Instant now);

/// person.invitable; `invitation` stays the same however often it is told.
Message person_invitable(const Person& person, std::string_view invitation, std::string id, Instant now);

}  // namespace gatehouse
