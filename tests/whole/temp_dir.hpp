#pragma once
// A folder of a test's own, gone with it. GATEHOUSE_TEST_KEEP=1 leaves it for looking.

#include <string>

namespace gatehouse::whole {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

void write_file(const std::string& path, const std::string& content);
/// Empty where there is no such file.
std::string read_file(const std::string& path);

}  // namespace gatehouse::whole
