#pragma once
// What an operator can ask of the running daemon. The control adapter offers it on D-Bus; every answer is one
// JSON document in the shapes of contract.md §6.

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/app/task.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// Part of a long list. `after` is the `next` of the page before; empty for the first.
struct Page {
  std::string after;
  std::uint32_t limit = 500;  ///< 1 to 1000
};

struct PeopleFilter {
  std::string search;       ///< in names, e-mail, external id; empty: all
  std::string integration;  ///< id; empty: all
  std::string person_type;  ///< empty: all
  std::string site;         ///< empty: all
  std::string access;       ///< "yes" | "no" (effective access); empty: all
};

struct EventFilter {
  std::string since;        ///< RFC 3339, or a duration back ("2h"); empty: from the oldest kept
  std::string integration;  ///< empty: all
};

struct OutboxFilter {
  bool dead = false;  ///< the dead letters instead of what waits
  std::string lane;   ///< empty: all
};

class Console {
 public:
  virtual ~Console() = default;

  virtual Task<Result<std::string>> status() = 0;
  virtual Task<Result<std::string>> integrations() = 0;
  virtual Task<Result<std::string>> integration(std::string id) = 0;
  /// {"people":[…],"next":"…"}; `next` is absent on the last page. Likewise the other lists.
  virtual Task<Result<std::string>> people(PeopleFilter filter, Page page) = 0;
  /// By person id, INTEGRATION/EXTERNAL_ID, or e-mail. Errc::refused where an e-mail is shared.
  virtual Task<Result<std::string>> person(std::string key) = 0;
  virtual Task<Result<std::string>> doors() = 0;
  virtual Task<Result<std::string>> door(std::string id) = 0;
  virtual Task<Result<std::string>> events(EventFilter filter, Page page) = 0;
  virtual Task<Result<std::string>> runs(std::string integration) = 0;
  virtual Task<Result<std::string>> outbox(OutboxFilter filter, Page page) = 0;
  /// The configuration in force with every default; `format` is "yaml" or "json".
  virtual Task<Result<std::string>> effective_config(std::string format) = 0;
  /// {"revision":"sha256:…"}; Errc::invalid with every fault, a line each, and the last good one stays.
  virtual Task<Result<std::string>> reload() = 0;
};

}  // namespace gatehouse
