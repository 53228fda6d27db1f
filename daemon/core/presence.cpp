#include "daemon/core/presence.hpp"

#include <utility>

#include "daemon/core/json_writer.hpp"

namespace gatehouse {

Message presence_message(const Presence& presence, const PresenceOutcome& outcome, std::string id,
                         Instant now) {
  JsonWriter json;
  json.begin_object();
  json.member("person_id", presence.person.value()).member("site", presence.site.value());
  json.member("presence", presence.on_site ? "onsite" : "offsite").member("at", format_utc(presence.at));
  json.key("access_point");
  presence.access_point ? json.value(presence.access_point->value()) : json.null();
  json.key("door");
  presence.door ? json.value(to_string(*presence.door)) : json.null();
  json.member("evidence", presence.evidence);
  json.member("outcome", outcome.allow ? "allow" : "deny");
  json.key("reason");
  outcome.reason.empty() ? json.null() : json.value(outcome.reason);
  json.end_object();
  return Message{.lane = Lane::access,
                 .topic = "up/access",
                 .type = "presence",
                 .id = std::move(id),
                 .time = now,
                 .subject = presence.person.value(),
                 .data = json.take()};
}

}  // namespace gatehouse
