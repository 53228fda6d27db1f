#include "tests/sim/router.hpp"

#include "tests/sim/json_text.hpp"

namespace gatehouse::sim {
namespace {

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    if (end > 0) parts.push_back(lower(path.substr(0, end)));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return parts;
}

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string>& parts,
          std::vector<std::int64_t>& ids) {
  ids.clear();
  if (pattern.size() != parts.size()) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (pattern[i] == "{id}") {
      const auto id = to_integer(parts[i]);
      if (!id || *id < 0 || *id > 2'147'483'647) return false;
      ids.push_back(*id);
    } else if (pattern[i] != parts[i]) {
      return false;
    }
  }
  return true;
}

Response denied(const World& world) {
  return answer(401, world.switches.empty_401
                         ? ""
                         : R"({"Message":"Authorization has been denied for this request."})");
}

}  // namespace

std::string bearer(std::string_view authorization) {
  if (authorization.size() < 7 || !same_word(authorization.substr(0, 7), "bearer ")) return {};
  return std::string(trimmed(authorization.substr(7)));
}

Result<json::object> Call::body() const {
  const auto text = trimmed(request.body);
  if (text.empty()) return json::object();
  if (lower(request.content_type).starts_with("application/x-www-form-urlencoded")) {
    json::object out;
    for (const auto& [name, value] : parse_form(text)) out[name] = value;
    return out;
  }
  auto parsed = parse_json(text);
  if (!parsed) return parsed.error();
  if (!parsed->is_object()) return Error{Errc::malformed, "an object was expected"};
  return parsed->get_object();
}

Response list_answer(const World& world, std::string body, std::string_view which) {
  const auto& mode = world.switches.empty_list;
  if (body == "[]" && (mode == "all" || mode == which)) return answer(200);
  return answer(200, std::move(body));
}

void Router::add(std::string_view method, std::string_view pattern, Right right, Handler handler) {
  routes_.push_back({std::string(method), split_path(pattern),
                     std::string(method) + " /" + std::string(pattern), right, handler});
}

Response Router::handle(World& world, DoorMechanics& mechanics, const Request& request) const {
  auto parts = split_path(request.path);
  const auto unknown = [&](std::string_view why) {
    ++world.requests[request.method + " (" + std::string(why) + ")"];
    return answer(404, R"({"Message":"No HTTP resource was found that matches the request URI."})");
  };
  if (parts.size() < 2 || parts[0] != "api" || parts[1] != "v1") return unknown("elsewhere");
  parts.erase(parts.begin(), parts.begin() + 2);
  Call call{world, mechanics, request};
  bool other_method = false;
  for (const auto& route : routes_) {
    if (!fits(route.parts, parts, call.ids)) continue;
    if (!same_word(route.method, request.method)) {
      other_method = true;
      continue;
    }
    ++world.requests[route.name];
    call.caller = world.sign_in.owner(bearer(request.authorization));
    if (route.right != Right::open) {
      if (!call.caller) return denied(world);
      if (call.caller->role > static_cast<int>(route.right))
        return fault(403, "The operator does not have permission for this action.");
    }
    auto out = route.handler(call);
    const bool json =
        out.status < 300 && out.content_type.starts_with("application/json") && parts[0] != "authorization";
    if (json && world.switches.key_case == "pascal") {
      out.body = with_pascal_keys(out.content());
      out.shared = nullptr;
    }
    return out;
  }
  if (!other_method) return unknown("no such route");
  return answer(405, R"({"Message":"The requested resource does not support http method ')" + request.method +
                         R"('."})");
}

}  // namespace gatehouse::sim
