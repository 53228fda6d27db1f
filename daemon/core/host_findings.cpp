#include "daemon/core/host_findings.hpp"

#include <cstdio>
#include <utility>

#include "daemon/core/contact_findings.hpp"

namespace gatehouse {
namespace {

constexpr Duration cloud_skew_allowed = std::chrono::seconds(60);
constexpr Duration long_unsent = std::chrono::minutes(2);

std::string size_text(std::uint64_t bytes) {
  char text[32];
  if (bytes >= (1ULL << 30)) {
    std::snprintf(text, sizeof text, "%.1f GiB",
                  static_cast<double>(bytes) / static_cast<double>(1ULL << 30));
  } else {
    std::snprintf(text, sizeof text, "%.1f MiB",
                  static_cast<double>(bytes) / static_cast<double>(1ULL << 20));
  }
  return text;
}

std::string seconds_text(Duration span) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(std::chrono::abs(span)).count()) +
         " s";
}

/// Adds findings about the gateway itself.
class Notes {
 public:
  explicit Notes(std::vector<Finding>& to) : to_(to) {}
  void say(std::string code, std::string what, std::string why, std::string fix,
           Severity severity = Severity::fault, std::string subject = "gateway") {
    to_.push_back({.code = std::move(code),
                   .subject = std::move(subject),
                   .severity = severity,
                   .what = std::move(what),
                   .why = std::move(why),
                   .fix = std::move(fix)});
  }

 private:
  std::vector<Finding>& to_;
};

void tell_clock(Notes& notes, const HostEvidence& host) {
  if (!host.clock_trusted) {
    const std::string why =
        "what depends on the time of day is denied until it is right: visits, hours, dates of validity";
    if (host.clock_behind) {
      notes.say(
          "clock.untrusted",
          "this machine's clock is " + seconds_text(*host.clock_behind) +
              " behind the last moment that is known for certain",
          why,
          "set it: timedatectl set-ntp true (a board without a battery needs a time server at each start); "
          "where the clock is right and was wrong before: gatehouse clock show");
    } else if (host.clock_needs_ntp && !host.clock_disciplined) {
      notes.say("clock.untrusted", "no time server corrects this machine's clock, and gateway.clock is ntp",
                why, "timedatectl set-ntp true, and let this machine reach a time server (UDP port 123)");
    } else {
      notes.say(
          "clock.untrusted", "this machine's clock was moved by more than a minute", why,
          "see that it is right now (timedatectl); it is believed again after ten minutes without a jump");
    }
  } else if (!host.clock_disciplined) {
    notes.say("clock.free", "no time server corrects this machine's clock",
              "it may run away unseen, and a visitor be denied at the right hour", "timedatectl set-ntp true",
              Severity::note);
  }
  if (host.cloud_ahead && std::chrono::abs(*host.cloud_ahead) > cloud_skew_allowed) {
    notes.say("clock.cloud",
              "the clock that signs the cloud's commands is " + seconds_text(*host.cloud_ahead) +
                  (*host.cloud_ahead > Duration{0} ? " ahead of" : " behind") + " this machine's",
              "commands look as if they came from the future or had ended, and are refused",
              "see with a telephone which is wrong; here: timedatectl set-ntp true");
  }
}

void tell_disk(Notes& notes, const HostEvidence& host) {
  if (!host.state_trouble.empty()) {
    notes.say("state.unwritable", "the state directory " + host.state_dir + ": " + host.state_trouble,
              "nothing new can be kept, and a door is not opened whose opening cannot be kept",
              "chown -R gatehouse: " + host.state_dir + " and see that its disk is not mounted read-only");
  } else if (host.state_open_to_others) {
    notes.say("state.open", "others on this machine can read the state directory " + host.state_dir,
              "it holds names, e-mail addresses and who was where", "chmod 0700 " + host.state_dir,
              Severity::warning);
  }
  if (!host.free) return;
  if (*host.free < host.full_below) {
    notes.say("disk.full",
              "the disk of " + host.state_dir + " is full: " + size_text(*host.free) + " are free",
              "only alarms and doors are still written down; people and events wait",
              "make room: journalctl --vacuum-size=100M, apt clean; or give the directory a disk of its own");
  } else if (*host.free < host.min_free) {
    notes.say("disk.low",
              size_text(*host.free) + " are free on the disk of " + host.state_dir + ", and " +
                  size_text(host.min_free) + " are to stay free",
              "the oldest unsent news is given up to keep to that (the cloud is told which)",
              "make room: journalctl --vacuum-size=100M, apt clean; or lower cloud.outbox.min_free");
  }
}

void tell_store(Notes& notes, const HostEvidence& host) {
  if (host.database.outcome == DatabaseLook::Outcome::damaged) {
    notes.say("database.damaged",
              "the database in " + host.state_dir + " is damaged: " + host.database.detail,
              "what stands on the damaged pages is lost or wrong; the disk may be dying",
              "look at the disk (smartctl -a, dmesg); then stop gatehouse, put a backup back with gatehouse "
              "restore FILE, or start it: it saves what is intact and says what is lost");
  }
  if (host.store_trouble) {
    notes.say("database.unwritable", "the database does not answer as it should: " + *host.store_trouble,
              "nothing new can be kept, and a door is not opened whose opening cannot be kept",
              "check the disk and the rights of " + host.state_dir);
  }
  if (host.max_bytes != 0 && host.waiting_bytes > host.max_bytes / 10 * 8) {
    notes.say("outbox.quota",
              "unsent news takes " + size_text(host.waiting_bytes) + " of the " + size_text(host.max_bytes) +
                  " that it may",
              "when it is all used, the oldest is given up (the cloud is told which)",
              "bring the cloud connection back; or raise cloud.outbox.max_bytes", Severity::warning);
  }
  if (host.waiting != 0 && host.oldest_waiting && *host.oldest_waiting > long_unsent) {
    notes.say("outbox.waiting",
              std::to_string(host.waiting) + " messages wait to be sent, the oldest for " +
                  seconds_text(*host.oldest_waiting),
              "the cloud shows things as they were", "they go out by themselves once the cloud is there",
              Severity::note);
  }
  if (host.dead_letters != 0) {
    notes.say("outbox.dead",
              std::to_string(host.dead_letters) +
                  (host.dead_letters == 1 ? " message was" : " messages were") +
                  " refused by the broker for good",
              "the cloud lacks them, and knows it", "gatehouse outbox list --dead; then retry or drop each",
              Severity::note);
  }
}

void tell_files(Notes& notes, const HostEvidence& host, Instant now) {
  if (!host.config_faults.empty()) {
    const auto more = host.config_faults.size() - 1;
    notes.say("config.faulty",
              "the configuration has a fault: " + host.config_faults.front() +
                  (more == 0 ? "" : " (and " + std::to_string(more) + " more)"),
              "the gateway runs on with the last good one; after a restart it would not start",
              "gatehouse check " + host.config_path + " shows all of them; then gatehouse config reload");
  } else if (host.config_changed) {
    notes.say("config.not_loaded", "the files of the configuration were changed and not loaded yet",
              "what they say does not count yet", "gatehouse config reload", Severity::note);
  }
  if (!host.reload_error.empty()) {
    notes.say("config.reload", "the last reload was refused: " + host.reload_error,
              "the last good configuration stays in force",
              "mend what is named, then gatehouse config reload");
  }
  for (const auto& secret : host.secrets) {
    notes.say("secret.unreadable", secret.key + " cannot be read: " + secret.detail,
              secret.subject == "cloud"     ? "without it the cloud cannot be reached"
              : secret.subject == "gateway" ? "without it the LAN interface stays closed"
                                            : "without it Net2 lets nobody in",
              "put it where the configuration says, readable by user gatehouse alone; a credential needs a "
              "restart: systemctl restart gatehouse",
              Severity::fault, secret.subject);
  }
  if (host.command_keys && host.command_keys->code != Errc::not_found) {
    notes.say("command_keys", "the keys of the cloud's commands cannot be used: " + host.command_keys->detail,
              "new keys do not count; after a restart no command is taken at all",
              "mend the file that cloud.command_keys names, then gatehouse config reload");
  } else if (host.command_keys) {
    notes.say("command_keys", "no command from the cloud is taken: " + host.command_keys->detail,
              "the cloud can watch, and can neither sign anybody in nor open a door",
              "where that is not meant: put the cloud's keys there, then gatehouse config reload",
              Severity::note);
  }
  if (!host.lan_trouble.empty()) {
    notes.say("lan.certificate_unusable",
              "the certificate of the LAN interface cannot be used: " + host.lan_trouble,
              "kiosks in the building cannot sign anybody in", "correct lan_api.tls.cert");
  }
  if (host.lan_certificate) {
    std::vector<Finding> found = certificate_end_findings(
        {.code = "lan.certificate",
         .subject = "gateway",
         .severity = Severity::fault,
         .what = {},
         .why = "kiosks in the building refuse to talk to a gateway whose certificate has ended",
         .fix = "have a new one issued and put it into lan_api.tls.cert, then gatehouse config reload"},
        "the certificate of the LAN interface", *host.lan_certificate, now);
    for (auto& one : found) notes.say(one.code, one.what, one.why, one.fix, one.severity);
  }
  for (const auto& feed : host.feeds) {
    if (feed.trouble.empty()) continue;
    notes.say(feed.missing ? "feed.directory_missing" : "feed.directory",
              "the directory " + feed.directory + ": " + feed.trouble,
              "nobody comes in from there, and people who are known grow stale",
              feed.missing
                  ? "install -d -o gatehouse -g gatehouse-feed -m 2770 " + feed.directory
                  : "chown gatehouse:gatehouse-feed " + feed.directory + "; chmod 2770 " + feed.directory,
              Severity::fault, feed.integration);
  }
}

}  // namespace

std::vector<Finding> host_findings(const HostEvidence& host, Instant now) {
  std::vector<Finding> found;
  Notes notes(found);
  tell_clock(notes, host);
  tell_disk(notes, host);
  tell_store(notes, host);
  tell_files(notes, host, now);
  for (const auto& loop : host.late_loops) {
    notes.say("loop.late", "a part of the gateway stands still: " + loop,
              "what it looks after is not looked after; the watchdog restarts the gateway soon",
              "if it comes again: gatehouse bundle FILE, and report it");
  }
  return found;
}

std::vector<SoundPart> host_sound_parts(const HostEvidence& host) {
  std::vector<SoundPart> sound;
  const auto add = [&](std::string what) {
    sound.push_back({.subject = "gateway", .what = std::move(what)});
  };
  if (host.config_faults.empty() && host.reload_error.empty() && !host.config_path.empty())
    add("the configuration " + host.config_path + " has no faults");
  if (host.clock_trusted) add("the clock is trusted");
  if (host.free && *host.free >= host.min_free) add(size_text(*host.free) + " are free on the disk");
  if (host.state_trouble.empty()) add("the state directory " + host.state_dir + " can be written");
  if (host.database.outcome == DatabaseLook::Outcome::sound)
    add("the database was read through and is sound");
  if (host.database.outcome == DatabaseLook::Outcome::unfinished)
    add("the database is sound as far as it could be read in time (" + std::to_string(host.database.pages) +
        " pages)");
  if (host.secrets.empty()) add("all secrets can be read");
  return sound;
}

}  // namespace gatehouse
