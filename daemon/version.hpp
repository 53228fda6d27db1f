#pragma once

#include <string_view>

namespace gatehouse {

/// Of the daemon; set by the build (project() in CMakeLists.txt).
inline constexpr std::string_view version = GATEHOUSE_VERSION;

}  // namespace gatehouse
