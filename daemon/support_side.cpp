#include "daemon/support_side.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "daemon/control/check_up_methods.hpp"
#include "daemon/control/clock_methods.hpp"
#include "daemon/control/privacy_methods.hpp"
#include "daemon/control/state_methods.hpp"
#include "daemon/host/unicode_fold.hpp"

namespace gatehouse {
SupportSide::SupportSide(Parts parts)
    : parts_(std::move(parts)),
      clock_({.floored = parts_.floored, .store = parts_.store, .clock = parts_.clock, .log = parts_.log}),
      privacy_({.executor = parts_.executor,
                .store = parts_.store,
                .queries = parts_.store,
                .fold = unicode_fold(),
                .clock = parts_.clock,
                .log = parts_.log,
                .retention = [this] { return parts_.settings.retention; },
                .news = parts_.news,
                .know_anew = [this] { parts_.sources.know_anew(); }}),
      state_({.salvage = parts_.store,
              .backup = parts_.store,
              .alerts = parts_.alerts,
              .clock = parts_.clock,
              .log = parts_.log,
              .accepted = [this] { parts_.access.trust_names(); },
              .news = parts_.news,
              .restart = parts_.restart}),
      metrics_({.executor = parts_.executor,
                .worker = parts_.worker,
                .settings = parts_.settings,
                .state_dir = parts_.state_dir,
                .clock = parts_.clock,
                .log = parts_.log,
                .alerts = parts_.alerts,
                .tallies = parts_.tallies,
                .gateway = parts_.gateway,
                .sources = parts_.sources,
                .desk = parts_.access.desk()}),
      probes_({.config_path = parts_.config_path,
               .settings = parts_.settings,
               .state_dir = parts_.state_dir,
               .store = parts_.store,
               .clock = parts_.clock,
               .api_log = parts_.api_log,
               .gateway = parts_.gateway,
               .access = parts_.access,
               .cloud = parts_.cloud}),
      check_up_({.executor = parts_.executor,
                 .settings = parts_.settings,
                 .sources = parts_.sources,
                 .probes = probes_,
                 .clock = parts_.clock}),
      loops_(parts_.executor, parts_.clock, parts_.log) {}

std::vector<Method> SupportSide::methods() {
  auto methods = clock_methods(clock_);
  std::ranges::move(privacy_methods(privacy_, parts_.store), std::back_inserter(methods));
  std::ranges::move(check_up_methods(check_up_), std::back_inserter(methods));
  std::ranges::move(state_methods(state_), std::back_inserter(methods));
  return methods;
}

void SupportSide::start() {
  loops_.start("metrics", [this](Pulse& pulse) { return metrics_.loop(pulse); });
  loops_.start("store pages", [this](Pulse& pulse) { return state_.loop(pulse); });
  loops_.start("privacy", [this](Pulse& pulse) { return privacy_.loop(pulse); });
}

void SupportSide::use() {
  metrics_.look();
}

Task<void> SupportSide::stop() {
  co_await loops_.stop();
  co_await metrics_.stop();
}

std::vector<std::string> SupportSide::late() const {
  return loops_.late();
}

}  // namespace gatehouse
