// What administrators say of a person: the switch, tags, grants. No pass ever touches it.

#include <algorithm>

#include "daemon/app/access_asks.hpp"
#include "daemon/app/access_verbs.hpp"
#include "daemon/app/person_key.hpp"
#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

/// A row of the audit: what is personal in it stands in the detail.
AuditEntry row(std::string_view action, const Person& person, std::string by, bool changed) {
  AuditEntry entry;
  entry.actor = std::move(by);
  entry.action = action;
  entry.target = person.id.value();
  entry.outcome = changed ? "done" : "unchanged";
  entry.detail = "{}";
  entry.person = person.id;
  return entry;
}

std::string target_of(const Grant& grant) {
  if (grant.door) return to_string(*grant.door);
  if (grant.scope) return "scope " + grant.scope->value();
  return grant.site ? "site " + grant.site->value() : std::string();
}

std::string grant_detail(const Grant& grant) {
  JsonWriter json;
  json.begin_object().member("grant", grant.id).member("for", target_of(grant));
  if (grant.hours) json.member("hours", grant.hours->value());
  if (grant.from) json.member("from", format_utc(*grant.from));
  if (grant.until) json.member("until", format_utc(*grant.until));
  json.end_object();
  return json.take();
}

std::string tag_detail(const std::string& tag) {
  JsonWriter json;
  json.begin_object().member("tag", tag).end_object();
  return json.take();
}

/// Holds a person while a word about them is under way: two at once would each forget the other.
class Held {
 public:
  Held(std::set<PersonId>& held, PersonId person) : held_(held), person_(std::move(person)) {
    held_.insert(person_);
  }
  ~Held() { held_.erase(person_); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  std::set<PersonId>& held_;
  const PersonId person_;
};

}  // namespace

Task<Result<std::string>> AccessConsole::change(std::string key, Word word) {
  auto found = co_await find_one_person(parts_.queries, std::move(key));
  if (!found) co_return found.error();
  if (in_change_.contains(found->id))
    co_return Error{Errc::busy, "somebody else is changing this person just now; try again"};
  const Held held(in_change_, found->id);
  // Again, now that nobody else can change what they say of this person.
  auto now = co_await parts_.people.person(found->id);
  if (!now) co_return now.error();
  auto said = word(*now);
  if (!said) co_return said.error();
  auto changed = co_await parts_.people.set_person(std::move(*said));
  if (!changed) co_return changed.error();
  parts_.news();
  co_return person_json(*changed);
}

Task<Result<std::string>> AccessConsole::grant(std::string person, GrantAsk ask, std::string by) {
  const auto zone = parts_.zone();
  if (!zone) co_return no_zone();
  auto wanted = grant_of(ask, parts_.desk.policy().settings(), *zone, parts_.clock.now());
  if (!wanted) co_return wanted.error();
  Word word = [wanted = *wanted, by, id = parts_.clock.new_id()](const Person& now) -> Result<PersonWord> {
    PersonWord said;
    said.person = now.id;
    const auto same =
        std::ranges::find_if(now.grants, [&](const Grant& has) { return same_grant(has, wanted); });
    const bool fresh = same == now.grants.end();
    Grant given = fresh ? wanted : *same;
    if (fresh) {
      given.id = id;
      said.grants = now.grants;
      said.grants->push_back(given);
    }
    auto entry = row("people.grant", now, by, fresh);
    entry.detail = grant_detail(given);
    said.audit.push_back(std::move(entry));
    return said;
  };
  auto answer = co_await change(std::move(person), std::move(word));
  co_return answer;
}

Task<Result<std::string>> AccessConsole::revoke(std::string person, std::string grant, std::string by) {
  Word word = [grant, by](const Person& now) -> Result<PersonWord> {
    const auto has = std::ranges::find(now.grants, grant, &Grant::id);
    if (has == now.grants.end()) {
      std::string known;
      for (const auto& one : now.grants)
        known += (known.empty() ? "" : ", ") + one.id + " (" + target_of(one) + ')';
      return Error{Errc::not_found, "this person has no grant \"" + grant + "\"; there is " +
                                        (known.empty() ? "none" : known)};
    }
    PersonWord said;
    said.person = now.id;
    auto entry = row("people.revoke", now, by, true);
    entry.detail = grant_detail(*has);
    said.audit.push_back(std::move(entry));
    said.grants = now.grants;
    std::erase_if(*said.grants, [&](const Grant& one) { return one.id == grant; });
    return said;
  };
  auto answer = co_await change(std::move(person), std::move(word));
  co_return answer;
}

Task<Result<std::string>> AccessConsole::enable_person(std::string person, bool yes, std::string by) {
  Word word = [yes, by](const Person& now) -> Result<PersonWord> {
    PersonWord said;
    said.person = now.id;
    said.admin_enabled = yes;
    said.audit.push_back(row(yes ? "people.enable" : "people.disable", now, by, now.admin_enabled != yes));
    return said;
  };
  auto answer = co_await change(std::move(person), std::move(word));
  co_return answer;
}

Task<Result<std::string>> AccessConsole::tag_person(std::string person, std::string tag, bool on,
                                                    std::string by) {
  // One that was let in before the rules were what they are must be taken away all the same.
  if (on) {
    auto good = check_tag(tag);
    if (!good) co_return good.error();
  }
  Word word = [tag, on, by](const Person& now) -> Result<PersonWord> {
    const bool has = std::ranges::find(now.custom_tags, tag) != now.custom_tags.end();
    const bool synced = std::ranges::find(now.facts.synced_tags, tag) != now.facts.synced_tags.end();
    if (!on && synced) {
      return Error{Errc::refused, "the tag \"" + tag +
                                      "\" comes from the person's source, and stays as long as it says so; "
                                      "take it away there"};
    }
    PersonWord said;
    said.person = now.id;
    if (has != on) {
      said.custom_tags = now.custom_tags;
      if (on) {
        said.custom_tags->push_back(tag);
      } else {
        std::erase(*said.custom_tags, tag);
      }
    }
    auto entry = row(on ? "people.tag" : "people.untag", now, by, has != on);
    entry.detail = tag_detail(tag);
    said.audit.push_back(std::move(entry));
    return said;
  };
  auto answer = co_await change(std::move(person), std::move(word));
  co_return answer;
}

}  // namespace gatehouse
