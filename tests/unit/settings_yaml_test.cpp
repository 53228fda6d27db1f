// What YAML allows and what we make of it: aliases, quotes that never end, empty items, values of another
// type.

#include <string>

#include <catch2/catch.hpp>

#include "daemon/settings/load_settings.hpp"

using namespace gatehouse;

namespace {

const std::string gateway = "gateway: {id: hq-01, tenant: acme, sites: [hq, annex]}\n";  // line 1

std::string faults(const std::string& text) {
  std::string told;
  for (const Fault& fault : load_settings_text(text, "g.yaml").faults) told += to_string(fault) + "\n";
  return told;
}

}  // namespace

TEST_CASE("An alias is the value of its anchor once more", "[settings][yaml]") {
  const auto loaded = load_settings_text(gateway +
                                             "integrations:\n"
                                             "- id: &a net2-a\n"
                                             "  name: *a\n"
                                             "  url: https://h\n"
                                             "  tls: &tls {ca: /c.pem}\n"
                                             "  sync: &sync\n"
                                             "    groups: {Staff: employee}\n"
                                             "- {id: net2-b, url: https://i, tls: *tls, sync: *sync}\n",
                                         "g.yaml");
  for (const Fault& fault : loaded.faults) FAIL(to_string(fault));
  REQUIRE(loaded.settings->integrations.size() == 2);
  const auto& second = loaded.settings->integrations[1];
  CHECK(loaded.settings->integrations[0].name == "net2-a");
  CHECK(second.net2.tls.ca == "/c.pem");
  CHECK(second.sync == loaded.settings->integrations[0].sync);
}

TEST_CASE("What is wrong in an anchor is told once, and what is wrong with an alias at the alias",
          "[settings][yaml]") {
  const std::string two = "integrations:\n- {id: a, url: https://h, tls: &t {cca: c}}\n";
  CHECK(faults(gateway + two + "- {id: b, url: https://i, tls: *t}\n") ==
        "g.yaml:3:36: unknown key 'cca'; did you mean 'ca'?\n");
  CHECK(faults("gateway: {id: &i a, tenant: *i, sites: *i}\n") ==
        "g.yaml:1:40: expected a list, found 'a'\n");
  CHECK(faults(gateway + "integrations: [&f {id: f, kind: feed}, *f]\n") ==
        "g.yaml:2:24: an alias gives this integration 'f' a second time\n");
  CHECK(faults("gateway: {id: *none}\n").find("g.yaml:1:15: YAML syntax") == 0);
  CHECK(faults(gateway + "policy: &p {rules: *p}\n").find("g.yaml:2:20: this alias (*name) stands within") !=
        std::string::npos);
  CHECK(faults(gateway + "policy: &p {}\nscopes: [{id: s, policy: {<<: *p}}]\n") ==
        "g.yaml:3:27: unknown key '<<'\n");
}

TEST_CASE("A few lines of aliases do not become millions of values", "[settings][yaml]") {
  std::string laughs = gateway + "a: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n";
  for (int i = 1; i < 12; ++i) {
    const auto before = "*a" + std::to_string(i - 1);
    laughs += "b" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 9; ++k) laughs += ", " + before;
    laughs += "]\n";
  }
  CHECK(faults(laughs).find("make more than 100000 values of this file") != std::string::npos);
}

TEST_CASE("A quote that is never closed is a syntax error where it begins", "[settings][yaml]") {
  const auto* const text =
      GENERATE("\"Head off", "'Head off", "\"Head \\\"", "'Head ''", "\"", "&n \"Head off");
  const std::string file = "gateway:\n  id: a\n  tenant: b\n  name: " + std::string(text);
  CHECK(faults(file + "\n") == "g.yaml:4:9: YAML syntax: the closing quote of this text is missing\n");
  CHECK(faults(file).find("g.yaml:4:") == 0);  // without the last newline yaml-cpp has words of its own
}

TEST_CASE("A closed quote at the end of the file is none the worse for it", "[settings][yaml]") {
  const auto* const text = GENERATE("\"Head \\\" off\"", "'Head ''off'''", "''''", "\"x\" # said \"so",
                                    "'two\n   lines'", "&n \"Head off\"");
  CHECK(faults("gateway:\n  id: a\n  tenant: b\n  name: " + std::string(text)).find("YAML syntax") ==
        std::string::npos);
}

TEST_CASE("An empty item of a list is told at its dash", "[settings][yaml]") {
  const std::string head = "gateway:\n  id: a\n  tenant: b\n  sites:\n";  // what follows is line 5
  CHECK(faults(head + "  - hq\n  - \n  - annex\n").find("g.yaml:6:3: ") == 0);
  const auto both = faults(head + "    -\n    -\n    # - here\nnotify: {}\n");
  CHECK(both.find("g.yaml:5:5: expected") == 0);
  CHECK(both.find("\ng.yaml:6:5: expected") != std::string::npos);
  CHECK(faults("gateway: {id: a, tenant: b, sites: [hq, ~]}\n").find("g.yaml:1:41: ") == 0);
}

TEST_CASE("What YAML takes for a number, true or false is no text", "[settings][yaml]") {
  const auto* const value = GENERATE("-1", "+1", "1.5", ".5", "-2.", "1.5e-3", "0", "true", "True", "FALSE");
  CHECK(faults("gateway: {id: a, tenant: b, name: " + std::string(value) + "}\n")
            .find("g.yaml:1:35: expected text") == 0);
  CHECK(faults("gateway: {id: a, tenant: b, name: \"" + std::string(value) + "\"}\n").empty());
}

TEST_CASE("The place of a secret is text as well, and is not repeated", "[settings][yaml]") {
  const auto* const value = GENERATE("-12345", "true");
  const auto* const kind = GENERATE("file", "credential", "env");
  const auto told = faults(gateway + "integrations: [{id: n, url: https://h, tls: {ca: c}, password: {" +
                           kind + ": " + value + "}}]\n");
  CHECK(told.find("needs quotes") != std::string::npos);
  CHECK(told.find(std::string("-12345")) == std::string::npos);
}

TEST_CASE("Text that only begins like a number stays text", "[settings][yaml]") {
  const auto* const value =
      GENERATE("1e5", "-", "1.2.3", "10 Downing Street", "-x", "+", ".", "2nd", "1-2", "yes");
  CHECK(faults("gateway: {id: a, tenant: b, name: " + std::string(value) + "}\n").empty());
}
