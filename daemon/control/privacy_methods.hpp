#pragma once
// What a person may ask for, over D-Bus: People.Export and People.Erase; and figures that name nobody.

#include <vector>

#include "daemon/app/privacy_desk.hpp"
#include "daemon/control/methods.hpp"

namespace gatehouse {

/// These must outlive the methods. StoreFigures is for support: it names nobody.
std::vector<Method> privacy_methods(PrivacyDesk& desk, PrivacyStore& store);

}  // namespace gatehouse
