#pragma once
// What a person may ask for by law, from the store (features.md D-14): all that is kept of them, and that it
// is gone.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "daemon/app/task.hpp"
#include "daemon/core/identity_keys.hpp"
#include "daemon/core/person.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// A person who is to be erased, as they were read.
struct ErasureAsk {
  Person person;
  IdentityKeys keys;               ///< of its facts: records of nobody that say the same go as well
  std::vector<std::string> marks;  ///< identity_marks of its facts
  std::string by;
};

/// What an erasure did, by table: rows taken away, or kept without the person.
struct ErasureReport {
  std::vector<std::pair<std::string, std::uint64_t>> counts;
};

/// One page of a section of the export.
struct PersonalPage {
  std::vector<std::string> rows;  ///< JSON objects
  std::string next;               ///< `after` of the next page; empty: that was all
};

class PrivacyStore {
 public:
  virtual ~PrivacyStore() = default;
  /// Figures for support, with nobody in them:
  /// {"schema","pages","free_pages","page_size","tables":{NAME:ROWS},
  /// "lanes":[…],"dead_letters":[…],"issues":[…],"alerts":[…]}.
  virtual Task<Result<std::string>> store_figures() = 0;
  /// All of it in one transaction, with tombstones, person.removed (reason erased) and a row of the audit;
  /// the mark that the file has to be rewritten is part of it. Errc::not_found; Errc::busy where the person
  /// is not as they were read; Errc::refused while a plan that holds them is being applied.
  virtual Task<Result<ErasureReport>> erase_person(ErasureAsk ask) = 0;
  /// Whether rewrite_store() is due.
  virtual Task<Result<bool>> rewrite_due() = 0;
  /// Rewrites the file, so that nothing stands in it but what is there: takes as long as copying it twice,
  /// and twice its room, while everybody else waits. Copies that the store has left beside itself go, and are
  /// named. Does nothing where it is not due.
  virtual Task<Result<std::vector<std::string>>> rewrite_store() = 0;
  /// Rows of a person in one of personal_sections() (privacy_desk.hpp), some at a time; `after` empty: from
  /// the beginning.
  virtual Task<Result<PersonalPage>> personal_rows(PersonId person, std::string section,
                                                   std::string after) = 0;
};

}  // namespace gatehouse
