#include "tests/sim/seed.hpp"

#include <array>
#include <string_view>

#include "tests/sim/plain_text.hpp"

namespace gatehouse::sim {
namespace {

constexpr std::string_view first_names[] = {
    "Amelia", "Oliver",   "Isla",   "George",    "Ava",    "Noah",   "Ivy",       "Arthur",  "Freya",
    "Leo",    "Florence", "Oscar",  "Willow",    "Theo",   "Lily",   "Harry",     "Maya",    "Jack",
    "Aisha",  "Mohammed", "Zoë",    "José",      "Renée",  "Łukasz", "Agnieszka", "Søren",   "Anaïs",
    "Dmitri", "Yusuf",    "Chloé",  "Priya",     "Rajesh", "Mei",    "Wei",       "Siobhán", "Seán",
    "Niamh",  "Eoin",     "Gwen",   "Rhys",      "Björn",  "Ingrid", "Fatima",    "Omar",    "Elena",
    "Marco",  "Giulia",   "Paolo",  "Katarzyna", "Piotr",  "Hannah", "Daniel",    "Ruth",    "Samuel",
    "Grace",  "Peter",    "Joan",   "Alan",      "Judith", "Martin", "Helen",     "Stephen", "Karen",
    "David",  "Susan",    "Paul",   "Linda",     "Mark",   "Angela", "Kevin",     "Tracey",  "Simon",
    "Nicola", "Andrew",   "Rachel", "Thomas",    "Emma",   "Luke",   "Sarah",     "Adam"};
constexpr std::string_view last_names[] = {
    "Smith",     "Jones",    "Taylor",     "Brown",        "Williams",   "Wilson",       "Johnson",
    "Davies",    "Patel",    "Robinson",   "Wright",       "Thompson",   "Evans",        "Walker",
    "White",     "Roberts",  "Green",      "Hall",         "Wood",       "Jackson",      "Clarke",
    "Khan",      "Lewis",    "Harris",     "Cooper",       "Ward",       "Turner",       "Hill",
    "Moore",     "Clark",    "Baker",      "Scott",        "Singh",      "Morris",       "Ali",
    "O'Brien",   "O'Connor", "Murphy",     "Kelly",        "Ryan",       "MacDonald",    "Campbell",
    "Stewart",   "Fraser",   "Müller",     "Schröder",     "Weiß",       "Núñez",        "García",
    "Fernández", "Dvořák",   "Novák",      "Kowalski",     "Wiśniewska", "Nowak",        "Ångström",
    "Lindqvist", "Jensen",   "Østergaard", "van den Berg", "de Vries",   "Dubois",       "Lefèvre",
    "Moreau",    "Rossi",    "Bianchi",    "Popescu",      "Ionescu",    "Papadopoulos", "Yılmaz",
    "Demir",     "Nguyen",   "Chen",       "Wang",         "Kim",        "Tanaka",       "Okafor",
    "Adeyemi",   "Mensah",   "Hughes",     "Edwards",      "Lloyd",      "Price",        "Griffiths",
    "Bennett",   "Carter",   "Shaw",       "Ellis",        "Foster",     "Marsh",        "Holloway",
    "Pemberton", "Ashworth", "Blackwood",  "Fairclough",   "Hargreaves"};
constexpr std::size_t first_count = std::size(first_names);
constexpr std::size_t last_count = std::size(last_names);

struct Share {
  std::string_view department;
  int percent;
};
constexpr Share shares[] = {{"Staff", 46}, {"Cleaners", 8}, {"Visitors", 8},     {"Management", 6},
                            {"IT", 6},     {"Sales", 10},   {"Engineering", 10}, {"Contractors", 6}};

constexpr std::string_view door_names[] = {"Front door",  "Reception", "Goods in",          "Staff entrance",
                                           "Server room", "Canteen",   "First floor lobby", "Workshop",
                                           "Laboratory",  "Boardroom", "Car park barrier",  "Garage"};

/// splitmix64: every index has its own number, whatever was asked before.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

/// The letters of an e-mail address: accents and blanks go.
std::string mail_part(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool ascii_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (ascii_letter) out += c;
    if (static_cast<unsigned char>(c) >= 0xC0) out += 'x';  // first byte of an accented letter
  }
  return lower(out);
}

std::string padded(std::int64_t number, std::size_t width) {
  auto digits = std::to_string(number);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

int department_for(std::uint64_t dice, const Directory& directory) {
  int left = static_cast<int>(dice % 100);
  for (const auto& share : shares) {
    left -= share.percent;
    if (left >= 0) continue;
    const auto* found = directory.department(std::string(share.department));
    return found ? found->id : 0;
  }
  return 0;
}

void add_quirks(Person& person, std::uint64_t dice, LocalMs now, int index) {
  constexpr std::int64_t day = 86'400'000;
  const LocalMs midnight = now - now % day;
  if (index % 37 == 5) person.fields[9] = "";                          // no e-mail
  if (index % 41 == 7) person.department = 0;                          // in no department
  if (index % 53 == 11) person.last = person.last.value_or("") + " ";  // a blank at the end (§6.13)
  if (index % 61 == 13) person.fields[9] = "  " + person.fields[9] + " ";
  if (index % 71 == 17) person.telephone = std::nullopt;
  if (index % 211 == 19) person.fields.erase(9), person.telephone = "";
  if (index % 29 == 23)
    person.expires = midnight + static_cast<std::int64_t>(30 + dice % 300) * day + day - 60'000;
  if (index % 97 == 29)
    person.expires = midnight - static_cast<std::int64_t>(1 + dice % 200) * day;  // disabled (§6.21)
  if (index % 113 == 31) person.activates = midnight + 14 * day;
  if (index % 83 == 37) person.middle = "Maria";
  if (index % 131 == 41) person.lockdown_exempt = true;
  if (index % 101 == 43 && !person.cards.empty()) person.cards[0].lost = true;
}

}  // namespace

Person make_person(const SiteSeed& seed, int index, const Directory& directory) {
  // A walk through all name pairs by a step that shares no factor with their number; after that the
  // surname is doubled, so that no full name comes twice.
  constexpr std::uint64_t pairs = first_count * last_count;
  constexpr std::uint64_t step = 4'999;
  static_assert(pairs % step != 0 && step % 2 == 1 && step % 3 != 0 && step % 5 != 0);
  const auto at = (static_cast<std::uint64_t>(index) * step + mixed(seed.seed) % pairs) % pairs;
  const auto round = static_cast<std::uint64_t>(index) / pairs;
  const auto dice = mixed(seed.seed * 1'000'003 + static_cast<std::uint64_t>(index));

  Person person;
  const auto first = first_names[at % first_count];
  std::string last(last_names[at / first_count]);
  if (round > 0) last += "-" + std::string(last_names[(round - 1) % last_count]);
  if (round > last_count) last += " " + std::to_string(round / last_count);
  person.first = std::string(first);
  person.last = last;
  person.activates =
      parse_time("2019-01-07T00:00:00")->local + static_cast<std::int64_t>(dice % 1800) * 86'400'000;
  person.department = department_for(dice >> 8, directory);
  person.telephone = "+44 1632 " + padded(index % 1'000'000, 6);
  const auto number = index == 0 || round == 0 ? std::string() : std::to_string(round + 1);
  person.fields[9] =
      mail_part(first) + "." + mail_part(last) + number + padded(index % 97, 2) + "@example.org";
  if (dice % 3 == 0) person.fields[10] = "Assistant";
  person.fields[14] = "E-" + padded(index + 1, 4);
  // 8 digits; the multiplier is prime, so that no number comes twice below 80 million people.
  const auto card_at = [&](int of) {
    return 10'000'000 + (static_cast<std::uint64_t>(of) * 7'368'787 + seed.seed * 977) % 80'000'000;
  };
  if (dice % 20 != 0) person.cards.push_back({0, 3, std::to_string(card_at(index * 2)), false});
  if (dice % 15 == 0) person.cards.push_back({0, 1, std::to_string(card_at(index * 2 + 1)), false});
  if (dice % 23 == 0) person.cards.push_back({0, 7, "GH" + padded(index, 5) + " X", false});
  if (dice % 4 == 0) person.pin = padded(100'000 + index, 6);
  const auto* department = directory.department(person.department);
  const std::string name = department ? department->name : "";
  person.levels = {name == "Cleaners"                            ? 4
                   : name == "Visitors" || name == "Contractors" ? 5
                   : name == "Management" || name == "IT"        ? 1
                                                                 : 3};
  person.anti_passback = dice % 50 == 0;
  return person;
}

Doors make_doors(const SiteSeed& seed) {
  Doors doors;
  int address = 6'203'980;
  for (int i = 0; i < seed.doors; ++i) {
    Door door;
    door.address = address;
    const auto round = static_cast<std::size_t>(i) / std::size(door_names);
    door.name = std::string(door_names[static_cast<std::size_t>(i) % std::size(door_names)]);
    if (round > 0) door.name += " " + std::to_string(round + 1);
    door.momentary = door.name.starts_with("Garage");
    door.contact = i % 4 != 3;
    door.group = i % std::ssize(door_names) < 4 ? 1 : 2;
    doors.all.push_back(std::move(door));
    address += 17 + static_cast<int>(mixed(seed.seed * 31 + static_cast<std::uint64_t>(i)) % 900);
  }
  return doors;
}

Directory make_directory(const Doors& doors) {
  Directory out;
  for (int i = 0; i < std::ssize(shares); ++i)
    out.departments.push_back({i + 1, std::string(shares[i].department)});
  constexpr std::string_view field_names[] = {
      "Address 1",      "Address 2",        "Town",   "County",          "Post code",
      "Home telephone", "Home fax",         "Mobile", "Email",           "Position",
      "Start date",     "Car registration", "Notes",  "Personnel number"};
  for (int i = 0; i < std::ssize(field_names); ++i) {
    const bool memo = i + 1 == 13;
    out.fields.push_back({i + 1, std::string(field_names[i]), memo ? 1 : 0,
                          memo    ? 2'147'483'647
                          : i < 2 ? 100
                                  : 50});
  }
  std::vector<LevelRow> always, working, entrances, evenings;
  for (const auto& door : doors.all) {
    for (const bool in : {true, false}) {
      const int id = static_cast<int>(out.areas.size()) + 1;
      out.areas.push_back({id, door.name + (in ? " (In)" : " (Out)"), door.address});
      always.push_back({id, 1});
      working.push_back({id, 2});
      evenings.push_back({id, 3});
      if (door.group == 1) entrances.push_back({id, 2});
    }
  }
  out.levels = {{0, "No access", {}}, {1, "All hours, all doors", always}, {2, "Working hours", working},
                {3, "Staff", always}, {4, "Cleaners", evenings},           {5, "Visitors", entrances}};
  Timezone all_day{1, "All day, every day", {}}, work{2, "Working hours", {}}, evening{3, "Evenings", {}};
  for (int day = 1; day <= 8; ++day) all_day.slots.push_back({day, 0, 1440});
  for (int day = 1; day <= 5; ++day) {
    work.slots.push_back({day, 7 * 60, 19 * 60});
    evening.slots.push_back({day, 16 * 60, 23 * 60});
  }
  out.timezones = {all_day, work, evening};
  out.roll_calls = {{1, "Muster", {}}, {2, "Car park muster", {}}};
  return out;
}

void add_people(People& people, const SiteSeed& seed, int first_index, int count, const Directory& directory,
                LocalMs now) {
  for (int index = first_index; index < first_index + count; ++index) {
    auto person = make_person(seed, index, directory);
    if (!seed.plain) add_quirks(person, mixed(seed.seed + static_cast<std::uint64_t>(index)), now, index);
    person.updated = now - now % 1000;
    people.add(std::move(person));
  }
}

}  // namespace gatehouse::sim
