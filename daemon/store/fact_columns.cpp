#include "daemon/store/fact_columns.hpp"

#include "daemon/store/fault.hpp"
#include "daemon/store/text_list.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

PersonType person_type(const std::string& text) {
  const auto type = parse_person_type(text);
  if (!type) throw StoreFault({Errc::storage, "the store's file is damaged: person type " + text});
  return *type;
}

}  // namespace

std::string fact_columns() {
  return "first_name, last_name, email, phone, person_type, membership_status, synced_tags, site, sites,"
         " roamer, roamer_sites, valid_from, valid_until";
}

void bind_facts(Statement& statement, const PersonFacts* facts) {
  if (facts == nullptr) {
    for (int i = 0; i < fact_column_count; ++i) statement.bind(std::nullopt);
    return;
  }
  statement.bind(facts->first_name, facts->last_name, facts->email, facts->phone)
      .bind(to_string(facts->person_type), facts->membership_status, encode_list(facts->synced_tags))
      .bind(facts->site, encode_list(facts->sites), facts->roamer, encode_list(facts->roamer_sites))
      .bind(to_ms(facts->valid_from), to_ms(facts->valid_until));
}

PersonFacts read_facts(const Statement& row, int first) {
  return {.first_name = row.text(first),
          .last_name = row.text(first + 1),
          .email = row.text(first + 2),
          .phone = row.text(first + 3),
          .person_type = person_type(row.text(first + 4)),
          .membership_status = row.text(first + 5),
          .synced_tags = decode_list(row.text(first + 6)),
          .site = row.text(first + 7),
          .sites = decode_list(row.text(first + 8)),
          .roamer = row.yes(first + 9),
          .roamer_sites = decode_list(row.text(first + 10)),
          .valid_from = from_ms(row.maybe_integer(first + 11)),
          .valid_until = from_ms(row.maybe_integer(first + 12))};
}

std::string placeholders(int count) {
  std::string list;
  for (int i = 0; i < count; ++i) list += i == 0 ? "?" : ", ?";
  return list;
}

}  // namespace gatehouse
