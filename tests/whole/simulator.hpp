#pragma once
// gatehouse-sim as a test uses it: started on free ports, told what to do through its control interface.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "tests/whole/process.hpp"

namespace gatehouse::whole {

namespace json = boost::json;

class Simulator {
 public:
  struct Options {
    std::string certificates;  ///< folder made by make-certificates
    std::string dir;           ///< for its log
    std::string certificate = "net2";
    int people = 20;
    int doors = 4;
    int seed = 1;
    Argv arguments{};  ///< further ones
    std::string password = "secret";
    std::string client_id = "gatehouse-licence";
  };
  /// Started, and answering when this returns.
  explicit Simulator(Options options);

  int port() const { return port_; }
  int control_port() const { return control_port_; }
  void start();
  /// kill -9. Its people, doors and events are gone: the next start makes them anew from the seed.
  void kill();
  /// The certificate of the next start.
  void use_certificate(const std::string& name) { options_.certificate = name; }
  std::string log() const;

  /// One call of the control interface; throws where it is refused. An empty body sends none.
  json::value control(const std::string& method, const std::string& target,
                      const std::string& body = {}) const;

  json::value act(const std::string& verb, const std::string& in) const;  ///< POST /VERB
  json::object state() const;

  // --- what happens on the site
  void swipes(int count) const;                 ///< that many everyday events, at once
  void traffic(double per_second) const;        ///< a stream of them; 0 ends it
  std::vector<std::int64_t> event_ids() const;  ///< all of its event log, ascending
  std::int64_t last_event() const;              ///< 0: none yet

  // --- its people
  std::size_t people() const;
  int add_people(int count) const;  ///< the first new id
  void change_person(int id, const std::string& changes) const;
  void remove_person(int id) const;

  // --- its moods
  void fault(const std::string& rule) const;  ///< tests/sim/README.md
  void clear_faults() const;
  void set(const std::string& switches) const;
  /// How often routes with this text in their name were asked.
  std::int64_t asked(const std::string& route) const;

 private:
  Options options_;
  int port_ = 0;
  int control_port_ = 0;
  std::unique_ptr<Process> process_;
};

struct HttpAnswer {
  int status = 0;
  std::string body;
};
/// A plain HTTP/1.1 request to 127.0.0.1, one connection each. Throws where nobody answers in 20 s.
HttpAnswer http(int port, const std::string& method, const std::string& target, const std::string& body = {});

}  // namespace gatehouse::whole
