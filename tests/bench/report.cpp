#include "tests/bench/report.hpp"

#include <cmath>
#include <cstdio>

#include "tests/bench/proc.hpp"

namespace gatehouse::bench {
namespace {

constexpr const char* columns = "  %-58s %14s   %-12s %-26s %s\n";

}  // namespace

std::string number(double value, const std::string& unit) {
  char text[48];
  const double size = std::fabs(value);
  std::snprintf(text, sizeof text, size >= 100 || size == 0 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f", value);
  std::string out(text);
  const auto first = out.find_first_of("0123456789");
  auto digits = out.find('.') == std::string::npos ? out.size() : out.find('.');
  while (digits > first + 3) out.insert(digits -= 3, " ");
  return unit.empty() ? out : out + " " + unit;
}

void Report::begin(const std::string& measurement) {
  if (ok_ + missed_ == 0) std::printf(columns, "", "figure", "target", "baseline, ratio", "");
  std::printf("%s   [load %.1f]\n", measurement.c_str(), load_average());
  std::fflush(stdout);
}

void Report::row(const Row& row) {
  const char* verdict = row.verdict == Verdict::ok ? "ok" : row.verdict == Verdict::missed ? "MISSED" : "";
  if (row.verdict == Verdict::ok) ++ok_;
  if (row.verdict == Verdict::missed) ++missed_;
  std::printf(columns, row.what.c_str(), row.figure.c_str(), row.target.c_str(), row.ratio.c_str(), verdict);
  std::fflush(stdout);
}

void Report::at_most(const std::string& what, double figure, double most, const std::string& unit,
                     const std::string& ratio) {
  row({.what = what,
       .figure = number(figure, unit),
       .target = "<= " + number(most, unit),
       .ratio = ratio,
       .verdict = figure <= most ? Verdict::ok : Verdict::missed});
}

void Report::at_least(const std::string& what, double figure, double least, const std::string& unit,
                      const std::string& ratio) {
  row({.what = what,
       .figure = number(figure, unit),
       .target = ">= " + number(least, unit),
       .ratio = ratio,
       .verdict = figure >= least ? Verdict::ok : Verdict::missed});
}

void Report::told(const std::string& what, double figure, const std::string& unit, const std::string& ratio) {
  row({.what = what, .figure = number(figure, unit), .ratio = ratio});
}

void Report::note(const std::string& words) {
  std::printf("    %s\n", words.c_str());
  std::fflush(stdout);
}

void Report::failed(const std::string& why) {
  ++missed_;
  std::printf("  could not be measured: %s   MISSED\n", why.c_str());
  std::fflush(stdout);
}

void Report::summary() const {
  std::printf("%d of %d targets reached%s\n", ok_, ok_ + missed_, missed_ == 0 ? "" : ", see MISSED above");
}

}  // namespace gatehouse::bench
