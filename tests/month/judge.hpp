#pragma once
// The model's judgement of a whole list: whose each record is, and what stands in the way.

#include "tests/month/reading.hpp"

namespace gatehouse::month {

/// Whose a record is.
struct Bond {
  std::optional<SoulId> soul;     ///< none: whoever `other` belongs to
  std::optional<RecordId> other;  ///< with `instead` the record that this one replaces
  bool instead = false;
};

struct Model::Judged {
  const SourceRecord* record = nullptr;
  Reading reading;
  std::optional<SkipReason> skip;
  bool leaves = false;    ///< its group is no longer mapped
  bool stranger = false;  ///< the id has gone to somebody else
  bool denied = false;    ///< it may have
  std::optional<Bond> bond;
};

struct Model::Judgement {
  std::vector<Judged> looked;  ///< those that are no news are left out
  std::set<RecordId> here;     ///< all that the list names
  std::set<RecordId> held;     ///< gone, and perhaps made anew under another id
  std::set<OpenIssue> issues;
  std::size_t blockers = 0;    ///< errors and duplicates
  bool newly_failing = false;  ///< one of these is about a record that was in order
  bool other_shape = false;
  bool other_server = false;
};

class Judge {
 public:
  Judge(const Model& model, std::size_t source);
  Model::Judgement judge(const std::vector<SourceRecord>& people, bool full);

 private:
  using Judged = Model::Judged;
  struct Lists;

  bool was_in_order(std::optional<RecordId> record) const;
  bool is_news(const SourceRecord& record, bool full) const;
  bool other_server(const std::vector<SourceRecord>& people) const;
  void gather(const std::vector<SourceRecord>& people);
  bool in_doubt(Judged& judged, const Memory& memory, bool left_out);
  void judge_unlinked(Judged& judged);
  bool obey(Judged& judged, const Wish& wish);
  void by_name(Judged& judged, const std::vector<SoulId>& namesakes);
  void hold(Judged& judged, SkipReason skip, IssueReason reason);
  void suspect_mapping(const std::vector<SourceRecord>& people);
  bool apart() const;
  bool linked_here(SoulId soul) const;
  const Wish* wish(RecordId record) const;

  const Model& model_;
  const std::size_t source_;
  const Directory& directory_;
  Model::Judgement result_;
  std::map<std::string, std::set<RecordId>> emails_, names_, both_;  ///< of this list
  std::map<std::string, std::vector<SoulId>> soul_emails_, soul_names_, soul_both_;
};

}  // namespace gatehouse::month
