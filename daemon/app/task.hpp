#pragma once
// The one foreign word of this floor.

#include <boost/asio/awaitable.hpp>

namespace gatehouse {

template <typename T>
using Task = boost::asio::awaitable<T>;

}  // namespace gatehouse
