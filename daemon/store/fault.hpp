#pragma once
// How trouble travels inside the store: thrown by sqlite.cpp, caught once, by the job that runs on the store
// thread, and handed out as a Result. Nothing throws across the ports.

#include <exception>
#include <string>
#include <utility>

#include "daemon/core/result.hpp"

namespace gatehouse {

class StoreFault : public std::exception {
 public:
  explicit StoreFault(Error error, bool damage = false) : error_(std::move(error)), damage_(damage) {}
  const Error& error() const { return error_; }
  /// What is stored is not what was written: it cannot be read, now or later.
  bool damage() const { return damage_; }
  const char* what() const noexcept override { return error_.detail.c_str(); }

 private:
  Error error_;
  bool damage_ = false;
};

}  // namespace gatehouse
