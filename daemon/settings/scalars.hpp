#pragma once
// The kinds of single values in the file. Numbers, true and false are written without quotes; anything that
// looks like one of them and is meant as text needs quotes, so that a value never changes its type by its
// looks.

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "daemon/core/enum_names.hpp"
#include "daemon/core/settings.hpp"
#include "daemon/core/settings_names.hpp"
#include "daemon/settings/table.hpp"

namespace gatehouse::config {

TreeNode text_node(std::string text);   ///< shown quoted where it needs to be
TreeNode plain_node(std::string text);  ///< a number, true or false

/// An unquoted scalar that YAML takes for a number, true or false.
bool has_other_type(const TreeNode& node);

/// The text of a scalar that is text; anything else is a fault "expected EXPECTED".
std::optional<std::string> read_text(const TreeNode& node, Reading& reading, std::string_view expected);

/// nullopt where it is not a whole number written in digits that fits.
std::optional<std::int64_t> parse_integer(std::string_view text);

std::string format_duration(Duration value);
std::optional<Duration> parse_duration(std::string_view text);   ///< 500ms 30s 5m 2h 30d
std::optional<std::uint64_t> parse_size(std::string_view text);  ///< 512B 64KiB 64MiB 1GiB 1TiB
std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text, bool with_24);  ///< "07:00"
std::string format_time_of_day(std::chrono::minutes at);
std::optional<std::chrono::year_month_day> parse_date(std::string_view text);  ///< "2026-12-25"
std::string format_date(std::chrono::year_month_day date);
std::optional<Endpoint> parse_endpoint(std::string_view text);  ///< "127.0.0.1:9464", "[::1]:9464"
bool is_loopback(const Endpoint& endpoint);
bool is_identifier(std::string_view text);  ///< [a-z0-9][a-z0-9-]{0,31}
bool is_timezone(const std::string& name);  ///< exists in the system's IANA database

Codec<bool> boolean();
Codec<std::string> text(std::size_t longest = 200);  ///< not empty
Codec<std::string> text_or_empty(std::size_t longest);
Codec<std::string> identifier();
Codec<std::string> zone();
Codec<std::string> file_path();  ///< absolute, once read
Codec<std::string> host_name();
Codec<Duration> duration(Duration least, Duration most);
Codec<std::uint64_t> size(std::uint64_t least, std::uint64_t most);
Codec<double> percent();
Codec<std::chrono::minutes> time_of_day();
Codec<Rate> rate();
Codec<Endpoint> endpoint();
Codec<SecretRef> secret();
Codec<DoorId> door_id();  ///< the words only; see door_reference
Codec<SiteId> site_reference();
Codec<DoorId> door_reference();
Codec<ScheduleId> schedule_reference();
Codec<AccessPointId> access_point_reference();
Codec<IntegrationId> feed_reference();

template <typename V>
Codec<V> integer(V least, V most) {
  const std::string range = std::to_string(least) + " to " + std::to_string(most);
  return {
      [least, most, range](const TreeNode& node, Reading& reading, V& into) {
        const bool plain = node.kind == TreeNode::Kind::scalar && !node.quoted;
        const auto value = plain ? parse_integer(node.text) : std::nullopt;
        if (!value) {
          reading.wrong(node, "a whole number, " + range);
        } else if (*value < static_cast<std::int64_t>(least) || *value > static_cast<std::int64_t>(most)) {
          reading.fault(node.place, node.text + " is out of range, " + range);
        } else {
          into = static_cast<V>(*value);
        }
      },
      [](const V& from) { return std::optional<TreeNode>(plain_node(std::to_string(from))); },
      "integer, " + range};
}

/// One of an enum's words, or of those of them that are allowed here.
template <NamedEnum E>
Codec<E> choice() {
  std::vector<std::string> words;
  std::string all;
  for (const auto& [value, name] : EnumNames<E>::all) {
    words.emplace_back(name);
    all += (all.empty() ? "" : ", ") + std::string(name);
  }
  return {[words, all](const TreeNode& node, Reading& reading, E& into) {
            const auto value = node.kind == TreeNode::Kind::scalar ? parse_name<E>(node.text) : std::nullopt;
            if (value) {
              into = *value;
              return;
            }
            const std::string hint =
                node.kind == TreeNode::Kind::scalar ? did_you_mean(node.text, words) : "";
            reading.fault(node.place, "expected one of " + all + ", found " + describe(node) + hint);
          },
          [](const E& from) {
            const std::string name(EnumNames<E>::all[0].second);
            for (const auto& [value, word] : EnumNames<E>::all)
              if (value == from) return std::optional<TreeNode>(text_node(std::string(word)));
            return std::optional<TreeNode>(text_node(name));
          },
          "one of: " + all};
}

/// An id of the kind that is given here.
template <typename IdType>
Codec<IdType> definition(Kind kind) {
  const auto inner = identifier();
  return {[inner, kind](const TreeNode& node, Reading& reading, IdType& into) {
            std::string id;
            inner.read(node, reading, id);
            if (!id.empty()) reading.define(kind, id, node.place);
            into = IdType{id};
          },
          [](const IdType& from) { return std::optional<TreeNode>(text_node(from.value())); }, inner.type};
}

}  // namespace gatehouse::config
