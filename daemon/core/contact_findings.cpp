#include "daemon/core/contact_findings.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse {
namespace {

struct Words {
  std::string code, what, fix;
};

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all.empty() ? "none" : all;
}

/// "CN=NET2PC (names: NET2PC, 127.0.0.1; ends 2034-01-01; key sha256/…)"
std::string certificate_words(const std::optional<SeenCertificate>& shown) {
  if (!shown) return "no certificate";
  return shown->subject + " by " + shown->issuer + " (names: " + joined(shown->names) + "; valid " +
         day_of(shown->not_before) + " to " + day_of(shown->not_after) + "; key " + shown->pin + ")";
}

std::string pin_words(const std::optional<SeenCertificate>& shown) {
  return shown ? "tls: {pin: [\"" + shown->pin + "\"]}" : "tls.pin";
}

std::string in_brackets(const std::string& detail) {
  return detail.empty() ? "" : " (" + detail + ")";
}

constexpr char why_net2[] =
    "without Net2 no new people and no events come in, and no door can be opened from here; cards at the "
    "doors go on working";
constexpr char why_cloud[] =
    "nothing is lost, news is kept here; but the cloud sees nothing and can ask for nothing until then";

Words net2_words(const ServerContact& contact) {
  const auto& at = contact.peer;
  switch (contact.trouble) {
    case ContactTrouble::name_unknown:
      return {"dns", "the name in " + at + " is not known to the name server",
              "check the spelling of `url`, or write the Net2 PC's IP address in its place (then also "
              "tls.pin or tls.server_name)"};
    case ContactTrouble::no_name_server:
      return {"dns", "no name server answers for " + at + in_brackets(contact.detail),
              "check this machine's network and its DNS setting (resolvectl status), or write the Net2 PC's "
              "IP address into `url`"};
    case ContactTrouble::no_route:
      return {"no_route", "there is no way from this machine to " + at + in_brackets(contact.detail),
              "check the network cable, the address and the gateway of this machine (ip route)"};
    case ContactTrouble::refused:
      return {"refused", "the Net2 PC is there, but nothing listens at " + at,
              "on the Net2 PC: Net2 Configuration Utility, tab Security, tick Local API, OK (it is off by "
              "default since 6.6 SR5); then see that the Windows service \"Net2 Nginx\" runs, and that "
              "the port in `url` is right"};
    case ContactTrouble::no_answer:
    case ContactTrouble::proxy:
      return {"no_answer", at + " does not answer" + in_brackets(contact.detail),
              "is the Net2 PC switched on, and does its Windows firewall let this port in? Check the address "
              "in `url`"};
    case ContactTrouble::cut:
      return {"cut", at + " hangs up before it has shown its certificate" + in_brackets(contact.detail),
              "restart the Windows service \"Net2 Nginx\"; check that the port in `url` is the HTTPS one, "
              "8443"};
    case ContactTrouble::authority_file:
      return {"ca_file", "the file of tls.ca cannot be used" + in_brackets(contact.detail),
              "put the PEM file of the certificate's issuer there, readable by user gatehouse"};
    case ContactTrouble::untrusted:
      return {"untrusted",
              "nobody in tls.ca vouches for the certificate of " + at + ": it is " +
                  certificate_words(contact.shown),
              "if that is the Net2 PC's own: " + pin_words(contact.shown) +
                  "; compare the key with what the Net2 PC shows before you trust it"};
    case ContactTrouble::expired:
      return {"certificate_expired",
              "the certificate of " + at + " ended: it is " + certificate_words(contact.shown),
              "on the Net2 PC: Local API Configuration Utility, Certificate Import, Regenerate; or pin its "
              "key in place of its date: " +
                  pin_words(contact.shown)};
    case ContactTrouble::not_yet_valid:
      return {"certificate_not_yet",
              "the certificate of " + at + " is not valid yet: it is " + certificate_words(contact.shown),
              "check this machine's clock (timedatectl) and that of the Net2 PC"};
    case ContactTrouble::wrong_name:
      return {"certificate_name",
              "the certificate of " + at + " is for " +
                  (contact.shown ? joined(contact.shown->names) : std::string("nobody")) + ", not for " +
                  contact.expected_name,
              "set tls.server_name to one of its names, or pin its key: " + pin_words(contact.shown)};
    case ContactTrouble::wrong_key:
      return {
          "pin",
          at + " shows another key than the one pinned in tls.pin: it is " + certificate_words(contact.shown),
          "if its certificate was made anew on the Net2 PC: " + pin_words(contact.shown) +
              "; if not, somebody else answers at this address"};
    default:
      return {"not_tls", at + " does not speak TLS 1.2 or newer" + in_brackets(contact.detail),
              "`url` must name the HTTPS port, 8443 (8080 is not encrypted); a Net2 older than 6.6 needs an "
              "update"};
  }
}

Words cloud_words(const Cloud& cloud, const ServerContact& contact) {
  const auto at = (contact.at_proxy ? "the proxy " : "") + contact.peer;
  const std::string host = contact.at_proxy ? "cloud.proxy" : "cloud.host";
  switch (contact.trouble) {
    case ContactTrouble::name_unknown:
      return {"dns", "the name in " + contact.peer + " is not known to the name server",
              "check the spelling of " + host};
    case ContactTrouble::no_name_server:
      return {"dns", "no name server answers for " + contact.peer + in_brackets(contact.detail),
              "check this machine's network and its DNS setting (resolvectl status)"};
    case ContactTrouble::no_route:
      return {"no_route", "there is no way from this machine to " + at + in_brackets(contact.detail),
              "check the network cable, the address and the gateway of this machine (ip route)"};
    case ContactTrouble::refused:
      return {"refused", "nothing listens at " + at,
              "is the broker up, and is the port right (cloud.port, usually 8883)? Ask whoever runs it"};
    case ContactTrouble::no_answer:
      return {"no_answer", at + " does not answer" + in_brackets(contact.detail),
              "does a firewall on the way let this machine out to this port? Check " + host};
    case ContactTrouble::proxy:
      return {"proxy", at + " does not let us through to the broker" + in_brackets(contact.detail),
              "allow " + cloud.host + ":" + std::to_string(cloud.port) + " at the proxy, without a password"};
    case ContactTrouble::cut:
      return {"cut", at + " hangs up in the TLS handshake" + in_brackets(contact.detail),
              "is cloud.port the broker's TLS port? Ask whoever runs the broker what its log says"};
    case ContactTrouble::authority_file:
      return {"ca_file", "the file of cloud.tls.ca cannot be used" + in_brackets(contact.detail),
              "put the PEM file of the broker's issuer there, readable by user gatehouse"};
    case ContactTrouble::own_file:
      return {"own_certificate_unusable",
              "our own certificate or key cannot be used" + in_brackets(contact.detail),
              "cloud.tls.cert and cloud.tls.key must be a pair, as PEM without a passphrase"};
    case ContactTrouble::untrusted:
      return {"untrusted",
              "nobody in cloud.tls.ca vouches for the broker's certificate: it is " +
                  certificate_words(contact.shown),
              "put the PEM file of its issuer (" +
                  (contact.shown ? contact.shown->issuer : std::string("unknown")) +
                  ") into cloud.tls.ca; if that is not your broker's, another server answers"};
    case ContactTrouble::expired:
      return {"certificate_expired",
              "the broker's certificate ended: it is " + certificate_words(contact.shown),
              "whoever runs the broker must renew it"};
    case ContactTrouble::not_yet_valid:
      return {"certificate_not_yet",
              "the broker's certificate is not valid yet: it is " + certificate_words(contact.shown),
              "check this machine's clock (timedatectl)"};
    case ContactTrouble::wrong_name:
      return {"certificate_name",
              "the broker's certificate is for " +
                  (contact.shown ? joined(contact.shown->names) : std::string("nobody")) + ", not for " +
                  contact.expected_name,
              "write one of its names into cloud.host"};
    case ContactTrouble::own_unwanted:
      return {"own_certificate_unwanted",
              "the broker does not accept our certificate" + in_brackets(contact.detail),
              "cloud.tls.cert must come from the issuer that the broker trusts; have one issued"};
    case ContactTrouble::own_expired:
      return {"own_certificate_expired", "the broker says that our certificate has ended",
              "have a new one issued and put it into cloud.tls.cert"};
    case ContactTrouble::own_missing:
      return {"own_certificate_missing", "the broker wants a certificate of ours, and we have none",
              "set cloud.tls.cert and cloud.tls.key"};
    case ContactTrouble::protocol_unknown:
      return {"alpn", "the broker does not know the protocol \"" + cloud.tls.alpn + "\"",
              "set cloud.tls.alpn as the broker's operator says, or to \"\" for none"};
    default:
      return {"not_tls", at + " does not speak TLS 1.2 or newer" + in_brackets(contact.detail),
              "cloud.port must be the broker's TLS port, usually 8883 (1883 is not encrypted)"};
  }
}

Finding made(const std::string& prefix, const std::string& subject, const char* why, Words words,
             const std::string& peer) {
  return {.code = prefix + words.code,
          .subject = subject,
          .severity = Severity::fault,
          .what = std::move(words.what),
          .why = why,
          .fix = std::move(words.fix),
          .peer = peer};
}

}  // namespace

std::string day_of(Instant at) {
  return format_utc(at).substr(0, 10);
}

std::vector<Finding> certificate_end_findings(Finding base, const std::string& whose,
                                              const SeenCertificate& certificate, Instant now) {
  if (now >= certificate.not_after) {
    base.code += "_expired";
    base.what = whose + " ended on " + day_of(certificate.not_after);
    return {std::move(base)};
  }
  if (now < certificate.not_before) {
    base.code += "_not_yet";
    base.what = whose + " is valid only from " + day_of(certificate.not_before);
    return {std::move(base)};
  }
  if (certificate.not_after - now > ends_soon) return {};
  const auto days = std::chrono::duration_cast<std::chrono::days>(certificate.not_after - now).count();
  base.code += "_ends";
  base.severity = Severity::warning;
  base.what = whose + " ends on " + day_of(certificate.not_after) + ", in " + std::to_string(days) +
              (days == 1 ? " day" : " days");
  return {std::move(base)};
}

std::vector<Finding> net2_contact_findings(const std::string& id, const Net2Server& server,
                                           const ServerContact& contact, Instant now) {
  if (!contact.ok()) return {made("net2.", id, why_net2, net2_words(contact), contact.peer)};
  if (!contact.shown || !server.tls.pins.empty()) return {};  // a pin stands in place of the date
  Finding base{.code = "net2.certificate",
               .subject = id,
               .severity = Severity::fault,
               .what = {},
               .why = "once it has ended, nothing is read from Net2 and no door can be opened from here",
               .fix =
                   "on the Net2 PC: Local API Configuration Utility, Certificate Import, Regenerate; or pin "
                   "its key: " +
                   pin_words(contact.shown),
               .peer = contact.peer};
  return certificate_end_findings(std::move(base), "the certificate of " + contact.peer, *contact.shown, now);
}

std::vector<Finding> cloud_contact_findings(const Cloud& cloud, const ServerContact& contact, Instant now) {
  if (!contact.ok()) return {made("cloud.", "cloud", why_cloud, cloud_words(cloud, contact), contact.peer)};
  if (!contact.shown) return {};
  Finding base{.code = "cloud.certificate",
               .subject = "cloud",
               .severity = Severity::fault,
               .what = {},
               .why = "once it has ended, the cloud cannot be reached; doors and the keeping of news go on",
               .fix = "whoever runs the broker must renew it before",
               .peer = contact.peer};
  return certificate_end_findings(std::move(base), "the broker's certificate", *contact.shown, now);
}

std::vector<Finding> network_findings(const std::vector<ServerContact>& contacts) {
  std::vector<std::string> unnamed;
  std::vector<std::string> unrouted;
  bool name_answered = false;
  bool reached = false;
  const auto add = [](std::vector<std::string>& to, const std::string& peer) {
    if (std::ranges::find(to, peer) == to.end()) to.push_back(peer);
  };
  for (const auto& contact : contacts) {
    const bool ours =
        contact.trouble == ContactTrouble::authority_file || contact.trouble == ContactTrouble::own_file;
    if (ours) continue;  // the network was not asked
    if (contact.trouble == ContactTrouble::no_name_server) {
      add(unnamed, contact.peer);
    } else if (contact.named) {
      name_answered = true;
    }
    if (contact.trouble == ContactTrouble::no_route) {
      add(unrouted, contact.peer);
    } else if (contact.trouble != ContactTrouble::no_name_server) {
      reached = true;
    }
  }
  const auto finding = [](const char* code, std::string what, const char* fix) {
    return Finding{.code = code,
                   .subject = "gateway",
                   .severity = Severity::fault,
                   .what = std::move(what),
                   .why =
                       "neither these servers nor any other can be found; decisions at the doors go on with "
                       "what is known",
                   .fix = fix};
  };
  if (unrouted.size() > 1 && !reached) {
    return {finding("network.down", "there is no way from this machine to " + joined(unrouted),
                    "check the network cable, the address and the gateway of this machine (ip address, ip "
                    "route)")};
  }
  if (unnamed.size() > 1 && !name_answered) {
    return {finding("network.dns", "no name server answers: " + joined(unnamed) + " cannot be looked up",
                    "check this machine's network and its DNS setting (resolvectl status)")};
  }
  return {};
}

}  // namespace gatehouse
