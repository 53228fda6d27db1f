// Whether the engine is where the model says it is.

#include <algorithm>

#include "tests/month/month.hpp"

namespace gatehouse::month {
namespace {

std::string joined(std::vector<std::string> words) {
  std::ranges::sort(words);
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string described(const std::string& name, const std::vector<std::string>& presence,
                      const PersonFacts& facts, bool tracked, bool effective) {
  return name + " [" + joined(presence) + "] " + facts_text(facts) + (tracked ? "" : " decoupled") +
         (effective ? " may enter" : " denied");
}

/// All records whose id has gone to somebody else: the engine and the model number them differently.
constexpr std::int64_t formers = -1;

std::string shortened(const std::string& text) {
  return text.size() > 400 ? text.substr(0, 400) + "…" : text;
}

std::string in_words(PlanOp op, const std::string& record, const std::string& person,
                     const std::set<std::string>& fields, const std::string& facts) {
  std::string text =
      std::string(to_string(op)) + ' ' + record + " of " + (person.empty() ? "nobody" : person) + ':';
  for (const auto& field : fields) text += ' ' + field;
  return text + " {" + facts + '}';
}

}  // namespace

/// An id that has gone to somebody else names its former person, who is called otherwise in the model: by
/// their facts, here.
std::string claim_text(const std::string& external_id, const PersonFacts& facts) {
  const auto slash = external_id.find('/');
  if (slash == std::string::npos) return external_id;
  return external_id.substr(0, slash) + "/" + facts.first_name + "," + facts.last_name + "," + facts.email;
}

std::string name_of(const Soul& soul, const Model& model) {
  std::vector<std::string> words;
  words.reserve(soul.claims.size());
  for (const auto& claim : soul.claims) {
    words.push_back(model.directories[claim.source].settings.id.value() + '/' +
                    claim_text(claim.external_id, soul.facts));
  }
  return joined(std::move(words));
}

std::string name_of(const Person& person) {
  std::vector<std::string> words;
  words.reserve(person.sources.size());
  for (const auto& claim : person.sources)
    words.push_back(claim.integration.value() + '/' + claim_text(claim.external_id.value(), person.facts));
  return joined(std::move(words));
}

void Month::compare(std::size_t source) {
  ++figures_.compared;
  const auto souls = compare_people();
  compare_issues(source);
  compare_plan(source, souls);
}

std::map<PersonId, SoulId> Month::compare_people() {
  std::map<std::string, SoulId> by_name;
  std::set<std::string> expected;
  for (std::size_t i = 0; i < model_.souls.size(); ++i) {
    if (!model_.souls[i]) continue;
    const auto& soul = *model_.souls[i];
    const auto name = name_of(soul, model_);
    by_name[name] = static_cast<SoulId>(i);
    std::vector<std::string> presence;
    bool everywhere = true;
    for (const auto& claim : soul.claims) {
      presence.push_back(model_.directories[claim.source].settings.id.value() + '/' +
                         claim_text(claim.external_id, soul.facts) + (claim.present ? "+" : "-"));
      everywhere = everywhere && claim.present;
    }
    expected.insert(described(name, presence, soul.facts, soul.tracked, everywhere || !soul.tracked));
  }
  std::map<PersonId, SoulId> souls;
  std::set<std::string> there;
  for (const auto& person : desks_.front()->everybody()) {
    const auto name = name_of(person);
    std::vector<std::string> presence;
    presence.reserve(person.sources.size());
    for (const auto& claim : person.sources) {
      presence.push_back(claim.integration.value() + '/' +
                         claim_text(claim.external_id.value(), person.facts) + (claim.present ? "+" : "-"));
    }
    there.insert(described(name, presence, person.facts, person.tracked, person.effective()));
    if (const auto at = by_name.find(name); at != by_name.end()) souls[person.id] = at->second;
  }
  figures_.people = there.size();
  differ("people", there, expected);
  return souls;
}

void Month::compare_issues(std::size_t source) {
  const auto in_text = [](IssueReason reason, std::optional<std::int64_t> record) {
    return std::string(to_string(kind_of(reason))) + ' ' + std::string(to_string(reason)) + ' ' +
           (record ? std::to_string(*record) : "-");
  };
  std::set<std::string> there;
  std::set<std::string> expected;
  for (const auto& issue : desks_[source]->issues()) {
    const bool former = issue.external_id.find('/') != std::string::npos;
    there.insert(in_text(issue.reason, former ? std::optional(formers) : issue.record));
  }
  for (const auto& [reason, record] : model_.directories[source].issues)
    expected.insert(in_text(reason, record && *record < 0 ? std::optional(formers) : record));
  figures_.issues += expected.size();
  if (there != expected) {
    for (const auto& list : {there, expected}) {
      for (const auto& line : list) {
        if (!there.contains(line) || !expected.contains(line))
          tell_about(source, line.substr(line.rfind(' ') + 1));
      }
    }
  }
  differ("issues of " + settings_[source].id.value(), there, expected);
}

void Month::compare_plan(std::size_t source, const std::map<PersonId, SoulId>& souls) {
  std::set<std::string> there;
  std::set<std::string> expected;
  for (const auto& plan : desks_[source]->plans()) {
    if (plan.integration != settings_[source].id || plan.state != PlanState::open) continue;
    there.insert("plan " + std::string(to_string(plan.kind)));
    constexpr std::size_t page = 5000;
    for (std::uint64_t after = 0;; after += page) {
      const auto changes = test::get(world_.store->plan_changes(plan.id, after, page));
      for (const auto& change : changes) {
        std::string person;
        if (const auto at = souls.find(change.person); at != souls.end())
          person = name_of(*model_.souls[static_cast<std::size_t>(at->second)], model_);
        else if (!change.person.value().empty())
          person = "somebody unknown";
        const std::set<std::string> fields(change.changed.begin(), change.changed.end());
        std::string facts;
        if (change.fate && change.fate->facts)
          facts = facts_text(*change.fate->facts, change.op == PlanOp::add ? nullptr : &fields);
        const auto record = is_replaced(change) ? formers : change.record;
        there.insert(in_words(change.op, std::to_string(record), person, fields, facts));
      }
      if (changes.size() < page) break;
    }
  }
  if (const auto& plan = model_.directories[source].plan;
      plan && !(plan->kind == PlanKind::guard && plan->changes.empty())) {
    expected.insert("plan " + std::string(to_string(plan->kind)));
    for (const auto& change : plan->changes) {
      const auto person = change.soul ? name_of(*model_.souls[static_cast<std::size_t>(*change.soul)], model_)
                                      : std::string();
      const auto record = change.record < 0 ? formers : change.record;
      expected.insert(in_words(change.op, std::to_string(record), person, change.fields, change.facts));
    }
  }
  for (const auto* list : {&there, &expected}) {
    for (const auto& line : *list) {
      if (there.contains(line) && expected.contains(line)) continue;
      const auto number = line.substr(line.find(' ') + 1);
      if (std::isdigit(static_cast<unsigned char>(number.front())) != 0)
        tell_about(source, number.substr(0, number.find(' ')));
    }
  }
  differ("the plan of " + settings_[source].id.value(), there, expected);
}

/// What both know of a record, for whoever looks for the reason.
void Month::tell_about(std::size_t source, const std::string& record) {
  if (record == "-") return;
  const auto number = std::stoll(record);
  const auto& directory = model_.directories[source];
  const auto skip = [](std::optional<SkipReason> why) {
    return why ? std::string(to_string(*why)) : std::string("-");
  };
  std::string text = "  " + record + ": ";
  if (const auto at = directory.known.find(number); at != directory.known.end()) {
    const auto& memory = at->second;
    text += std::string(memory.present ? "present" : "absent") + ", skip " + skip(memory.skip);
    if (memory.soul) text += ", of " + name_of(*model_.souls[static_cast<std::size_t>(*memory.soul)], model_);
  }
  if (const auto mirror = desks_[source]->mirror(number)) {
    text += "; mirror: " + std::string(mirror->present ? "present" : "absent") + ", skip " +
            skip(mirror->skip) + (mirror->imported ? ", imported" : "");
  }
  if (const auto at = directory.wishes.find(number); at != directory.wishes.end())
    text += "; said: " + std::string(to_string(at->second.kind));
  const auto now_says = std::ranges::find(lists_[source], number, &SourceRecord::number);
  if (now_says != lists_[source].end()) {
    for (const auto& value : now_says->values) text += "; " + value.substr(0, 40);
    text += " in " + now_says->department + now_says->group;
    for (const auto& level : now_says->access_levels) text += ' ' + level;
  }
  trouble_ += text + '\n';
}

void Month::differ(const std::string& what, const std::set<std::string>& engine,
                   const std::set<std::string>& model) {
  if (engine == model) return;
  trouble_ += format_utc(now()) + ": " + what + " differ; engine " + std::to_string(engine.size()) +
              ", model " + std::to_string(model.size()) + '\n';
  std::size_t shown = 0;
  const auto show = [&](const char* whose, const std::set<std::string>& mine,
                        const std::set<std::string>& others) {
    for (const auto& line : mine) {
      if (others.contains(line) || ++shown > 12) continue;
      trouble_ += std::string("  only the ") + whose + ": " + shortened(line) + '\n';
    }
  };
  show("engine", engine, model);
  shown = 0;
  show("model", model, engine);
  throw Difference{};
}

}  // namespace gatehouse::month
