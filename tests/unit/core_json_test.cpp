// What we send is valid JSON whatever a source gave us, and the same fact gives the same bytes.

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "daemon/core/json_writer.hpp"
#include "daemon/core/message.hpp"
#include "daemon/core/net2_event.hpp"
#include "daemon/core/person.hpp"

using namespace gatehouse;
namespace json = boost::json;

namespace {

std::string written(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string read_back(std::string_view text) {
  return json::value_to<std::string>(json::parse(written(text)));
}

template <typename Property>
void for_all(const char* sentence, Property property) {
  CHECK(rc::check(sentence, property));
}

Gap gap(std::optional<Lane> lane, std::uint64_t from, std::uint64_t to, std::uint64_t count,
        std::string cause) {
  return {.lane = lane, .from = from, .to = to, .count = count, .cause = std::move(cause), .detail = ""};
}

Message message() {
  return {.lane = Lane::access,
          .topic = "up/access",
          .type = "access.granted",
          .id = "net2-hq/1/7",
          .time = Instant{Duration{1'780'300'800'123}},
          .subject = "net2-hq/6203980",
          .data = R"({"a":1})"};
}

}  // namespace

TEST_CASE("Text is escaped where JSON wants it and nowhere else", "[json]") {
  struct Row {
    std::string_view text;
    std::string_view json;
  };
  const auto row = GENERATE(values<Row>({
      {"", R"("")"},
      {"plain", R"("plain")"},
      {R"(a"b)", R"("a\"b")"},
      {R"(a\b)", R"("a\\b")"},
      {"\n\r\t", R"("\n\r\t")"},
      {std::string_view("\0\x01\x1f", 3), R"("\u0000\u0001\u001f")"},
      {"/<>&'", R"("/<>&'")"},
      {"\x7f", "\"\x7f\""},
      {"Zoë Müller-Łuk", "\"Zoë Müller-Łuk\""},
      {"日本\xF0\x9F\x9A\xAA", "\"日本\xF0\x9F\x9A\xAA\""},
  }));
  CHECK(written(row.text) == row.json);
  CHECK(read_back(row.text) == row.text);
}

TEST_CASE("Bytes that are no UTF-8 become U+FFFD, and what is around them stays", "[json]") {
  const auto* bad = GENERATE("\x80",                               // a continuation alone
                             "\xff", "\xfe",                       // never
                             "\xc0\xaf",                           // overlong
                             "\xc1\x81",                           // overlong
                             "\xe0\x80\xaf",                       // overlong
                             "\xf0\x80\x80\xaf",                   // overlong
                             "\xed\xa0\x80",                       // a surrogate
                             "\xed\xbf\xbf",                       // a surrogate
                             "\xf4\x90\x80\x80",                   // beyond U+10FFFF
                             "\xf5\x80\x80\x80",                   // beyond U+10FFFF
                             "\xc3", "\xe2\x82", "\xf0\x9f\x9a");  // cut off
  const auto text = read_back("a" + std::string(bad) + "é");
  INFO(text);
  CHECK(text.starts_with("a\xEF\xBF\xBD"));
  CHECK(text.ends_with("é"));
  CHECK(read_back(bad).find(bad) == std::string::npos);
}

TEST_CASE("The ends of what UTF-8 allows are kept", "[json]") {
  const auto* good = GENERATE("\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                              "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf");
  CHECK(read_back(good) == good);
}

TEST_CASE("Any bytes give valid JSON", "[json]") {
  for_all("a string", [](const std::string& bytes) { RC_ASSERT(json::parse(written(bytes)).is_string()); });
  for_all("an object",
          [](const std::string& name, const std::string& text, std::int64_t number, double real) {
            JsonWriter writer;
            writer.begin_object().member(name, text).key("list").begin_array();
            writer.value(number).value(real).value(true).null().value(std::optional<std::string>());
            writer.begin_object().end_object().end_array().end_object();
            RC_ASSERT(json::parse(writer.text()).is_object());
          });
  for_all("an event",
          [](const std::string& description, const std::string& details, int type, std::int64_t id) {
            Net2Event event;
            event.id = Net2EventId(id);
            event.type = type;
            event.description = description;
            event.details = details;
            EventContext context;
            context.integration = IntegrationId(details);
            const auto made = event_message(event, context);
            const auto whole = json::parse(envelope(made, description, Place{details, 1}, ClockQuality::ok));
            RC_ASSERT(whole.at("data").at("net2").at("event_type").as_int64() == type);
          });
  for_all("a person",
          [](const std::string& name, const std::string& email, const std::vector<std::string>& tags) {
            Person person;
            person.facts.first_name = name;
            person.facts.email = email;
            person.facts.synced_tags = tags;
            auto& source = person.sources.emplace_back();
            source.integration = IntegrationId(name);
            source.external_id = ExternalId(email);
            source.badge = name;
            const auto whole = json::parse(person_json(person));
            RC_ASSERT(whole.at("tags").at("synced").as_array().size() == tags.size());
          });
}

TEST_CASE("Numbers are written in full, and what is no number as null", "[json]") {
  JsonWriter writer;
  writer.begin_array().value(INT64_MIN).value(UINT64_MAX).value(0.1).value(1e300).value(-7);
  writer.value(std::numeric_limits<double>::quiet_NaN())
      .value(std::numeric_limits<double>::infinity())
      .end_array();
  CHECK(writer.text() == "[-9223372036854775808,18446744073709551615,0.1,1e+300,-7,null,null]");
}

TEST_CASE("An envelope has CloudEvents' members and ours", "[message]") {
  const auto text = envelope(message(), "/gatehouse/acme/hq-01", Place{"S1", 42}, ClockQuality::unsynced);
  CHECK(text == envelope(message(), "/gatehouse/acme/hq-01", Place{"S1", 42}, ClockQuality::unsynced));
  const auto whole = json::parse(text).as_object();
  CHECK(whole.at("specversion") == "1.0");
  CHECK(whole.at("id") == "net2-hq/1/7");
  CHECK(whole.at("source") == "/gatehouse/acme/hq-01");
  CHECK(whole.at("type") == "gatehouse.access.granted.v1");
  CHECK(whole.at("time") == "2026-06-01T08:00:00.123Z");
  CHECK(whole.at("subject") == "net2-hq/6203980");
  CHECK(whole.at("datacontenttype") == "application/json");
  CHECK(whole.at("lane") == "access");
  CHECK(whole.at("stream") == "S1");
  CHECK(whole.at("sequence") == "00000000000000000042");
  CHECK(whole.at("clock") == "unsynced");
  CHECK(whole.at("data").at("a") == 1);
  CHECK(whole.size() == 12);
}

TEST_CASE("A sequence has twenty digits, from the first to the last", "[message]") {
  const auto sequence = GENERATE(values<std::uint64_t>({1, 9'999'999'999, UINT64_MAX}));
  const auto whole = json::parse(envelope(message(), "s", Place{"S1", sequence}, ClockQuality::ok));
  const auto digits = json::value_to<std::string>(whole.at("sequence"));
  CHECK(digits.size() == 20);
  CHECK(std::stoull(digits) == sequence);
}

TEST_CASE("What is not numbered has neither lane nor stream nor sequence", "[message]") {
  auto made = message();
  SECTION("a gap") {
    made = gap_message(gap(Lane::people, 3, 5, 3, "quota"), "S1", "id", {});
  }
  SECTION("a retained state") {
    made.lane.reset();
  }
  const auto whole = json::parse(envelope(made, "s", Place{"S1", 7}, ClockQuality::ok)).as_object();
  CHECK_FALSE(whole.contains("lane"));
  CHECK_FALSE(whole.contains("stream"));
  CHECK_FALSE(whole.contains("sequence"));
}

TEST_CASE("A gap names a lane's sequences, or that Net2 gave none", "[message]") {
  const auto lane = gap_message(gap(Lane::people, 3, 5, 3, "quota"), "S1", "g", {});
  CHECK(lane.lane == Lane::alarm);
  CHECK(lane.topic == "up/alarm");
  const auto of_lane = json::parse(lane.data).as_object();
  CHECK(of_lane.at("lane") == "people");
  CHECK(of_lane.at("stream") == "S1");
  CHECK(of_lane.at("from") == "00000000000000000003");
  CHECK(of_lane.at("to") == "00000000000000000005");
  CHECK(of_lane.at("count") == 3);
  CHECK(of_lane.at("cause") == "quota");
  const auto of_net2 =
      json::parse(gap_message(gap(std::nullopt, 0, 0, 1, "unreadable"), "S1", "g", {}).data).as_object();
  CHECK(of_net2.at("lane").is_null());
  CHECK(of_net2.at("from").is_null());
  CHECK(of_net2.at("to").is_null());
  CHECK_FALSE(of_net2.contains("events"));
  auto missing = gap(std::nullopt, 0, 0, 201, "net2_missing");
  missing.events = MissingEvents{.integration = "net2-hq", .generation = 2, .ids = {{5, 204}, {300, 300}}};
  const auto of_events = json::parse(gap_message(missing, "S1", "g", {}).data).as_object();
  CHECK(of_events.at("count") == 201);
  CHECK(of_events.at("events") == json::parse(R"({"integration":"net2-hq","generation":2,)"
                                              R"("ids":[{"first":5,"last":204},{"first":300,"last":300}]})"));
}
