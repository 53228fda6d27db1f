#include "tests/whole/ledger.hpp"

#include <algorithm>
#include <charconv>
#include <functional>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace gatehouse::whole {
namespace {

namespace json = boost::json;

std::string text(const json::object& object, std::string_view key) {
  const auto* found = object.if_contains(key);
  return found && found->is_string() ? std::string(found->as_string()) : std::string();
}

std::uint64_t number_in(std::string_view digits) {
  std::uint64_t out = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return out;
}

/// A number, or the 20 digits of one.
std::uint64_t sequence_at(const json::object& object, std::string_view key) {
  const auto* found = object.if_contains(key);
  if (!found) return 0;
  if (found->is_string()) return number_in(found->as_string());
  return found->is_int64() && found->as_int64() > 0 ? static_cast<std::uint64_t>(found->as_int64()) : 0;
}

std::string short_type(const std::string& type) {
  constexpr std::string_view front = "gatehouse.", back = ".v1";
  if (!type.starts_with(front) || !type.ends_with(back)) return {};
  return type.substr(front.size(), type.size() - front.size() - back.size());
}

const std::map<std::string, std::string> lane_of_topic = {
    {"/up/alarm", "alarm"}, {"/up/access", "access"}, {"/up/people", "people"}, {"/up/health", "telemetry"}};

}  // namespace

json::object Fact::data() const {
  return json::parse(payload).as_object().at("data").as_object();
}

void Ledger::fault(std::string what) {
  if (faults_.size() < 50) faults_.push_back(std::move(what));
}

void Ledger::take(const std::string& topic, std::string_view payload, bool retained) {
  if (topic.find("/down/") != std::string::npos) return;  // what the cloud sends is not the gateway's word
  ++received_;
  last_[topic] = std::string(payload);
  json::error_code error;
  const auto parsed = json::parse(payload, error);
  if (error || !parsed.is_object())
    return fault(topic + ": not a JSON object: " + std::string(payload.substr(0, 80)));
  const auto& envelope = parsed.as_object();
  Fact fact{topic,
            text(envelope, "id"),
            short_type(text(envelope, "type")),
            text(envelope, "lane"),
            text(envelope, "stream"),
            sequence_at(envelope, "sequence"),
            std::string(payload)};
  const auto here = topic + " " + fact.type + " " + fact.id;
  if (text(envelope, "specversion") != "1.0") fault(here + ": specversion is not 1.0");
  if (fact.id.empty()) fault(here + ": no id");
  if (fact.type.empty()) fault(here + ": type is not gatehouse.….v1");
  if (!text(envelope, "source").starts_with("/gatehouse/")) fault(here + ": source is not ours");
  if (!text(envelope, "time").ends_with("Z")) fault(here + ": time is not UTC");
  if (text(envelope, "datacontenttype") != "application/json") fault(here + ": datacontenttype");
  const auto* data = envelope.if_contains("data");
  if (!data || !data->is_object()) return fault(here + ": no data");
  for (const auto& [end, lane] : lane_of_topic) {
    if (topic.ends_with(end) && fact.lane != lane && fact.type != "gap")
      fault(here + ": lane is '" + fact.lane + "'");
  }
  if (fact.lane.empty() != (fact.sequence == 0) && fact.type != "gap")
    fault(here + ": a lane needs a sequence, and no lane has none");

  const auto hash = std::hash<std::string_view>{}(payload);
  const auto [known, is_new] = content_.emplace(fact.id, hash);
  if (!is_new) {
    if (known->second != hash) fault(here + ": this id came before with another content");
    // A retained message is delivered again at each subscription: no repetition of the gateway's.
    if (!retained) ++repeated_;
    return;
  }
  ++counts_[fact.type];
  number(fact);
  const auto event = text(data->as_object(), "event_id");
  if (!event.empty()) {
    const auto [first, unheard] = told_.emplace(event, fact.id);
    if (!unheard) fault(here + ": event " + event + " was told before as " + first->second);
    const auto number = number_in(std::string_view(event).substr(event.rfind('/') + 1));
    if (unheard)
      events_[event.substr(0, event.find('/'))].push_back({static_cast<std::int64_t>(number), fact.lane});
  }
  if (fact.type == "gap") {
    const auto& gap = data->as_object();
    gaps_[{text(gap, "stream"), text(gap, "lane")}].push_back(
        {sequence_at(gap, "from"), sequence_at(gap, "to")});
  }
  facts_.push_back(std::move(fact));
}

void Ledger::number(const Fact& fact) {
  if (fact.sequence == 0) return;
  auto& lane = lanes_[{fact.stream, fact.lane}];
  if (!lane.seen.insert(fact.sequence).second) {
    fault(fact.lane + " " + std::to_string(fact.sequence) +
          ": this number was used before, for another message");
  }
  if (fact.sequence < lane.highest) ++lane.out_of_order;
  lane.highest = std::max(lane.highest, fact.sequence);
}

std::size_t Ledger::count(const std::string& type) const {
  const auto found = counts_.find(type);
  return found == counts_.end() ? 0 : found->second;
}

std::vector<Fact> Ledger::of(const std::string& type) const {
  std::vector<Fact> out;
  for (const auto& fact : facts_) {
    if (fact.type == type) out.push_back(fact);
  }
  return out;
}

std::vector<std::int64_t> Ledger::events(const std::string& integration) const {
  return events(integration, "");
}

std::vector<std::int64_t> Ledger::events(const std::string& integration, const std::string& lane) const {
  const auto found = events_.find(integration);
  if (found == events_.end()) return {};
  std::vector<std::int64_t> out;
  for (const auto& event : found->second) {
    if (lane.empty() || lane == event.lane) out.push_back(event.number);
  }
  return out;
}

std::size_t Ledger::event_count(const std::string& integration, std::int64_t first) const {
  const auto found = events_.find(integration);
  if (found == events_.end()) return 0;
  return static_cast<std::size_t>(
      std::ranges::count_if(found->second, [&](const Event& event) { return event.number >= first; }));
}

json::object Ledger::last(const std::string& topic_end) const {
  for (const auto& [topic, payload] : last_) {
    if (topic.ends_with(topic_end) && !payload.empty()) return json::parse(payload).as_object();
  }
  return {};
}

std::vector<LaneReport> Ledger::lanes() const {
  std::vector<LaneReport> out;
  for (const auto& [name, lane] : lanes_) {
    LaneReport report{name.first, name.second, lane.seen.size(), lane.highest, lane.out_of_order, {}, {}};
    const auto gaps = gaps_.find(name);
    const auto is_named = [&](const Hole& hole) {
      if (gaps == gaps_.end()) return false;
      auto at = hole.from;
      bool moved = true;
      while (at <= hole.to && moved) {
        moved = false;
        for (const auto& gap : gaps->second) {
          if (gap.from <= at && at <= gap.to) at = gap.to + 1, moved = true;
        }
      }
      return at > hole.to;
    };
    std::uint64_t expected = 1;
    for (const auto number : lane.seen) {
      if (number > expected) {
        const Hole hole{expected, number - 1};
        (is_named(hole) ? report.named : report.holes).push_back(hole);
      }
      expected = number + 1;
    }
    out.push_back(std::move(report));
  }
  return out;
}

std::vector<std::string> Ledger::broken(bool ordered) const {
  auto out = faults_;
  for (const auto& lane : lanes()) {
    for (const auto& hole : lane.holes) {
      out.push_back(lane.lane + " of " + lane.stream + ": nobody told of " + std::to_string(hole.from) +
                    " to " + std::to_string(hole.to));
    }
    if (ordered && lane.out_of_order > 0) {
      out.push_back(lane.lane + " of " + lane.stream + ": " + std::to_string(lane.out_of_order) +
                    " came out of order");
    }
  }
  return out;
}

}  // namespace gatehouse::whole
