#include "daemon/cli/follow.hpp"

#include <utility>

#include <boost/json/array.hpp>

#include "daemon/cli/json_fields.hpp"

namespace gatehouse {

std::vector<boost::json::value> EventFollower::take(boost::json::value page) {
  std::vector<boost::json::value> news;
  for (const auto& event : list_field(page, list_)) {
    if (known_.insert(text_field(event, id_)).second) news.push_back(event);
  }
  auto next = text_field(page, "next");
  more_ = !next.empty() && next != after_;
  if (more_) {
    after_ = std::move(next);
    known_.clear();
  }
  return news;
}

}  // namespace gatehouse
