#pragma once
// `gatehouse setup`: from a Net2 address to a configuration that passes `gatehouse check`.

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/setup/dialogue.hpp"
#include "daemon/setup/draft.hpp"

namespace gatehouse::setup {

struct Options {
  std::string config = "/etc/gatehouse/gatehouse.yaml";
  std::string answers;             ///< a file; empty: somebody is asked
  std::optional<Keeping> keeping;  ///< nullopt: systemd where it runs, else files
  std::string credentials = "/etc/gatehouse/credentials";
  std::string drop_in = "/etc/systemd/system/gatehouse.service.d/credentials.conf";
  bool dry_run = false;
  std::string rotate;  ///< id of the integration whose credentials change; empty: the whole set-up
};

struct Outcome {
  enum class How {
    done,
    shown,    ///< a dry run
    stopped,  ///< by the person; nothing was written
    refused,  ///< `error` and `details` say why; nothing was written
  };
  How how = How::refused;
  std::string error;
  std::vector<std::string> details;  ///< faults one by one
  std::string config_text;           ///< what was or would be written
  std::vector<std::string> written;  ///< paths; of a dry run, those that would be, with remarks
  std::string backup;                ///< of the configuration that was there
  std::vector<std::string> next;     ///< commands to type, in this order
  bool restart_needed = false;       ///< the running daemon has the old secrets until then
  std::optional<Net2Survey> found;
};

/// `dialogue`: whom to ask; not used with answers in a file. `say`: what is being done, for whoever watches.
/// `stop` may be set by a signal handler at any time: nothing is written then, or all of it. Blocks.
Outcome run_setup(const Options& options, Dialogue* dialogue, const std::atomic<bool>& stop,
                  const std::function<void(const std::string&)>& say);

}  // namespace gatehouse::setup
