#include "daemon/store/command_tables.hpp"

#include "daemon/store/fault.hpp"
#include "daemon/store/stored_door.hpp"
#include "daemon/store/text_list.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

TakenCommand read_command(const Statement& row) {
  TakenCommand command{.issuer = row.text(0),
                       .id = row.text(1),
                       .digest = row.text(2),
                       .until = from_ms(row.integer(3)),
                       .reply_topic = row.text(4),
                       .correlation = row.bytes(5),
                       .answer = row.text(6),
                       .target = row.text(7),
                       .issued = row.integer(8),
                       .doors = {},
                       .decision = row.text(10)};
  for (const auto& door : decode_list(row.text(9))) command.doors.push_back(stored_door(door));
  return command;
}

}  // namespace

bool CommandTables::insert(const TakenCommand& command) {
  std::vector<std::string> doors;
  for (const auto& door : command.doors) doors.push_back(to_string(door));
  const auto rows =
      db_.use(
             "INSERT INTO command (issuer, id, digest, until, reply_topic, correlation, answer, target,"
             " issued, doors, decision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
             " ON CONFLICT (issuer, id) DO NOTHING")
          .bind(command.issuer, command.id, command.digest, to_ms(command.until), command.reply_topic)
          .bind(Blob{command.correlation}, command.answer, command.target, command.issued, encode_list(doors))
          .bind(command.decision)
          .run();
  if (rows == 0) return false;
  if (command.target.empty()) return true;
  db_.use(
         "INSERT INTO command_floor (target, issued) VALUES (?, ?) ON CONFLICT (target)"
         " DO UPDATE SET issued = excluded.issued WHERE excluded.issued > issued")
      .bind(command.target, command.issued)
      .run();
  return true;
}

void CommandTables::take(const TakenCommand& command) {
  if (!insert(command)) throw StoreFault({Errc::refused, "replayed"});
}

void CommandTables::answer(const TakenCommand& command) {
  if (insert(command)) return;
  // The first outcome stands.
  db_.use("UPDATE command SET answer = ? WHERE issuer = ? AND id = ? AND answer = ''")
      .bind(command.answer, command.issuer, command.id)
      .run();
}

bool CommandTables::is_answered(const TakenCommand& command) {
  Statement row =
      db_.use("SELECT answer <> '' FROM command WHERE issuer = ? AND id = ?");  // the key: one row
  return row.bind(command.issuer, command.id).step() && row.yes(0);
}

std::vector<TakenCommand> CommandTables::taken(Instant now) {
  std::vector<TakenCommand> commands;
  Statement row = db_.use(
      "SELECT issuer, id, digest, until, reply_topic, correlation, answer, target, issued, doors,"
      " decision FROM command"
      " WHERE until >= ? OR answer = '' ORDER BY until, issuer, id");
  row.bind(to_ms(now));
  while (row.step()) commands.push_back(read_command(row));
  return commands;
}

std::map<std::string, std::int64_t> CommandTables::floors() {
  std::map<std::string, std::int64_t> floors;
  Statement row = db_.use("SELECT target, issued FROM command_floor ORDER BY target");
  while (row.step()) floors.emplace(row.text(0), row.integer(1));
  return floors;
}

bool CommandTables::any_to_prune(Instant now) {
  Statement row = db_.use("SELECT 1 FROM command WHERE until < ? AND answer <> '' LIMIT 1");
  return row.bind(to_ms(now)).step();
}

std::size_t CommandTables::prune(Instant now, std::size_t at_most) {
  return static_cast<std::size_t>(
      db_.use("DELETE FROM command WHERE (issuer, id) IN (SELECT issuer, id FROM command"
              " WHERE until < ? AND answer <> '' ORDER BY until LIMIT ?)")
          .bind(to_ms(now), at_most)
          .run());
}

}  // namespace gatehouse
