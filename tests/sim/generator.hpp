#pragma once
// Events at a rate, in the background: for load and for a site that looks alive.

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <random>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tests/sim/world.hpp"

namespace gatehouse::sim {

class Generator {
 public:
  Generator(boost::asio::any_io_executor executor, World& world, std::uint64_t seed);

  /// Runs `make` `rate` times a second, `count` times in all (-1: until stopped).
  void start(std::function<void()> make, double rate, std::int64_t count);
  void stop() { jobs_.clear(); }
  bool busy() const { return !jobs_.empty(); }

  /// An everyday event of somebody at some door; one of `types` where any are given.
  EventDraft random_event(const std::vector<int>& types);
  const Person* random_person();
  const Door* random_door();

 private:
  struct Job {
    std::function<void()> make;
    double rate;
    std::int64_t left;
    std::chrono::steady_clock::time_point begun;
    double made = 0;
  };
  void tick();

  World& world_;
  boost::asio::steady_timer timer_;
  std::list<Job> jobs_;
  std::mt19937_64 random_;
};

}  // namespace gatehouse::sim
