#pragma once
// A month in the life of three directories, lived by the engine over its real store and by the model beside
// it.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/month/editor.hpp"
#include "tests/month/model.hpp"
#include "tests/unit/failing_store.hpp"
#include "tests/unit/sync_desk.hpp"

namespace gatehouse::month {

struct Plot {
  std::uint64_t seed = 1;
  std::array<std::size_t, 3> people{};
  int days = 30;
  Duration between{std::chrono::hours(2)};  ///< passes, on average
  std::size_t changes = 3;                  ///< to a source between two passes, on average
  bool compare_daily = false;               ///< else after each pass
};

/// How much of everything there was, so that nobody takes an empty month for a good one.
struct Figures {
  std::size_t passes = 0, full_passes = 0, failed_reads = 0, compared = 0, changes = 0, words = 0, issues = 0;
  std::size_t plans_applied = 0, plans_stale = 0, plans_discarded = 0, guarded = 0, crashes = 0,
              decoupled = 0;
  std::size_t mappings = 0, people = 0;
};

class Month {
 public:
  explicit Month(Plot plot);
  /// Empty where engine and model agree to the end; else what differs, and when.
  std::string live();
  const Figures& figures() const { return figures_; }

 private:
  struct Difference {};

  void morning();
  void visit(std::size_t source);
  bool pass(std::size_t source, bool full, bool may_crash = true);
  void crash_in_pass(std::size_t source, bool full);
  void restart();
  void attend(std::size_t source);
  bool decide(std::size_t source, const Issue& issue);
  bool merge(std::size_t source, const Issue& issue);
  void mend(std::size_t source, std::int64_t record, const std::string& field, const std::string& value);
  void say(std::size_t source, std::int64_t record, RecordChoice::Kind kind);
  void attend_plan(std::size_t source);
  void apply_plan(std::size_t source, const Plan& plan);
  void decouple_somebody();
  void know_anew();
  void remap(std::size_t source);
  void empty_outbox();
  Instant now() const { return world_.clock.now(); }

  void compare(std::size_t source);
  std::map<PersonId, SoulId> compare_people();
  void compare_issues(std::size_t source);
  void compare_plan(std::size_t source, const std::map<PersonId, SoulId>& souls);
  void tell_about(std::size_t source, const std::string& record);
  void differ(const std::string& what, const std::set<std::string>& engine,
              const std::set<std::string>& model);

  Plot plot_;
  Chance chance_;
  std::vector<Integration> settings_;
  Editor editor_;
  Model model_;
  test::SyncWorld world_;
  std::vector<std::unique_ptr<test::SyncDesk>> desks_;
  std::array<std::vector<SourceRecord>, 3> lists_;  ///< what each source said last
  Figures figures_;
  std::string trouble_;
};

/// "net2-hq/7 hr/E9": whose person it is, in words that engine and model share.
std::string name_of(const Soul& soul, const Model& model);
std::string name_of(const Person& person);

}  // namespace gatehouse::month
