#pragma once
// What is gathered while a configuration is read: faults, what was defined, and what was referred to.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/settings/fault.hpp"
#include "daemon/settings/yaml_tree.hpp"

namespace gatehouse::config {

/// Things that have an id of their own, and can be referred to by it.
enum class Kind {
  site,
  integration,
  net2_server,
  feed,
  schedule,
  scope,
  door,
  scoped_door,  ///< a door as a member of a scope
  access_point,
  lan_client,
  policy_test
};

/// What a scalar, a list or a mapping is called in a message. Never use it on a secret.
std::string describe(const TreeNode& node);

class Reading {
 public:
  explicit Reading(std::vector<std::string> files) : files_(std::move(files)) {}

  void fault(const Place& at, std::string message);
  /// "expected EXPECTED, found WHAT IS THERE"
  void wrong(const TreeNode& node, std::string_view expected);

  /// An id is given to something; a second one of the kind is a fault.
  void define(Kind kind, const std::string& id, const Place& at);
  /// An id is used; resolve() reports it if nothing has it.
  void refer(Kind kind, const std::string& id, const Place& at);
  /// Once, after all was read.
  void resolve();

  /// A relative path is taken from the directory of the file in which it stands.
  std::string path_from(const Place& at, const std::string& path) const;

  std::string where(const Place& at) const;
  bool is_defined(Kind kind, const std::string& id) const;
  /// In the order of the files, lines and columns.
  std::vector<Fault> take_faults();
  bool has_faults() const { return !faults_.empty(); }

 private:
  struct Located {
    Place place;
    std::string message;
  };
  struct Reference {
    Kind kind;
    std::string id;
    Place place;
  };

  std::vector<std::string> files_;
  std::vector<Located> faults_;
  std::map<Kind, std::map<std::string, Place>> defined_;
  std::vector<Reference> references_;
};

}  // namespace gatehouse::config
