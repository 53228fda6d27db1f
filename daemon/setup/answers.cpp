#include "daemon/setup/answers.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "daemon/settings/scalars.hpp"

namespace gatehouse::setup {
namespace {

using namespace std::chrono_literals;
using config::Codec;
using config::Member;
using config::Reading;
using config::Table;
using config::TreeNode;

/// A door by its number or its name: either may be written without quotes.
Codec<std::string> door_word() {
  return {[](const TreeNode& node, Reading& reading, std::string& into) {
            if (node.kind == TreeNode::Kind::scalar && !node.text.empty())
              into = node.text;
            else
              reading.wrong(node, "the number of a door in Net2, or its name there");
          },
          [](const std::string& from) { return std::optional<TreeNode>(config::text_node(from)); },
          "number or name of a door"};
}

Codec<std::vector<GroupMapping>> groups() {
  const auto type = config::choice<PersonType>();
  return {[type](const TreeNode& node, Reading& reading, std::vector<GroupMapping>& into) {
            if (node.kind != TreeNode::Kind::map) {
              reading.wrong(node,
                            "a mapping of departments (or access levels) to person types, {Staff: employee}");
              return;
            }
            for (const Member& member : node.members) {
              GroupMapping& mapping = into.emplace_back();
              mapping.group = member.key;
              type.read(member.value, reading, mapping.person_type);
            }
          },
          [](const std::vector<GroupMapping>&) { return std::optional<TreeNode>(); },
          "mapping of groups to person types"};
}

const Table<Answers>& gateway_table() {
  static const Table<Answers> table = [] {
    Table<Answers> t;
    t.key("id", [](auto& a) -> auto& { return a.gateway.id; }, config::identifier()).required();
    t.key("tenant", [](auto& a) -> auto& { return a.gateway.tenant; }, config::identifier()).required();
    t.key("name", [](auto& a) -> auto& { return a.gateway.name; }, config::text());
    t.key("timezone", [](auto& a) -> auto& { return a.gateway.timezone; }, config::zone());
    t.key("site", &Answers::site, config::identifier());
    return t;
  }();
  return table;
}

const Table<Answers>& net2_table() {
  static const Table<Answers> table = [] {
    Table<Answers> t;
    t.key("id", &Answers::integration, config::identifier());
    t.key("name", &Answers::display_name, config::text());
    t.key("address", &Answers::address, config::text(300)).required();
    t.key("pin", &Answers::pin, config::text());
    t.key("ca", &Answers::ca, config::maybe(config::file_path()));
    t.key("server_name", &Answers::server_name, config::maybe(config::host_name()));
    t.key("username", &Answers::username, config::text());
    t.key("password", &Answers::password, config::secret()).required();
    t.key("client_id", &Answers::client_id, config::secret()).required();
    t.key("timezone", &Answers::net2_timezone, config::zone());
    t.after([](const TreeNode& node, Reading& reading, Answers& answers) {
      if (answers.pin.empty() == !answers.ca)
        reading.fault(
            node.place,
            "how the server proves itself is one of pin: sha256/… and ca: FILE; run gatehouse setup "
            "without --answers to see the certificate and its pin");
      if (answers.server_name && !answers.ca)
        reading.fault(config::place_of(node, "server_name"), "server_name has a meaning with ca only");
    });
    return t;
  }();
  return table;
}

const Table<PeopleAnswer>& people_table() {
  static const Table<PeopleAnswer> table = [] {
    Table<PeopleAnswer> t;
    t.key("group_by", &PeopleAnswer::group_by, config::choice<GroupBy>());
    t.key("groups", &PeopleAnswer::groups, groups()).required();
    t.key("email", &PeopleAnswer::email, config::maybe(config::text_or_empty(200)));
    t.key("phone", &PeopleAnswer::phone, config::maybe(config::text_or_empty(200)));
    t.key("first", &PeopleAnswer::first, config::choice<FirstSync>());
    return t;
  }();
  return table;
}

const Table<PolicyAnswer>& policy_table() {
  static const Table<PolicyAnswer> table = [] {
    Table<PolicyAnswer> t;
    t.key("employees", &PolicyAnswer::employees, config::boolean());
    t.key("contractors", &PolicyAnswer::contractors, config::boolean());
    t.key("visitors", &PolicyAnswer::visitors, config::choice<VisitorsAdmitted>());
    return t;
  }();
  return table;
}

const Table<DoorAnswer>& door_table() {
  static const Table<DoorAnswer> table = [] {
    Table<DoorAnswer> t;
    t.key("door", &DoorAnswer::door, door_word()).required();
    t.key("name", &DoorAnswer::name, config::text());
    t.key("kind", &DoorAnswer::kind, config::choice<DoorKind>());
    t.key("open", &DoorAnswer::open, config::duration(1s, 60s));
    return t;
  }();
  return table;
}

const Table<AccessPointAnswer>& access_point_table() {
  static const Table<AccessPointAnswer> table = [] {
    Table<AccessPointAnswer> t;
    t.key("id", &AccessPointAnswer::id, config::identifier()).required();
    t.key("name", &AccessPointAnswer::name, config::text());
    t.key("doors", &AccessPointAnswer::doors, config::set_of(door_word()));
    t.key("open_modes", &AccessPointAnswer::open_modes, config::set_of(config::choice<SignInMode>()));
    return t;
  }();
  return table;
}

const Table<CloudAnswer>& cloud_table() {
  static const Table<CloudAnswer> table = [] {
    Table<CloudAnswer> t;
    t.key("host", &CloudAnswer::host, config::host_name()).required();
    t.key("port", &CloudAnswer::port, config::integer<std::uint16_t>(1, 65535));
    t.key("client_id", &CloudAnswer::client_id, config::text(128));
    t.key("ca", &CloudAnswer::ca, config::file_path()).required();
    t.key("cert", &CloudAnswer::cert, config::maybe(config::file_path()));
    t.key("key", &CloudAnswer::key, config::maybe(config::secret()));
    t.key("username", &CloudAnswer::username, config::maybe(config::text()));
    t.key("password", &CloudAnswer::password, config::maybe(config::secret()));
    t.after([](const TreeNode& node, Reading& reading, CloudAnswer& cloud) {
      if (cloud.cert.has_value() != cloud.key.has_value())
        reading.fault(node.place, "cert and key belong together");
      if (cloud.username.has_value() != cloud.password.has_value())
        reading.fault(node.place, "username and password belong together");
      if (!cloud.cert && !cloud.username)
        reading.fault(node.place,
                      "how this gateway proves itself to the broker is missing: cert and key, or "
                      "username and password");
    });
    return t;
  }();
  return table;
}

const Table<Answers>& answers_table() {
  static const Table<Answers> table = [] {
    Table<Answers> t;
    t.key("gateway", [](auto& a) -> auto& { return a; }, config::section(gateway_table())).required();
    t.key("net2", [](auto& a) -> auto& { return a; }, config::section(net2_table())).required();
    t.key("people", &Answers::people, config::section(people_table())).required();
    t.key("policy", &Answers::policy, config::section(policy_table()));
    t.key("doors", &Answers::doors, config::list_of(config::section(door_table())));
    t.key("access_point", &Answers::access_point, config::maybe(config::section(access_point_table())));
    t.key("cloud", &Answers::cloud, config::maybe(config::section(cloud_table())));
    t.key("replace", &Answers::replace, config::boolean());
    return t;
  }();
  return table;
}

const Table<RotationAnswers>& rotation_table() {
  static const Table<RotationAnswers> table = [] {
    Table<RotationAnswers> t;
    t.key("password", &RotationAnswers::password, config::secret()).required();
    t.key("client_id", &RotationAnswers::client_id, config::maybe(config::secret()));
    return t;
  }();
  return table;
}

template <typename T>
std::vector<Fault> read_file(const std::string& path, const Table<T>& table, T& into) {
  constexpr std::size_t largest = 1u << 20;
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  if (in.is_open() && in.peek() != std::ifstream::traits_type::eof()) bytes << in.rdbuf();
  if (!in.is_open() || in.bad())
    return {{path, 0, 0, std::string("cannot be read: ") + std::strerror(errno != 0 ? errno : EIO)}};
  if (bytes.view().size() > largest) return {{path, 0, 0, "the file is larger than 1 MiB"}};
  config::Tree tree = config::parse_yaml(bytes.str(), 0);
  Reading reading({path});
  for (auto& fault : tree.faults) reading.fault(fault.place, std::move(fault.message));
  if (tree.syntax_error) return reading.take_faults();
  table.read(tree.root, reading, into);
  return reading.take_faults();
}

}  // namespace

ReadAnswers read_answers(const std::string& path) {
  ReadAnswers read;
  Answers answers;
  answers.gateway.timezone.clear();
  read.faults = read_file(path, answers_table(), answers);
  if (read.faults.empty()) read.answers = std::move(answers);
  return read;
}

ReadRotation read_rotation_answers(const std::string& path) {
  ReadRotation read;
  RotationAnswers answers;
  read.faults = read_file(path, rotation_table(), answers);
  if (read.faults.empty()) read.answers = std::move(answers);
  return read;
}

}  // namespace gatehouse::setup
