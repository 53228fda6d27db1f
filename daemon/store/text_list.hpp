#pragma once
// Texts as the store keeps them: a JSON array of strings, so that SQL can look into them, or a JSON object.

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

std::string encode_list(const std::vector<std::string>& items);
/// Throws StoreFault where it is no such array: somebody else wrote into the file.
std::vector<std::string> decode_list(std::string_view text);

std::string encode_map(const std::map<std::string, std::string>& items);
/// Likewise.
std::map<std::string, std::string> decode_map(std::string_view text);

}  // namespace gatehouse
