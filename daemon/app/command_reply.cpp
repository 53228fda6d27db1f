#include "daemon/app/command_reply.hpp"

#include <algorithm>

#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

constexpr std::string_view ordinary_topic = "up/reply";
constexpr std::size_t longest_topic = 256;

bool publishable(std::string_view topic) {
  return topic.size() <= longest_topic && std::ranges::none_of(topic, [](char c) {
           return c == '+' || c == '#' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

void begin_reply(JsonWriter& json, std::string_view jti, bool ok) {
  json.begin_object();
  json.key("jti");
  jti.empty() ? json.null() : json.value(jti);
  json.member("ok", ok);
}

bool is_word(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

}  // namespace

ReplyTo reply_to(const Incoming& message, std::string_view root, std::string jti) {
  ReplyTo to{.jti = std::move(jti), .topic = std::string(ordinary_topic), .correlation = message.correlation};
  std::string_view asked = message.response_topic;
  if (!asked.starts_with(root) || !publishable(asked)) return to;
  asked.remove_prefix(root.size());
  if (!asked.starts_with('/')) return to;
  asked.remove_prefix(1);
  if (!asked.starts_with(ordinary_topic)) return to;
  const auto below = asked.substr(ordinary_topic.size());
  if (below.size() > 1 && below.front() == '/') to.topic = asked;
  return to;
}

std::string success_json(std::string_view jti, std::string_view result) {
  JsonWriter json;
  begin_reply(json, jti, true);
  json.key("result").raw(result);
  json.end_object();
  return json.take();
}

std::string decision_result(const DecisionRecord& decision) {
  return R"({"decision":)" + decision_json(decision) + "}";
}

std::string failure_json(std::string_view jti, std::string_view code, std::string_view message) {
  JsonWriter json;
  begin_reply(json, jti, false);
  json.key("error").begin_object();
  json.member("code", code).member("message", message);
  json.end_object();
  json.end_object();
  return json.take();
}

std::string refusal_json(std::string_view jti, CommandRefusal refusal, std::string_view more,
                         std::string_view first) {
  std::string message(sentence(refusal));
  if (!more.empty()) message.append(": ").append(more);
  if (refusal != CommandRefusal::replayed) return failure_json(jti, to_string(refusal), message);
  JsonWriter json;
  begin_reply(json, jti, false);
  json.key("error").begin_object();
  json.member("code", to_string(refusal)).member("message", message);
  json.key("first");
  first.empty() ? json.null() : json.raw(first);
  json.end_object();
  json.end_object();
  return json.take();
}

std::string code_of(const Error& error) {
  const auto colon = error.detail.find(": ");
  const auto word = std::string_view(error.detail).substr(0, std::min(colon, error.detail.size()));
  const bool words = error.code == Errc::refused || error.code == Errc::invalid;
  if (words && is_word(word) && (colon != std::string::npos || word.size() == error.detail.size()))
    return std::string(word);
  switch (error.code) {
    case Errc::invalid:
      return "bad_args";
    case Errc::not_found:
      return "not_found";
    case Errc::refused:
      return "refused";
    case Errc::storage:
    case Errc::storage_full:
      return "store_unwritable";
    case Errc::busy:
      return "busy";
    case Errc::cancelled:
      return "interrupted";
    default:
      return "failed";
  }
}

Message reply_message(const ReplyTo& to, std::string data, std::string id, Instant now,
                      std::optional<Lane> lane) {
  return {.lane = lane,
          .topic = to.topic,
          .type = "reply",
          .id = std::move(id),
          .time = now,
          .subject = to.jti.empty() ? std::string("command") : to.jti,
          .data = std::move(data),
          .numbered = lane.has_value(),
          .correlation = to.correlation};
}

}  // namespace gatehouse
