#include "tests/whole/gateway.hpp"

#include <filesystem>
#include <stdexcept>

#include <boost/json/parse.hpp>
#include <signal.h>
#include <sys/stat.h>

#include "tests/whole/temp_dir.hpp"

namespace gatehouse::whole {

namespace json = boost::json;

std::string yaml(const Site& site, const std::string& secrets_dir) {
  const auto tls =
      site.net2_tls.empty() ? "{ca: " + site.certificates + "/ca.pem, server_name: NET2PC}" : site.net2_tls;
  std::string out =
      "gateway:\n  id: hq-01\n  tenant: acme\n  name: Head office gateway\n"
      "  timezone: Europe/London\n  sites: [hq]\n  bus: \"" +
      site.bus + "\"\n\n";
  out +=
      "integrations:\n  - id: net2-hq\n    name: Head office Net2\n    kind: net2\n    enabled: true\n    "
      "sites: [hq]\n"
      "    url: https://" +
      site.net2_host + ":" + std::to_string(site.net2_port) +
      "\n    username: Gateway Service\n"
      "    password: {file: " +
      secrets_dir + "/password}\n    client_id: {file: " + secrets_dir +
      "/client_id}\n"
      "    timezone: Europe/London\n    tls: " +
      tls + "\n    poll: " + site.poll + "\n" + site.net2_more;
  out += "    sync:\n      first: " + site.first + "\n      require_identifier: " + site.require_identifier +
         "\n      group_by: department\n      groups: " + site.groups +
         "\n      fields: {first_name: firstName, last_name: lastName, email: \"custom:Email\", phone: "
         "telephone}\n"
         "      site: {default: hq}\n" +
         site.sync_more + site.integrations + "\n";
  const auto cloud_tls = !site.cloud_tls.empty()
                             ? site.cloud_tls
                             : "{ca: " + site.certificates + "/ca.pem, cert: " + site.certificates +
                                   "/gateway.pem, key: {file: " + site.certificates + "/gateway.key}}";
  out += "cloud:\n  host: " + site.broker_host + "\n  port: " + std::to_string(site.broker_port) +
         "\n  tls: " + cloud_tls + "\n  keepalive: " + site.keepalive + "\n";
  if (!site.outbox.empty()) out += "  outbox: " + site.outbox + "\n";
  out += site.cloud_more;
  return out + site.more;
}

void Gateway::write_config() {
  namespace fs = std::filesystem;
  fs::create_directories(options_.dir);
  if (options_.state_dir.empty()) options_.state_dir = options_.dir + "/state";
  fs::create_directories(options_.state_dir);
  for (const auto& [name, content] :
       {std::pair("/password", options_.site.password), std::pair("/client_id", options_.site.client_id)}) {
    write_file(options_.dir + name, content);
    chmod((options_.dir + name).c_str(), 0600);
  }
  write_file(config_path(), yaml(options_.site, options_.dir));
}

void Gateway::launch() {
  process_.reset();
  auto argv = options_.through;
  argv.insert(argv.end(),
              {program("gatehoused"), "--config", config_path(), "--state-dir", options_.state_dir});
  argv.insert(argv.end(), options_.arguments.begin(), options_.arguments.end());
  process_ = std::make_unique<Process>(argv, options_.dir + "/gatehoused.log", options_.env);
}

void Gateway::start() {
  launch();
  const auto ready = [&] {
    if (!process_->running()) return true;
    const auto now = status();
    const auto* said = now.if_contains("ready");
    return said && said->is_bool() && said->as_bool();
  };
  if (!eventually(20s, ready) || !process_->running())
    throw std::runtime_error("gatehoused did not start:\n" + log());
}

void Gateway::kill() {
  if (process_) process_->kill();
}

std::optional<int> Gateway::stop(Millis within) {
  process_->signal(SIGTERM);
  auto status = process_->exit_status(within);
  if (!status) process_->kill();
  return status;
}

std::string Gateway::log() const {
  return read_file(options_.dir + "/gatehoused.log");
}

Outcome Gateway::ask(Argv verb, Millis within) const {
  Argv argv{program("gatehouse"), "--bus", options_.site.bus};
  argv.insert(argv.end(), verb.begin(), verb.end());
  return run(argv, {}, within);
}

json::object Gateway::json(Argv verb) const {
  verb.push_back("--json");
  const auto outcome = ask(std::move(verb));
  json::error_code error;
  const auto parsed = json::parse(outcome.out, error);
  const bool answered = !error && parsed.is_object() && !parsed.get_object().contains("error");
  return answered ? parsed.as_object() : json::object();
}

json::object Gateway::integration(const std::string& id) const {
  const auto now = status();
  const auto* list = now.if_contains("integrations");
  if (!list || !list->is_array()) return {};
  for (const auto& entry : list->as_array()) {
    if (entry.is_object() && text_at(entry.as_object(), "id") == id) return entry.as_object();
  }
  return {};
}

std::string Gateway::state(const std::string& id) const {
  return text_at(integration(id), "status");
}

std::int64_t Gateway::outbox(const std::string& key) const {
  const auto now = status();
  const auto* outbox = now.if_contains("outbox");
  return outbox && outbox->is_object() ? number_at(outbox->as_object(), key, -1) : -1;
}

std::string text_at(const json::object& object, std::string_view key) {
  const auto* found = object.if_contains(key);
  return found && found->is_string() ? std::string(found->as_string()) : std::string();
}

std::int64_t number_at(const json::object& object, std::string_view key, std::int64_t otherwise) {
  const auto* found = object.if_contains(key);
  if (found && found->is_int64()) return found->as_int64();
  if (found && found->is_uint64()) return static_cast<std::int64_t>(found->as_uint64());
  return otherwise;
}

}  // namespace gatehouse::whole
