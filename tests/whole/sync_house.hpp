#pragma once
// A house whose directory is watched closely: people by name, and every answer of the command line.

#include <string>
#include <utility>
#include <vector>

#include "tests/whole/house.hpp"

namespace gatehouse::whole {

struct Somebody {
  std::string first;
  std::string last;
  std::string email{};
  std::string department = "Staff";
  std::string phone{};
};

class SyncHouse : public House {
 public:
  /// `first`: confirm or auto. `people`: plain ones of the simulator, beside those that the test adds.
  explicit SyncHouse(const std::string& first = "auto", int people = 0);

  // --- at the source
  int add(const Somebody& somebody) const;  ///< the id in Net2
  void add_staff(int count) const;          ///< Person1 Staff…, all of them without a quirk
  /// Their ids in the order in which they came.
  const std::vector<int>& staff() const { return staff_; }

  // --- the command line
  json::array list(Argv verb, const std::string& name) const;
  json::array issues(const std::string& kind = {}) const;
  json::array plans() const { return list({"plan", "list"}, "plans"); }
  json::array people(Argv filters = {}) const;
  json::array activity(Argv filters = {}) const;
  /// `people show`; empty if there is nobody.
  json::object person(const std::string& key) const { return gateway.json({"people", "show", key}); }
  json::object why(const std::string& key) const { return gateway.json({"people", "why", key}); }
  /// `sync run --full --wait`: a whole pass that began after this was called. Its run.
  json::object pass(const std::string& id = "net2-hq") const;
  /// The JSON of `plan show`.
  json::object plan(const std::string& id) const { return gateway.json({"plan", "show", id}); }
  std::vector<json::object> changes(const json::object& plan) const;  ///< those that `plan show` lists
  /// Nothing where it was done, else the exit status and what was said.
  std::string refusal(Argv verb) const;
  Outcome apply(const json::object& plan) const;
  /// From the next configure() on these words of the configuration are those.
  void edit(std::string from, std::string to) { edits_.emplace_back(std::move(from), std::move(to)); }
  void configure();      ///< writes the file with all edits; throws where one finds nothing
  std::string reload();  ///< configure(), and the refusal of `config reload`

  // --- waiting
  json::object plan_of_kind(const std::string& kind, const std::string& integration = "net2-hq") const;
  bool no_plan(const std::string& kind) const;
  json::object issue_about(int id, const std::string& reason) const;
  bool no_issues() const;
  bool becomes(const std::string& state, const std::string& id = "net2-hq") const;
  bool told(const std::string& type, std::size_t count);  ///< at least so many came to the broker
  std::size_t tellings(const std::string& type) const;
  std::size_t alerts(const std::string& kind, const std::string& state) const;
  bool polled(int times) const;  ///< the source was read by itself so often, from now on

 private:
  mutable std::vector<int> staff_;
  std::vector<std::pair<std::string, std::string>> edits_;
};

std::vector<json::object> data_of(const Ledger& ledger, const std::string& type);
/// `net2-hq/ID`.
std::string key_of(int id);
json::object at(const json::object& object, std::string_view key);  ///< an object; empty where there is none
std::vector<std::string> texts_at(const json::object& object, std::string_view key);
bool flag_at(const json::object& object, std::string_view key);
std::string text(const json::object& object);  ///< for INFO

}  // namespace gatehouse::whole
