#include "daemon/core/integration_status.hpp"

#include <array>

#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

bool needs_hands(Errc code) {
  return code == Errc::unauthenticated || code == Errc::mfa_required || code == Errc::forbidden;
}

bool no_answer(Errc code) {
  return code == Errc::unreachable || code == Errc::timeout || code == Errc::tls || code == Errc::busy;
}

/// Something answers what everybody may ask, and it is not Net2.
bool no_net2(Errc code) {
  return code == Errc::malformed || code == Errc::not_found || code == Errc::incomplete;
}

std::string hint_for(Errc code) {
  switch (code) {
    case Errc::unauthenticated:
      return "check the operator's name and password, and that client_id is the name of the licence file "
             "without .lic";
    case Errc::mfa_required:
      return "use a Net2 operator without multi-factor authentication; nobody signs in until the "
             "configuration is reloaded or the integration resumed";
    case Errc::forbidden:
      return "give the operator the role System engineer in Net2";
    case Errc::tls:
      return "check tls.ca, or put the pin named above into tls.pin if the certificate was renewed on "
             "purpose";
    case Errc::unreachable:
    case Errc::timeout:
      return "check that the Net2 server is on, that its service \"Net2 Nginx\" is running, and the address";
    case Errc::busy:
      return "Net2 is starting or overloaded; it is tried again by itself";
    case Errc::not_found:
    case Errc::malformed:
      return "check that url is the Local API's address and port (8443), and that Net2 is healthy";
    case Errc::incomplete:
      return "nothing was changed, and it is read again by itself; if it stays so, check the operator's "
             "rights and the database of Net2";
    case Errc::invalid:
      return "mend the configuration and reload it";
    case Errc::storage:
    case Errc::storage_full:
      return "make room on the disk of the state directory";
    default:
      return "see the log: journalctl -u gatehouse";
  }
}

StateAndReason fault(IntegrationState state, const Error& error) {
  return {.state = state, .detail = error.detail, .hint = hint_for(error.code)};
}

}  // namespace

std::string_view to_string(IntegrationState state) {
  constexpr std::array<std::string_view, 12> names{"disabled", "pending",   "unauthenticated",  "unreachable",
                                                   "draft",    "importing", "active",           "issues",
                                                   "paused",   "guarded",   "reimport_pending", "staging"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view to_string(Switch state) {
  constexpr std::array<std::string_view, 4> names{"on", "paused", "off", "removed"};
  return names[static_cast<std::size_t>(state)];
}

std::optional<Switch> parse_switch(std::string_view text) {
  for (const auto state : {Switch::on, Switch::paused, Switch::off, Switch::removed}) {
    if (to_string(state) == text) return state;
  }
  return std::nullopt;
}

bool has_fault(const IntegrationFacts& facts) {
  return facts.events_fault || facts.people_fault || facts.doors_fault || facts.contact_fault;
}

StateAndReason judge(const IntegrationFacts& facts) {
  if (!facts.enabled) {
    return {
        .state = IntegrationState::disabled, .detail = "", .hint = "set enabled: true in the configuration"};
  }
  if (facts.switched == Switch::off) {
    return {.state = IntegrationState::disabled,
            .detail = "switched off with a purge, though the configuration enables it",
            .hint = "gatehouse integration resume switches it on again, and its people come back"};
  }
  if (facts.switched == Switch::removed) {
    return {.state = IntegrationState::disabled,
            .detail = "removed, though its block is still in the configuration",
            .hint = "take the block out of the configuration; gatehouse integration resume takes it up anew"};
  }
  const std::array faults{&facts.events_fault, &facts.contact_fault, &facts.doors_fault, &facts.people_fault};
  if (facts.other_server) {
    std::string detail =
        "another Net2 server answers at this address; nothing of it is taken over, and no door is opened, "
        "until its plan is applied";
    if (facts.people_fault) detail += "; its people cannot be read: " + facts.people_fault->detail;
    return {.state = IntegrationState::reimport_pending,
            .detail = std::move(detail),
            .hint =
                "correct the url if it is wrong; else gatehouse sync run, gatehouse plan list, then plan "
                "show and plan apply"};
  }
  for (const auto* error : faults) {
    if (*error && needs_hands((*error)->code)) return fault(IntegrationState::unauthenticated, **error);
  }
  for (const auto* error : faults) {
    if (*error && no_answer((*error)->code)) return fault(IntegrationState::unreachable, **error);
  }
  for (const auto* error : {&facts.events_fault, &facts.contact_fault}) {
    if (*error && no_net2((*error)->code)) return fault(IntegrationState::unreachable, **error);
  }
  if (!facts.authenticated_once) {
    return {.state = IntegrationState::pending,
            .detail = "",
            .hint = "the first connection to Net2 is being made"};
  }
  for (const auto* error : faults) {
    if (*error) return fault(IntegrationState::issues, **error);
  }
  if (facts.staging) {
    return {.state = IntegrationState::staging,
            .detail = "",
            .hint = "everything is computed, nothing is written or sent"};
  }
  if (facts.draft) {
    return {.state = IntegrationState::draft,
            .detail = "the first sync waits to be confirmed",
            .hint =
                "gatehouse issue list, then gatehouse plan list and plan apply; sync.first: auto imports "
                "without confirmation"};
  }
  if (facts.importing_first) return {.state = IntegrationState::importing, .detail = "", .hint = ""};
  if (facts.guarded) {
    return {.state = IntegrationState::guarded,
            .detail =
                "more people have gone from the source than sync.guard.removals allows; their removal is "
                "withheld",
            .hint = "look at the source first; if they are to go: gatehouse plan list, then plan apply"};
  }
  if (facts.other_people) {
    return {
        .state = IntegrationState::reimport_pending,
        .detail =
            "other people answer at this address; everything stays as it was until their plan is "
            "applied",
        .hint = "correct the url if it is wrong; else gatehouse plan list, then plan show and plan apply"};
  }
  if (facts.reimport) {
    return {.state = IntegrationState::reimport_pending,
            .detail = "the mapping has changed; everything stays as it was until its plan is applied",
            .hint =
                "gatehouse plan list, then plan show and plan apply; where none is listed, gatehouse issue "
                "list: records fail under the new mapping"};
  }
  if (!facts.automatic || facts.switched == Switch::paused) {
    return {.state = IntegrationState::paused,
            .detail = "",
            .hint = facts.automatic
                        ? "gatehouse integration resume reads people by itself again"
                        : "automatic: false; people are only read on request (gatehouse sync run)"};
  }
  if (facts.open_issues != 0) {
    return {.state = IntegrationState::issues,
            .detail = std::to_string(facts.open_issues) + " records need somebody to decide",
            .hint = "gatehouse issue list"};
  }
  return {.state = IntegrationState::active, .detail = "", .hint = ""};
}

std::string integration_status_json(const IntegrationStatus& status) {
  JsonWriter json;
  json.begin_object();
  json.member("id", status.id).member("name", status.name).member("kind", status.kind);
  json.member("status", to_string(status.judged.state));
  json.key("detail");
  status.judged.detail.empty() ? json.null() : json.value(status.judged.detail);
  json.key("hint");
  status.judged.hint.empty() ? json.null() : json.value(status.judged.hint);
  json.member("connected", status.connected).member("live", status.live);
  json.key("last_run");
  status.last_run ? json.raw(sync_run_json(*status.last_run)) : json.null();
  json.key("last_full");
  status.last_full ? json.raw(sync_run_json(*status.last_full)) : json.null();
  json.member("people", status.people)
      .member("issues", status.issues)
      .member("event_lag_s", status.event_lag_s);
  json.end_object();
  return json.take();
}

}  // namespace gatehouse
