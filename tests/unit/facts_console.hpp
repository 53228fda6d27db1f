#pragma once
// A console that answers from a few facts of its own, and keeps what it was asked to do.

#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/app/console.hpp"

namespace gatehouse::test {

/// 1,200 people, and errors where a test asks for them.
class FactsConsole : public Console {
 public:
  explicit FactsConsole(boost::asio::io_context& io)
      : gate(io, boost::asio::steady_timer::time_point::max()),
        run_gate(io, boost::asio::steady_timer::time_point::max()) {}

  static constexpr int people_count = 1200;

  boost::asio::steady_timer gate;  ///< status() waits here while `closed`; cancel to open. On the io thread
  std::atomic<bool> closed = false;
  std::atomic<int> waiting = 0;
  std::atomic<int> reloads = 0;
  std::atomic<int> events_known = 2;

  Task<Result<std::string>> status() override {
    if (closed) {
      ++waiting;
      co_await gate.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
      const auto state = co_await boost::asio::this_coro::cancellation_state;
      if (state.cancelled() != boost::asio::cancellation_type::none)
        co_return Error{Errc::cancelled, "stopping"};
    }
    co_return std::string(
        R"({"version":"0.1.0","gateway":"acme/hq-01","uptime_s":12,"ready":true,)"
        R"("cloud":{"connected":false,"since":null,"oldest_unsent_s":720},)"
        R"("outbox":{"pending":3,"dead":0,"bytes":2048,"lanes":{"alarm":1,"access":2,"people":0,"telemetry":0}},)"
        R"("integrations":[{"id":"net2-hq","name":"Head office","status":"unreachable",)"
        R"("detail":"connection refused","hint":"is the Net2 server running?","connected":false,)"
        R"("last_run":null,"last_full":null,"people":1200,"issues":0,"event_lag_s":0}],)"
        R"("people":1200,"doors":2,"clock":"ok","config":{"revision":"sha256:abc","reload_error":null},"lockdown":[]})");
  }

  Task<Result<std::string>> integrations() override {
    co_return std::string(R"({"integrations":[{"id":"net2-hq","status":"active"}]})");
  }
  Task<Result<std::string>> integration(std::string id) override {
    if (id == "ill") {
      co_return std::string(
          R"({"id":"ill","status":"unreachable","detail":"connection refused","hint":"is the server on?"})");
    }
    if (id != "net2-hq") co_return Error{Errc::not_found, "there is no integration '" + id + "'"};
    co_return std::string(R"({"id":"net2-hq","status":"active","last_run":null})");
  }

  Task<Result<std::string>> people(PeopleFilter filter, Page page) override {
    if (filter.search == "storage") co_return Error{Errc::storage, "read people: disk I/O error"};
    const int first = page.after.empty() ? 0 : std::stoi(page.after);
    const int end = std::min<int>(people_count, first + static_cast<int>(page.limit));
    std::string out = R"({"people":[)";
    for (int i = first; i < end; ++i) {
      if (filter.search == "break" && i == 700) co_return Error{Errc::storage, "read people: disk I/O error"};
      out += i > first ? "," : "";
      out += R"({"id":"P)" + std::to_string(i) +
             R"(","first_name":"Ada","last_name":"Ly\u001b[31m","email":null,)" + R"("site":")" +
             filter.site + R"(","access":{"effective":true},"last_synced":null})";
    }
    out += "]";
    if (end < people_count) out += R"(,"next":")" + std::to_string(end) + '"';
    co_return out + "}";
  }
  Task<Result<std::string>> person(std::string key) override {
    if (key == "ada@example.com") co_return Error{Errc::refused, "two people share this e-mail"};
    co_return std::string(R"({"id":"P1","first_name":"Ada","last_name":"Lovelace"})");
  }

  Task<Result<std::string>> events(EventFilter, Page page) override {
    std::string out = R"({"events":[)";
    const int first = page.after.empty() ? 0 : std::stoi(page.after);
    for (int i = first; i < events_known; ++i) {
      out += i > first ? "," : "";
      out += R"({"event_id":"net2-hq/1/)" + std::to_string(i) +
             R"(","at":"2026-06-01T09:00:00Z","door":"net2-hq/1"})";
    }
    co_return out + "]}";
  }
  Task<Result<std::string>> runs(std::string) override { co_return std::string(R"({"runs":[]})"); }

  // Directory sync. Runs wait at `run_gate` while `hold_runs`; cancel to let them end. On the io thread.
  boost::asio::steady_timer run_gate;
  std::atomic<bool> hold_runs = false;
  std::atomic<bool> let_go_at_progress = false;  ///< the first question for the progress opens the gate
  std::atomic<bool> refuse_late = false;
  std::atomic<int> runs_begun = 0;
  std::atomic<int> runs_ended = 0;
  std::string decoupled = R"({"person":{"first_name":"Ada","last_name":"Lovelace"}})";  ///< the answer
  std::atomic<int> activity_known = 1200;
  std::atomic<bool> issues_open = true;

  /// What was done, by whom: "skip 12, uid 0 (root)".
  std::vector<std::string> deeds() {
    const std::lock_guard lock(deeds_mutex_);
    return deeds_;
  }

  Task<Result<std::string>> run_sync(SyncAsk ask, std::string by) override {
    if (ask.integration == "net2-qh") co_return Error{Errc::not_found, "there is no integration 'net2-qh'"};
    if (ask.integration == "off") co_return Error{Errc::refused, "integration 'off' is switched off"};
    note("run " + ask.integration + (ask.full ? " full" : "") + (ask.dry_run ? " dry" : ""), by);
    ++runs_begun;
    if (hold_runs) co_await run_gate.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    ++runs_ended;
    if (refuse_late) co_return Error{Errc::storage_full, "the disk is full"};
    std::string outcome = "complete";
    for (const char* one : {"guarded", "draft", "completed_with_issues", "partial", "failed"}) {
      if (ask.integration == one) outcome = one;
    }
    std::string out = R"({"runs":[{"run":"01R","integration":")" + ask.integration + R"(","outcome":")" +
                      outcome + R"(","counts":{"seen":500,"added":3,"updated":0},"detail":")" +
                      (ask.integration == "long" ? std::string(20u << 20, 'x') : "d\\u001b") + '"';
    if (ask.dry_run) out += R"(,"changes":)" + changes_;
    co_return out + "}]}";
  }
  Task<Result<std::string>> progress() override {
    if (let_go_at_progress) run_gate.cancel();
    co_return std::string(
        R"({"progress":[{"integration":"net2-hq","phase":"applying","done":1200,"all":5000}]})");
  }

  Task<Result<std::string>> plans() override { co_return R"({"plans":[)" + plan_head("P1") + "}]}"; }
  /// "huge" has a thousand changes, and "ends" loses them while it is read.
  Task<Result<std::string>> plan(std::string id, Page page) override {
    if (id == "huge" || id == "ends") {
      const int first = page.after.empty() ? 0 : std::stoi(page.after);
      const int end = std::min<int>(1000, first + static_cast<int>(page.limit));
      std::string out = plan_head(id, 1000) + R"(,"changes":[)";
      for (int i = first; i < end; ++i)
        out.append(i > first ? "," : "")
            .append(R"({"op":"add","external_id":")")
            .append(std::to_string(i))
            .append("\"}");
      out += "]";
      if (end < 1000 && id == "huge") out += R"(,"next":")" + std::to_string(end) + '"';
      co_return out + "}";
    }
    if (id == "old") co_return plan_head(id, 3, "applied") + R"(,"changes":[]})";
    if (id != "P1" && id != "purge") co_return Error{Errc::not_found, "there is no plan '" + id + "'"};
    co_return plan_head(id) + R"(,"changes":)" + changes_ + "}";
  }
  Task<Result<std::string>> apply_plan(std::string id, std::uint64_t confirm, std::string by) override {
    if (id == "stale") co_return Error{Errc::refused, "plan_stale: 2 people have changed since"};
    if (confirm != 3)
      co_return Error{Errc::refused, "the plan has 3 changes, not " + std::to_string(confirm)};
    note("apply " + id, by);
    co_return R"({"plan":")" + id + R"(","applied":3})";
  }
  Task<Result<std::string>> discard_plan(std::string id, std::string by) override {
    note("discard " + id, by);
    co_return R"({"plan":")" + id + R"("})";
  }

  Task<Result<std::string>> issues(IssueFilter filter) override {
    if (!issues_open) co_return std::string(R"({"issues":[]})");
    co_return R"({"issues":[)" + issue_json("12", filter.kind.empty() ? "error" : filter.kind) + "]}";
  }
  Task<Result<std::string>> issue(std::string number) override {
    if (number == "99") co_return Error{Errc::not_found, "there is no issue 99"};
    co_return R"({"issue":)" + issue_json(number, "error") + "}";
  }
  Task<Result<std::string>> fix_issue(std::string number, std::map<std::string, std::string> set,
                                      std::string by) override {
    std::string what = "fix " + number;
    for (const auto& [field, value] : set) what.append(" ").append(field).append("=").append(value);
    co_return settled(number, what, by);
  }
  Task<Result<std::string>> merge_issue(std::string number, std::string into, std::string by) override {
    co_return settled(number, "merge " + number + " into " + into, by);
  }
  Task<Result<std::string>> skip_issue(std::string number, std::string by) override {
    co_return settled(number, "skip " + number, by);
  }
  Task<Result<std::string>> unskip_issue(std::string number, std::string by) override {
    co_return settled(number, "unskip " + number, by);
  }

  Task<Result<std::string>> why(std::string) override {
    co_return std::string(
        R"({"person":{"id":"P1","first_name":"Ada","last_name":"Lovelace","tracked":false,)"
        R"("access":{"admin_enabled":true,"source_present":false,"effective":false}},)"
        R"("links":[{"integration":"net2-hq","external_id":"1234","rule":"email","evidence":"ada@example.com",)"
        R"("linked":"2026-06-01T09:00:00Z","present":false,"skip":"missing_identifier",)"
        R"("hint":"give the record an e-mail or a phone","overrides":{"phone":"+44"}}],)"
        R"("decoupled":{"reason":"on leave","until":null},"activity":[{"id":7,"at":"2026-06-01T09:00:00Z","outcome":"skipped","reason":"missing_identifier"}]})");
  }
  Task<Result<std::string>> decouple(std::string person, std::string reason, std::string until,
                                     std::string by) override {
    note("decouple " + person + " for " + reason + " until " + until, by);
    co_return decoupled;
  }
  Task<Result<std::string>> couple(std::string person, std::string by) override {
    note("couple " + person, by);
    co_return std::string(R"({"person":{"first_name":"Ada","last_name":"Lovelace"}})");
  }

  Task<Result<std::string>> plan_purge(PurgeAsk ask, std::string by) override {
    note("purge " + ask.integration + (ask.keep_enabled ? " keep" : ""), by);
    co_return R"({"plan":)" + plan_head("purge") + R"(,"with_grants":1,"decoupled":2,"sample":)" + changes_ +
        "}}";
  }
  Task<Result<std::string>> pause_integration(std::string id, std::string by) override {
    note("pause " + id, by);
    co_return std::string(R"({"integration":{"id":"net2-hq","status":"paused"}})");
  }
  Task<Result<std::string>> resume_integration(std::string id, std::string by) override {
    note("resume " + id, by);
    co_return std::string(R"({"integration":{"id":"net2-hq","status":"active"}})");
  }
  Task<Result<std::string>> remove_integration(std::string id, std::string people, std::string by) override {
    note("remove " + id + " people " + people, by);
    co_return R"({"plan":)" + plan_head("purge", 214) + R"(,"sample":)" + changes_ + "}}";
  }

  /// Records 1 to `activity_known`: added, skipped and failed in turn.
  Task<Result<std::string>> activity(ActivityFilter filter, Page page) override {
    constexpr const char* outcomes[] = {"failed", "added", "skipped"};
    std::vector<int> wanted;
    for (int i = 1; i <= activity_known; ++i) {
      if (filter.outcome.empty() || filter.outcome == outcomes[i % 3]) wanted.push_back(i);
    }
    const auto limit = static_cast<std::ptrdiff_t>(page.limit);
    auto from = std::ranges::upper_bound(wanted, page.after.empty() ? 0 : std::stoi(page.after));
    if (page.after.empty() && wanted.end() - from > limit) from = wanted.end() - limit;
    const auto end = wanted.end() - from > limit ? from + limit : wanted.end();
    std::string out = R"({"activity":[)";
    for (auto at = from; at != end; ++at) {
      out += at != from ? "," : "";
      out += R"({"id":)" + std::to_string(*at) + R"(,"at":"2026-06-01T09:00:00Z","name":"Ada","outcome":")" +
             outcomes[*at % 3] + R"("})";
    }
    out += "]";
    if (end != wanted.end()) out += R"(,"next":")" + std::to_string(*(end - 1)) + '"';
    co_return out + "}";
  }
  Task<Result<std::string>> api_log(std::string) override {
    co_return std::string(
        R"({"calls":[{"at":"2026-06-01T09:00:00Z","integration":"net2-hq","verb":"GET","path":"/api/v1/users","status":200,"ms":12,"bytes":900,"error":null},)"
        R"({"at":"2026-06-01T09:00:01Z","integration":"net2-hq","verb":"GET","path":"/api/v1/doors","status":503,"ms":3,"bytes":0,"error":null},)"
        R"({"at":"2026-06-01T09:00:02Z","integration":"annex","verb":"POST","path":"/api/v1/authorization/tokens","status":0,"ms":0,"bytes":0,"error":"refused"}]})");
  }
  Task<Result<std::string>> retry_dead_letter(std::string id, std::string by) override {
    if (id != "7") co_return Error{Errc::not_found, "there is no dead letter " + id};
    note("retry " + id, by);
    co_return std::string(
        R"({"outbox":[{"id":9,"lane":"access","sequence":3,"type":"event","topic":"up/access","bytes":120,)"
        R"("time":"2026-06-01T08:00:00Z"}]})");
  }
  Task<Result<std::string>> drop_dead_letter(std::string id, std::string by) override {
    note("drop " + id, by);
    co_return std::string(
        R"({"outbox":[{"id":7,"lane":"access","sequence":3,"type":"event","topic":"up/access","bytes":120,)"
        R"("time":"2026-06-01T08:00:00Z","cause":"refused","detail":"0x99 \u001b[31m",)"
        R"("parked":"2026-06-01T08:00:05Z"}]})");
  }
  Task<Result<std::string>> outbox(OutboxFilter filter, Page) override {
    co_return std::string(R"({"outbox":[{"id":1,"lane":")") + filter.lane + R"(","dead":)" +
        (filter.dead ? "true" : "false") + "}]}";
  }
  Task<Result<std::string>> effective_config(std::string format) override {
    co_return format == "json" ? std::string(R"({"gateway":{"id":"hq-01"}})")
                               : std::string("gateway:\n  id: hq-01\n");
  }
  Task<Result<std::string>> reload() override {
    ++reloads;
    co_return Error{Errc::invalid,
                    "gatehouse.yaml:3:5: unknown key 'polll'\ngatehouse.yaml:9:1: missing 'url'"};
  }

 private:
  void note(const std::string& what, const std::string& by) {
    const std::lock_guard lock(deeds_mutex_);
    deeds_.push_back(what + ", " + by);
  }

  /// Issue 13 does not want to be settled.
  std::string settled(const std::string& number, const std::string& what, const std::string& by) {
    note(what, by);
    return R"({"issue":")" + number + R"(","resolved":)" + (number == "13" ? "false" : "true") +
           R"(,"integration":"net2-hq","again":)" + (number == "13" ? R"("14")" : "null") +
           R"(,"open_issues":1})";
  }

  static std::string plan_head(const std::string& id, int count = 3, const std::string& state = "open") {
    return R"({"plan":")" + id + R"(","integration":"net2-hq","kind":"first_sync","state":")" + state +
           R"(","count":)" + std::to_string(count) +
           R"(,"token":"t",)"
           R"("created":"2026-06-01T09:00:00Z","expires":"2026-06-01T10:00:00Z")";
  }

  static std::string issue_json(const std::string& number, const std::string& kind) {
    return R"({"id":")" + number + R"(","kind":")" + kind +
           R"(","reason":"invalid_email","integration":"net2-hq","external_id":"1","name":"Ada","others":[],)"
           R"("fields":{"email":"ada@"},"since":"2026-06-01T09:00:00Z","hint":"set another e-mail"})";
  }

  const std::string changes_ =
      R"([{"op":"add","external_id":"1","person":null,"name":"Ada","fields":{"email":"a@b","tags":[]}},)"
      R"({"op":"add","external_id":"2","person":null,"name":"\u001b[2J","fields":{}},)"
      R"({"op":"remove","external_id":"3","person":"P3","name":"Bob","fields":{}}])";
  std::mutex deeds_mutex_;
  std::vector<std::string> deeds_;
};

}  // namespace gatehouse::test
