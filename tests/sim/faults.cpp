#include "tests/sim/faults.hpp"

#include <algorithm>

#include "tests/sim/json_text.hpp"

namespace gatehouse::sim {
namespace {

using Kind = FaultRule::Kind;
constexpr std::pair<std::string_view, Kind> fault_kinds[] = {{"status", Kind::status},
                                                             {"slow", Kind::slow},
                                                             {"drip", Kind::drip},
                                                             {"cut", Kind::cut},
                                                             {"reset", Kind::reset},
                                                             {"refuse", Kind::refuse},
                                                             {"silence", Kind::silence},
                                                             {"truncate", Kind::truncate},
                                                             {"html", Kind::html},
                                                             {"bom", Kind::bom},
                                                             {"after_write", Kind::after_write},
                                                             {"empty", Kind::empty},
                                                             {"empty_list", Kind::empty_list},
                                                             {"body", Kind::body},
                                                             {"forbidden", Kind::forbidden},
                                                             {"429", Kind::status},
                                                             {"502", Kind::status},
                                                             {"no_signalr", Kind::status}};

bool matches(const FaultRule& rule, const Request& request) {
  if (!rule.method.empty() && !same_word(rule.method, request.method)) return false;
  return rule.path.empty() || lower(request.path).find(lower(rule.path)) != std::string::npos;
}

bool spent(const FaultRule& rule) {
  return rule.left == 0 || std::chrono::steady_clock::now() >= rule.until;
}

}  // namespace

Result<FaultRule> Faults::parse(const json::object& in) {
  const auto name = text_of(in, "kind").value_or("");
  const auto known = std::find_if(std::begin(fault_kinds), std::end(fault_kinds),
                                  [&](const auto& k) { return same_word(k.first, name); });
  if (known == std::end(fault_kinds)) return Error{Errc::invalid, "no fault is called '" + name + "'"};
  FaultRule rule{};
  rule.kind = known->second;
  rule.name = lower(name);
  rule.path = text_of(in, "path").value_or(rule.name == "no_signalr" ? "/signalr" : "");
  rule.method = text_of(in, "method").value_or("");
  rule.left = integer_of(in, "count").value_or(-1);
  if (const auto span = span_of(in, "for"))
    rule.until = std::chrono::steady_clock::now() + std::chrono::milliseconds(*span);
  const int usual = rule.name == "429"          ? 429
                    : rule.name == "502"        ? 502
                    : rule.name == "no_signalr" ? 404
                    : rule.kind == Kind::status ? 503
                                                : 500;
  rule.status = static_cast<int>(integer_of(in, "status").value_or(usual));
  if (rule.status < 200 || rule.status > 599) return Error{Errc::invalid, "status must be 200 to 599"};
  rule.as_json = flag_of(in, "json").value_or(false);
  rule.delay = span_of(in, "delay").value_or(rule.kind == Kind::drip ? 50 : 10'000);
  rule.bytes = static_cast<std::size_t>(std::max<std::int64_t>(1, integer_of(in, "bytes").value_or(64)));
  if (const auto* part = find(in, "part")) rule.part = std::clamp(as_decimal(*part).value_or(0.5), 0.0, 1.0);
  rule.text = text_of(in, "body").value_or("");
  rule.skip = integer_of(in, "skip").value_or(0);
  return rule;
}

std::size_t Faults::clear(std::string_view kind) {
  return std::erase_if(rules_,
                       [&](const FaultRule& rule) { return kind.empty() || same_word(kind, rule.name); });
}

std::optional<FaultRule> Faults::take(const Request& request) {
  std::erase_if(rules_, spent);
  for (auto& rule : rules_) {
    if (!matches(rule, request)) continue;
    if (rule.skip > 0) {
      --rule.skip;
      continue;
    }
    if (rule.left > 0) --rule.left;
    ++hits_;
    return rule;
  }
  return std::nullopt;
}

void Faults::write(JsonText& out) const {
  out.open_array();
  for (const auto& rule : rules_) {
    if (spent(rule)) continue;
    out.open_object()
        .member("kind", rule.name)
        .member("path", rule.path)
        .member("left", rule.left)
        .close_object();
  }
  out.close_array();
}

}  // namespace gatehouse::sim
