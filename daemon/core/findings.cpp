#include "daemon/core/findings.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

enum class Fate {
  drop,    ///< says nothing that the cause does not say
  attach,  ///< is worth saying, as a consequence
};

/// `*` at the end of a pattern stands for anything. The first rule that fits rules.
struct CauseRule {
  std::string_view consequence;
  std::string_view cause;
  bool same_subject;
  Fate fate;
};

constexpr std::array rules{
    // A clock that is wrong makes certificates look wrong.
    CauseRule{"net2.certificate_not_yet", "clock.untrusted", false, Fate::drop},
    CauseRule{"cloud.certificate_not_yet", "clock.untrusted", false, Fate::drop},
    CauseRule{"net2.certificate_expired", "clock.untrusted", false, Fate::attach},
    CauseRule{"cloud.certificate_expired", "clock.untrusted", false, Fate::attach},
    CauseRule{"net2.clock", "clock.untrusted", false, Fate::drop},
    CauseRule{"clock.cloud", "clock.untrusted", false, Fate::drop},
    CauseRule{"clock.free", "clock.untrusted", false, Fate::drop},
    // No name server, no network: one fault for all who need them.
    CauseRule{"net2.dns", "network.dns", false, Fate::drop},
    CauseRule{"cloud.dns", "network.dns", false, Fate::drop},
    CauseRule{"net2.no_route", "network.down", false, Fate::drop},
    CauseRule{"cloud.no_route", "network.down", false, Fate::drop},
    // Disk and database.
    CauseRule{"database.*", "state.*", true, Fate::drop},
    CauseRule{"database.unwritable", "disk.full", true, Fate::drop},
    CauseRule{"database.unwritable", "database.damaged", true, Fate::drop},
    CauseRule{"disk.low", "disk.full", true, Fate::drop},
    CauseRule{"outbox.quota", "disk.low", true, Fate::attach},
    // The files: what cannot be loaded was also refused.
    CauseRule{"config.reload", "config.faulty", true, Fate::drop},
    CauseRule{"config.not_loaded", "config.*", true, Fate::drop},
    // A secret that cannot be read is why nobody signs in with it.
    CauseRule{"net2.link", "secret.unreadable", true, Fate::drop},
    CauseRule{"cloud.link", "secret.unreadable", true, Fate::drop},
    CauseRule{"cloud.own_certificate_unusable", "secret.unreadable", true, Fate::drop},
    CauseRule{"cloud.own_certificate*", "cloud.own_certificate_expired", true, Fate::drop},
    // What the running link says is what the probe has found, in fewer words.
    CauseRule{"feed.link", "feed.directory*", true, Fate::drop},
    CauseRule{"net2.group", "net2.no_departments", true, Fate::drop},
    CauseRule{"net2.link", "net2.*", true, Fate::drop},
    CauseRule{"cloud.link", "cloud.*", true, Fate::drop},
    CauseRule{"net2.link", "network.*", false, Fate::drop},
    CauseRule{"cloud.link", "network.*", false, Fate::drop},
    CauseRule{"net2.link", "database.*", false, Fate::drop},
    CauseRule{"outbox.waiting", "cloud.*", false, Fate::attach},
    CauseRule{"outbox.waiting", "network.*", false, Fate::attach},
    CauseRule{"outbox.waiting", "secret.unreadable", false, Fate::attach},
};

bool fits(std::string_view pattern, std::string_view code) {
  if (pattern.ends_with('*')) return code.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == code;
}

/// Faults of a server that no link stumbles over.
constexpr std::array<std::string_view, 6> beside_the_link{"net2.zone",     "net2.clock",        "net2.door",
                                                          "net2.no_doors", "net2.access_level", "net2.group"};

/// Only what is broken breaks something else.
bool may_cause(const CauseRule& rule, const Finding& cause, const Finding& consequence) {
  if (rule.consequence == "net2.link" &&
      std::ranges::find(beside_the_link, cause.code) != beside_the_link.end())
    return false;
  return &cause != &consequence && cause.severity == Severity::fault && fits(rule.cause, cause.code) &&
         cause.code != consequence.code && (!rule.same_subject || cause.subject == consequence.subject);
}

struct Verdict {
  Fate fate;
  const Finding* cause;
};

std::optional<Verdict> judge_one(const Finding& finding, const std::vector<Finding>& all) {
  for (const auto& rule : rules) {
    if (!fits(rule.consequence, finding.code)) continue;
    for (const auto& cause : all) {
      if (may_cause(rule, cause, finding)) return Verdict{.fate = rule.fate, .cause = &cause};
    }
  }
  return std::nullopt;
}

/// What is named in its place: the beginning of the chain. No chain is longer than there are findings.
const Finding& root_of(const Finding& finding, const std::vector<Finding>& all) {
  const Finding* at = &finding;
  for (std::size_t step = 0; step < all.size(); ++step) {
    const auto verdict = judge_one(*at, all);
    if (!verdict) break;
    at = verdict->cause;
  }
  return *at;
}

/// Two looks may find the same: the certificate's own date, and the broker's word about it.
void name_once(std::vector<Finding>& all) {
  std::vector<Finding> kept;
  for (auto& finding : all) {
    const bool known = std::ranges::any_of(kept, [&](const Finding& other) {
      return other.code == finding.code && other.subject == finding.subject &&
             other.code != "secret.unreadable";
    });
    if (!known) kept.push_back(std::move(finding));
  }
  all = std::move(kept);
}

/// Two integrations behind one address have one fault, not two (features.md S2-H10).
void merge_shared(std::vector<Finding>& all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t k = i + 1; k < all.size();) {
      const bool same = !all[i].peer.empty() && all[i].peer == all[k].peer && all[i].code == all[k].code &&
                        all[i].severity == all[k].severity && all[i].subject != all[k].subject;
      if (!same) {
        ++k;
        continue;
      }
      all[i].what += " (" + all[k].subject + " has the same)";
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(k));
    }
  }
}

int rank(const std::string& subject) {
  if (subject == "gateway") return 0;
  return subject == "cloud" ? 2 : 1;
}

}  // namespace

std::string_view to_string(Severity severity) {
  constexpr std::array<std::string_view, 3> names{"note", "warning", "fault"};
  return names[static_cast<std::size_t>(severity)];
}

std::vector<Finding> causes_first(std::vector<Finding> found) {
  name_once(found);
  std::vector<Finding> roots;
  std::vector<Finding> consequences;
  for (const auto& finding : found) {
    const auto verdict = judge_one(finding, found);
    if (!verdict) {
      roots.push_back(finding);
    } else if (verdict->fate == Fate::attach) {
      const auto& root = root_of(*verdict->cause, found);
      auto kept = finding;
      kept.severity = Severity::note;
      kept.caused_by = Finding::Cause{.code = root.code, .subject = root.subject};
      consequences.push_back(std::move(kept));
    }
  }
  merge_shared(roots);
  std::vector<Finding> ordered;
  for (const int place : {0, 1, 2}) {
    for (const auto severity : {Severity::fault, Severity::warning, Severity::note}) {
      for (const auto& root : roots) {
        if (rank(root.subject) != place || root.severity != severity) continue;
        ordered.push_back(root);
        const Finding::Cause name{.code = root.code, .subject = root.subject};
        for (const auto& consequence : consequences) {
          if (consequence.caused_by == name) ordered.push_back(consequence);
        }
      }
    }
  }
  return ordered;
}

bool has_faults(const std::vector<Finding>& findings) {
  return std::ranges::any_of(findings,
                             [](const Finding& finding) { return finding.severity == Severity::fault; });
}

std::string check_up_json(const CheckUpReport& report) {
  JsonWriter json;
  json.begin_object().key("findings").begin_array();
  for (const auto& finding : report.findings) {
    json.begin_object().member("code", finding.code).member("subject", finding.subject);
    json.member("severity", to_string(finding.severity)).member("what", finding.what);
    json.member("why", finding.why).member("fix", finding.fix);
    if (finding.caused_by) {
      json.key("caused_by").begin_object();
      json.member("code", finding.caused_by->code).member("subject", finding.caused_by->subject);
      json.end_object();
    }
    json.end_object();
  }
  json.end_array().key("checked").begin_array();
  for (const auto& sound : report.checked) {
    json.begin_object().member("subject", sound.subject).member("what", sound.what).end_object();
  }
  json.end_array().end_object();
  return json.take();
}

}  // namespace gatehouse
