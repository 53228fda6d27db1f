#include "daemon/offline/store_look.hpp"

#include "daemon/store/fault.hpp"
#include "daemon/store/lock_file.hpp"
#include "daemon/store/store_figures.hpp"

namespace gatehouse {

Result<std::string> look_at_store(const std::string& directory) {
  const std::filesystem::path place(directory);
  std::error_code none;
  if (!std::filesystem::exists(place / "gatehouse.lock", none))
    return Error{Errc::not_found,
                 "there is no store in " + directory + ", or you may not look there (root may)"};
  try {
    const LockFile lock(place / "gatehouse.lock");  // no daemon starts while this looks
    return store_figures(place);
  } catch (const StoreFault& fault) {
    return fault.error();
  }
}

}  // namespace gatehouse
