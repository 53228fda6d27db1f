#pragma once
// Takes records one by one from what is stored, through the rules (core/reconcile), to what is stored
// afterwards. The same code applies a commit and previews it; a DirectorySide decides what writing means.

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/app/ports.hpp"
#include "daemon/core/reconcile.hpp"
#include "daemon/store/record_rows.hpp"

namespace gatehouse {

/// One record's way, when it has been written.
struct PassStep {
  std::int64_t number = 0;
  std::string external_id;           ///< for people
  std::optional<PersonId> person;    ///< whose it was before
  std::optional<MirrorRow> mirror;   ///< as it is now; none: forgotten
  const RecordFate* fate = nullptr;  ///< null where the source does not have it any more
  std::optional<SkipReason> why;     ///< of a departure
  bool erased = false;
  bool replaced = false;              ///< somebody else has the id `external_id` now
  const Reconciled* after = nullptr;  ///< never null
};

/// One integration's records, the people, and who hears of what became of them.
class DirectorySide {
 public:
  virtual ~DirectorySide() = default;
  virtual std::optional<MirrorRow> record(std::int64_t number) = 0;
  virtual std::optional<Person> person(const PersonId& id) = 0;
  /// Whose record it is.
  virtual std::optional<PersonId> owner(const std::string& external_id) = 0;
  /// Whose person was erased.
  virtual bool erased(const std::string& external_id) = 0;
  virtual PersonId new_person() = 0;
  /// A salvage lost people: whoever is new may be one of them, disabled by an operator. Keeps a note of that.
  virtual bool doubts(const PersonId& /*newcomer*/) { return false; }

  virtual void save(std::int64_t number, const MirrorRow& row) = 0;
  virtual void forget(std::int64_t number) = 0;
  virtual void save(const Person& person) = 0;
  virtual void remove(const PersonId& person) = 0;
  virtual void tell(const PassStep& step) = 0;
};

class DirectoryPass {
 public:
  DirectoryPass(Pass pass, DirectorySide& side) : pass_(std::move(pass)), side_(side) {}

  /// All of a commit: fates, gone, withheld, erased, in this order.
  void carry_out(const DirectoryCommit& commit);

  void take(const RecordFate& fate);
  /// `external_id`: of the record, for one that the mirror does not have; may be empty.
  void depart(const Departure& gone, const std::string& external_id = {});
  void withhold(std::int64_t number);
  /// `by_plan`: as a plan lists it; else on_removed: delete.
  void erase(std::int64_t number, const std::string& external_id, bool by_plan);

 private:
  struct Known {
    RecordBefore before;
    std::optional<MirrorRow> row;
    std::optional<PersonId> person;
    std::string text;  ///< SourceRecord::external_id
  };
  Known known(std::int64_t number, const std::string& external_id);
  bool is_erased(const RecordFate& fate);
  std::optional<Person> target(const RecordLink& link);
  void forget_former(std::int64_t number);
  void replace(Known former, const RecordFate& fate);
  void write(PassStep step, const Known& known, const Reconciled& after);

  Pass pass_;
  DirectorySide& side_;
};

}  // namespace gatehouse
