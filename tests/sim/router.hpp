#pragma once
// Which handler answers a request: paths in any case, rights by route (net2-api.md §1.1, §1.5, §3.0).

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/door_mechanics.hpp"
#include "tests/sim/json_input.hpp"
#include "tests/sim/message.hpp"
#include "tests/sim/world.hpp"

namespace gatehouse::sim {

/// The weakest role (greatest number) that may use a route.
enum class Right {
  open = 100,  ///< no token needed
  events = 45,
  read = 40,
  doors = 40,
  people = 30,     ///< change people
  configure = 10,  ///< change the site, use SQL
};

struct Call {
  World& world;
  DoorMechanics& mechanics;
  const Request& request;
  const Operator* caller = nullptr;  ///< null on open routes without a token
  std::vector<std::int64_t> ids{};   ///< the {id} parts of the path, in order

  /// The body as an object: JSON, or a form (PHP clients post door commands so). Empty body: no members.
  Result<json::object> body() const;
};

class Router {
 public:
  using Handler = Response (*)(Call&);

  /// `pattern` below /api/v1, lower case, with {id} for numbers: "users/{id}/tokens".
  void add(std::string_view method, std::string_view pattern, Right right, Handler handler);
  /// 404, 405, 401 or 403 as it is due, else the handler's answer.
  Response handle(World& world, DoorMechanics& mechanics, const Request& request) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> parts;
    std::string name;
    Right right;
    Handler handler;
  };
  std::vector<Route> routes_;
};

/// The bearer token of an Authorization header; empty where there is none.
std::string bearer(std::string_view authorization);

/// An array, or an empty body where the switches say so (net2-api.md §8).
Response list_answer(const World& world, std::string body, std::string_view which = "list");

void add_token_routes(Router& router);
void add_user_routes(Router& router);
void add_user_part_routes(Router& router);
void add_directory_routes(Router& router);
void add_door_routes(Router& router);
void add_event_routes(Router& router);
void add_query_routes(Router& router);
void add_site_routes(Router& router);

}  // namespace gatehouse::sim
