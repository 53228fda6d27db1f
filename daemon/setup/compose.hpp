#pragma once
// The configuration as text: what was answered, with comments that say what else there is.

#include <string>

#include "daemon/setup/draft.hpp"

namespace gatehouse::setup {

/// `today`: "2026-06-01", for the head. Only what a set-up asks for is written; loading the text gives the
/// draft's settings, whatever names the site has.
std::string compose_yaml(const Draft& draft, const std::string& today);

/// A text as YAML reads it back: plain where no reader could take it for anything else, else in double
/// quotes.
std::string yaml_text(const std::string& text);

}  // namespace gatehouse::setup
