#include "daemon/store/decision_rows.hpp"

#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "daemon/core/json_writer.hpp"
#include "daemon/core/settings_names.hpp"
#include "daemon/store/fault.hpp"
#include "daemon/store/stored_door.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

constexpr std::string_view decision_columns =
    "id, at, person, access_point, allow, reason, revision, document, trace, basis";

[[noreturn]] void damaged(const std::string& id) {
  throw StoreFault({Errc::storage, "the store's file is damaged: decision " + id});
}

std::optional<Via> parse_via(std::string_view text) {
  for (const auto via : {Via::cloud, Via::lan, Via::local}) {
    if (to_string(via) == text) return via;
  }
  return std::nullopt;
}

/// Whose column is not there. No trace: it is a text of its own.
std::string document_of(const DecisionRecord& decision) {
  JsonWriter json;
  json.begin_object();
  json.member("direction", to_string(decision.asked.direction));
  json.member("mode", to_string(decision.asked.mode));
  if (decision.person_type) json.member("person_type", to_string(*decision.person_type));
  json.member("via", to_string(decision.via));
  json.member("cloud_offline", decision.cloud_offline).member("net2_offline", decision.net2_offline);
  json.member("policy_revision", decision.policy_revision);
  json.key("doors").begin_array();
  for (const auto& door : decision.doors) {
    json.begin_object().member("door", to_string(door.door)).member("allow", door.allow);
    json.member("reason", to_string(door.reason)).member("command", to_string(door.command.state));
    json.member("why", door.command.why).end_object();
  }
  json.end_array().end_object();
  return json.take();
}

/// The members of a stored object: each must be there and be of its kind.
class Members {
 public:
  Members(const boost::json::value& value, const std::string& id) : object_(value.if_object()), id_(id) {
    if (object_ == nullptr) damaged(id);
  }

  const boost::json::value* find(std::string_view name) const {
    return object_->if_contains({name.data(), name.size()});
  }
  std::string text(std::string_view name) const {
    const auto* value = find(name);
    const auto* string = value == nullptr ? nullptr : value->if_string();
    if (string == nullptr) damaged(id_);
    return {string->data(), string->size()};
  }
  bool yes(std::string_view name) const {
    const auto* value = find(name);
    const bool* flag = value == nullptr ? nullptr : value->if_bool();
    if (flag == nullptr) damaged(id_);
    return *flag;
  }
  template <typename T>
  T word(std::string_view name, std::optional<T> (*parse)(std::string_view)) const {
    const auto word = parse(text(name));
    if (!word) damaged(id_);
    return *word;
  }

 private:
  const boost::json::object* object_;
  const std::string& id_;
};

void read_document(std::string_view text, DecisionRecord& decision) {
  boost::json::error_code failed;
  const boost::json::value parsed = boost::json::parse({text.data(), text.size()}, failed);
  if (failed) damaged(decision.id);
  const Members members(parsed, decision.id);
  decision.asked.direction = members.word<Direction>("direction", parse_name<Direction>);
  decision.asked.mode = members.word<SignInMode>("mode", parse_name<SignInMode>);
  if (members.find("person_type") != nullptr) {
    decision.person_type = members.word<PersonType>("person_type", parse_person_type);
  }
  decision.via = members.word<Via>("via", parse_via);
  decision.cloud_offline = members.yes("cloud_offline");
  decision.net2_offline = members.yes("net2_offline");
  decision.policy_revision = members.text("policy_revision");
  const auto* doors = members.find("doors");
  if (doors == nullptr || !doors->is_array()) damaged(decision.id);
  for (const auto& value : doors->get_array()) {
    const Members door(value, decision.id);
    decision.doors.push_back(
        {.door = stored_door(door.text("door")),
         .allow = door.yes("allow"),
         .reason = door.word<AccessReason>("reason", parse_access_reason),
         .command = {.state = door.word<DoorCommandState>("command", parse_door_command_state),
                     .why = door.text("why")}});
  }
}

DecisionRow read_decision(const Statement& row) {
  DecisionRow found;
  DecisionRecord& decision = found.decision;
  decision.id = row.text(0);
  decision.at = from_ms(row.integer(1));
  if (auto person = row.maybe_text(2)) decision.person = PersonId(std::move(*person));
  decision.asked.access_point = AccessPointId(row.text(3));
  decision.allow = row.yes(4);
  const auto reason = parse_access_reason(row.text(5));
  if (!reason) damaged(decision.id);
  decision.reason = *reason;
  decision.revision = static_cast<std::uint32_t>(row.integer(6));
  read_document(row.text(7), decision);
  decision.trace = row.text(8);
  found.basis = row.bytes(9);
  return found;
}

std::optional<std::string> person_of(const DecisionRecord& decision) {
  if (!decision.person) return std::nullopt;
  return decision.person->value();
}

}  // namespace

std::optional<DecisionRow> DecisionRows::load(std::string_view id) {
  static const std::string sql =
      "SELECT " + std::string(decision_columns) + " FROM decision WHERE id = ?";  // unique: one row
  Statement row = db_.use(sql);
  if (!row.bind(id).step()) return std::nullopt;
  return read_decision(row);
}

std::vector<DecisionRow> DecisionRows::since(Instant moment, std::string_view after, std::size_t at_most) {
  static const std::string sql = "SELECT " + std::string(decision_columns) +
                                 " FROM decision WHERE id > ? AND at >= ? ORDER BY id LIMIT ?";
  std::vector<DecisionRow> found;
  Statement row = db_.use(sql);
  row.bind(after, to_ms(moment), at_most);
  while (row.step()) found.push_back(read_decision(row));
  return found;
}

std::optional<std::uint32_t> DecisionRows::revision(std::string_view id) {
  Statement row = db_.use("SELECT revision FROM decision WHERE id = ?");  // unique: one row
  if (!row.bind(id).step()) return std::nullopt;
  return static_cast<std::uint32_t>(row.integer(0));
}

void DecisionRows::add(const DecisionRecord& decision, std::string_view basis) {
  db_.use(
         "INSERT INTO decision (id, at, person, access_point, allow, reason, revision, document, trace, "
         "basis)"
         " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(decision.id, to_ms(decision.at), person_of(decision), decision.asked.access_point.value())
      .bind(decision.allow, to_string(decision.reason), std::int64_t{decision.revision})
      .bind(document_of(decision), decision.trace, Blob{basis})
      .run();
}

void DecisionRows::replace(const DecisionRecord& decision) {
  db_.use(
         "UPDATE decision SET at = ?, person = ?, access_point = ?, allow = ?, reason = ?, revision = ?,"
         " document = ?, trace = ? WHERE id = ?")
      .bind(to_ms(decision.at), person_of(decision), decision.asked.access_point.value(), decision.allow)
      .bind(to_string(decision.reason), std::int64_t{decision.revision}, document_of(decision))
      .bind(decision.trace, decision.id)
      .run();
}

bool DecisionRows::any_before(Instant moment) {
  Statement row = db_.use("SELECT 1 FROM decision WHERE at < ? LIMIT 1");
  return row.bind(to_ms(moment)).step();
}

std::size_t DecisionRows::prune(Instant before, std::size_t at_most) {
  return static_cast<std::size_t>(
      db_.use("DELETE FROM decision WHERE number IN (SELECT number FROM decision WHERE at < ?"
              " ORDER BY at LIMIT ?)")
          .bind(to_ms(before), at_most)
          .run());
}

}  // namespace gatehouse
