// What must not leave the building in a bundle (reliability.md S4).
#include "daemon/offline/redaction.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "daemon/offline/tar_file.hpp"
#include "tests/unit/store_fixture.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

TEST_CASE("S4 A secret is found wherever it stands, the longer one first", "[bundle]") {
  Redaction redaction;
  redaction.forget("hunter2");
  redaction.forget("hunter2-and-more");
  redaction.forget("abc");  // would be found everywhere
  CHECK(redaction.clean("a hunter2 b \"hunter2-and-more\" abc") == "a [secret] b \"[secret]\" abc");
  const std::string key =
      "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49\n-----END PRIVATE KEY-----\n";
  redaction.forget(key);
  CHECK(redaction.clean("x " + key + " y") == "x [secret] y");
  CHECK(redaction.clean("line MIGHAgEAMBMGByqGSM49AgEGCCqGSM49 alone") == "line [secret] alone");
}

TEST_CASE("S4 What names people is taken out, and times, doors and versions are not", "[bundle]") {
  const Redaction redaction;
  CHECK(redaction.clean("to ada.lovelace+x@example.co.uk, now") == "to [e-mail], now");
  CHECK(redaction.clean("\"zo\xC3\xAB@m\xC3\xBCller.example\"") == "\"[e-mail]\"");
  CHECK(redaction.clean("call +44 7700 900-123.") == "call [telephone].");
  CHECK(redaction.clean("by uid 1000 (olga), uid 0 (root)") ==
        "by uid 1000 ([operator]), uid 0 ([operator])");
  CHECK(redaction.clean("token_sha256: 0123abcd") == "token_sha256: [hash]");
  CHECK(redaction.clean("\"token_sha256\":\"0123ABCD\",") == "\"token_sha256\":\"[hash]\",");
  for (const std::string kept : {"2026-06-01T08:00:00+01:00", "net2-hq/6203980", "sha256:0123abcd",
                                 "1.0+deb12", "@ alone", "uid 7 said", "a + b"}) {
    CHECK(redaction.clean(kept) == kept);
  }
}

TEST_CASE("S4 The secrets of a configuration are looked for", "[bundle]") {
  StoreDirectory directory;
  const auto file = directory.path / "password";
  std::ofstream(file) << "Kanarienvogel\n";
  ::chmod(file.c_str(), 0600);
  Settings settings;
  Integration net2;
  net2.kind = IntegrationKind::net2;
  net2.net2.password = {SecretRef::Kind::file, file.string()};
  net2.net2.client_id = {SecretRef::Kind::file, (directory.path / "nothing").string()};
  settings.integrations = {net2};
  CHECK(secrets_of(settings).size() == 2);
  CHECK(redaction_for(settings).clean("it is Kanarienvogel") == "it is [secret]");
}

TEST_CASE("A bundle's file is never seen half written, and takes no other file's place", "[bundle]") {
  StoreDirectory directory;
  const auto path = (directory.path / "bundle").string();
  REQUIRE(write_new_file(path, "one", false).ok());
  CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::mask) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  const auto refused = write_new_file(path, "two", false);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::refused);
  CHECK(std::filesystem::file_size(path) == 3);
  REQUIRE(write_new_file(path, "three", true).ok());
  CHECK(std::filesystem::file_size(path) == 5);
  CHECK_FALSE(write_new_file((directory.path / "nowhere" / "x").string(), "", false).ok());
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(directory.path)) ++files;
  CHECK(files == 1);
}
