#pragma once
// What a real server's version or settings decide, and nobody knows for certain: net2-api.md §8.

#include <string>

#include "tests/sim/json_input.hpp"

namespace gatehouse::sim {

class JsonText;

struct Switches {
  int wrong_password_status = 400;       ///< or 401
  std::string unknown_client = "error";  ///< the key that says invalid_client: error | message
  bool empty_401 = false;                ///< 401 without a body
  std::string token_rate_limit =
      "remote";                       ///< one sign-in per 500 ms: remote (not loopback, §2.6) | all | off
  int retry_after = 0;                ///< seconds, on a 429; 0: no such header
  bool rotate_refresh = false;        ///< a refresh makes a new refresh token and kills the old
  double access_lifetime = 1800;      ///< seconds
  double refresh_lifetime = 7200;     ///< seconds
  bool mfa = false;                   ///< every operator has MFA on (§2.7)
  int mfa_status = 400;               ///< status of the mfa_required answer: 400 | 200
  int post_status = 201;              ///< or 200
  bool put_user_object = false;       ///< PUT user answers with the user
  int put_permissions_status = 204;   ///< or 200
  int delete_status = 204;            ///< or 200
  std::string empty_list = "events";  ///< which empty lists are an empty body: events | all | none
  std::string key_case = "camel";     ///< camel | pascal
  bool keep_expiry = false;           ///< PUT without expiryDate keeps it
  bool truncate_expiry = false;       ///< expiryDate is cut to 00:00
  bool lite = false;                  ///< Net2 Lite: one access level a person
  bool department_zero = false;       ///< the root department is listed
  std::string live_args = "nested";   ///< [[{…}]] nested | [{…}] flat
  std::string live_time = "local";    ///< local | offset (with offset and ms)
  bool live_all = false;              ///< system events go to live subscribers too
  std::string user_name_order = "surname";  ///< userName: surname ("Doe Jane") | first ("Jane Doe")
  double keep_alive = 10;                   ///< seconds between {} frames
  double keep_alive_timeout = 20;           ///< what negotiate says; 0: null
  double disconnect_timeout = 30;           ///< how long a lost connection may reconnect
  bool event_id_in_where = true;            ///< false: 400 where `where` names eventId
  std::string querydb = "on";               ///< on | 400 | 403 | 404
  std::string never_date = "null";          ///< "never expires" in querydb: null | 1753 | 0001 (§3.13)
  int default_row_count = 1000;
  std::string default_order = "newest";  ///< newest | oldest
  int offline_command_status = 200;      ///< command to an off-line ACU: 200 | 400
  bool walk_through = true;              ///< a released door with a contact is really opened (46, 47)
  bool lockdown_configured = true;       ///< Net2 has triggers and actions for lockdown
  bool status_names = true;              ///< names in /doors/status
  bool chunked = false;                  ///< answers above 64 KiB come in chunks, without Content-Length
  std::string tls_max = "1.3";           ///< 1.3 | 1.2 (the real one, §1.3); for new connections

  /// Sets what the object names. Invalid: a name or value that does not exist; then nothing is changed.
  Result<void> set(const json::object& changes);
  void write(JsonText& out) const;  ///< one object with all of them
};

}  // namespace gatehouse::sim
