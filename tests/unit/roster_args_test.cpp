// The args of roster.put: what is read, and what is refused.

#include <catch2/catch.hpp>

#include "tests/unit/roster_house.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

std::string with_person(const std::string& person) {
  return R"({"from":"a","to":"b","people":[)" + person + "]}";
}
std::string with_visit(const std::string& visit) {
  return R"({"from":"a","to":"b","visits":[)" + visit + "]}";
}

}  // namespace

TEST_CASE("A put is read as it is written", "[roster]") {
  const auto args = read_roster_args(
      R"({"from":null,"to":"b","snapshot":"s","batch":2,"end":{"count":7},"people":[{"cloud_id":"c","op":"upsert",
      "person_type":"visitor","first_name":" Ada ","last_name":"L","email":"a@b","email_verified":true,"phone":null,
      "site":"hq","sites":["hq","lab"],"roamer":true,"roamer_sites":["lab"],"valid_from":"2026-06-01T10:00:00+01:00",
      "valid_until":null,"membership_status":"active","tags":["x","y","x"]}],
      "visits":[{"visit_id":"v","cloud_id":"c","site":"hq","start":"2026-06-01T09:00:00Z","end":"2026-06-01T09:00:00Z",
      "status":"on_site","op":"upsert"}]})");
  REQUIRE(args);
  CHECK_FALSE(args->from);
  CHECK(args->to == "b");
  CHECK(args->snapshot == "s");
  CHECK(args->batch == 2);
  CHECK(args->end == 7);
  REQUIRE(args->people.size() == 1);
  const auto& person = args->people.front();
  CHECK(person.facts.first_name == "Ada");
  CHECK(person.facts.person_type == PersonType::visitor);
  CHECK(person.email_verified);
  CHECK(person.facts.synced_tags == Words{"x", "y"});
  CHECK(person.facts.valid_from == parse_rfc3339("2026-06-01T09:00:00Z"));
  CHECK_FALSE(person.facts.valid_until);
  REQUIRE(args->visits.size() == 1);
  CHECK(args->visits.front().visit.status == VisitStatus::on_site);
  CHECK(args->visits.front().cloud_id == ExternalId("c"));
}

TEST_CASE("What is not said of an e-mail is that it was verified", "[roster]") {
  const auto args =
      read_roster_args(with_person(R"({"cloud_id":"c","op":"upsert","person_type":"member","email":"a@b"})"));
  REQUIRE(args);
  CHECK_FALSE(args->people.front().email_verified);
}

TEST_CASE("Whatever is not exactly a put is refused, without its values in the words", "[roster]") {
  const std::string good = R"("cloud_id":"c","op":"upsert","person_type":"employee")";
  REQUIRE(read_roster_args(with_person("{" + good + "}")));
  const auto bad = GENERATE_COPY(values<std::string>({
      "",
      "[]",
      "null",
      "{",
      R"({"to":"b"})",
      R"({"from":"a"})",
      R"({"from":1,"to":"b"})",
      R"({"from":"a","to":null})",
      R"({"from":"a","to":"b","more":1})",
      R"({"from":"a","from":"a","to":"b"})",
      R"({"from":"","to":"b"})",
      R"({"from":"a","to":"b","people":{}})",
      R"({"from":"a","to":"b","snapshot":"s"})",
      R"({"from":"a","to":"b","batch":1})",
      R"({"from":"a","to":"b","end":{"count":0}})",
      R"({"from":null,"to":"b"})",
      R"({"from":null,"to":"b","snapshot":"s"})",
      R"({"from":null,"to":"b","snapshot":"s","batch":-1})",
      R"({"from":null,"to":"b","snapshot":"s","batch":0.5})",
      R"({"from":null,"to":"b","snapshot":"s","batch":0,"end":{}})",
      R"({"from":null,"to":"b","snapshot":"s","batch":0,"end":{"count":1,"x":1}})",
      R"({"from":null,"to":"b","snapshot":"s","batch":0,"people":[{"cloud_id":"c","op":"remove"}]})",
      with_person(R"({"op":"remove"})"),
      with_person(R"({"cloud_id":7,"op":"remove"})"),
      with_person(R"({"cloud_id":"c","op":"delete"})"),
      with_person(R"({"cloud_id":"c","op":"upsert"})"),
      with_person("{" + good + R"(,"secret":1})"),
      with_person("{" + good + R"(,"email":["a"]})"),
      with_person("{" + good + R"(,"roamer":"yes"})"),
      with_person("{" + good + R"(,"tags":"x"})"),
      with_person("{" + good + R"(,"tags":[["x"]]})"),
      with_person("{" + good + R"(,"valid_from":"today"})"),
      with_person("{" + good + R"(,"valid_until":"2026-06-01T09:00:00"})"),
      with_person("{" + good + R"(,"first_name":"a\u0000b"})"),
      with_person("{" + good + R"(,"last_name":")" + std::string(300, 's') + R"("})"),
      with_person(R"({"cloud_id":"c","op":"upsert","person_type":"boss"})"),
      with_person("{" + good + "},{" + good + "}"),
      with_visit(R"({"visit_id":"v","op":"upsert"})"),
      with_visit(R"({"visit_id":"v","cloud_id":"c","site":"hq","start":"2026-06-01T09:00:00Z",
                 "end":"2026-06-01T08:00:00Z","status":"expected","op":"upsert"})"),
      with_visit(R"({"visit_id":"v","cloud_id":"c","site":"hq","start":"2026-06-01T09:00:00Z",
                 "end":"2026-06-01T10:00:00Z","status":"gone","op":"upsert"})"),
      with_visit(R"({"visit_id":"v","op":"remove"},{"visit_id":"v","op":"remove"})"),
  }));
  CAPTURE(bad);
  const auto args = read_roster_args(bad);
  REQUIRE_FALSE(args);
  CHECK(args.error().code == Errc::invalid);
  CHECK(args.error().detail.find("boss") == std::string::npos);
  CHECK(args.error().detail.find("sss") == std::string::npos);
}
