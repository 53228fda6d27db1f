#include "daemon/cli/why_words.hpp"

#include <boost/json/array.hpp>

#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/list_views.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/words.hpp"

namespace gatehouse {
namespace {

using boost::json::value;

std::string lines_of(const ListView& view, const boost::json::array& items, std::size_t width) {
  std::vector<Row> rows;
  for (const auto& one : items) rows.push_back(make_row(view, one));
  return make_table(view, width).lines(rows);
}

std::string access_words(const value& person) {
  const auto effective = bool_field(person, "access.effective");
  if (!effective) return "";
  if (*effective) return ", may be let in";
  if (bool_field(person, "access.admin_enabled") == false) return ", is not let in: disabled here";
  if (bool_field(person, "access.source_present") == false) return ", is not let in: removed at the source";
  return ", is not let in";
}

std::string decoupled_words(const value& document) {
  const auto reason = text_field(document, "decoupled.reason");
  const auto until = text_field(document, "decoupled.until");
  return "Decoupled" + (until.empty() ? "" : " until " + local_time(until)) +
         (reason.empty() ? "" : " (" + harmless(reason) + ")") +
         ": no run changes or removes this person. Give back: gatehouse people couple " +
         harmless(text_field(document, "person.id")) + '\n';
}

}  // namespace

std::string why_words(const value& document, std::size_t width) {
  static const value nobody;
  const auto* found = find_field(document, "person");
  const value& person = found == nullptr ? nobody : *found;
  std::string out =
      harmless(full_name(person) + " (" + text_field(person, "id") + ")" + access_words(person)) + '\n';
  if (bool_field(person, "tracked") == false) out += decoupled_words(document);

  const auto& links = list_field(document, "links");
  out += links.empty() ? "\nNo record of any source belongs to this person.\n"
                       : "\nRecords\n" + lines_of(links_view(), links, width);
  for (const auto& link : links) {
    const auto hint = text_field(link, "hint");
    if (!hint.empty())
      out += harmless(text_field(link, "integration") + "/" + text_field(link, "external_id") + ": " + hint) +
             '\n';
  }
  const auto& activity = list_field(document, "activity");
  if (activity.empty()) return out + "\nNothing happened to these records lately.\n";
  const auto usual = choose_columns(activity_view(), {});
  return usual ? out + "\nLately\n" + lines_of(*usual, activity, width) : out;
}

}  // namespace gatehouse
