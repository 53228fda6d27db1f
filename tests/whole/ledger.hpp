#pragma once
// What a careful consumer in the cloud would keep: repeated ids dropped, each lane's numbering watched
// (contract.md §3.1). Every way in which the gateway could break its promise is counted here.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <boost/json/object.hpp>

namespace gatehouse::whole {

struct Fact {
  std::string topic;
  std::string id;
  std::string type;  ///< without "gatehouse." and ".v1"
  std::string lane;  ///< empty: none
  std::string stream;
  std::uint64_t sequence = 0;
  std::string payload;
  /// The `data` of the message, parsed anew.
  boost::json::object data() const;
};

struct Hole {
  std::uint64_t from;
  std::uint64_t to;  ///< inclusive
  bool operator==(const Hole&) const = default;
};

struct LaneReport {
  std::string stream;
  std::string lane;
  std::uint64_t count = 0;         ///< different messages
  std::uint64_t last = 0;          ///< the highest number
  std::uint64_t out_of_order = 0;  ///< first came after a higher number had come
  std::vector<Hole> holes;         ///< missing below `last` and not named by a gap
  std::vector<Hole> named;         ///< missing and named
};

class Ledger {
 public:
  /// One message as the broker delivered it.
  void take(const std::string& topic, std::string_view payload, bool retained);

  const std::vector<Fact>& facts() const {
    return facts_;
  }  ///< repeated ids dropped, in order of first arrival
  std::size_t count(const std::string& type) const;
  std::vector<Fact> of(const std::string& type) const;
  std::uint64_t received() const { return received_; }
  std::uint64_t repeated() const { return repeated_; }
  /// Net2 event numbers of an integration in order of first arrival, whatever became of them.
  std::vector<std::int64_t> events(const std::string& integration) const;
  /// How many different ones from `first` on. Cheap.
  std::size_t event_count(const std::string& integration, std::int64_t first = 1) const;
  /// Alarm events go ahead of the others on their lane: numbers of one lane only.
  std::vector<std::int64_t> events(const std::string& integration, const std::string& lane) const;
  /// Last payload of each topic ending in /state or under /door/, empty if it was cleared.
  boost::json::object last(const std::string& topic_end) const;
  std::vector<LaneReport> lanes() const;
  /// What must never be: malformed envelopes, an id with two contents, a Net2 event told as two facts.
  const std::vector<std::string>& faults() const { return faults_; }
  /// One sentence for each broken promise; empty where all were kept. `ordered`: also what came late.
  std::vector<std::string> broken(bool ordered = true) const;

 private:
  struct Lane {
    std::set<std::uint64_t> seen;
    std::uint64_t highest = 0;
    std::uint64_t out_of_order = 0;
  };
  void number(const Fact& fact);
  void fault(std::string text);

  std::vector<Fact> facts_;
  std::unordered_map<std::string, std::size_t> content_;  ///< id → hash of the payload
  std::unordered_map<std::string, std::string> told_;     ///< event_id → message id
  struct Event {
    std::int64_t number;
    std::string lane;
  };
  std::map<std::string, std::vector<Event>, std::less<>> events_;  ///< by integration
  std::map<std::pair<std::string, std::string>, Lane> lanes_;
  std::map<std::pair<std::string, std::string>, std::vector<Hole>> gaps_;
  std::map<std::string, std::string> last_;
  std::map<std::string, std::size_t> counts_;
  std::vector<std::string> faults_;
  std::uint64_t received_ = 0;
  std::uint64_t repeated_ = 0;
};

}  // namespace gatehouse::whole
