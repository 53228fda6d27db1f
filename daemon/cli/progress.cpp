#include "daemon/cli/progress.hpp"

#include <chrono>
#include <future>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/words.hpp"
#include "daemon/control/bus_names.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;

constexpr auto between_questions = 500ms;

// A daemon that is too busy to say how far it is must not hold up what it says when it is done.
constexpr std::chrono::seconds patience_with_progress{2};

void show_line(Terminal& terminal, const std::string& line) {
  terminal.err << "\r\x1b[K" << cut_to_width(line, terminal.width > 0 ? terminal.width - 1 : 79)
               << std::flush;
}

}  // namespace

std::string progress_words(const boost::json::value& document) {
  std::string out;
  for (const auto& one : list_field(document, "progress")) {
    out += (out.empty() ? "" : "; ") + text_field(one, "integration") + ": " + text_field(one, "phase");
    const auto done = number_field(one, "done");
    const auto all = number_field(one, "all");
    if (done && all && *all > 0) out += ", " + number_words(*done) + " of " + number_words(*all);
  }
  return harmless(out);
}

Answer with_progress(BusClient& client, const Bus& bus, Terminal& terminal,
                     const std::function<Answer(BusClient&)>& call) {
  BusClient onlooker(bus);
  // Both connect before there are two threads, for connecting reads and writes the environment.
  if (auto trouble = client.connect()) return *std::move(trouble);
  if (auto trouble = onlooker.connect()) return *std::move(trouble);

  auto answer = std::async(std::launch::async, [&] { return call(client); });
  bool shown = false;
  while (answer.wait_for(between_questions) == std::future_status::timeout) {
    const auto said = onlooker.ask(bus_names::sync, "Progress", {}, patience_with_progress);
    if (!said.document) continue;
    boost::json::error_code wrong;
    const auto document = boost::json::parse(*said.document, wrong);
    if (wrong) continue;
    const auto line = progress_words(document);
    if (!line.empty() || shown) show_line(terminal, line);
    shown = shown || !line.empty();
  }
  if (shown) show_line(terminal, "");
  return answer.get();
}

}  // namespace gatehouse
