// What hangs on a person: department, picture, permissions, cards (net2-api.md §3.3.5–3.4).

#include "tests/sim/router.hpp"
#include "tests/sim/user_json.hpp"

namespace gatehouse::sim {
namespace {

constexpr std::size_t image_limit = 3'670'016;

/// The person of the path; its absence is a 404 on every route here.
const Person* person_of(Call& call) {
  return call.world.people.find(call.ids[0]);
}

Person* change(Call& call) {
  auto* person = call.world.people.edit(call.ids[0]);
  if (person) {
    person->updated = call.world.now_local();
    call.world.log({.type = 570, .sub_type = 591, .details = person->full_name()});
  }
  return person;
}

Response get_department(Call& call) {
  const auto* person = person_of(call);
  if (!person) return no_user();
  std::string body;
  JsonText out(body);
  out.open_array();
  if (const auto* department = call.world.directory.department(person->department)) {
    out.open_object().member("id", department->id).member("name", department->name).close_object();
  }
  out.close_array();
  return list_answer(call.world, std::move(body));
}

Response put_department(Call& call) {
  if (!person_of(call)) return no_user();
  const auto body = call.body();
  const auto id = body ? integer_of(*body, "id") : std::nullopt;
  if (!id || (*id != 0 && !call.world.directory.department(static_cast<int>(*id))))
    return fault(400, "Unknown department.");
  change(call)->department = static_cast<int>(*id);
  return answer(204);
}

Response delete_department(Call& call) {
  if (!person_of(call)) return no_user();
  change(call)->department = 0;
  return answer(call.world.switches.delete_status);
}

Response get_permissions(Call& call) {
  const auto* person = person_of(call);
  if (!person) return no_user();
  Response out;
  JsonText text(out.body);
  write_permissions(text, *person);
  return out;
}

Response put_permissions(Call& call) {
  const auto* person = person_of(call);
  if (!person) return no_user();
  const auto body = call.body();
  if (!body) return fault(400, body.error().detail);
  Person next = *person;
  next.levels.clear();  // PUT replaces the whole set (§3.3.7)
  next.individual.clear();
  const auto read = read_permissions(*body, call.world, next);
  if (!read) return fault(400, read.error().detail);
  auto* changed = change(call);
  changed->levels = next.levels;
  changed->individual = next.individual;
  return answer(call.world.switches.put_permissions_status);
}

Response get_image(Call& call) {
  const auto* person = person_of(call);
  if (!person) return no_user();
  if (person->image.empty()) return fault(404, "The user has no image.");
  Response out;
  out.content_type = person->image.starts_with("\x89PNG") ? "image/png" : "image/jpeg";
  out.body = person->image;
  return out;
}

Response put_image(Call& call) {
  if (!person_of(call)) return no_user();
  const auto body = call.body();
  const auto bytes = body ? from_base64(text_of(*body, "base64Data").value_or("")) : std::nullopt;
  if (!bytes || bytes->empty()) return fault(400, "base64Data is missing or damaged.");
  if (bytes->size() > image_limit) return html_page(413, "Request Entity Too Large");
  change(call)->image = *bytes;
  return answer(204);
}

Response delete_image(Call& call) {
  if (!person_of(call)) return no_user();
  change(call)->image.clear();
  return answer(call.world.switches.delete_status);
}

Response get_cards(Call& call) {
  const auto* person = person_of(call);
  if (!person) return no_user();
  std::string body;
  JsonText out(body);
  out.open_array();
  for (const auto& card : person->cards) write_card(out, card);
  out.close_array();
  return list_answer(call.world, std::move(body));
}

const Card* card_of(Call& call) {
  const auto* person = person_of(call);
  if (!person) return nullptr;
  for (const auto& card : person->cards) {
    if (card.id == call.ids[1]) return &card;
  }
  return nullptr;
}
Response no_card() {
  return fault(404, "The token was not found.");
}

Response card_answer(const Card& card, int status) {
  Response out;
  out.status = status;
  JsonText text(out.body);
  write_card(text, card);
  return out;
}

Response get_card(Call& call) {
  const auto* card = card_of(call);
  return card ? card_answer(*card, 200) : no_card();
}

Result<Card> read_card(Call& call, Card card) {
  const auto body = call.body();
  if (!body) return body.error();
  card.value = text_of(*body, "tokenValue").value_or(card.value);
  card.lost = flag_of(*body, "isLost").value_or(card.lost);
  if (const auto type = text_of(*body, "tokenType")) card.type = find_token_type(*type);
  if (card.type < 0) return Error{Errc::invalid, "Unknown token type."};
  if (trimmed(card.value).empty()) return Error{Errc::invalid, "A token number must be given."};
  const auto number = to_integer(card.value);
  if (card.type != 7 && (!number || *number < 0 || *number > 99'999'999))
    return Error{Errc::invalid, "The token number is not valid."};
  return card;
}

/// "already been issued", with the colon in front that real servers send (§3.4).
Response issued(const Card& card) {
  return fault(400, ": Card " + card.value + " has already been issued.");
}

Response post_card(Call& call) {
  if (!person_of(call)) return no_user();
  auto card = read_card(call, Card{});
  if (!card) return fault(400, card.error().detail);
  if (call.world.people.holder(card->value)) return issued(*card);
  change(call);
  card->id = call.world.people.add_card(call.ids[0], *card);
  return card_answer(*card, call.world.switches.post_status);
}

Response put_card(Call& call) {
  const auto* old = card_of(call);
  if (!old) return no_card();
  const auto card = read_card(call, *old);
  if (!card) return fault(400, card.error().detail);
  const bool same_number = card_key(old->value) == card_key(card->value);
  if (!same_number && call.world.people.holder(card->value)) return issued(*card);
  change(call);
  call.world.people.replace_card(call.ids[0], *card);
  return answer(204);
}

Response delete_card(Call& call) {
  if (!card_of(call)) return no_card();
  change(call);
  call.world.people.remove_card(call.ids[0], static_cast<int>(call.ids[1]));
  return answer(204);
}

Response get_card_types(Call& call) {
  std::string body;
  JsonText out(body);
  out.open_array();
  const auto& names = token_type_names();
  for (std::size_t i = 0; i < names.size(); ++i)
    out.open_object().member("id", i).member("name", names[i]).close_object();
  out.close_array();
  return list_answer(call.world, std::move(body));
}

}  // namespace

void add_user_part_routes(Router& router) {
  router.add("GET", "users/{id}/departments", Right::read, get_department);
  router.add("PUT", "users/{id}/departments", Right::people, put_department);
  router.add("DELETE", "users/{id}/departments", Right::people, delete_department);
  router.add("GET", "users/{id}/doorpermissionset", Right::read, get_permissions);
  router.add("PUT", "users/{id}/doorpermissionset", Right::people, put_permissions);
  router.add("GET", "users/{id}/image", Right::read, get_image);
  router.add("PUT", "users/{id}/image", Right::people, put_image);
  router.add("DELETE", "users/{id}/image", Right::people, delete_image);
  router.add("GET", "users/{id}/tokens", Right::read, get_cards);
  router.add("POST", "users/{id}/tokens", Right::people, post_card);
  router.add("GET", "users/{id}/tokens/{id}", Right::read, get_card);
  router.add("PUT", "users/{id}/tokens/{id}", Right::people, put_card);
  router.add("DELETE", "users/{id}/tokens/{id}", Right::people, delete_card);
  router.add("GET", "users/token/types", Right::read, get_card_types);
}

}  // namespace gatehouse::sim
