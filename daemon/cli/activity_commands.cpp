// The two lists that can be looked at in views: what became of records, and what was asked of Net2.

#include <algorithm>
#include <deque>
#include <set>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "daemon/cli/commands.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/saved_views.hpp"
#include "daemon/control/bus_names.hpp"

namespace gatehouse {
namespace {

using boost::json::value;

constexpr char from_the_oldest[] = "0";  // `after`: no record has this id
constexpr std::uint32_t newest_when_following = 10;

/// What to show: the view, with what was said on the command line put over it.
struct Chosen {
  ListView view{};
  std::map<std::string, std::string> filter;
};

ExitStatus usage(CommandSession& session, const Error& error) {
  return session.fail(error.code == Errc::invalid ? ExitStatus::usage : ExitStatus::failed, error.detail);
}

std::string list_of(const CommandSession& session) {
  return session.command.verb == Verb::activity ? "activity" : "log_api";
}

ExitStatus keep_view(CommandSession& session, const SavedView& shown) {
  const auto& name = session.command.save_view;
  if (built_in_views(list_of(session)).contains(name))
    return session.fail(ExitStatus::usage,
                        "the view '" + name + "' comes with the program; choose another name");
  const auto file = views_file();
  if (!file) return session.fail(ExitStatus::failed, "there is no place for views: HOME is not set");
  const auto saved = save_view(*file, list_of(session), name, shown);
  if (!saved) return session.fail(ExitStatus::failed, saved.error().detail);
  if (!session.command.json)
    session.terminal.err << "view '" << name << "' is kept in " << file->string() << '\n';
  return ExitStatus::done;
}

/// Anything but done: it was told why.
ExitStatus choose(CommandSession& session, const ListView& all, Chosen& chosen) {
  const auto& command = session.command;
  SavedView shown;
  if (!command.view.empty()) {
    SavedViews saved;
    const auto file = views_file();
    if (file && !built_in_views(list_of(session)).contains(command.view)) {
      auto loaded = load_views(*file);
      if (!loaded) return session.fail(ExitStatus::failed, loaded.error().detail);
      saved = std::move(*loaded);
    }
    auto found = find_view(saved, list_of(session), command.view);
    if (!found) return usage(session, found.error());
    shown = std::move(*found);
  }
  for (const auto& [key, text] : command.filter) shown.filter.insert_or_assign(key, text);
  if (!command.columns.empty()) shown.columns = command.columns;

  auto view = choose_columns(all, shown.columns);
  if (!view) return usage(session, view.error());
  chosen = {std::move(*view), shown.filter};
  return command.save_view.empty() ? ExitStatus::done : keep_view(session, shown);
}

/// Of several outcomes the daemon knows nothing; they are picked out here.
std::set<std::string> take_outcomes(std::map<std::string, std::string>& filter) {
  std::set<std::string> outcomes;
  const auto found = filter.find("outcome");
  if (found == filter.end() || found->second.find(',') == std::string::npos) return outcomes;
  std::string_view rest = found->second;
  for (;;) {
    const auto end = rest.find(',');
    outcomes.emplace(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  filter.erase(found);
  return outcomes;
}

value document_of(const char* array, boost::json::array items) {
  boost::json::object document;
  document[array] = std::move(items);
  return document;
}

/// Pages of activity, one after the other.
class ActivityReader {
 public:
  ActivityReader(CommandSession& session, std::map<std::string, std::string> filter, std::string after)
      : session_(session),
        outcomes_(take_outcomes(filter)),
        filter_(std::move(filter)),
        after_(std::move(after)) {}

  bool picks() const { return !outcomes_.empty(); }
  void start_at(std::string after) { after_ = std::move(after); }

  /// Those of the next page that are wanted; nullopt where there is no answer, which was told.
  std::optional<boost::json::array> next(std::uint32_t limit, ExitStatus& status) {
    auto answer = session_.daemon.ask(bus_names::activity, "List", {filter_, after_, limit});
    while (waits_ && session_.is_only_away(answer)) {
      session_.wait_for_news();
      answer = session_.daemon.ask(bus_names::activity, "List", {filter_, after_, limit});
    }
    session_.away = false;
    const auto page = session_.read(answer, status, see_integrations);
    if (!page) return std::nullopt;
    boost::json::array wanted;
    const auto& items = list_field(*page, "activity");
    for (const auto& one : items) {
      if (!picks() || outcomes_.contains(text_field(one, "outcome"))) wanted.push_back(one);
    }
    const auto last = items.empty() ? after_ : text_field(items.back(), "id");
    more_ = !text_field(*page, "next").empty() && last != after_;  // a list that does not go on must not spin
    after_ = last;
    return wanted;
  }

  bool more() const { return more_; }
  /// From now on a daemon that has gone is waited for.
  void wait_for_daemon() { waits_ = true; }

 private:
  CommandSession& session_;
  std::set<std::string> outcomes_;
  std::map<std::string, std::string> filter_;
  std::string after_;
  bool more_ = false;
  bool waits_ = false;
};

ExitStatus follow_activity(CommandSession& session, ActivityReader& reader, ListPrinter& printer,
                           bool from_now) {
  auto& out = session.terminal.out;
  ExitStatus status = ExitStatus::done;
  std::uint32_t limit = from_now ? newest_when_following : page_size;
  if (const auto trouble = session.daemon.listen()) return session.fail(*trouble);
  for (;;) {
    const auto items = reader.next(limit, status);
    if (!items) return status;
    for (const auto& one : *items) printer.item(one);
    out << std::flush;
    if (!out) return ExitStatus::failed;
    limit = page_size;
    reader.wait_for_daemon();
    if (!reader.more()) session.wait_for_news();
  }
}

/// The newest page of those that were picked out, which takes reading them all.
ExitStatus print_newest_picked(ActivityReader& reader, ListPrinter& printer) {
  std::deque<value> newest;
  ExitStatus status = ExitStatus::done;
  do {
    auto items = reader.next(page_size, status);
    if (!items) return status;
    for (auto& one : *items) newest.push_back(std::move(one));
    while (newest.size() > page_size) newest.pop_front();
  } while (reader.more());
  printer.page(document_of("activity", boost::json::array(newest.begin(), newest.end())));
  printer.end();
  return status;
}

bool contains(const value& call, const char* path, const std::string& text) {
  return text_field(call, path).find(text) != std::string::npos;
}

bool call_is_wanted(const value& call, const std::map<std::string, std::string>& filter) {
  const auto wants = [&](const char* key) {
    const auto found = filter.find(key);
    return found == filter.end() ? std::string() : found->second;
  };
  const auto integration = wants("integration");
  if (!integration.empty() && text_field(call, "integration") != integration) return false;
  const auto search = wants("search");
  if (!search.empty() && !contains(call, "verb", search) && !contains(call, "path", search) &&
      !contains(call, "error", search))
    return false;
  const bool failed = number_field(call, "status").value_or(0) >= 400 || !text_field(call, "error").empty();
  return wants("failed") != "true" || failed;
}

}  // namespace

ExitStatus list_activity(CommandSession& session) {
  Chosen chosen;
  ExitStatus status = choose(session, activity_view(), chosen);
  if (status != ExitStatus::done) return status;
  const auto& command = session.command;
  const bool since = chosen.filter.contains("since");
  const auto form = !command.json ? ListForm::table : command.follow ? ListForm::json_lines : ListForm::json;
  ListPrinter printer(chosen.view, form, session.terminal);
  ActivityReader reader(session, chosen.filter, since ? from_the_oldest : "");
  if (command.follow) return follow_activity(session, reader, printer, !since);
  if (reader.picks() && !since) {
    reader.start_at(from_the_oldest);
    return print_newest_picked(reader, printer);
  }
  do {
    auto items = reader.next(page_size, status);
    if (!items) return status;
    printer.page(document_of("activity", std::move(*items)));
  } while (reader.more());
  printer.end();
  return status;
}

ExitStatus list_api_calls(CommandSession& session) {
  Chosen chosen;
  ExitStatus status = choose(session, api_calls_view(), chosen);
  if (status != ExitStatus::done) return status;
  const auto since = chosen.filter.find("since");
  const auto answer = session.daemon.ask(bus_names::log, "Api",
                                         {since == chosen.filter.end() ? std::string() : since->second});
  const auto document = session.read(answer, status);
  if (!document) return status;
  boost::json::array wanted;
  for (const auto& call : list_field(*document, "calls")) {
    if (call_is_wanted(call, chosen.filter)) wanted.push_back(call);
  }
  ListPrinter printer(chosen.view, session.command.json ? ListForm::json : ListForm::table, session.terminal);
  printer.page(document_of("calls", std::move(wanted)));
  printer.end();
  return status;
}

}  // namespace gatehouse
