#include "tests/whole/temp_dir.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <stdlib.h>

#include "tests/whole/wait.hpp"

namespace gatehouse::whole {

double patience() {
  static const double factor = [] {
    const char* said = std::getenv("GATEHOUSE_TEST_PATIENCE");
    const double asked = said ? std::atof(said) : 1.0;
    return asked < 1.0 ? 1.0 : asked;
  }();
  return factor;
}

Clock::time_point deadline(Millis usual) {
  return Clock::now() + Millis(static_cast<Millis::rep>(static_cast<double>(usual.count()) * patience()));
}

TempDir::TempDir() {
  auto pattern = (std::filesystem::temp_directory_path() / "gatehouse-test-XXXXXX").string();
  if (!mkdtemp(pattern.data())) throw std::runtime_error("cannot make a temporary folder like " + pattern);
  path_ = pattern;
}

TempDir::~TempDir() {
  if (std::getenv("GATEHOUSE_TEST_KEEP")) return;
  std::error_code ignored;  // a folder left behind is no reason to fail
  std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::string& path, const std::string& content) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << content;
  if (!out.flush()) throw std::runtime_error("cannot write " + path);
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace gatehouse::whole
