#pragma once
// What a commit would do, kept in memory over the tables, which stay as they are.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/sync_plan.hpp"
#include "daemon/store/directory_pass.hpp"
#include "daemon/store/person_rows.hpp"
#include "daemon/store/tombstone_rows.hpp"

namespace gatehouse {

class DirectoryDraft final : public DirectorySide {
 public:
  /// The tables below it.
  struct Stored {
    RecordRows& records;
    PersonRows& people;
    TombstoneRows& tombstones;
  };
  /// `key` of the integration; none where nothing is known of it yet.
  DirectoryDraft(std::optional<std::int64_t> key, IntegrationId integration, Stored stored)
      : key_(key), integration_(std::move(integration)), stored_(stored) {}

  std::vector<PlanChange> take_changes() { return std::move(changes_); }

  std::optional<MirrorRow> record(std::int64_t number) override;
  std::optional<Person> person(const PersonId& id) override;
  std::optional<PersonId> owner(const std::string& external_id) override;
  bool erased(const std::string& external_id) override {
    return stored_.tombstones.covers(integration_, external_id);
  }
  /// Not an id, only a name for this draft: ids are for people who are there.
  PersonId new_person() override;
  void save(std::int64_t number, const MirrorRow& row) override { records_[number] = row; }
  void forget(std::int64_t number) override { records_[number].reset(); }
  void save(const Person& person) override;
  void remove(const PersonId& person) override;
  void tell(const PassStep& step) override;

 private:
  void disown(const PersonId& person);
  std::string name_of(const PassStep& step) const;

  std::optional<std::int64_t> key_;
  IntegrationId integration_;
  Stored stored_;
  std::map<std::int64_t, std::optional<MirrorRow>> records_;  ///< changed; none: forgotten
  std::map<PersonId, std::optional<Person>> people_;          ///< likewise
  std::map<std::string, std::optional<PersonId>> owners_;     ///< likewise, by external id
  std::vector<PlanChange> changes_;
  std::uint64_t made_ = 0;
};

}  // namespace gatehouse
