#pragma once
// What keeps records from being synced, and what operators have said about it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/app/queries.hpp"
#include "daemon/store/integration_keys.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

class IssueTables {
 public:
  IssueTables(Database& db, Clock& clock, IntegrationKeys& keys) : db_(db), clock_(clock), keys_(keys) {}

  /// What it takes to have these and no others open. Writes nothing.
  struct Diff {
    std::vector<Issue> fresh;
    std::vector<Issue> other;  ///< open already, with other words
    std::vector<std::int64_t> over;
    bool empty() const { return fresh.empty() && other.empty() && over.empty(); }
  };
  Diff diff(const IntegrationId& integration, const std::vector<Issue>& issues);
  /// Within a transaction, as are all that write.
  void write(const IntegrationId& integration, const Diff& diff, std::string_view how);
  void close_all(std::int64_t integration, std::string_view how);

  /// By number.
  std::vector<Issue> open(const IssueFilter& filter);
  /// Throws StoreFault where it is unknown or, unless `closed_too`, closed.
  Issue find(std::int64_t number, bool closed_too);

  OperatorWord operator_word(const IntegrationId& integration);
  void say(const IntegrationId& integration, const RecordChoice& choice, std::string_view by);
  void override_fields(const IntegrationId& integration, const std::vector<FieldOverride>& fields,
                       std::string_view by);
  bool has_choice(const IntegrationId& integration, std::int64_t record);
  void unsay(const IntegrationId& integration, std::int64_t record);
  void lapse(const IntegrationId& integration, const std::vector<FieldOverride>& fields);
  std::vector<FieldOverride> overrides_of(std::int64_t integration, std::optional<std::int64_t> record);
  /// Closed ones of that age, but for those whose skip can still be taken back. The number removed.
  std::size_t prune(Instant before, std::size_t at_most);

 private:
  Database& db_;
  Clock& clock_;
  IntegrationKeys& keys_;
};

}  // namespace gatehouse
