// From the first question to the last yes; interview_site.cpp asks about people and doors.

#include "daemon/setup/interview.hpp"

#include <algorithm>
#include <filesystem>

#include "connectors/https/origin.hpp"
#include "daemon/settings/load_settings.hpp"
#include "daemon/settings/scalars.hpp"
#include "daemon/setup/compose.hpp"
#include "daemon/setup/host_facts.hpp"
#include "daemon/setup/writing.hpp"

namespace gatehouse::setup {
namespace {

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + shown(word);
  return out.empty() ? "none" : out;
}

std::string day(Instant at) {
  return format_utc(at).substr(0, 10);
}

std::string id_fault(const std::string& text) {
  return config::is_identifier(text)
             ? ""
             : "Lower-case letters, digits and '-', at most 32, the first no '-': such as hq-01.";
}

std::string zone_fault(const std::string& text) {
  return config::is_timezone(text)
             ? ""
             : "This machine knows no such zone. Such as Europe/London or Africa/Nairobi.";
}

std::string line_fault(const std::string& text) {
  if (text.empty()) return "It must not be empty.";
  if (text.size() > 200) return "At most 200 bytes.";
  const bool control =
      std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  return control ? "There is a control character in it; type it again." : "";
}

std::string file_fault(const std::string& path) {
  if (path.empty()) return "The path of a file.";
  const auto content = read_small_file(path);
  return content ? "" : content.error().detail;
}

}  // namespace

void Interview::take_defaults() {
  answers_.gateway.id = host_id();
  answers_.gateway.tenant = "main";
  answers_.gateway.timezone = system_timezone();
  answers_.site = "main";
  const Loaded loaded = load_settings(course_.places.config);
  if (!loaded.settings) return;
  const Settings& known = *loaded.settings;
  const auto net2 = std::find_if(known.integrations.begin(), known.integrations.end(),
                                 [](const auto& one) { return one.kind == IntegrationKind::net2; });
  // The packaged file has a gateway that is only an example.
  if (known.gateway.tenant == "example" && net2 == known.integrations.end()) return;
  answers_.gateway.id = known.gateway.id;
  answers_.gateway.tenant = known.gateway.tenant;
  answers_.gateway.name = known.gateway.name == known.gateway.id ? "" : known.gateway.name;
  answers_.gateway.timezone = known.gateway.timezone;
  if (!known.gateway.sites.empty()) answers_.site = known.gateway.sites.front().id.value();
  if (net2 == known.integrations.end()) return;
  answers_.integration = net2->id.value();
  answers_.address = net2->net2.url;
  answers_.username = net2->net2.username;
}

void Interview::ask_gateway() {
  ask_.say("\n1. This gateway");
  Gateway& gateway = answers_.gateway;
  gateway.id = ask_.text("Short name of this gateway", gateway.id, id_fault);
  gateway.tenant = ask_.text("Short name of your organisation (tenant), as agreed with the cloud side",
                             gateway.tenant, id_fault);
  gateway.timezone = ask_.text("Time zone of this building", gateway.timezone, zone_fault);
  answers_.site = ask_.text("Short name of the site", answers_.site, id_fault);
  if (answers_.integration.empty()) answers_.integration = ("net2-" + answers_.site).substr(0, 32);
}

void Interview::ask_server() {
  ask_.say("\n2. The Net2 server");
  for (bool trusted = false; !trusted;) {
    answers_.address = ask_.text(
        "Name or address of the Net2 server (port 8443 unless you add another, HOST:PORT)", answers_.address,
        [](const std::string& text) {
          const auto url = server_url(text);
          return text.empty() ? "Such as net2.example.lan or 192.168.1.20." : url ? "" : url.error().detail;
        });
    url_ = *server_url(answers_.address);
    ask_.say("Looking at " + url_ + "…");
    const auto seen = course_.visit.look(url_);
    if (course_.stop) throw Stopped{};
    if (!seen)
      ask_.say("  " + shown(advice(seen.error())));
    else
      trusted = ask_trust(*seen);
  }
}

bool Interview::ask_trust(const CertificateFacts& seen) {
  ask_.say("It shows this certificate:");
  ask_.say("  of      " + shown(seen.subject));
  ask_.say("  issuer  " + (seen.self_signed() ? "itself (as Net2 makes them)" : shown(seen.issuer)));
  ask_.say("  names   " + join(seen.names));
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  std::string remark;
  if (now > seen.not_after) remark = "  (over: a CA does not help then, a pin does)";
  if (now < seen.not_before) remark = "  (not yet: is the clock of this machine right?)";
  ask_.say("  valid   " + day(seen.not_before) + " to " + day(seen.not_after) + remark);
  ask_.say("  pin     " + seen.pin);
  ask_.say(
      "Pinned, only the server with this key is talked to, whatever its name and dates. A CA file is for "
      "servers");
  ask_.say("whose certificate your own authority has signed.");
  const std::string how =
      ask_.one_of("Is that your server? Pin its key, trust a CA file, or look at another address",
                  {"pin", "ca", "other"}, "pin");
  answers_.pin.clear();
  answers_.ca.reset();
  answers_.server_name.reset();
  if (how == "other") return false;
  if (how == "pin") {
    answers_.pin = seen.pin;
    return true;
  }
  answers_.ca = std::filesystem::absolute(ask_.text("File with the CA's certificate (PEM)", "",
                                                    [](const std::string& path) {
                                                      const auto read = read_certificate_file(path);
                                                      return read ? "" : read.error().detail;
                                                    }))
                    .string();
  const auto origin = parse_origin(url_, 8443);
  const bool named =
      origin && std::find(seen.names.begin(), seen.names.end(), origin->host) != seen.names.end();
  if (named || seen.names.empty()) return true;
  answers_.server_name = ask_.text(
      "The certificate does not name " + origin->host + "; which name is expected in it", seen.names.front(),
      [](const std::string& text) { return text.empty() ? "One of the names above." : ""; });
  return true;
}

void Interview::ask_credentials() {
  ask_.say(
      "\nAn operator made for the gateway in Net2 (role System engineer, without multi-factor "
      "authentication),");
  ask_.say("and the client id of the API licence: the name of its file without .lic.");
  answers_.username = ask_.text("Operator", answers_.username, line_fault);
  credentials_.username = answers_.username;
  credentials_.password = ask_.hidden("Password");
  credentials_.client_id = ask_.text("Client id", credentials_.client_id, line_fault);
}

bool Interview::sign_in_and_look() {
  for (;;) {
    ask_credentials();
    draft_ = begin_draft(answers_, url_, course_.places);
    for (bool again = true; again;) {
      again = false;
      ask_.say("Signing in…");
      auto survey = course_.visit.survey(draft_.net2().net2, credentials_,
                                         [&](const std::string& text) { ask_.say(text); });
      if (course_.stop) throw Stopped{};
      if (survey) {
        survey_ = std::move(*survey);
        return true;
      }
      ask_.say("  " + shown(advice(survey.error())));
      const Errc code = survey.error().code;
      if (code == Errc::tls || code == Errc::unreachable || code == Errc::timeout) return false;
      if (code == Errc::unauthenticated || code == Errc::mfa_required) continue;
      const std::string what = ask_.one_of("Try again, with other credentials, or at another address",
                                           {"again", "credentials", "address"}, "again");
      if (what == "address") return false;
      again = what == "again";
    }
  }
}

void Interview::ask_cloud() {
  ask_.say("\n5. The cloud");
  if (!ask_.yes("Connect to a broker now? Without one, what happens is kept here; setup may be run again",
                false))
    return;
  CloudAnswer cloud;
  cloud.port = 8883;
  for (;;) {
    cloud.host = ask_.text("Host name of the broker", cloud.host, [](const std::string& text) {
      return text.empty() || text.find_first_of("/: ") != std::string::npos
                 ? "A host name or address, without scheme and port."
                 : "";
    });
    cloud.port = static_cast<std::uint16_t>(
        *config::parse_integer(ask_.text("Port", std::to_string(cloud.port), [](const std::string& text) {
          const auto port = config::parse_integer(text);
          return port && *port >= 1 && *port <= 65535 ? "" : "A number from 1 to 65535.";
        })));
    cloud.ca = ask_.text("File with the CA of the broker's certificate (PEM)", cloud.ca, file_fault);
    cloud.cert = ask_.text("File with this gateway's certificate (PEM)", cloud.cert.value_or(""), file_fault);
    const std::string key = ask_.text("File with its private key (PEM, readable by its owner only)",
                                      cloud.key ? cloud.key->name : "", file_fault);
    cloud.key = SecretRef{SecretRef::Kind::file, key};
    const auto added = add_cloud(draft_, cloud, course_.places);
    if (added) return;
    ask_.say("  " + shown(added.error().detail));
    if (!ask_.yes("Try again? No leaves the cloud out for now", true)) return;
  }
}

Outcome Interview::show_and_write() {
  draft_.note = describe_survey(survey_);
  const std::string id = draft_.net2().id.value();
  draft_.secrets.insert(draft_.secrets.begin(), {{id + ".password", credentials_.password},
                                                 {id + ".client_id", credentials_.client_id}});
  if (auto kept = keep_net2_ca(draft_, course_.places); !kept) return refused(kept.error().detail);
  const std::string text = compose_yaml(draft_, today());
  if (auto faults = check_text(text, course_.places.config); !faults.empty())
    return refused("the configuration would have faults, so nothing was written", std::move(faults));
  ask_.say("\n6. The configuration\n");
  ask_.say(text);
  if (course_.options.dry_run) return finish(course_, draft_, survey_);
  std::error_code unknown;
  const bool replaces = std::filesystem::exists(course_.places.config, unknown);
  ask_.say("It passes the check. These files will be written:");
  for (const std::string& line : describe_writing(draft_, course_.places)) ask_.say("  " + line);
  if (const auto left = left_behind(course_.places.config); !left.empty()) ask_.say(left + ".");
  if (!ask_.yes(replaces ? "Replace the configuration that is there" : "Write them", !replaces))
    return stopped();
  return finish(course_, draft_, survey_);
}

Outcome Interview::run() {
  take_defaults();
  ask_.say("Gatehouse set-up. Nothing is written before you say yes at the end; Ctrl-C stops at any time.");
  ask_.say("Enter takes what stands in [brackets].");
  ask_gateway();
  do {
    ask_server();
  } while (!sign_in_and_look());
  ask_.say("\n" + describe_survey(survey_));
  if (survey_.people_fault) ask_.say("  People cannot be read: " + shown(advice(*survey_.people_fault)));
  answers_.net2_timezone = ask_.text("Time zone of the Net2 server", answers_.gateway.timezone, zone_fault);
  ask_people();
  ask_doors();
  draft_ = begin_draft(answers_, url_, course_.places);
  if (auto wrong = add_site(draft_, answers_, survey_); !wrong.empty())
    return refused("the answers do not agree with the Net2 server, so nothing was written", std::move(wrong));
  ask_cloud();
  return show_and_write();
}

Outcome set_up_by_dialogue(const Course& course, Dialogue& dialogue) {
  return Interview(course, dialogue).run();
}

}  // namespace gatehouse::setup
