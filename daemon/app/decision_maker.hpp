#pragma once
// From a request to a decision: whom it is about, what is known of them, and the answer. Waits for nothing.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/app/access_book.hpp"
#include "daemon/app/access_desk.hpp"
#include "daemon/app/access_rules.hpp"
#include "daemon/app/knowledge_age.hpp"
#include "daemon/core/decision_record.hpp"

namespace gatehouse {

/// A door that the decision allows, and how it is to be opened.
struct AllowedDoor {
  DoorId door;
  bool momentary = false;
  Duration stays_open{0};
  std::optional<Duration> open_time;  ///< DoorOrder::open_time
};

/// A decision with its doors' commands `not_sent`, and what it stands for.
struct MadeDecision {
  DecisionRecord record;
  DecisionBasis basis;
  std::vector<AllowedDoor> allowed;
  std::optional<Presence> presence;  ///< of a known person at a known access point
  std::optional<WalkIn> walk_in;     ///< becomes a person
  Duration delay{0};
  std::set<SiteId> sites;  ///< whose lockdown drops it while it is delayed
};

/// How a door is to be opened by the configuration.
AllowedDoor opening_of(const ConfiguredDoor& door);

/// On the io thread.
class DecisionMaker {
 public:
  DecisionMaker(const AccessBook& book, const KnowledgeAges& ages, const AccessRules& rules,
                const DoorYard& yard, Clock& clock)
      : book_(book), ages_(ages), rules_(rules), yard_(yard), clock_(clock) {}

  /// `at`: the time for validity, visits and hours, in place of now. Errc::invalid for a walk-in without both
  /// names.
  Result<MadeDecision> make(const SignIn& asked, const PersonRef& person, bool walk_ins_allowed, Via via,
                            std::optional<Instant> at = std::nullopt) const;

 private:
  /// Somebody who signed in by this name: it is they who sign out. Whoever signed in twice, or shares a name,
  /// is signed out by the newest first; the list of who is on site errs on the side of too many.
  std::optional<PersonId> walk_in_on_site(const WalkInName& name, const SiteId& site) const;
  DecisionBasis basis_of(const PersonRef& person, bool walk_ins_allowed, std::optional<Instant> at) const;
  void add_person(MadeDecision& made, const PersonRef& person, const PolicyAccessPoint* point) const;
  void add_doors(MadeDecision& made, const AccessVerdict& verdict, const PolicyAccessPoint* point) const;
  bool net2_offline(const PolicyAccessPoint* point) const;

  const AccessBook& book_;
  const KnowledgeAges& ages_;
  const AccessRules& rules_;
  const DoorYard& yard_;
  Clock& clock_;
};

}  // namespace gatehouse
