#include "daemon/core/cloud_findings.hpp"

#include "daemon/core/contact_findings.hpp"

namespace gatehouse {
namespace {

constexpr char why_away[] =
    "nothing is lost, news is kept here; but the cloud sees nothing and can ask for nothing until then";

std::string ago_words(const std::optional<Duration>& ago) {
  if (!ago) return "";
  return ", " + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(*ago).count()) + " s ago";
}

Finding about_link(std::string code, std::string what, std::string fix) {
  return {.code = std::move(code),
          .subject = "cloud",
          .severity = Severity::fault,
          .what = std::move(what),
          .why = why_away,
          .fix = std::move(fix) + "; the next try comes within 90 s"};
}

/// The broker was reached, and said no at the last try.
Finding refusal_finding(const Cloud& cloud, const CloudEvidence& evidence) {
  const auto& last = *evidence.last_failure;
  const auto what = "at the last try" + ago_words(evidence.failed_ago) + ": " + last.detail;
  switch (last.code) {
    case Errc::unauthenticated:
      return about_link("cloud.password", what,
                        cloud.username ? "have the broker's operator check the account \"" + *cloud.username +
                                             "\" and set its password anew; put that into the " +
                                             (cloud.password ? to_string(*cloud.password) : "cloud.password")
                                       : std::string("the broker wants a user: set cloud.username and "
                                                     "cloud.password as its operator says"));
    case Errc::forbidden:
      return about_link("cloud.not_allowed", what,
                        "have the broker's operator let the client id \"" + cloud.client_id +
                            "\" in, and allow it the topics below " + cloud.topic_root);
    case Errc::busy:
      return about_link("cloud.busy", what, "wait; if it stays so, ask the broker's operator");
    case Errc::refused:
    case Errc::invalid:
      return about_link("cloud.refused_by_broker", what,
                        "ask the broker's operator; the client id is \"" + cloud.client_id + "\"");
    default:
      return about_link("cloud.link", "the cloud is not connected; " + what,
                        "the check-up found nothing that stands in the way now");
  }
}

}  // namespace

std::vector<Finding> cloud_findings(const Cloud& cloud, const CloudEvidence& evidence, Instant now) {
  std::vector<Finding> found;
  if (evidence.own) {
    const Finding base{
        .code = "cloud.own_certificate",
        .subject = "cloud",
        .severity = Severity::fault,
        .what = {},
        .why = "the broker lets nobody in whose certificate has ended; doors and the keeping of news go on",
        .fix = "have a new certificate issued for the gateway and put it where cloud.tls.cert points (" +
               cloud.tls.cert.value_or("") + ")"};
    found = certificate_end_findings(base, "our own certificate", *evidence.own, now);
  }
  if (evidence.own_unreadable) {
    found.push_back({.code = "cloud.own_certificate_unusable",
                     .subject = "cloud",
                     .severity = Severity::fault,
                     .what = "our own certificate cannot be used: " + evidence.own_unreadable->detail,
                     .why = why_away,
                     .fix = "put the PEM file that was issued for this gateway where cloud.tls.cert points"});
  }
  if (!evidence.contact) return found;
  for (auto& finding : cloud_contact_findings(cloud, *evidence.contact, now))
    found.push_back(std::move(finding));
  if (!evidence.contact->ok() || evidence.connected) return found;
  if (evidence.last_failure) {
    found.push_back(refusal_finding(cloud, evidence));
  } else {
    found.push_back(about_link("cloud.link", "the cloud is not connected yet",
                               "the check-up found nothing that stands in the way now"));
  }
  return found;
}

std::vector<SoundPart> cloud_sound_parts(const CloudEvidence& evidence, Instant now) {
  std::vector<SoundPart> sound;
  const auto add = [&](std::string what) { sound.push_back({.subject = "cloud", .what = std::move(what)}); };
  if (evidence.own && evidence.own->not_after - now > ends_soon)
    add("our own certificate is good until " + day_of(evidence.own->not_after));
  if (!evidence.contact || !evidence.contact->ok()) return sound;
  const auto& contact = *evidence.contact;
  add("the broker is reached at " + contact.peer + " in " + std::to_string(contact.took.count()) + " ms");
  if (contact.shown && contact.shown->not_after - now > ends_soon)
    add("its certificate is good: " + contact.shown->subject + ", until " + day_of(contact.shown->not_after));
  if (evidence.connected) add("connected");
  return sound;
}

}  // namespace gatehouse
