// What an administrator says of one person.

#include <boost/json/array.hpp>

#include "daemon/cli/commands.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/words.hpp"
#include "daemon/control/bus_names.hpp"

namespace gatehouse {
namespace {

using boost::json::value;

/// What shows the kind of thing that was not found, by the daemon's "no KIND …".
std::string where_to_look(const Answer& answer, const std::string& person) {
  const auto is_about = [&](const char* kind) { return answer.why.find(kind) != std::string::npos; };
  if (is_about("no door \"")) return "gatehouse door list";
  if (is_about("no site \"") || is_about("no scope \"") || is_about("no schedule \""))
    return "gatehouse config show";
  if (is_about("no grant ")) return "gatehouse people show " + person;
  return see_people;
}

Answer ask_to_say(CommandSession& session) {
  const auto& command = session.command;
  const auto say = [&](const char* method, const std::vector<Argument>& arguments) {
    return session.work(bus_names::people, method, arguments);
  };
  switch (command.verb) {
    case Verb::people_enable:
      return say("Enable", {command.subject});
    case Verb::people_disable:
      return say("Disable", {command.subject});
    case Verb::people_tag:
      return say("Tag", {command.subject, command.word});
    case Verb::people_untag:
      return say("Untag", {command.subject, command.word});
    case Verb::people_grant:
      return say("Grant", {command.subject, command.filter});
    default:
      return say("Revoke", {command.subject, command.word});
  }
}

std::string grant_words(const value& grant) {
  std::string out = "  " + text_field(grant, "id") + "  ";
  for (const char* target : {"door", "scope", "site"}) {
    const auto text = text_field(grant, target);
    if (!text.empty()) out.append(target).append(" ").append(text);
  }
  const auto add = [&](const char* path, const char* word, bool time) {
    const auto text = text_field(grant, path);
    if (!text.empty()) out += std::string(", ") + word + " " + (time ? local_time(text) : text);
  };
  add("hours", "hours", false);
  add("from", "from", true);
  add("until", "until", true);
  return harmless(out) + '\n';
}

std::string grants_words(const value& person) {
  const auto& grants = list_field(person, "grants");
  if (grants.empty()) return "  no grants\n";
  std::string out;
  for (const auto& grant : grants) out += grant_words(grant);
  return out;
}

std::string tags_words(const value& person) {
  std::string out;
  for (const char* kind : {"tags.synced", "tags.custom"}) {
    for (const auto& tag : list_field(person, kind))
      out += (out.empty() ? "" : ", ") + harmless(text_field(tag, ""));
  }
  return "  tags: " + (out.empty() ? std::string("none") : out) + '\n';
}

std::string said_words(const value& person, Verb verb) {
  auto name = harmless(full_name(person));
  if (name.empty()) name = harmless(text_field(person, "id"));
  switch (verb) {
    case Verb::people_disable:
      return name + " is disabled: no door opens for this person\n";
    case Verb::people_enable:
      return name + (bool_field(person, "access.effective") == false
                         ? " is enabled here, and still without access: the source has removed this person\n"
                         : " is enabled\n");
    case Verb::people_tag:
    case Verb::people_untag:
      return name + '\n' + tags_words(person);
    default:
      return name + '\n' + grants_words(person);
  }
}

}  // namespace

ExitStatus say_of_person(CommandSession& session) {
  const auto answer = ask_to_say(session);
  const auto look_at = where_to_look(answer, session.command.subject);
  return session.print(answer, look_at, [&](const value& document) {
    const auto* inner = find_field(document, "person");
    return said_words(inner != nullptr && inner->is_object() ? *inner : document, session.command.verb);
  });
}

}  // namespace gatehouse
