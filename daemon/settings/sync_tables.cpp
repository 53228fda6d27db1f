// The section `sync` of an integration.

#include <algorithm>
#include <array>

#include "daemon/settings/scalars.hpp"
#include "daemon/settings/tables.hpp"

namespace gatehouse::config {

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 7> weekdays{"sunday",   "monday", "tuesday", "wednesday",
                                                   "thursday", "friday", "saturday"};

/// `full` as it is written: what `on` means depends on `every`.
struct WrittenFullSync {
  FullSync full;
  std::optional<TreeNode> on;
};

void read_day(WrittenFullSync& written, Reading& reading) {
  const TreeNode& on = *written.on;
  FullSync& full = written.full;
  if (full.every == FullSync::Every::daily) {
    reading.fault(on.place, "'on' is for weekly (a day such as sunday) and monthly (1 to 31)");
  } else if (full.every == FullSync::Every::monthly) {
    integer<int>(1, 31).read(on, reading, full.day);
  } else {
    const std::vector<std::string> names(weekdays.begin(), weekdays.end());
    const auto found = std::find(weekdays.begin(), weekdays.end(), on.text);
    if (on.kind == TreeNode::Kind::scalar && found != weekdays.end())
      full.weekday = std::chrono::weekday{static_cast<unsigned>(found - weekdays.begin())};
    else
      reading.fault(on.place, "expected a day of the week such as sunday, found " + describe(on) +
                                  did_you_mean(on.text, names));
  }
}

const Table<WrittenFullSync>& full_sync_table() {
  static const Table<WrittenFullSync> table = [] {
    Table<WrittenFullSync> t;
    t.key("every", [](auto& w) -> auto& { return w.full.every; }, choice<FullSync::Every>());
    t.key("at", [](auto& w) -> auto& { return w.full.at; }, time_of_day());
    const Codec<std::optional<TreeNode>> raw{
        [](const TreeNode& node, Reading&, std::optional<TreeNode>& into) { into = node; },
        [](const std::optional<TreeNode>& from) { return from; },
        "weekly: sunday to saturday; monthly: 1 to 31"};
    t.key("on", &WrittenFullSync::on, raw);
    t.after([](const TreeNode&, Reading& reading, WrittenFullSync& written) {
      if (written.on) read_day(written, reading);
    });
    return t;
  }();
  return table;
}

Codec<FullSync> full_sync() {
  Codec<WrittenFullSync> inner = section(full_sync_table());
  return {[read = inner.read](const TreeNode& node, Reading& reading, FullSync& into) {
            WrittenFullSync written{into, std::nullopt};
            read(node, reading, written);
            into = written.full;
          },
          [show = inner.show](const FullSync& from) {
            WrittenFullSync written{from, std::nullopt};
            if (from.every == FullSync::Every::weekly)
              written.on = text_node(std::string(weekdays.at(from.weekday.c_encoding())));
            if (from.every == FullSync::Every::monthly) written.on = plain_node(std::to_string(from.day));
            return show(written);
          },
          inner.type, inner.list};
}

std::string folded(const std::string& text) {
  std::string out;
  for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const auto first = out.find_first_not_of(' ');
  return first == std::string::npos ? "" : out.substr(first, out.find_last_not_of(' ') - first + 1);
}

Codec<std::vector<GroupMapping>> group_mappings() {
  const auto type = choice<PersonType>();
  return {[type](const TreeNode& node, Reading& reading, std::vector<GroupMapping>& into) {
            if (node.kind != TreeNode::Kind::map) {
              reading.wrong(node, "a mapping of groups to person types, {Staff: employee}");
              return;
            }
            for (const Member& member : node.members) {
              if (folded(member.key).empty()) reading.fault(member.place, "a group has a name");
              for (const GroupMapping& known : into)
                if (folded(known.group) == folded(member.key))
                  reading.fault(member.place,
                                "group '" + member.key + "' is mapped twice (as '" + known.group + "')");
              GroupMapping& mapping = into.emplace_back();
              mapping.group = member.key;
              type.read(member.value, reading, mapping.person_type);
            }
          },
          [type](const std::vector<GroupMapping>& from) {
            TreeNode node;
            node.kind = TreeNode::Kind::map;
            for (const GroupMapping& mapping : from)
              node.members.push_back({mapping.group, {}, *type.show(mapping.person_type)});
            return std::optional<TreeNode>(std::move(node));
          },
          "mapping of groups to person types",
          [](const std::string& path, std::vector<KeyInfo>& into) {
            into.push_back({path + ".*", "one of: employee, visitor, contractor, member", false});
          }};
}

using WrittenFields = std::array<std::optional<SourceField>, std::size(EnumNames<FieldTarget>::all)>;

const Table<WrittenFields>& fields_table() {
  static const Table<WrittenFields> table = [] {
    Table<WrittenFields> t;
    Codec<std::string> source = text();
    source.type = "field of the source";
    for (const auto& [target, name] : EnumNames<FieldTarget>::all) {
      const auto index = static_cast<std::size_t>(target);
      t.key(std::string(name), [index](auto& fields) -> auto& { return fields.at(index); }, maybe(source));
    }
    return t;
  }();
  return table;
}

Codec<std::map<FieldTarget, SourceField>> field_map() {
  Codec<WrittenFields> inner = section(fields_table());
  return {
      [read = inner.read](const TreeNode& node, Reading& reading, std::map<FieldTarget, SourceField>& into) {
        WrittenFields written;
        read(node, reading, written);
        for (const auto& [target, name] : EnumNames<FieldTarget>::all)
          if (const auto& source = written.at(static_cast<std::size_t>(target))) into[target] = *source;
      },
      [show = inner.show](const std::map<FieldTarget, SourceField>& from) {
        WrittenFields written;
        for (const auto& [target, source] : from) written.at(static_cast<std::size_t>(target)) = source;
        return show(written);
      },
      inner.type, inner.list};
}

const Table<SiteRule>& site_rule_table() {
  static const Table<SiteRule> table = [] {
    Table<SiteRule> t;
    t.key("department", &SiteRule::department, text()).required();
    t.key("site", &SiteRule::site, site_reference()).required();
    return t;
  }();
  return table;
}

const Table<HomeSite>& home_site_table() {
  static const Table<HomeSite> table = [] {
    Table<HomeSite> t;
    t.key("default", &HomeSite::fallback, maybe(site_reference()));
    t.key("rules", &HomeSite::rules, list_of(section(site_rule_table())));
    return t;
  }();
  return table;
}

const Table<Matching>& matching_table() {
  static const Table<Matching> table = [] {
    Table<Matching> t;
    t.key("name_only", &Matching::name_only, choice<OnNameOnly>());
    t.key("none", &Matching::none, choice<OnNoMatch>());
    t.key("cross_source", &Matching::cross_source, choice<OnNameOnly>());
    return t;
  }();
  return table;
}

const Table<FieldAuthority>& authority_table() {
  static const Table<FieldAuthority> table = [] {
    Table<FieldAuthority> t;
    t.key("first_name", &FieldAuthority::first_name, choice<Authority>());
    t.key("last_name", &FieldAuthority::last_name, choice<Authority>());
    t.key("email", &FieldAuthority::email, choice<Authority>());
    t.key("phone", &FieldAuthority::phone, choice<Authority>());
    return t;
  }();
  return table;
}

struct Guarded {
  RemovalGuard removals;
};

/// The access level of a new Net2 user by home site: `{hq: Staff, default: Visitors}`.
Codec<Export> access_levels() {
  return {[](const TreeNode& node, Reading& reading, Export& into) {
            if (node.kind != TreeNode::Kind::map) {
              reading.wrong(node, "a mapping of sites to access levels, {hq: Staff, default: Visitors}");
              return;
            }
            for (const Member& member : node.members) {
              std::string level;
              text().read(member.value, reading, level);
              if (member.key == "default") {
                into.default_access_level = level;
                continue;
              }
              if (!reading.is_defined(Kind::site, member.key) && nearest(member.key, {"default"}))
                reading.fault(member.place,
                              "no site '" + member.key + "' is defined; did you mean 'default'?");
              else
                reading.refer(Kind::site, member.key, member.place);
              into.access_levels[SiteId{member.key}] = level;
            }
          },
          [](const Export& from) {
            TreeNode node;
            node.kind = TreeNode::Kind::map;
            for (const auto& [site, level] : from.access_levels)
              node.members.push_back({site.value(), {}, text_node(level)});
            if (from.default_access_level)
              node.members.push_back({"default", {}, text_node(*from.default_access_level)});
            return std::optional<TreeNode>(std::move(node));
          },
          "mapping of sites, and default, to access levels",
          [](const std::string& path, std::vector<KeyInfo>& into) {
            into.push_back({path + ".*", "access level", false});
            into.push_back({path + ".default", "access level", false});
          }};
}

const Table<Export>& export_table() {
  static const Table<Export> table = [] {
    Table<Export> t;
    t.key("mode", &Export::mode, choice<ExportMode>());
    t.key("person_types", &Export::person_types, list_of(choice<PersonType>()));
    t.key("access_level", [](auto& e) -> auto& { return e; }, access_levels());
    t.key("owner_field", &Export::owner_field, text());
    t.after([](const TreeNode& node, Reading& reading, Export& to_net2) {
      if (!to_net2.owner_field.starts_with("custom:") || to_net2.owner_field.size() == 7)
        reading.fault(place_of(node, "owner_field"), "the owner field is a custom field, \"custom:NAME\"");
      if (to_net2.mode == ExportMode::off) return;
      if (to_net2.person_types.empty())
        reading.fault(node.place, "an export names the person_types that go to Net2");
      if (to_net2.access_levels.empty() && !to_net2.default_access_level)
        reading.fault(node.place, "an export names the access_level of new users: {default: NAME}");
    });
    return t;
  }();
  return table;
}

const Table<Guarded>& guard_table() {
  static const Table<Guarded> table = [] {
    Table<Guarded> t;
    t.key("removals", &Guarded::removals, section(removal_guard_table()));
    return t;
  }();
  return table;
}

Codec<RemovalGuard> guard() {
  Codec<Guarded> inner = section(guard_table());
  return {[read = inner.read](const TreeNode& node, Reading& reading, RemovalGuard& into) {
            Guarded guarded{into};
            read(node, reading, guarded);
            into = guarded.removals;
          },
          [show = inner.show](const RemovalGuard& from) { return show(Guarded{from}); }, inner.type,
          inner.list};
}

/// What a source can be asked for, in its own words (net2-api.md §3.1; contract §7 for feeds).
std::string source_fault(IntegrationKind kind, const SourceField& source) {
  static const std::vector<std::string> columns{"firstName", "middleName", "lastName",  "telephone",
                                                "extension", "fax",        "department"};
  const bool custom = source.starts_with("custom:");
  if (kind == IntegrationKind::net2) {
    if (custom) return source.size() > 7 ? "" : "the name of the custom field is missing behind 'custom:'";
    if (std::find(columns.begin(), columns.end(), source) != columns.end()) return "";
    return "Net2 has no field '" + source + "' (a custom field is written \"custom:NAME\")" +
           did_you_mean(source, columns);
  }
  if (custom) return "a feed has no custom fields; name the member of its lines";
  return source.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
                 std::string::npos
             ? ""
             : "the name of a feed's member is made of letters, digits and '_'";
}

/// A record without names is never imported, so these are always read; e-mail and telephone number only where
/// nothing is said of fields at all, for what is not mapped is never stored.
void add_default_fields(bool given, bool net2, std::map<FieldTarget, SourceField>& fields) {
  using enum FieldTarget;
  fields.try_emplace(first_name, net2 ? "firstName" : "first_name");
  fields.try_emplace(last_name, net2 ? "lastName" : "last_name");
  if (given) return;
  fields.try_emplace(email, net2 ? "custom:Email" : "email");
  fields.try_emplace(phone, net2 ? "telephone" : "phone");
}

void check_fields(const TreeNode* fields, Reading& reading, const Integration& integration) {
  std::map<SourceField, FieldTarget> seen;
  for (const auto& [target, source] : integration.sync.fields) {
    const std::string name(to_string(target));
    const Place at = fields ? place_of(*fields, name) : Place{};
    if (source.empty() || !fields) continue;
    const std::string fault = source_fault(integration.kind, source);
    if (!fault.empty()) reading.fault(at, fault);
    const auto [first, is_new] = seen.try_emplace(source, target);
    if (!is_new)
      reading.fault(at, "'" + source + "' already feeds " + std::string(to_string(first->second)) +
                            "; a source feeds one target");
  }
}

}  // namespace

void check_sync(const TreeNode& node, Reading& reading, Integration& integration) {
  const TreeNode* given = node.find("sync");
  const TreeNode* fields = given ? given->find("fields") : nullptr;
  const bool net2 = integration.kind == IntegrationKind::net2;
  Sync& sync = integration.sync;
  add_default_fields(fields != nullptr, net2, sync.fields);
  check_fields(fields, reading, integration);
  const TreeNode* group_by = given ? given->find("group_by") : nullptr;
  if (net2 && sync.group_by == GroupBy::group)
    reading.fault(group_by ? group_by->place : node.place,
                  "a Net2 server groups by department or access_level");
  if (!net2 && sync.group_by != GroupBy::group && group_by)
    reading.fault(group_by->place, "a feed groups by group");
  if (!net2) sync.group_by = GroupBy::group;
  if (!net2 && sync.to_net2.mode != ExportMode::off)
    reading.fault(given ? place_of(*given, "export") : node.place,
                  "a feed takes no export; only Net2 servers do");
}

const Table<RemovalGuard>& removal_guard_table() {
  static const Table<RemovalGuard> table = [] {
    Table<RemovalGuard> t;
    t.key("count", &RemovalGuard::count, integer<std::uint32_t>(0, 10'000'000));
    t.key("percent", &RemovalGuard::percent, percent());
    t.key("window", &RemovalGuard::window, duration(1s, std::chrono::days{30}));
    return t;
  }();
  return table;
}

const Table<Sync>& sync_table() {
  static const Table<Sync> table = [] {
    Table<Sync> t;
    t.key("full", &Sync::full, full_sync());
    t.key("first", &Sync::first, choice<FirstSync>());
    t.key("on_removed", &Sync::on_removed, choice<OnRemoved>());
    t.key("delete_after", &Sync::delete_after, duration(0s, std::chrono::days{3650}));
    t.key("import", &Sync::import, choice<ImportMode>());
    t.key("require_identifier", &Sync::require_identifier, choice<RequiredIdentifier>());
    t.key("group_by", &Sync::group_by, choice<GroupBy>());
    t.key("multiple_groups", &Sync::multiple_groups, choice<MultipleGroups>());
    t.key("groups", &Sync::groups, group_mappings());
    t.key("fields", &Sync::fields, field_map());
    t.key("site", &Sync::site, section(home_site_table()));
    t.key("match", &Sync::match, section(matching_table()));
    t.key("authority", &Sync::authority, section(authority_table()));
    t.key("guard", &Sync::guard, guard());
    t.key("export", &Sync::to_net2, section(export_table()));
    return t;
  }();
  return table;
}

}  // namespace gatehouse::config
