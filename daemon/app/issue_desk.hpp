#pragma once
// What operators decide about single records: fixes, merges, skips. Each is kept first, and then looked at at
// once by a pass.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "daemon/app/integration_desk.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/app/queries.hpp"

namespace gatehouse {

/// What came of a decision.
struct IssueOutcome {
  std::int64_t issue = 0;
  IntegrationId integration;
  bool resolved = false;
  std::size_t open = 0;               ///< issues of the integration
  std::optional<std::int64_t> again;  ///< with a word taken back: the number that it is open under now
};

class IssueDesk {
 public:
  struct Parts {
    IssueStore& issues;
    QueryStore& queries;
    IntegrationDesk& desk;
    Log& log;
  };
  explicit IssueDesk(Parts parts) : parts_(std::move(parts)) {}

  /// FIELD=VALUE: first_name, last_name, email, phone, person_type; or person=same|new. Errc::invalid for
  /// others and for values that would fail as well; Errc::refused where the record fails all the same.
  Task<Result<IssueOutcome>> fix(std::int64_t number, std::map<std::string, std::string> set, std::string by);
  /// `into`: a person's id, INTEGRATION/EXTERNAL_ID or e-mail, or the external id of another record of the
  /// source.
  Task<Result<IssueOutcome>> merge(std::int64_t number, std::string into, std::string by);
  Task<Result<IssueOutcome>> skip(std::int64_t number, std::string by);
  Task<Result<IssueOutcome>> unskip(std::int64_t number, std::string by);

 private:
  Task<Result<Issue>> about_a_record(std::int64_t number);
  Task<Result<RecordChoice>> choice_to_link(const Issue& issue, const std::string& into);
  Task<Result<IssueOutcome>> decide(Issue issue, RecordChoice choice, std::string by);
  Task<Result<IssueOutcome>> look_again(Issue issue, bool full);
  Task<Result<IssueOutcome>> look_at_roster(Issue issue, bool full);
  static Result<IssueOutcome> outcome_of(const Issue& issue, const std::vector<Issue>& open, bool taken_back);
  Result<void> in_order(const Issue& issue) const;
  void journal(const Issue& issue, const std::string& what, const std::string& by) const;

  Parts parts_;
};

}  // namespace gatehouse
