#pragma once
// What the ways through a set-up have in common. Inside daemon/setup only.

#include "daemon/setup/net2_visit.hpp"
#include "daemon/setup/setup.hpp"

namespace gatehouse::setup {

using Say = std::function<void(const std::string&)>;

/// What a run is made with.
struct Course {
  const Options& options;
  Places places;
  Net2Visit visit;
  const std::atomic<bool>& stop;
  Say say;
};

Outcome refused(std::string error, std::vector<std::string> details = {});
Outcome stopped();
/// Cancelled is stopped; anything else is refused, with the advice that goes with it.
Outcome refused(const Error& error);

/// "6 departments, 3 access levels, 12 doors, 500 people": of what the server has.
std::string describe_survey(const Net2Survey& survey);

/// What stands in the configuration that would be replaced and that no question asks for: it is not taken
/// over. Empty: nothing.
std::string left_behind(const std::string& config);

/// The text is checked, and written unless it is a dry run.
Outcome finish(const Course& course, const Draft& draft, const Net2Survey& survey);

Outcome set_up_by_answers(const Course& course);
/// `dialogue` is asked until everything is known, and at last for its yes.
Outcome set_up_by_dialogue(const Course& course, Dialogue& dialogue);
/// `setup --password`. `dialogue` may be null with answers in a file.
Outcome rotate(const Course& course, Dialogue* dialogue);

}  // namespace gatehouse::setup
