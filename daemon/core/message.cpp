#include "daemon/core/message.hpp"

#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

/// 20 digits, so that text sorts as numbers do.
void append_sequence(std::string& out, std::uint64_t sequence) {
  const std::string digits = std::to_string(sequence);
  out.append(20 - digits.size(), '0');
  out += digits;
}

}  // namespace

std::string envelope(const Message& message, std::string_view source, std::optional<Place> place,
                     ClockQuality clock) {
  std::string out;
  out.reserve(message.data.size() + 400);
  out += R"({"specversion":"1.0","id":)";
  append_json_string(out, message.id);
  out += R"(,"source":)";
  append_json_string(out, source);
  out += R"(,"type":"gatehouse.)";
  out += message.type;
  out += R"(.v1","time":")";
  out += format_utc(message.time);
  out += R"(","subject":)";
  append_json_string(out, message.subject);
  out += R"(,"datacontenttype":"application/json")";
  if (message.lane && message.numbered && place) {
    out += R"(,"lane":")";
    out += to_string(*message.lane);
    out += R"(","stream":)";
    append_json_string(out, place->stream);
    out += R"(,"sequence":")";
    append_sequence(out, place->sequence);
    out += '"';
  }
  out += R"(,"clock":")";
  out += to_string(clock);
  out += R"(","data":)";
  out += message.data;
  out += '}';
  return out;
}

Message gap_message(const Gap& gap, std::string_view stream, std::string id, Instant now) {
  JsonWriter json;
  json.begin_object();
  if (gap.lane) {
    json.member("lane", to_string(*gap.lane));
  } else {
    json.key("lane").null();
  }
  json.member("stream", stream);
  auto sequence = [&](std::string_view name, std::uint64_t number) {
    json.key(name);
    if (number == 0) {
      json.null();
      return;
    }
    std::string digits;
    append_sequence(digits, number);
    json.value(digits);
  };
  sequence("from", gap.from);
  sequence("to", gap.to);
  json.member("count", gap.count).member("cause", gap.cause);
  if (!gap.detail.empty()) json.member("detail", gap.detail);
  if (gap.events) {
    json.key("events").begin_object();
    json.member("integration", gap.events->integration).member("generation", gap.events->generation);
    json.key("ids").begin_array();
    for (const auto& run : gap.events->ids)
      json.begin_object().member("first", run.first).member("last", run.last).end_object();
    json.end_array().end_object();
  }
  json.end_object();
  return Message{.lane = Lane::alarm,
                 .topic = "up/alarm",
                 .type = "gap",
                 .id = std::move(id),
                 .time = now,
                 .subject = gap.lane ? std::string(to_string(*gap.lane)) : std::string("net2"),
                 .data = json.take(),
                 .numbered = false};
}

}  // namespace gatehouse
