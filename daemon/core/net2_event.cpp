#include "daemon/core/net2_event.hpp"

#include "daemon/core/event_types.hpp"
#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

struct Kind {
  Lane lane;
  std::string_view topic;
  std::string_view type;
};

Kind kind_of(const Net2Event& event) {
  if (!alarm_kind(event.type).empty()) return {Lane::alarm, "up/alarm", "alarm"};
  const auto* known = find_event_type(event.type);
  switch (known == nullptr ? EventGroup::other : known->group) {
    case EventGroup::granted:
      return {Lane::access, "up/access", "access.granted"};
    case EventGroup::denied:
      return {Lane::access, "up/access", "access.denied"};
    case EventGroup::door:
      return {Lane::access, "up/access", "door"};
    default:
      return {Lane::access, "up/access", "event"};
  }
}

/// Net2's own words where it gave any, else the English name, so that an unknown type is still readable.
std::string description_of(const Net2Event& event) {
  if (!event.description.empty()) return event.description;
  if (const auto* known = find_event_type(event.type)) return std::string(known->name);
  return "unknown (" + std::to_string(event.type) + ")";
}

std::optional<std::string> door_of(const Net2Event& event, const IntegrationId& integration) {
  if (!event.door) return std::nullopt;
  return integration.value() + '/' + std::to_string(event.door->value());
}

}  // namespace

std::string event_name(const IntegrationId& integration, std::int64_t generation, Net2EventId id) {
  return integration.value() + '/' + std::to_string(generation) + '/' + std::to_string(id.value());
}

std::string_view event_kind(const Net2Event& event) {
  return kind_of(event).type;
}

std::string event_json(const Net2Event& event, const EventContext& context) {
  JsonWriter json;
  json.begin_object();
  json.member("integration", context.integration.value());
  json.member("event_id", event_name(context.integration, context.generation, event.id));
  json.member("door", door_of(event, context.integration));
  json.member("at", format_utc(event.at));
  if (!event.at_known) json.member("at_known", false);
  json.key("person_id");
  context.person ? json.value(context.person->value()) : json.null();
  json.key("external_id");
  event.user ? json.value(std::to_string(event.user->value())) : json.null();
  json.key("net2").begin_object();
  json.member("event_type", event.type).member("event_sub_type", event.sub_type);
  json.member("description", description_of(event));
  if (!event.details.empty()) json.member("details", event.details);
  json.end_object();
  json.member("catch_up", context.catch_up);
  if (const auto kind = alarm_kind(event.type); !kind.empty()) json.member("kind", kind);
  json.end_object();
  return json.take();
}

Message event_message(const Net2Event& event, const EventContext& context) {
  const Kind kind = kind_of(event);
  return Message{.lane = kind.lane,
                 .topic = std::string(kind.topic),
                 .type = std::string(kind.type),
                 .id = event_name(context.integration, context.generation, event.id),
                 .time = event.at,
                 .subject = door_of(event, context.integration).value_or(context.integration.value()),
                 .data = event_json(event, context)};
}

}  // namespace gatehouse
