#include "daemon/app/command_refusals.hpp"

#include <utility>

#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

constexpr std::uint32_t unsigned_a_minute = 20;
constexpr std::uint32_t signed_a_minute = 600;
constexpr std::size_t most_waiting = 20'000;

bool is_signed(CommandRefusal code) {
  return code > CommandRefusal::bad_signature;
}

AuditEntry counted_row(std::string outcome, const std::string& kid, std::uint64_t counted) {
  JsonWriter json;
  json.begin_object().member("count", counted);
  if (!kid.empty()) json.member("kid", kid);
  json.end_object();
  return {.actor = "gateway",
          .action = "command.refused",
          .target = "",
          .outcome = std::move(outcome),
          .detail = json.take(),
          .person = std::nullopt};
}

std::string detail_of(const RefusedCommand& refused) {
  JsonWriter json;
  json.begin_object();
  if (!refused.to.jti.empty()) json.member("jti", refused.to.jti);
  if (!refused.cmd.empty()) json.member("cmd", refused.cmd);
  if (!refused.kid.empty() && !is_signed(refused.code)) json.member("kid", refused.kid);
  if (!refused.more.empty()) json.member("why", refused.more);
  json.end_object();
  return json.take();
}

}  // namespace

CommandRefusals::CommandRefusals(Parts parts) : parts_(std::move(parts)) {}

void CommandRefusals::refuse(RefusedCommand refused) {
  if (parts_.tallies != nullptr) ++parts_.tallies->command_refusals[std::string(to_string(refused.code))];
  const bool believed = is_signed(refused.code);
  const auto kid = believed ? refused.kid : std::string();
  auto& meter =
      meters_.try_emplace({refused.code, kid}, believed ? signed_a_minute : unsigned_a_minute).first->second;
  const auto now = parts_.clock.uptime();
  if (const auto counted = meter.take_counted(now); counted != 0)
    entries_.push_back(counted_row(std::string(to_string(refused.code)), kid, counted));
  if (!meter.tell(now)) return;
  AuditEntry entry{.actor = believed ? "key " + refused.kid : "unsigned",
                   .action = "command.refused",
                   .target = refused.about,
                   .outcome = std::string(to_string(refused.code)),
                   .detail = detail_of(refused),
                   .person = refused.person};
  auto data = refusal_json(refused.to.jti, refused.code, refused.more, refused.first);
  auto reply = reply_message(refused.to, std::move(data), parts_.clock.new_id(), parts_.clock.now(),
                             believed ? std::optional(Lane::access) : std::nullopt);
  if (believed) return note(std::move(entry), std::move(reply));
  parts_.send(reply);
  note(std::move(entry), std::nullopt);
}

void CommandRefusals::note(AuditEntry entry, std::optional<Message> message) {
  if (entries_.size() >= most_waiting) {
    ++lost_;
    return;
  }
  entries_.push_back(std::move(entry));
  if (message) messages_.push_back(std::move(*message));
  parts_.bell.ring();
}

void CommandRefusals::count(bool last) {
  for (auto& [of, meter] : meters_) {
    const auto counted = meter.take_counted(parts_.clock.uptime(), last);
    if (counted != 0) entries_.push_back(counted_row(std::string(to_string(of.first)), of.second, counted));
  }
  if (const auto lost = std::exchange(lost_, 0); lost != 0)
    entries_.push_back(counted_row("not_noted", {}, lost));
}

Task<bool> CommandRefusals::write(bool last) {
  if (entries_.size() < most_waiting) count(last);
  if (entries_.empty()) co_return true;
  auto entries = std::exchange(entries_, {});
  auto messages = std::exchange(messages_, {});
  const bool told = !messages.empty();
  // Kept for another try: copies, since the store takes its own.
  auto sent_entries = entries;
  auto sent_messages = messages;
  const auto noted = co_await parts_.audit.note(std::move(sent_entries), std::move(sent_messages));
  if (noted) {
    complained_ = false;
    if (told) parts_.news();
    co_return true;
  }
  entries_.insert(entries_.begin(), std::make_move_iterator(entries.begin()),
                  std::make_move_iterator(entries.end()));
  messages_.insert(messages_.begin(), std::make_move_iterator(messages.begin()),
                   std::make_move_iterator(messages.end()));
  if (!std::exchange(complained_, true))
    parts_.log.write(Level::error, "refused commands cannot be audited now: " + noted.error().detail);
  co_return false;
}

}  // namespace gatehouse
