#include "connectors/json/read_roster_args.hpp"

#include <algorithm>
#include <unordered_set>

#include "connectors/json/strict_json.hpp"

namespace gatehouse {
namespace {

namespace json = boost::json;

constexpr std::size_t roster_depth = 4;  ///< args, a list, a person, its tags
constexpr std::size_t max_roster_id = 128;
constexpr std::size_t max_cursor = 256;
constexpr std::size_t max_roster_text = 256;
constexpr std::size_t max_items = 100;

Error wrong(std::string_view name, std::string_view what) {
  return {Errc::invalid, "\"" + std::string(name) + "\" " + std::string(what)};
}

/// Null where it is absent or null.
const json::value* given(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  return value == nullptr || value->is_null() ? nullptr : value;
}

Result<std::string> plain_text(const json::value& value, std::string_view name) {
  if (!value.is_string()) return wrong(name, "is no text");
  std::string_view text = value.get_string();
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(text, control)) return wrong(name, "has control characters in it");
  if (text.size() > max_roster_text) return wrong(name, "is too long");
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return std::string();
  return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

/// Takes the members of one object, until one of them is wrong.
class Members {
 public:
  explicit Members(const json::object& object) : object_(object) {}

  void id(std::string_view name, std::string& to) { take(required_text(object_, name, max_roster_id), to); }
  void cursor(std::string_view name, std::string& to) { take(required_text(object_, name, max_cursor), to); }
  void text(std::string_view name, std::string& to) {
    if (const auto* value = next(name)) take(plain_text(*value, name), to);
  }
  void yes(std::string_view name, bool& to) {
    const auto* value = next(name);
    if (value == nullptr) return;
    if (!value->is_bool()) return fail(wrong(name, "is neither true nor false"));
    to = value->get_bool();
  }
  void number(std::string_view name, std::optional<std::uint64_t>& to) {
    const auto* value = next(name);
    if (value == nullptr) return;
    if (value->is_uint64()) to = value->get_uint64();
    if (value->is_int64() && value->get_int64() >= 0) to = static_cast<std::uint64_t>(value->get_int64());
    if (!to) fail(wrong(name, "is no whole number from 0"));
  }
  void moment(std::string_view name, std::optional<Instant>& to) {
    const auto* value = next(name);
    if (value == nullptr) return;
    if (value->is_string()) to = parse_rfc3339(std::string_view(value->get_string()));
    if (!to) fail(wrong(name, "is no date and time with a zone, like 2026-06-01T09:00:00Z"));
  }
  void moment(std::string_view name, Instant& to) {
    std::optional<Instant> at;
    moment(name, at);
    if (!error_ && !at) fail(wrong(name, "is missing"));
    if (at) to = *at;
  }
  void list(std::string_view name, std::vector<std::string>& to) {
    const auto* value = next(name);
    if (value == nullptr) return;
    if (!value->is_array()) return fail(wrong(name, "is no list"));
    if (value->get_array().size() > max_items) return fail(wrong(name, "has too many items"));
    for (const auto& item : value->get_array()) {
      auto text = plain_text(item, name);
      if (!text) return fail(text.error());
      if (!text->empty() && std::ranges::find(to, *text) == to.end()) to.push_back(std::move(*text));
    }
  }
  template <typename Word, typename Parse>
  void word(std::string_view name, Parse parse, Word& to) {
    std::string text;
    id(name, text);
    if (error_) return;
    const auto known = parse(text);
    if (!known) return fail(wrong(name, "is none of the words that it can be"));
    to = *known;
  }

  void fail(Error error) {
    if (!error_) error_ = std::move(error);
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  const json::value* next(std::string_view name) const { return error_ ? nullptr : given(object_, name); }
  void take(Result<std::string> text, std::string& to) {
    if (!text) return fail(text.error());
    if (!error_) to = std::move(*text);
  }

  const json::object& object_;
  std::optional<Error> error_;
};

/// True: op remove.
std::optional<bool> parse_op(std::string_view text) {
  if (text == "upsert") return false;
  if (text == "remove") return true;
  return std::nullopt;
}

Result<RosterPerson> person_of(const json::value& value) {
  if (auto unknown =
          unexpected_member(value, {"cloud_id", "op", "person_type", "first_name", "last_name", "email",
                                    "email_verified", "phone", "site", "sites", "roamer", "roamer_sites",
                                    "valid_from", "valid_until", "membership_status", "tags"}))
    return *unknown;
  RosterPerson person;
  Members members(value.get_object());
  members.id("cloud_id", person.cloud_id);
  members.word("op", parse_op, person.removed);
  auto& facts = person.facts;
  if (!person.removed) members.word("person_type", parse_person_type, facts.person_type);
  members.text("first_name", facts.first_name);
  members.text("last_name", facts.last_name);
  members.text("email", facts.email);
  bool verified = false;
  members.yes("email_verified", verified);
  members.text("phone", facts.phone);
  members.text("site", facts.site);
  members.list("sites", facts.sites);
  members.yes("roamer", facts.roamer);
  members.list("roamer_sites", facts.roamer_sites);
  members.moment("valid_from", facts.valid_from);
  members.moment("valid_until", facts.valid_until);
  members.text("membership_status", facts.membership_status);
  members.list("tags", facts.synced_tags);
  if (members.error()) return *members.error();
  person.email_verified = verified || facts.email.empty();
  if (person.removed) {
    person.facts = {};
    person.email_verified = true;
  }
  return person;
}

Result<RosterVisit> visit_of(const json::value& value) {
  if (auto unknown =
          unexpected_member(value, {"visit_id", "cloud_id", "site", "start", "end", "status", "op"}))
    return *unknown;
  RosterVisit read;
  Members members(value.get_object());
  members.id("visit_id", read.visit.id);
  members.word("op", parse_op, read.removed);
  std::string cloud_id;
  std::string site;
  if (read.removed) {
    members.text("cloud_id", cloud_id);  // what else is said of it is gone with it
  } else {
    members.id("cloud_id", cloud_id);
    members.id("site", site);
    members.moment("start", read.visit.start);
    members.moment("end", read.visit.end);
    members.word("status", parse_visit_status, read.visit.status);
    if (read.visit.end < read.visit.start) members.fail(wrong("end", "comes before \"start\""));
  }
  if (members.error()) return *members.error();
  read.cloud_id = ExternalId(std::move(cloud_id));
  read.visit.site = SiteId(std::move(site));
  return read;
}

const std::string& id_of(const RosterPerson& person) {
  return person.cloud_id;
}
const std::string& id_of(const RosterVisit& visit) {
  return visit.visit.id;
}

template <typename Item>
std::optional<Error> read_list(const json::object& args, std::string_view name,
                               Result<Item> (*read)(const json::value&), std::vector<Item>& to) {
  const auto* value = given(args, name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_array()) return wrong(name, "is no list");
  const auto& list = value->get_array();
  to.reserve(list.size());
  std::unordered_set<std::string> ids;
  for (const auto& one : list) {
    const auto place = std::string(name) + "[" + std::to_string(to.size()) + "]";
    auto item = read(one);
    if (!item) return within(place, item.error());
    if (!ids.insert(id_of(*item)).second) return Error{Errc::invalid, place + " is there twice"};
    to.push_back(std::move(*item));
  }
  return std::nullopt;
}

std::optional<Error> read_end(const json::object& args, std::optional<std::uint64_t>& count) {
  const auto* end = given(args, "end");
  if (end == nullptr) return std::nullopt;
  if (auto unknown = unexpected_member(*end, {"count"})) return within("\"end\"", *unknown);
  Members members(end->get_object());
  members.number("count", count);
  if (!members.error() && !count) members.fail(wrong("count", "is missing"));
  return members.error();
}

/// What goes only with a snapshot, or only with a change.
std::optional<Error> in_its_place(const RosterArgs& args, const std::optional<std::uint64_t>& batch) {
  if (args.from) {
    if (!args.snapshot.empty() || batch.value_or(0) != 0 || args.end)
      return Error{Errc::invalid, "\"snapshot\", \"batch\" and \"end\" go with \"from\": null only"};
    return std::nullopt;
  }
  if (args.snapshot.empty()) return wrong("snapshot", "is missing, and \"from\" is null");
  if (!batch) return wrong("batch", "is missing");
  const bool removes = std::ranges::any_of(args.people, &RosterPerson::removed) ||
                       std::ranges::any_of(args.visits, &RosterVisit::removed);
  if (removes) return Error{Errc::invalid, "a snapshot says who is there, and removes nobody"};
  return std::nullopt;
}

}  // namespace

Result<RosterArgs> read_roster_args(std::string_view text) {
  auto document = parse_strict_json(text, roster_depth);
  if (!document) return document.error();
  if (auto unknown =
          unexpected_member(*document, {"from", "to", "snapshot", "batch", "people", "visits", "end"}))
    return *unknown;
  const auto& object = document->get_object();
  RosterArgs args;
  Members members(object);
  if (!object.contains("from")) members.fail(wrong("from", "is missing"));
  if (given(object, "from") != nullptr) members.cursor("from", args.from.emplace());
  members.cursor("to", args.to);
  if (given(object, "snapshot") != nullptr) members.id("snapshot", args.snapshot);
  std::optional<std::uint64_t> batch;
  members.number("batch", batch);
  if (members.error()) return *members.error();
  args.batch = batch.value_or(0);
  if (auto bad = read_list(object, "people", &person_of, args.people)) return *bad;
  if (auto bad = read_list(object, "visits", &visit_of, args.visits)) return *bad;
  if (auto bad = read_end(object, args.end)) return *bad;
  if (auto bad = in_its_place(args, batch)) return *bad;
  return args;
}

}  // namespace gatehouse
