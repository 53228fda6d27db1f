#pragma once
// Are these the people that we know? What a whole snapshot tells of the server that it came from. Pure.

#include <cstddef>

namespace gatehouse {

/// A snapshot held against the records that were there before it.
struct Met {
  std::size_t records = 0;         ///< that were there before
  std::size_t records_back = 0;    ///< of these: there again, by their ids
  std::size_t people = 0;          ///< of the records: those with a person in the registry
  std::size_t people_back = 0;     ///< of these people: there again, by their ids
  std::size_t people_renamed = 0;  ///< of these: under another name
  std::size_t people_changed = 0;  ///< of these: with another e-mail, too
};

/// Another server's people: none of the known ids is there, or mostly others go by them.
bool are_strangers(const Met& met);

/// Nearly everybody that we know is there, under the same name. Never where we know nobody.
bool are_the_same(const Met& met);

}  // namespace gatehouse
