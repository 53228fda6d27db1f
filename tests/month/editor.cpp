#include "tests/month/editor.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::month {
namespace {

const std::vector<std::string> first_names{"Ada",     "Grace",  "Alan", "Edsger", "Barbara",  "Donald",
                                           "Niklaus", "Tony",   "Mary", "Jean",   "Kathleen", "Betty",
                                           "Frances", "Marlyn", "Ruth", "Adele"};
const std::vector<std::string> mapped_groups{"Staff", "Staff", "Staff", "Guests", "staff"};

Integration common(const std::string& id, const std::string& name) {
  Integration made;
  made.id = IntegrationId(id);
  made.name = name;
  made.enabled = true;
  made.sites = {SiteId("hq"), SiteId("lab")};
  made.sync.groups = {{"Staff", PersonType::employee}, {"Guests", PersonType::visitor}};
  made.sync.fields = {{FieldTarget::first_name, "firstName"},
                      {FieldTarget::last_name, "lastName"},
                      {FieldTarget::email, "custom:Email"},
                      {FieldTarget::phone, "telephone"}};
  made.sync.site.fallback = SiteId("hq");
  return made;
}

}  // namespace

std::vector<Integration> settings_of_month(Chance& chance) {
  auto office = common("net2-hq", "Head office");
  office.sync.on_removed = OnRemoved::erase;
  office.sync.delete_after = std::chrono::days{3};
  office.sync.first = chance.one_in(4) ? FirstSync::automatic : FirstSync::confirm;
  office.sync.fields[FieldTarget::membership_status] = "custom:Status";

  auto lab = common("net2-lab", "Laboratory");
  lab.sync.group_by = GroupBy::access_level;
  lab.sync.first = chance.one_in(2) ? FirstSync::automatic : FirstSync::confirm;
  lab.sync.site.rules = {{"Lab*", SiteId("lab")}, {"Yard*", SiteId("yard")}};  // the yard is out of scope
  lab.sync.match.name_only = chance.one_in(2) ? OnNameOnly::link : OnNameOnly::review;
  lab.sync.authority.phone = chance.one_in(2) ? Authority::none : Authority::source;

  auto feed = common("hr", "Personnel");
  feed.kind = IntegrationKind::feed;
  feed.sync.group_by = GroupBy::group;
  feed.sync.first = chance.one_in(2) ? FirstSync::automatic : FirstSync::confirm;
  feed.sync.on_removed = chance.one_in(2) ? OnRemoved::keep : OnRemoved::disable;
  feed.sync.match.cross_source = chance.one_in(2) ? OnNameOnly::link : OnNameOnly::review;
  feed.sync.match.none = chance.one_in(4) ? OnNoMatch::review : OnNoMatch::create;
  return {office, lab, feed};
}

void Editor::fill(std::size_t source, std::size_t people) {
  for (std::size_t i = 0; i < people; ++i) {
    // One in ten is somewhere else as well, from the beginning.
    const bool known = !humans_.empty() && source != 0 && chance_.one_in(10);
    add(source, known ? some_human(source) : new_human());
  }
}

std::size_t Editor::new_human() {
  const auto number = std::to_string(humans_.size());
  Human human{.first = chance_.of(first_names),
              .last = "Nr" + number,
              .email = "p" + number + "@example.com",
              .phone = "+44 1632 " + std::to_string(100'000 + humans_.size())};
  if (chance_.one_in(10)) human.email.clear();
  if (chance_.one_in(5)) human.phone.clear();
  if (!humans_.empty() && chance_.one_in(60)) {  // a namesake
    const auto& other = humans_[chance_.below(humans_.size())];
    human.first = other.first;
    human.last = other.last;
  }
  if (!humans_.empty() && chance_.one_in(60)) human.email = humans_[chance_.below(humans_.size())].email;
  humans_.push_back(std::move(human));
  return humans_.size() - 1;
}

/// Of another source, mostly; of this one: entered twice.
std::size_t Editor::some_human(std::size_t source) {
  const auto& entries = states_[chance_.one_in(12) ? source : (source + 1 + chance_.below(2)) % 3].entries;
  return entries.empty() ? new_human() : chance_.of(entries).human;
}

void Editor::put_into(std::size_t source, SourceRecord& record, const std::string& group) {
  if (source == 0) record.department = group;
  if (source == 1) record.access_levels = {group};
  if (source == 2) record.group = group;
}

void Editor::put(std::size_t source, Entry& entry, const Human& human) {
  entry.record.values = {human.first, human.last, human.email, human.phone};
  if (source == 0) entry.record.values.emplace_back("active");
}

void Editor::add(std::size_t source, std::size_t human) {
  auto& state = states_[source];
  Entry entry;
  entry.human = human;
  entry.record.number = state.next++;
  if (source == 2) {
    entry.record.external_id = "E" + std::to_string(entry.record.number);
    entry.record.number = record_number(entry.record.external_id);
  }
  put(source, entry, humans_[human]);
  put_into(source, entry.record, chance_.of(mapped_groups));
  if (source == 1) entry.record.department = chance_.one_in(3) ? "Lab 2" : "Desk";
  state.entries.push_back(std::move(entry));
}

void Editor::edit(std::size_t source, std::size_t changes) {
  auto& state = states_[source];
  for (std::size_t i = 0; i < changes; ++i) {
    const auto kind = chance_.below(100);
    if (kind < 18 || state.entries.size() < 3) {
      add(source, new_human());
    } else if (kind < 24) {
      add(source, some_human(source));
    } else if (kind < 36) {  // deleted, and some of these made anew under another id
      const auto at = chance_.below(state.entries.size());
      Entry entry = state.entries[at];
      state.entries.erase(state.entries.begin() + static_cast<std::ptrdiff_t>(at));
      state.deleted.push_back(entry);
      if (chance_.one_in(4)) add(source, entry.human);
    } else if (kind < 42 && !state.deleted.empty()) {  // back, under the same id
      const auto at = chance_.below(state.deleted.size());
      state.entries.push_back(state.deleted[at]);
      state.deleted.erase(state.deleted.begin() + static_cast<std::ptrdiff_t>(at));
      if (chance_.one_in(5)) put(source, state.entries.back(), humans_[new_human()]);
    } else {
      change(source, state.entries[chance_.below(state.entries.size())]);
    }
  }
}

void Editor::change(std::size_t source, Entry& entry) {
  auto& values = entry.record.values;
  const auto number = std::to_string(chance_.below(1'000'000));
  switch (chance_.below(16)) {
    case 0:
      values[0] = chance_.of(first_names);
      break;
    case 1:
      values[1] = "Nr" + number;
      break;
    case 2:
      values[2] = "new" + number + "@example.com";
      break;
    case 3:
      values[3] = "+44 1632 " + number;
      break;
    case 4:  // the same for whoever compares
      for (char& c : values[1]) c = c == 'N' ? 'n' : c == 'n' ? 'N' : c;
      break;
    case 5:
      put_into(source, entry.record, chance_.one_in(2) ? "Guests" : "Staff");
      break;
    case 6:
      put_into(source, entry.record, "Press");  // not mapped
      break;
    case 7:
      if (source == 1) entry.record.access_levels = {"Staff", "Guests"};
      break;
    case 8:
      if (source == 1)
        entry.record.department = chance_.of(std::vector<std::string>{"Lab 1", "Desk", "Yard 3"});
      if (source == 0) values[4] = "away " + number;
      break;
    case 9:
      values[chance_.below(2)] = chance_.one_in(3) ? std::string(10'000, 'x') : "";
      break;
    case 10:
      values[2] = chance_.one_in(2) ? "nobody" : "no body@example.com";
      break;
    case 11:
      values[2].clear();
      if (chance_.one_in(2)) values[3].clear();
      break;
    case 12:  // somebody else, or the same after a marriage and a move
      entry.human = new_human();
      put(source, entry, humans_[entry.human]);
      break;
    case 13:
      values[2] = humans_[chance_.below(humans_.size())].email;
      break;
    default:  // mended
      put(source, entry, humans_[entry.human]);
      put_into(source, entry.record, chance_.of(mapped_groups));
  }
}

void Editor::break_down(std::size_t source) {
  auto& state = states_[source];
  state.fault = static_cast<Fault>(1 + chance_.below(5));
  state.reads_left = 1 + chance_.below(4);
  state.fault_seed = chance_.below(1'000'000);
}

Editor::Answer Editor::answer(std::size_t source) {
  auto& state = states_[source];
  Answer answer;
  for (const auto& entry : state.entries) answer.people.push_back(entry.record);
  if (state.reads_left == 0) state.fault = Fault::none;
  if (state.reads_left != 0) --state.reads_left;
  switch (state.fault) {
    case Fault::none:
      break;
    case Fault::cut:
      answer.cut = true;
      break;
    case Fault::empty:
      answer.people.clear();
      break;
    case Fault::lost_many: {
      Chance fate(state.fault_seed);
      const std::size_t left = 1 + fate.below(12);  // of so many one is lost
      std::erase_if(answer.people, [&](const SourceRecord&) { return fate.one_in(left); });
      break;
    }
    case Fault::lost_field:
      for (auto& record : answer.people) record.values[state.fault_seed % 3].clear();
      break;
    case Fault::other_people:
      for (auto& record : answer.people) {
        const auto text = std::to_string(record.number) + "x" + std::to_string(state.fault_seed % 2);
        record.values[0] = "Zoe";
        record.values[1] = "Of" + text;
        record.values[2] = "zoe" + text + "@example.org";
      }
      break;
  }
  return answer;
}

}  // namespace gatehouse::month
