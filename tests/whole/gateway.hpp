#pragma once
// The real daemon, started with a configuration file, asked by the real command line.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "tests/whole/process.hpp"

namespace gatehouse::whole {

/// What of the configuration the scenarios vary. The rest is as an installer would write it.
struct Site {
  std::string certificates;  ///< folder made by make-certificates
  std::string bus;           ///< D-Bus address, or "none"
  std::string broker_host = "localhost";
  int broker_port = 0;
  std::string net2_host = "127.0.0.1";
  int net2_port = 0;
  std::string net2_tls{};   ///< flow mapping; empty: the test CA and the name NET2PC
  std::string net2_more{};  ///< further lines of the integration, indented by 4
  std::string poll = "{people: 1s, events: 200ms, doors: 1s, live: true, events_from: 1h}";
  std::string first = "auto";
  std::string sync_more{};     ///< further lines of `sync`, indented by 6
  std::string integrations{};  ///< further ones, as items of the list, indented by 2
  std::string groups =
      "{Staff: employee, Cleaners: contractor, Visitors: visitor, Management: employee, "
      "IT: employee, Sales: employee, Engineering: employee, Contractors: contractor}";
  std::string require_identifier = "email_or_phone";
  std::string cloud_tls{};  ///< flow mapping; empty: the test CA and the gateway's certificate
  std::string keepalive = "30s";
  std::string outbox{};      ///< flow mapping; empty: the defaults
  std::string cloud_more{};  ///< further lines of `cloud`, indented by 2
  std::string more{};        ///< further top level sections
  std::string password = "secret";
  std::string client_id = "gatehouse-licence";
};

std::string yaml(const Site& site, const std::string& secrets_dir);

class Gateway {
 public:
  struct Options {
    Site site;
    std::string dir;          ///< for its configuration, state and log
    std::string state_dir{};  ///< empty: below dir
    Env env{};
    Argv arguments{};  ///< further arguments
    Argv through{};    ///< a program that runs the daemon in its own place, with its arguments
  };
  explicit Gateway(Options options) : options_(std::move(options)) { write_config(); }

  Site& site() { return options_.site; }
  Env& env() { return options_.env; }
  Argv& through() { return options_.through; }
  /// Writes the configuration anew from site().
  void write_config();
  const std::string config_path() const { return options_.dir + "/gatehouse.yaml"; }
  const std::string& state_dir() const { return options_.state_dir; }
  /// Starts the daemon. Returns at once.
  void launch();
  /// launch(), and ready when this returns; throws with the log if it does not come up.
  void start();
  void kill();
  /// SIGTERM. The exit status; none if it still ran after 10 s and had to be killed.
  std::optional<int> stop(Millis within = 10s);
  bool running() { return process_ && process_->running(); }
  Process& process() { return *process_; }
  std::string log() const;

  /// `gatehouse VERB… --json --bus …`.
  Outcome ask(Argv verb, Millis within = 20s) const;
  /// The JSON of a verb; an empty object where the daemon did not answer, or said no.
  boost::json::object json(Argv verb) const;
  boost::json::object status() const { return json({"status"}); }
  /// The entry of `integrations` in status; empty if there is none.
  boost::json::object integration(const std::string& id = "net2-hq") const;
  /// Its `status`: active, unreachable, …
  std::string state(const std::string& id = "net2-hq") const;
  std::int64_t outbox(const std::string& key) const;  ///< pending, dead, bytes; -1: no answer

 private:
  Options options_;
  std::unique_ptr<Process> process_;
};

/// Text at a member, empty where there is none.
std::string text_at(const boost::json::object& object, std::string_view key);
std::int64_t number_at(const boost::json::object& object, std::string_view key, std::int64_t otherwise = 0);

}  // namespace gatehouse::whole
