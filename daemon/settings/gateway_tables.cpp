// The sections gateway, metrics, retention, notify, and the file as a whole.

#include "daemon/settings/scalars.hpp"
#include "daemon/settings/tables.hpp"

namespace gatehouse::config {

namespace {

using namespace std::chrono_literals;

const Table<Site>& site_table() {
  static const Table<Site> table = [] {
    Table<Site> t;
    t.key("id", &Site::id, definition<SiteId>(Kind::site)).required();
    t.key("timezone", &Site::timezone, zone());
    return t;
  }();
  return table;
}

/// `hq`, or `{id: annex, timezone: Europe/Paris}`.
Codec<Site> site() {
  Codec<Site> codec = section(site_table());
  codec.read = [read = codec.read](const TreeNode& node, Reading& reading, Site& into) {
    if (node.kind == TreeNode::Kind::scalar)
      definition<SiteId>(Kind::site).read(node, reading, into.id);
    else
      read(node, reading, into);
  };
  codec.type = "site id or section";
  return codec;
}

Codec<Bus> bus() {
  return {[](const TreeNode& node, Reading& reading, Bus& into) {
            const auto text = read_text(node, reading, "system, session, none or a D-Bus address");
            if (!text) return;
            const auto kind = parse_name<Bus::Kind>(*text);
            if (kind && *kind != Bus::Kind::address)
              into = {*kind, ""};
            else if (text->find(':') != std::string::npos && text->find(' ') == std::string::npos)
              into = {Bus::Kind::address, *text};
            else
              reading.fault(node.place,
                            "expected system, session, none or a D-Bus address (unix:path=…), found " +
                                describe(node) + did_you_mean(*text, {"system", "session", "none"}));
          },
          [](const Bus& from) {
            return std::optional<TreeNode>(text_node(
                from.kind == Bus::Kind::address ? from.address : std::string(to_string(from.kind))));
          },
          "system, session, none or a D-Bus address"};
}

const Table<Metrics>& metrics_table() {
  static const Table<Metrics> table = [] {
    Table<Metrics> t;
    Codec<Endpoint> listen = endpoint();
    listen.read = [read = listen.read](const TreeNode& node, Reading& reading, Endpoint& into) {
      read(node, reading, into);
      if (!is_loopback(into))
        reading.fault(node.place, "metrics are offered on the loopback interface only (127.0.0.1 or [::1])");
    };
    t.key("listen", &Metrics::listen, listen);
    return t;
  }();
  return table;
}

const Table<Retention>& retention_table() {
  static const Table<Retention> table = [] {
    Table<Retention> t;
    const auto kept = duration(1h, std::chrono::days{3650});
    t.key("events", &Retention::events, kept);
    t.key("decisions", &Retention::decisions, kept);
    t.key("activity", &Retention::activity, kept);
    t.key("audit", &Retention::audit, kept);
    return t;
  }();
  return table;
}

const Table<Notify>& notify_table() {
  static const Table<Notify> table = [] {
    Table<Notify> t;
    t.key("config_errors", &Notify::config_errors, boolean());
    t.key("sync_issues", &Notify::sync_issues, boolean());
    return t;
  }();
  return table;
}

}  // namespace

const Table<Gateway>& gateway_table() {
  static const Table<Gateway> table = [] {
    Table<Gateway> t;
    t.key("id", &Gateway::id, identifier()).required();
    t.key("tenant", &Gateway::tenant, identifier()).required();
    t.key("name", &Gateway::name, text());
    t.key("timezone", &Gateway::timezone, zone());
    t.key("sites", &Gateway::sites, list_of(site()));
    t.key("state_dir", &Gateway::state_dir, maybe(file_path()));
    t.key("bus", &Gateway::bus, bus());
    t.key("polkit", &Gateway::polkit, choice<Polkit>());
    t.key("clock", &Gateway::clock, choice<ClockTrust>());
    t.after([](const TreeNode&, Reading&, Gateway& gateway) {
      if (gateway.name.empty()) gateway.name = gateway.id;
      for (Site& site : gateway.sites)
        if (site.timezone.empty()) site.timezone = gateway.timezone;
    });
    return t;
  }();
  return table;
}

const Table<Settings>& settings_table() {
  static const Table<Settings> table = [] {
    Table<Settings> t;
    t.key("gateway", &Settings::gateway, section(gateway_table())).required();
    t.key("integrations", &Settings::integrations, list_of(section(integration_table())));
    t.key("schedules", &Settings::schedules, schedules());
    t.key("policy", &Settings::policy, section(site_policy_table()));
    t.key("scopes", &Settings::scopes, list_of(section(scope_table())));
    t.key("doors", &Settings::doors, list_of(section(door_table())));
    t.key("access_points", &Settings::access_points, list_of(section(access_point_table())));
    t.key("tests", &Settings::tests, list_of(section(policy_test_table())));
    t.key("cloud", &Settings::cloud, maybe(section(cloud_table())));
    t.key("lan_api", &Settings::lan_api, maybe(section(lan_api_table())));
    t.key("metrics", &Settings::metrics, maybe(section(metrics_table())));
    t.key("retention", &Settings::retention, section(retention_table()));
    t.key("notify", &Settings::notify, section(notify_table()));
    t.after(complete);
    return t;
  }();
  return table;
}

}  // namespace gatehouse::config
