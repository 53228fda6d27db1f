#pragma once
// Figures as OpenMetrics text 1.0 (github.com/OpenObservability/OpenMetrics, specification/OpenMetrics.md).

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse {

enum class MetricType { gauge, counter, info };

/// Writes one family after the other; the caller gives each once, with its samples behind it.
class Exposition {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;
  static constexpr std::string_view content_type =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  /// `name` without the type's suffix (`_total`, `_info`), which samples get by themselves. A unit in the
  /// name
  /// (`_seconds`, `_bytes`, in front of the suffix) is announced. `help`: one sentence.
  Exposition& family(std::string_view name, MetricType type, std::string_view help);
  /// Label values may be anything; invalid UTF-8 must not get here.
  Exposition& sample(std::uint64_t value, Labels labels = {});
  Exposition& sample(double value, Labels labels = {});
  /// Ends the text.
  std::string take();

 private:
  Exposition& write(std::string_view number, Labels labels);

  std::string text_;
  std::string sample_name_;
};

}  // namespace gatehouse
