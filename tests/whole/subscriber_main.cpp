// mqtt-recorder: subscribes to all that gateways send, and on SIGTERM or SIGINT prints what it counted, as a
// careful consumer would: repeated ids dropped, every lane's numbering checked. Used by scripts/demo.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <signal.h>

#include "tests/whole/recorder.hpp"

namespace {

namespace json = boost::json;
using gatehouse::whole::Ledger;
using gatehouse::whole::Recorder;

/// Tells every access event in a line for people, with the names that came before it.
class Teller {
 public:
  explicit Teller(const std::string& path) : out_(path, std::ios::app) {}

  void hear(std::string_view payload) {
    json::error_code error;
    const auto parsed = json::parse(payload, error);
    if (error || !parsed.is_object()) return;
    const auto& envelope = parsed.as_object();
    const auto* data = envelope.if_contains("data");
    if (!data || !data->is_object()) return;
    const auto type = text(envelope, "type");
    if (type == "gatehouse.person.upserted.v1") return remember(data->as_object());
    if (type == "gatehouse.access.granted.v1") return tell(data->as_object(), "let in  ");
    if (type == "gatehouse.access.denied.v1") return tell(data->as_object(), "refused ");
    if (type == "gatehouse.alarm.v1") return tell(data->as_object(), "ALARM   ");
  }

 private:
  static std::string text(const json::object& object, std::string_view key) {
    const auto* found = object.if_contains(key);
    return found && found->is_string() ? std::string(found->as_string()) : std::string();
  }

  void remember(const json::object& data) {
    const auto* person = data.if_contains("person");
    if (!person || !person->is_object()) return;
    const auto& is = person->as_object();
    names_[text(is, "id")] = text(is, "first_name") + " " + text(is, "last_name");
  }

  void tell(const json::object& data, const char* what) {
    const auto person = text(data, "person_id");
    const auto* net2 = data.if_contains("net2");
    const auto description =
        net2 && net2->is_object() ? text(net2->as_object(), "description") : std::string();
    const auto at = text(data, "at");
    out_ << (at.size() > 18 ? at.substr(11, 8) : at) << "  " << what << "  " << text(data, "door") << "  "
         << (names_.contains(person) ? names_[person] : std::string("nobody we know")) << "  (" << description
         << ")" << std::endl;  // a line a swipe, at once
  }

  std::ofstream out_;
  std::map<std::string, std::string> names_;
};

json::array ranges(const std::vector<gatehouse::whole::Hole>& holes) {
  json::array out;
  for (const auto& hole : holes) out.push_back(json::array{hole.from, hole.to});
  return out;
}

json::object summary(const Ledger& ledger) {
  json::object types;
  for (const auto& fact : ledger.facts()) {
    auto& count = types[fact.type];
    count = count.is_int64() ? count.as_int64() + 1 : 1;
  }
  json::array lanes;
  for (const auto& lane : ledger.lanes()) {
    lanes.push_back(json::object{{"stream", lane.stream},
                                 {"lane", lane.lane},
                                 {"count", lane.count},
                                 {"last", lane.last},
                                 {"out_of_order", lane.out_of_order},
                                 {"holes", ranges(lane.holes)},
                                 {"named_by_gaps", ranges(lane.named)}});
  }
  json::array faults;
  for (const auto& fault : ledger.faults()) faults.push_back(json::string(fault));
  return {{"received", ledger.received()},
          {"repeated", ledger.repeated()},
          {"distinct", ledger.facts().size()},
          {"events", ledger.events("net2-hq").size()},
          {"types", types},
          {"lanes", lanes},
          {"faults", faults}};
}

int usage() {
  std::fputs(
      "usage: mqtt-recorder --port N --certificates DIR [--topic FILTER] [--lines FILE] [--swipes FILE] "
      "[--summary FILE]\n"
      "  --lines    every message, one JSON line each\n"
      "  --swipes   every access event in a line for people\n"
      "  --summary  the counts, written at each SIGUSR1 and at the end (else only printed at the end)\n",
      stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, std::string> options{{"--topic", "gatehouse/v1/#"}};
  for (int i = 1; i + 1 < argc; i += 2) options[argv[i]] = argv[i + 1];
  if (argc % 2 == 0 || !options.contains("--port") || !options.contains("--certificates")) return usage();

  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int number : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&wanted, number);
  sigprocmask(SIG_BLOCK, &wanted, nullptr);

  std::ofstream lines;
  if (options.contains("--lines")) lines.open(options["--lines"], std::ios::app);
  Teller teller(options.contains("--swipes") ? options["--swipes"] : "/dev/null");
  Recorder::Options settings;
  settings.port = std::atoi(options["--port"].c_str());
  settings.certificates = options["--certificates"];
  settings.topic = options["--topic"];
  settings.told = [&](const std::string& topic, std::string_view payload, bool retained) {
    if (lines.is_open()) {
      lines << json::serialize(json::object{{"topic", topic}, {"retained", retained}, {"payload", payload}})
            << std::endl;
    }
    teller.hear(payload);
  };
  const auto write = [&](const json::object& counts) {
    if (!options.contains("--summary")) return;
    const auto path = options["--summary"];
    {
      std::ofstream out(path + ".new", std::ios::trunc);
      out << json::serialize(counts) << "\n";
    }
    std::rename((path + ".new").c_str(), path.c_str());
  };
  try {
    const Recorder recorder(settings);
    std::puts("subscribed");
    std::fflush(stdout);
    int number = SIGUSR1;
    while (number == SIGUSR1) {
      sigwait(&wanted, &number);
      write(summary(recorder.ledger()));
    }
    std::puts(json::serialize(summary(recorder.ledger())).c_str());
    return 0;
  } catch (const std::exception& trouble) {
    std::fprintf(stderr, "mqtt-recorder: %s\n", trouble.what());
    return 1;
  }
}
