#include "daemon/core/decision_record.hpp"

namespace gatehouse {

std::string_view sentence(AccessReason reason) {
  switch (reason) {
    case AccessReason::unknown_access_point:
      return "This access point is not set up. Please ask reception.";
    case AccessReason::direction:
      return "You are registered. This access point opens no door in this direction.";
    case AccessReason::mode_not_allowed:
      return "The door does not open for this way of signing in. Please use the kiosk or ask reception.";
    case AccessReason::no_door:
      return "You are registered. No door belongs to this access point.";
    case AccessReason::lockdown:
      return "The site is locked down. Please follow the instructions of the staff.";
    case AccessReason::unknown_person:
      return "We could not find you in the list. Please ask reception.";
    case AccessReason::visitor_not_preregistered:
      return "We have no visit announced for you here. Please ask your host or reception.";
    case AccessReason::access_disabled:
    case AccessReason::source_removed:
    case AccessReason::not_yet_valid:
    case AccessReason::validity_expired:
      return "Your access is not active. Please ask reception.";
    case AccessReason::stale_data:
    case AccessReason::clock_untrusted:
      return "We cannot check your access at the moment. Please ask reception to let you in.";
    case AccessReason::door_blocked:
    case AccessReason::door_force_closed:
    case AccessReason::door_unavailable:
    case AccessReason::door_triggers_off:
      return "This door does not open by sign-in at the moment. Please ask reception.";
    case AccessReason::door_open:
      return "The door is open. Please come in.";
    case AccessReason::employee:
    case AccessReason::roamer:
    case AccessReason::visitor_any:
    case AccessReason::visitor_preregistered:
    case AccessReason::contractor:
    case AccessReason::rule:
    case AccessReason::grant:
      return "Welcome. Please come in.";
    case AccessReason::visit_cancelled:
      return "The visit was cancelled. Please ask your host or reception.";
    case AccessReason::visit_window:
      return "Your visit is announced for another time. Please ask your host or reception.";
    case AccessReason::outside_hours:
      return "You have no access here at this time. Please ask reception.";
    case AccessReason::employees_closed:
    case AccessReason::roamers_closed:
    case AccessReason::not_roamer:
    case AccessReason::roamer_site:
    case AccessReason::visitors_closed:
    case AccessReason::contractors_closed:
    case AccessReason::contractor_site:
    case AccessReason::no_matching_rule_or_grant:
      return "You have no access through this door. Please ask reception.";
  }
  return "Please ask reception.";
}

}  // namespace gatehouse
