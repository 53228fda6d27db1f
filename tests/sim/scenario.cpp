#include "tests/sim/scenario.hpp"

#include <fstream>
#include <sstream>

#include <boost/json/serialize.hpp>

#include "tests/sim/control.hpp"
#include "tests/sim/json_text.hpp"

namespace gatehouse::sim {
namespace {

struct Step {
  std::int64_t at = 0;
  std::string verb;
  json::object what;
  std::int64_t every = 0;
  std::int64_t times = 1;
};

Result<Step> parse_step(const json::value& in) {
  if (!in.is_object()) return Error{Errc::invalid, "a step is a JSON object"};
  Step step;
  step.what = in.get_object();
  step.at = span_of(step.what, "at").value_or(0);
  step.verb = text_of(step.what, "do").value_or("");
  step.every = span_of(step.what, "every").value_or(0);
  step.times = integer_of(step.what, "times").value_or(step.every > 0 ? -1 : 1);
  if (step.verb.empty()) return Error{Errc::invalid, "a step needs \"do\""};
  if (!is_verb(step.verb)) return Error{Errc::invalid, "no verb is called '" + step.verb + "'"};
  for (const auto* span : {"at", "every"}) {
    if (find(step.what, span) && !span_of(step.what, span))
      return Error{Errc::invalid, std::string(span) + ": not a length of time"};
  }
  // The verb "doors" has a "do" of its own; in a step it is called "act".
  for (const auto* own : {"do", "at", "every", "times"}) step.what.erase(own);
  if (const auto* act = find(step.what, "act")) step.what["do"] = json::value(*act);
  return step;
}

/// Waits, acts, and arms itself again where the step repeats.
void run(Simulator& sim, std::shared_ptr<boost::asio::steady_timer> timer, Step step) {
  timer->async_wait([&sim, timer, step](boost::system::error_code cancelled) {
    if (cancelled) return;
    const auto done = do_verb(sim, step.verb, step.what);
    if (!done)
      std::fprintf(stderr, "gatehouse-sim: scenario step %s: %s\n", step.verb.c_str(),
                   done.error().detail.c_str());
    auto next = step;
    if (next.times > 0) --next.times;
    if (next.times == 0 || next.every <= 0) return;
    timer->expires_after(std::chrono::milliseconds(next.every));
    run(sim, timer, next);
  });
}

void start(Simulator& sim, const std::vector<Step>& steps) {
  for (const auto& step : steps) {
    run(sim, std::make_shared<boost::asio::steady_timer>(sim.executor, std::chrono::milliseconds(step.at)),
        step);
  }
}

}  // namespace

Result<std::size_t> start_scenario(Simulator& sim, std::string_view lines) {
  std::vector<Step> steps;
  std::size_t number = 0;
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    const auto line = trimmed(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    const auto value = parse_json(line);
    const auto step = value ? parse_step(*value) : Result<Step>(value.error());
    if (!step)
      return Error{Errc::invalid, "scenario line " + std::to_string(number) + ": " + step.error().detail};
    steps.push_back(*step);
  }
  start(sim, steps);
  return steps.size();
}

Result<std::size_t> start_scenario_file(Simulator& sim, const std::string& path) {
  std::ifstream file(path);
  if (!file) return Error{Errc::invalid, "cannot read the scenario " + path};
  std::ostringstream text;
  text << file.rdbuf();
  return start_scenario(sim, text.str());
}

Result<std::string> do_scenario(Simulator& sim, const json::object& in) {
  Result<std::size_t> started = Error{Errc::invalid, "scenario: file, steps or lines must be given"};
  if (const auto path = text_of(in, "file")) started = start_scenario_file(sim, *path);
  if (const auto lines = text_of(in, "lines")) started = start_scenario(sim, *lines);
  if (const auto* steps = find(in, "steps"); steps && steps->is_array()) {
    std::string lines;
    for (const auto& step : steps->get_array()) lines += json::serialize(step) + "\n";
    started = start_scenario(sim, lines);
  }
  if (!started) return started.error();
  std::string out;
  JsonText(out).open_object().member("steps", *started).close_object();
  return out;
}

}  // namespace gatehouse::sim
