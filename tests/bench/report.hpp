#pragma once
// The table: what was measured, the figure, what it must reach, and how it compares with a baseline.

#include <string>

namespace gatehouse::bench {

enum class Verdict { ok, missed, told };  ///< told: there is no target, the figure explains another

struct Row {
  std::string what;
  std::string figure;
  std::string target{};
  std::string ratio{};  ///< to the baseline of this run
  Verdict verdict = Verdict::told;
};

/// Prints as it goes, so that a run that is broken off has told what it found.
class Report {
 public:
  void begin(const std::string& measurement);
  void row(const Row& row);
  /// A row whose verdict is `figure <= most`.
  void at_most(const std::string& what, double figure, double most, const std::string& unit,
               const std::string& ratio = {});
  void at_least(const std::string& what, double figure, double least, const std::string& unit,
                const std::string& ratio = {});
  void told(const std::string& what, double figure, const std::string& unit, const std::string& ratio = {});
  /// A line of words below the last row.
  void note(const std::string& words);
  /// Where a measurement could not be made at all; counts as missed.
  void failed(const std::string& why);
  void summary() const;

 private:
  int ok_ = 0;
  int missed_ = 0;
};

/// Three significant places, thousands apart: "47 312 /s", "0.83", "12.4 MB".
std::string number(double value, const std::string& unit = {});

}  // namespace gatehouse::bench
