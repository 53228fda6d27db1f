#pragma once
// A house with a second Net2 server, the annex's, which is read by itself.

#include <string>

#include <boost/json/serialize.hpp>

#include "tests/whole/sync_house.hpp"

namespace gatehouse::whole {

class TwoServers : public SyncHouse {
 public:
  /// `match`: more lines of `sync` for the annex.
  explicit TwoServers(const std::string& match = {})
      : annex({.certificates = test_certificates(),
               .dir = dir.path(),
               .people = 0,
               .doors = 1,
               .seed = 2,
               .arguments = {"--plain"}}) {
    auto& site = gateway.site();
    const auto secret = [&](const std::string& name) {
      return "{file: " + dir.path() + "/gateway/" + name + "}";
    };
    site.integrations =
        "  - id: net2-annex\n    name: Annex Net2\n    kind: net2\n    enabled: true\n    "
        "sites: [hq]\n    url: https://127.0.0.1:" +
        std::to_string(annex.port()) +
        "\n    username: Gateway Service\n    password: " + secret("password") +
        "\n    client_id: " + secret("client_id") +
        "\n    timezone: Europe/London\n    tls: {ca: " + test_certificates() +
        "/ca.pem, server_name: NET2PC}\n    poll: {people: 1s, events: 1s, doors: 5s, live: false}\n"
        "    sync:\n      first: auto\n      groups: {Staff: employee, Cleaners: contractor}\n"
        "      fields: {first_name: firstName, last_name: lastName, email: \"custom:Email\", phone: "
        "telephone}\n      site: {default: hq}\n" +
        match;
    configure();
  }
  int add_there(const Somebody& somebody) const {
    const json::object entry{{"firstName", somebody.first},
                             {"lastName", somebody.last},
                             {"email", somebody.email},
                             {"telephone", somebody.phone},
                             {"department", somebody.department}};
    const auto added = annex.act("people", json::serialize(json::object{{"add", entry}})).as_object();
    return static_cast<int>(added.at("ids").as_array().at(0).as_int64());
  }
  json::object issue_there(int id) const {
    json::object out;
    eventually(20s, [&] {
      for (const auto& issue : issues()) {
        const auto& object = issue.as_object();
        if (text_at(object, "integration") == "net2-annex" &&
            text_at(object, "external_id") == std::to_string(id))
          out = object;
      }
      return !out.empty();
    });
    return out;
  }

  Simulator annex;
};

/// Its key of a record there.
inline std::string there(int id) {
  return "net2-annex/" + std::to_string(id);
}

}  // namespace gatehouse::whole
