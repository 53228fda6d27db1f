#pragma once
// Who may look for people in the registry and write what follows from it: one pass at a time in the whole
// gateway. Two that look at once would each make the person that both sources have (contract.md §5: links
// first, else duplicate).

#include <list>
#include <memory>

#include "daemon/app/task.hpp"
#include "daemon/app/wakeup.hpp"

namespace gatehouse {

/// On one thread. In the order in which they asked; whoever is cancelled while waiting has not asked.
class RegistryTurn {
 public:
  /// While it lives, it is the holder's turn. May outlive the RegistryTurn.
  class Held {
   public:
    ~Held();
    Held(Held&& other) noexcept = default;
    Held& operator=(Held&&) = delete;

   private:
    friend class RegistryTurn;
    using Line = std::list<std::shared_ptr<Wakeup>>;
    Held(std::shared_ptr<Line> line, std::shared_ptr<Wakeup> bell);

    std::shared_ptr<Line> line_;  ///< none: moved from
    std::shared_ptr<Wakeup> bell_;
  };

  /// Not while the same coroutine holds it: it would wait for itself. A cancelled coroutine leaves by asio's
  /// exception.
  Task<Held> take();

 private:
  /// Those who asked; the turn is the first one's.
  std::shared_ptr<Held::Line> line_ = std::make_shared<Held::Line>();
};

}  // namespace gatehouse
