#pragma once
// Doors, decisions and rights as a few facts of its own, and what was asked to be done with them.

#include <mutex>
#include <string>
#include <vector>

#include "daemon/app/access_console.hpp"

namespace gatehouse::test {

/// Two doors, one of them not configured; three decisions; whoever is called "denied" is.
class FactsAccess : public AccessVerbs {
 public:
  /// What was done, by whom: "open net2-hq/1 for fun, uid 0 (root)".
  std::vector<std::string> deeds() {
    const std::lock_guard lock(mutex_);
    return deeds_;
  }

  Task<Result<std::string>> decide_access(AccessAsk ask) override {
    note("decide " + ask.person + " at " + ask.access_point + " " + ask.at + " " + ask.direction + " " +
             ask.mode,
         "");
    if (ask.person == "shared@example.com") co_return Error{Errc::refused, "two people share this e-mail"};
    co_return decision(ask.person, "not_sent");
  }
  Task<Result<std::string>> sign_in(AccessAsk ask, std::string by) override {
    note("sign in " + ask.person + " at " + ask.access_point, by);
    co_return decision(ask.person, ask.person == "unlucky" ? "failed" : "sent");
  }
  Task<Result<std::string>> explain(std::string id) override {
    if (id != "D1") co_return Error{Errc::not_found, "no decision \"" + id + "\""};
    auto text = decision("denied", "not_sent");
    text.pop_back();
    co_return text +
        R"(,"basis":{"age_s":7200,"by_wall_clock":true,"clock":"ok","sources":[{"integration":"net2-hq","present":false}],"grants":1,"visits":0}})";
  }
  /// Three decisions, a page for each two.
  Task<Result<std::string>> decisions(std::string since, Page page) override {
    const int first = page.after.empty() ? 0 : std::stoi(page.after);
    std::string out;
    for (int i = first; i < 3 && i < first + 2; ++i) {
      out += i > first ? "," : "";
      out += R"({"id":"D)" + std::to_string(i) +
             R"(","at":"2026-06-01T09:00:00Z","outcome":"deny","reason":")" + since +
             R"(","access_point":"reception","doors":[]})";
    }
    out = R"({"decisions":[)" + out + "]";
    if (first + 2 < 3) out += R"(,"next":")" + std::to_string(first + 2) + '"';
    co_return out + "}";
  }
  Task<Result<std::string>> replay(std::string config, std::string since) override {
    note("replay " + since + (config.find("hq-01") == std::string::npos ? " without its file" : ""), "");
    co_return std::string(
        R"({"looked_at":40,"changed":2,"newly_allowed":1,"newly_denied":1,"other_doors":0,"other_reason":3,"decisions":[)"
        R"({"id":"D1","at":"2026-06-01T09:00:00Z","person":"P1","access_point":"reception",)"
        R"("was":{"outcome":"allow","reason":"employee"},"would_be":{"outcome":"deny","reason":"employees_closed"}},)"
        R"({"id":"D2","at":"2026-06-01T09:00:01Z","person":null,"access_point":"reception",)"
        R"("was":{"outcome":"deny","reason":"unknown_person"},"would_be":{"outcome":"allow","reason":"visitor_any"}}]})");
  }

  Task<Result<std::string>> doors() override {
    co_return std::string(
        R"({"doors":[{"id":"net2-hq/1","name":"Front","configured":true,"mode":"blocked","configured_mode":"normal",)"
        R"("presence":"onsite","access_points":["reception"],"status":{"relay_open":false,"psu_ok":false}},)"
        R"({"id":"net2-hq/2","name":"Back","configured":false,"mode":null,"access_points":[],"status":null}],)"
        R"("assigned":1,"unassigned":1})");
  }
  Task<Result<std::string>> door(std::string id) override {
    if (id == "long") co_return std::string(10u << 20, 'x');
    if (id == "too long") co_return std::string(20u << 20, 'x');
    if (id == "no reason") co_return Error{Errc::storage, "\xff\xfe"};
    if (id == "no string") co_return std::string("\xff\xfe");
    co_return std::string(R"({"id":")") + id + "\"}";
  }
  Task<Result<std::string>> discover_doors() override {
    co_return std::string(
        R"({"doors":[{"id":"net2-hq/2","name":"Back \"B\": \u001b[2J, no #1","configured":false}]})");
  }

  Task<Result<std::string>> open_door(std::string door, std::string reason, bool break_glass,
                                      std::string by) override {
    if (door == "net2-hq/9") co_return Error{Errc::refused, "door_blocked: the door is blocked"};
    note("open " + door + " for " + reason + (break_glass ? " break-glass" : ""), by);
    co_return moved(door, "open");
  }
  Task<Result<std::string>> hold_door(std::string door, std::int64_t seconds, std::string reason,
                                      std::string by) override {
    note("hold " + door + " " + std::to_string(seconds) + " for " + reason, by);
    co_return moved(door, "hold");
  }
  Task<Result<std::string>> close_door(std::string door, std::string reason, std::string by) override {
    note("close " + door + " for " + reason, by);
    co_return moved(door, "close");
  }
  Task<Result<std::string>> set_door_mode(std::string door, std::string mode, std::string by) override {
    note("mode " + door + " " + mode, by);
    co_return R"({"id":")" + door + R"(","mode":")" + (mode == "config" ? "normal" : mode) + R"("})";
  }
  Task<Result<std::string>> set_lockdown(std::string site, bool on, std::string by) override {
    if (site == "moon")
      co_return Error{Errc::not_found, "no site \"moon\" in the configuration; there is hq"};
    note("lockdown " + site + (on ? " on" : " off"), by);
    co_return on ? R"({"lockdown":[")" + site + R"("]})" : std::string(R"({"lockdown":[]})");
  }
  Task<Result<std::string>> muster(std::string site) override {
    co_return R"({"on_site":[{"person_id":"P1","name":"Ada \u001b[31mLovelace","person_type":"employee","site":"hq)" +
        site +
        R"(","since":"2026-06-01T09:00:00Z","access_point":"reception","door":null,"age_s":3720},)"
        R"({"person_id":"P2","name":null,"person_type":null,"site":"hq","since":"2026-06-01T09:00:00Z",)"
        R"("access_point":null,"door":"net2-hq/1","age_s":30}],)"
        R"("knowledge":[{"integration":"net2-hq","age_s":90,"connected":false},)"
        R"({"integration":"cloud","age_s":null,"connected":true}],"as_of":"2026-06-01T10:02:00Z"})";
  }

  bool audit_broken = false;
  Task<Result<std::string>> verify_audit() override {
    co_return audit_broken
        ? std::string(
              R"({"rows":12,"ok":false,"head":{"number":12,"hash":"sha256:ab"},"first_broken":7,"why":"row 7 was changed"})")
        : std::string(
              R"({"rows":12,"ok":true,"head":{"number":12,"hash":"sha256:ab"},"first_broken":null,"why":null})");
  }
  Task<Result<std::string>> audit(Page page) override {
    if (page.after.empty())
      co_return std::string(
          R"-({"audit":[{"number":2,"at":"2026-06-01T09:00:00Z","actor":"uid 0 (root)","action":"door.open",)-"
          R"("target":"net2-hq/1","outcome":"sent","detail":{"reason":"parcel"},"erased":false}],"next":"2"})");
    co_return std::string(
        R"({"audit":[{"number":1,"at":"2026-06-01T09:00:00Z","actor":"gateway","action":"decision",)"
        R"("target":"reception","outcome":"deny","detail":null,"erased":true}]})");
  }

  Task<Result<std::string>> grant(std::string person, GrantAsk ask, std::string by) override {
    note("grant " + person + " " + ask.door + ask.scope + ask.site + " " + ask.hours + " " + ask.from + " " +
             ask.until,
         by);
    co_return somebody(R"([{"id":"G1","door":"net2-hq/1","scope":null,"site":null,"hours":"business",)"
                       R"("from":null,"until":"2026-12-31T00:00:00Z"}])");
  }
  Task<Result<std::string>> revoke(std::string person, std::string grant, std::string by) override {
    note("revoke " + person + " " + grant, by);
    co_return somebody("[]");
  }
  Task<Result<std::string>> enable_person(std::string person, bool yes, std::string by) override {
    note((yes ? "enable " : "disable ") + person, by);
    co_return somebody("[]");
  }
  Task<Result<std::string>> tag_person(std::string person, std::string tag, bool on,
                                       std::string by) override {
    if (tag == "synced") co_return Error{Errc::refused, "the tag comes from the person's source"};
    note((on ? "tag " : "untag ") + person + " " + tag, by);
    co_return somebody("[]");
  }

 private:
  void note(const std::string& what, const std::string& by) {
    const std::lock_guard lock(mutex_);
    deeds_.push_back(by.empty() ? what : what + ", " + by);
  }

  static std::string decision(const std::string& person, const std::string& command) {
    const bool allow = person != "denied" && person != "nobody";
    const std::string reason = allow ? "employee" : person == "nobody" ? "unknown_person" : "access_disabled";
    return R"({"id":"D1","revision":1,"at":"2026-06-01T09:00:00Z","outcome":")" +
           std::string(allow ? "allow" : "deny") + R"(","reason":")" + reason +
           R"(","access_point":"reception","direction":"in","mode":"kiosk","person_id":"P1","person_type":"employee",)"
           R"("doors":)" +
           (allow ? R"([{"door":"net2-hq/1","outcome":"allow","reason":"employee","command":")" + command +
                        R"(","why":)" + (command == "failed" ? R"("Net2 refused: 400")" : "null") + "}]"
                  : std::string("[]")) +
           R"(,"via":"local","policy_revision":"sha256:abc","trace":[{"check":"access_point","result":"pass","fact":null,"age_s":null},)"
           R"({"check":"freshness","result":"fail","fact":"net2-hq","age_s":7200,"until":"2026-06-01T10:00:00Z"},)"
           R"({"check":"door_mode","result":"skip","fact":null,"age_s":null,"door":"net2-hq/1"}],)"
           R"("sentence":"Please ask at reception.","name":"Ada \u001b[31mLovelace"})";
  }

  static std::string moved(const std::string& door, const std::string& action) {
    const std::string state = door == "net2-hq/7" ? "unknown" : door == "net2-hq/8" ? "failed" : "sent";
    return R"({"door":")" + door + R"(","action":")" + action + R"(","command":")" + state + R"(","why":)" +
           (state == "sent" ? "null" : R"("the connection was cut")") + "}";
  }

  static std::string somebody(const std::string& grants) {
    return R"({"id":"01J8ZQ5R7M4Y9K3T2V6W1X0ABC","first_name":"Ada","last_name":"Lovelace",)"
           R"("tags":{"synced":["staff"],"custom":["first aid"]},"access":{"effective":true},"grants":)" +
           grants + "}";
  }

  std::mutex mutex_;
  std::vector<std::string> deeds_;
};

}  // namespace gatehouse::test
