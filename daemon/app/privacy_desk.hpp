#pragma once
// What a person may ask for by law: a copy of all that is kept of them, and that it goes (features.md D-14).

#include <functional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/privacy_ports.hpp"
#include "daemon/app/pulse.hpp"
#include "daemon/app/queries.hpp"
#include "daemon/app/wakeup.hpp"
#include "daemon/core/identity_keys.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

/// A part of the export, and how long its rows are kept.
struct PersonalSection {
  const char* name;
  std::string kept;
};
std::vector<PersonalSection> personal_sections(const Retention& retention);

/// On the io thread.
class PrivacyDesk {
 public:
  /// References must outlive it; its loop must have been stopped before it goes.
  struct Parts {
    boost::asio::any_io_executor executor;
    PrivacyStore& store;
    QueryStore& queries;
    const TextFold& fold;
    Clock& clock;
    Log& log;
    std::function<Retention()> retention;
    std::function<void()> news;       ///< something is in the outbox
    std::function<void()> know_anew;  ///< sources must read what is known of their records again
  };
  explicit PrivacyDesk(Parts parts);

  /// {"id","made","sections":{NAME:{"kept":"…","rows":[…]}}}: whole or an error, at most 64 MiB. `key` as
  /// find_one_person() takes it.
  Task<Result<std::string>> export_person(std::string key);
  /// {"person_id","erased":{TABLE:N,…},"rewritten":true,"why":null,"copies_removed":[…],"others":[ids of
  /// people of the same name and e-mail]}. Where the file could not be rewritten yet, `why` says so, and the
  /// loop goes on trying; the person is gone all the same.
  Task<Result<std::string>> erase_person(std::string key, std::string by);

  /// Rewrites the store's file where that is due: after a crash, or after it could not be done. Until it is
  /// cancelled.
  Task<void> loop(Pulse& pulse);

 private:
  Task<Result<std::vector<std::string>>> others_like(Person person);
  Task<Result<std::string>> section_json(PersonId person, PersonalSection section);

  Parts parts_;
  Wakeup bell_;
};

}  // namespace gatehouse
