#pragma once
// Lists of texts as the store keeps them: a JSON array of strings, so that SQL can look into them.

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

std::string encode_list(const std::vector<std::string>& items);
/// Throws StoreFault where it is no such array: somebody else wrote into the file.
std::vector<std::string> decode_list(std::string_view text);

}  // namespace gatehouse
