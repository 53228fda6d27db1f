#pragma once
// "Did you mean": the known word nearest to a misspelt one.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

/// Edits that turn one word into the other: a character put in, left out or replaced, or two neighbours
/// swapped.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The first of the nearest words, where one is near enough to be meant; ties go to the earlier candidate.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

/// "; did you mean 'word'?", or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace gatehouse::config
