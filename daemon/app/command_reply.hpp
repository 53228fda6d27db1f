#pragma once
// What the sender of a command gets (contract.md §3.1 `reply`, §3.2).

#include <optional>
#include <string>
#include <string_view>

#include "daemon/app/ports.hpp"
#include "daemon/core/command_words.hpp"
#include "daemon/core/decision_record.hpp"

namespace gatehouse {

/// Who waits for a reply, and where.
struct ReplyTo {
  std::string jti;    ///< empty: it could not be read
  std::string topic;  ///< below ROOT
  std::string correlation;
};

/// `root`: with which the response topic begins. Any topic but ROOT/up/reply and below is ignored, and so is
/// one that MQTT cannot publish to, or of more than 256 bytes.
ReplyTo reply_to(const Incoming& message, std::string_view root, std::string jti);

/// {"jti","ok":true,"result":{…}}. `result` is JSON.
std::string success_json(std::string_view jti, std::string_view result);
/// {"decision":{…}}: the result of a sign-in.
std::string decision_result(const DecisionRecord& decision);
/// {"jti","ok":false,"error":{"code","message"}}
std::string failure_json(std::string_view jti, std::string_view code, std::string_view message);
/// A refusal's; `replayed` has "first" in its error: the `data` of the first reply, or null while there is
/// none. `more`: what is wrong, behind the sentence.
std::string refusal_json(std::string_view jti, CommandRefusal refusal, std::string_view more,
                         std::string_view first);

/// What an error of a use case is for the sender: the word that its detail begins with ("plan_stale: …"), or
/// a word for its kind: bad_args, not_found, store_unwritable, busy, interrupted, failed.
std::string code_of(const Error& error);

/// In the lane `access`; with no lane it is neither queued nor numbered.
Message reply_message(const ReplyTo& to, std::string data, std::string id, Instant now,
                      std::optional<Lane> lane = Lane::access);

}  // namespace gatehouse
