#pragma once
// Answers what operators ask of doors, decisions, people's rights and the audit, and does what they say.

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/app/access_console.hpp"
#include "daemon/app/access_desk.hpp"
#include "daemon/app/access_ports.hpp"
#include "daemon/app/console_view.hpp"
#include "daemon/app/queries.hpp"
#include "daemon/core/access_policy.hpp"

namespace gatehouse {

/// A configuration that is not in force, to look at decisions with.
struct LoadedPolicy {
  Settings settings;
  AccessPolicy::Zones zones;  ///< of every site
};

/// On the io thread.
class AccessConsole final : public AccessVerbs {
 public:
  struct Parts {
    AccessDesk& desk;
    AccessStore& store;
    KnowledgeStore& knowledge;
    AuditStore& audit;
    AdministrationStore& people;
    QueryStore& queries;
    GatewayDesk& gateway;
    Clock& clock;
    /// Of the gateway, as the settings in force say; null where this machine does not know it.
    std::function<std::shared_ptr<const TimeZone>()> zone;
    /// From the text of a configuration file. Errc::invalid with every fault, a line each.
    std::function<Result<LoadedPolicy>(const std::string& yaml)> load_policy;
    std::function<void()> news;  ///< messages are in the outbox
  };
  explicit AccessConsole(Parts parts) : parts_(std::move(parts)) {}

  Task<Result<std::string>> decide_access(AccessAsk ask) override;
  Task<Result<std::string>> sign_in(AccessAsk ask, std::string by) override;
  Task<Result<std::string>> explain(std::string decision) override;
  Task<Result<std::string>> decisions(std::string since, Page page) override;
  Task<Result<std::string>> replay(std::string config, std::string since) override;

  Task<Result<std::string>> doors() override;
  Task<Result<std::string>> door(std::string id) override;
  Task<Result<std::string>> discover_doors() override;
  Task<Result<std::string>> open_door(std::string door, std::string reason, bool break_glass,
                                      std::string by) override;
  Task<Result<std::string>> hold_door(std::string door, std::int64_t seconds, std::string reason,
                                      std::string by) override;
  Task<Result<std::string>> close_door(std::string door, std::string reason, std::string by) override;
  Task<Result<std::string>> set_door_mode(std::string door, std::string mode, std::string by) override;
  Task<Result<std::string>> set_lockdown(std::string site, bool on, std::string by) override;
  Task<Result<std::string>> muster(std::string site) override;

  Task<Result<std::string>> verify_audit() override;
  Task<Result<std::string>> audit(Page page) override;

  Task<Result<std::string>> grant(std::string person, GrantAsk ask, std::string by) override;
  Task<Result<std::string>> revoke(std::string person, std::string grant, std::string by) override;
  Task<Result<std::string>> enable_person(std::string person, bool yes, std::string by) override;
  Task<Result<std::string>> tag_person(std::string person, std::string tag, bool on, std::string by) override;

 private:
  /// Whom a key names. Nobody is no error: a decision says so.
  struct Named {
    PersonId id;       ///< empty: nobody
    std::string name;  ///< "Ada Lovelace"
  };
  /// What an administrator's word comes to, of a person as they are.
  using Word = std::function<Result<PersonWord>(const Person& now)>;

  Task<Result<Named>> whom(std::string key);
  /// Nothing where the person is gone, or cannot be read.
  Task<std::string> name_of(PersonId person);
  std::vector<DoorView> door_views() const;
  Result<std::string> door_document(const std::string& id) const;
  Task<Result<std::string>> move(DoorRequest request);
  Task<Result<std::string>> change(std::string key, Word word);
  std::string knowledge_json();

  Parts parts_;
  std::set<PersonId> in_change_;  ///< a word about them is under way
};

}  // namespace gatehouse
