#include "daemon/store/knowledge_news.hpp"

#include <algorithm>
#include <iterator>

namespace gatehouse {

void KnowledgeNotes::committed() {
  people_.clear();
  if (news_.empty()) return;
  KnowledgeNews news = std::exchange(news_, {});
  const auto append = [](auto& to, auto& from) { std::ranges::move(from, std::back_inserter(to)); };
  append(committed_.changed, news.changed);
  append(committed_.gone, news.gone);
  append(committed_.net2_lockdown, news.net2_lockdown);
  append(committed_.presence, news.presence);
}

void KnowledgeNotes::rolled_back() {
  people_.clear();
  news_ = {};
}

void tell(KnowledgeListener& listener, KnowledgeNews news) {
  if (!news.changed.empty() || !news.gone.empty()) {
    listener.on_people(std::move(news.changed), std::move(news.gone));
  }
  for (const auto& [integration, on] : news.net2_lockdown) listener.on_net2_lockdown(integration, on);
  for (const auto& presence : news.presence) listener.on_presence(presence);
}

}  // namespace gatehouse
