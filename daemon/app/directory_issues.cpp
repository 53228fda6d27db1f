// What a pass does with issues: it keeps those that it and the store have found, and forgets words that are
// spent.

#include <algorithm>
#include <iterator>

#include "daemon/app/directory_pass.hpp"
#include "daemon/app/directory_sync.hpp"

namespace gatehouse {
namespace {

/// Reconciled::issues, which the evaluation knows nothing of.
bool found_by_store(const Issue& issue) {
  return issue.reason == IssueReason::type_differs || issue.reason == IssueReason::field_differs ||
         issue.reason == IssueReason::removed_but_kept || issue.reason == IssueReason::decoupled_but_removed;
}

/// They come and go with what the exporter finds, not with a pass.
bool is_exports(const Issue& issue) {
  return issue.reason == IssueReason::unknown_access_level || issue.reason == IssueReason::export_uncertain ||
         issue.reason == IssueReason::export_refused;
}

}  // namespace

/// Told before anything is applied, so that no record is left aside without its issue; what only the two
/// sides together show is known afterwards, and until then stays as it was.
Task<Result<void>> DirectorySync::tell_issues(Passing& pass, IssuesOf what) {
  auto issues = pass.evaluation.issues;
  if (what == IssuesOf::both_sides) {
    issues.insert(issues.end(), pass.found.begin(), pass.found.end());
  } else {
    std::ranges::copy_if(open_issues_, std::back_inserter(issues), found_by_store);
  }
  std::ranges::copy_if(open_issues_, std::back_inserter(issues), is_exports);
  if (!issues.empty() || !open_issues_.empty() || issues_unsure_) {
    issues_unsure_ = true;  // an answer that is lost may have opened some
    auto change = co_await parts_.issues.set_issues(id_, std::move(issues), "no longer found");
    if (!change) co_return within("keep the issues", change.error());
    issues_unsure_ = false;
    pass.report.issues_changed = pass.report.issues_changed || change->opened + change->closed != 0;
    open_issues_ = std::move(change->open);
  }
  unsettle();
  co_return Result<void>{};
}

Task<Result<bool>> DirectorySync::tell_export(std::vector<Issue> issues) {
  std::ranges::remove_copy_if(open_issues_, std::back_inserter(issues), is_exports);
  quiet_.reset();
  issues_unsure_ = true;
  auto change = co_await parts_.issues.set_issues(id_, std::move(issues), "no longer found");
  if (!change) co_return within("keep the export's issues", change.error());
  issues_unsure_ = false;
  open_issues_ = std::move(change->open);
  unsettle();
  co_return change->opened + change->closed != 0;
}

/// The index knows of open issues what it is told, and of new records once they are merged.
void DirectorySync::unsettle() {
  index_.merge();
  std::vector<std::int64_t> records;
  for (const auto& issue : open_issues_) {
    if (issue.record) records.push_back(*issue.record);
  }
  std::ranges::sort(records);
  index_.set_unsettled(records);
}

/// Overrides of values that the source now has itself, and words about one change that has been made.
Task<Result<void>> DirectorySync::forget_spent_words(Passing& pass) {
  if (!pass.evaluation.lapsed.empty()) {
    auto lapsed = co_await parts_.issues.lapse(id_, pass.evaluation.lapsed);
    if (!lapsed) co_return within("let overrides lapse", lapsed.error());
  }
  for (const auto record : pass.evaluation.spent) {
    auto unsaid = co_await parts_.issues.unsay(id_, record);
    if (!unsaid) co_return within("forget a decision that was carried out", unsaid.error());
  }
  co_return Result<void>{};
}

}  // namespace gatehouse
