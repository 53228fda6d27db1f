#pragma once
// A house with doors that may be opened: access points, a policy, and a cloud that signs commands.

#include <optional>
#include <string>

#include "tests/whole/commander.hpp"
#include "tests/whole/sync_house.hpp"

namespace gatehouse::whole {

inline constexpr auto front_door = "net2-hq/6203980";

class AccessHouse : public SyncHouse {
 public:
  /// `policy`: the sections from `policy` on that differ from the usual; empty: staff and expected visitors.
  explicit AccessHouse(const std::string& policy = {});

  SigningKey key{"cloud-1"};

  /// Claims as a careful cloud makes them: fresh jti, iat now, exp in 20 s, the epoch of the current state.
  json::object claims(const std::string& cmd, json::object args) const;
  /// Signs and publishes. The jti.
  std::string send(const json::object& claims);
  std::string send(const std::string& cmd, json::object args) { return send(claims(cmd, std::move(args))); }
  /// The `data` of the reply to a jti; none within the time.
  std::optional<json::object> reply(const std::string& jti, Millis within = 15s);
  /// send and reply in one; an empty object where none came.
  json::object call(const std::string& cmd, json::object args);
  Publisher& publisher();

  /// Arguments of access.sign_in at the reception.
  static json::object sign_in(json::object person, const std::string& access_point = "reception");
  /// `id` of the person of a Net2 user.
  std::string person_id(int net2_user) const;
  /// How often Net2 was told to open this door.
  std::int64_t opens(const std::string& door = "6203980") const;
  /// The last told revision of a decision; empty: none.
  json::object decision(const std::string& id) const;
  /// Writes the keys file anew, with these scopes for key `cloud-1`.
  void write_keys(const std::string& scopes) const;

 private:
  std::unique_ptr<Publisher> publisher_;
};

/// One of roster.put's `people`, at home at hq, with the verified e-mail FIRST@cloud.example and nothing
/// else.
json::object roster_person(const std::string& cloud_id, const std::string& type, const std::string& first,
                           const std::string& last);

/// Text at a path of members: "result.decision.reason"; empty where there is none.
std::string deep(const json::object& object, const std::string& path);

}  // namespace gatehouse::whole
