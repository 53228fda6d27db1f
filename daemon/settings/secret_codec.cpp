// A secret in the file: where it is kept, never what it is. Nothing here may repeat what stands in the file,
// as it may be a password written in the wrong place.

#include <algorithm>

#include <sys/stat.h>

#include "daemon/settings/scalars.hpp"

namespace gatehouse::config {

namespace {

constexpr std::string_view how = "use {credential: NAME}, {file: PATH} or {env: NAME}";

bool is_variable(const std::string& name) {
  return !name.empty() && (name[0] < '0' || name[0] > '9') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

void read_secret_ref(const TreeNode& node, Reading& reading, SecretRef& into) {
  if (node.kind != TreeNode::Kind::map) {
    reading.fault(node.place, "a secret is never written in the file; " + std::string(how));
    return;
  }
  const std::vector<std::string> words{"credential", "file", "env"};
  bool known = true;
  for (const Member& member : node.members) {
    if (std::find(words.begin(), words.end(), member.key) != words.end()) continue;
    reading.fault(member.place, "unknown key '" + member.key + "'" + did_you_mean(member.key, words));
    known = false;
  }
  if (!known) return;
  if (node.members.size() != 1) {
    reading.fault(node.place, "a secret has one place; " + std::string(how));
    return;
  }
  const Member& member = node.members.front();
  if (member.value.kind != TreeNode::Kind::scalar || member.value.text.empty()) {
    reading.fault(member.value.place, "expected the name of the secret's place; " + std::string(how));
    return;
  }
  if (has_other_type(member.value)) {
    reading.fault(member.value.place,
                  "expected text; a name that looks like a number, true or false needs quotes");
    return;
  }
  into.name = member.value.text;
  into.kind = parse_name<SecretRef::Kind>(member.key).value_or(SecretRef::Kind::credential);
  if (into.kind == SecretRef::Kind::credential) {
    if (into.name.find('/') != std::string::npos || into.name.starts_with('.'))
      reading.fault(member.value.place, "a credential is named, it has no path (no '/', no '.' in front)");
  } else if (into.kind == SecretRef::Kind::env) {
    if (!is_variable(into.name))
      reading.fault(member.value.place, "this is not the name of an environment variable");
  } else {
    into.name = reading.path_from(node.place, into.name);
    struct stat status{};
    if (stat(into.name.c_str(), &status) == 0 && (status.st_mode & 077) != 0)
      reading.fault(member.value.place,
                    "group or others have access to " + into.name + "; run: chmod 600 " + into.name);
  }
}

std::optional<TreeNode> show_secret_ref(const SecretRef& from) {
  TreeNode node;
  node.kind = TreeNode::Kind::map;
  node.members.push_back({std::string(to_string(from.kind)), {}, text_node(from.name)});
  return node;
}

}  // namespace

Codec<SecretRef> secret() {
  return {read_secret_ref, show_secret_ref, "secret: {credential: NAME}, {file: PATH} or {env: NAME}"};
}

}  // namespace gatehouse::config
