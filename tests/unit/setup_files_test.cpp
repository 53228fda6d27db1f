// What a set-up puts on the disk: all of it or nothing, and what was there is kept.

#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/setup/drop_in.hpp"
#include "daemon/setup/staged_files.hpp"
#include "daemon/setup/writing.hpp"

using namespace gatehouse;
using namespace gatehouse::setup;

namespace {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "setup-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream in(path_ / name, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  /// Every file below, hidden ones too.
  std::vector<std::string> all() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_))
      names.push_back(std::filesystem::relative(entry.path(), path_).string());
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  std::filesystem::path path_;
};

mode_t mode_of(const std::string& path) {
  struct stat status{};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

Draft small_draft(const Places& places) {
  Answers answers;
  answers.gateway.id = "hq-01";
  answers.gateway.tenant = "acme";
  answers.gateway.timezone = "Europe/London";
  answers.site = "hq";
  answers.pin = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
  Draft draft = begin_draft(answers, "https://net2.hq.lan:8443", places);
  draft.net2().sync.fields = {{FieldTarget::first_name, "firstName"}};
  draft.secrets = {{"net2-hq.password", "new-password"}, {"net2-hq.client_id", "new-id"}};
  return draft;
}

constexpr char good_text[] = "gateway: {id: hq-01, tenant: acme, sites: [hq]}\n";

}  // namespace

TEST_CASE("Files are put in place together, with their rights, and the old one is kept", "[setup]") {
  const Folder folder;
  folder.write("a.yaml", "old");
  {
    StagedFiles staged;
    REQUIRE(staged.add_folder(folder / "deep/er", 0700, std::nullopt));
    REQUIRE(staged.add(folder / "deep/er/secret", "s", 0600, std::nullopt));
    REQUIRE(staged.add(folder / "a.yaml", "new", 0640, std::nullopt, folder / "a.yaml.bak-2026-06-01"));
    CHECK(folder.read("a.yaml") == "old");
    REQUIRE(staged.commit());
  }
  CHECK(folder.read("a.yaml") == "new");
  CHECK(folder.read("a.yaml.bak-2026-06-01") == "old");
  CHECK(mode_of(folder / "a.yaml") == 0640);
  CHECK(mode_of(folder / "deep/er/secret") == 0600);
  CHECK(mode_of(folder / "deep/er") == 0700);
  CHECK(folder.all() ==
        std::vector<std::string>{"a.yaml", "a.yaml.bak-2026-06-01", "deep", "deep/er", "deep/er/secret"});
  CHECK(backup_name(folder / "a.yaml", "2026-06-01") == folder / "a.yaml.bak-2026-06-01-2");
}

TEST_CASE("What is not committed leaves nothing, not even the folders that were made for it", "[setup]") {
  const Folder folder;
  folder.write("a.yaml", "old");
  {
    StagedFiles staged;
    REQUIRE(staged.add_folder(folder / "x/y", 0700, std::nullopt));
    REQUIRE(staged.add(folder / "x/y/secret", "s", 0600, std::nullopt));
    REQUIRE(staged.add(folder / "a.yaml", "new", 0640, std::nullopt));
  }
  CHECK(folder.all() == std::vector<std::string>{"a.yaml"});
  CHECK(folder.read("a.yaml") == "old");
}

TEST_CASE("Where one file cannot be put in place, those before it go back", "[setup]") {
  const Folder folder;
  folder.write("a.yaml", "old");
  folder.write("secret", "old secret");
  {
    StagedFiles staged;
    REQUIRE(staged.add(folder / "secret", "new secret", 0600, std::nullopt));
    REQUIRE(staged.add(folder / "fresh", "fresh", 0600, std::nullopt));
    REQUIRE(staged.add(folder / "a.yaml", "new", 0640, std::nullopt, folder / "a.yaml.bak"));
    REQUIRE(staged.add(folder / "in-the-way", "x", 0640, std::nullopt));
    std::filesystem::create_directories(folder / "in-the-way/full");  // a file cannot replace it
    CHECK_FALSE(staged.commit());
  }
  std::filesystem::remove_all(folder / "in-the-way");
  CHECK(folder.all() == std::vector<std::string>{"a.yaml", "secret"});
  CHECK(folder.read("a.yaml") == "old");
  CHECK(folder.read("secret") == "old secret");
}

TEST_CASE("A configuration that conf.d contradicts is not put in place, nor are its secrets", "[setup]") {
  const Folder folder;
  folder.write("conf.d/more.yaml", "gateway: {id: other, tenant: other}\n");
  Places places;
  places.config = folder / "gatehouse.yaml";
  places.credentials = folder / "credentials";
  const auto written = write_all(small_draft(places), good_text, places);
  REQUIRE_FALSE(written);
  CHECK_THAT(written.error().detail, Catch::Contains("already given at") &&
                                         Catch::Contains("gatehouse.yaml") && !Catch::Contains(".new-"));
  CHECK(folder.all() == std::vector<std::string>{"conf.d", "conf.d/more.yaml"});
}

TEST_CASE("With systemd the unit is told where its secrets are", "[setup]") {
  const Folder folder;
  Places places;
  places.config = folder / "gatehouse.yaml";
  places.credentials = folder / "credentials";
  places.drop_in = folder / "gatehouse.service.d/credentials.conf";
  places.keeping = Keeping::systemd;
  REQUIRE(write_all(small_draft(places), good_text, places));
  CHECK(folder.read("credentials/net2-hq.password") == "new-password");
  CHECK(mode_of(folder / "credentials/net2-hq.password") == 0600);
  const auto text = folder.read("gatehouse.service.d/credentials.conf");
  CHECK_THAT(text, Catch::Contains("[Service]\nLoadCredential=net2-hq.password:" + (folder / "credentials") +
                                   "/net2-hq.password\n"));

  SECTION("once") {
    REQUIRE(write_all(small_draft(places), good_text, places));
    CHECK(folder.read("gatehouse.service.d/credentials.conf") == text);
  }
  SECTION("not where another file of the unit says otherwise") {
    folder.write("gatehouse.service.d/own.conf", "[Service]\nLoadCredentialEncrypted=net2-hq.client_id\n");
    folder.write("credentials/net2-hq.password", "as it was");
    const auto again = write_all(small_draft(places), good_text, places);
    REQUIRE_FALSE(again);
    CHECK_THAT(again.error().detail, Catch::Contains("own.conf") && Catch::Contains("systemd-creds encrypt"));
    CHECK(folder.read("credentials/net2-hq.password") == "as it was");
  }
}

TEST_CASE("A drop-in keeps what somebody else wrote into it", "[setup]") {
  const std::string before =
      "# mine\n[Service]\nLoadCredential=a:/old\nLoadCredential=b:/b\n[Unit]\nAfter=x\n";
  const auto after = with_credentials(before, {{"a", "/new"}, {"c", "/c"}});
  CHECK(after ==
        "# mine\n[Service]\nLoadCredential=a:/new\nLoadCredential=b:/b\n[Unit]\nAfter=x\n"
        "[Service]\nLoadCredential=c:/c\n");
  CHECK(path_of_credential(after, "a") == "/new");
  CHECK(path_of_credential(after, "bb") == std::nullopt);
}
