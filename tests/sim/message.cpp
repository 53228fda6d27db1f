#include "tests/sim/message.hpp"

#include "tests/sim/json_text.hpp"

namespace gatehouse::sim {

Response answer(int status, std::string body) {
  Response out;
  out.status = status;
  out.body = std::move(body);
  return out;
}

Response fault(int status, std::string_view why) {
  Response out;
  out.status = status;
  JsonText(out.body).open_object().member("message", why).close_object();
  return out;
}

Response no_user() {
  return fault(404, "The user was not found.");
}

Response html_page(int status, std::string_view title) {
  Response out;
  out.status = status;
  out.content_type = "text/html";
  const std::string heading = std::to_string(status) + " " + std::string(title);
  out.body = "<html>\r\n<head><title>" + heading + "</title></head>\r\n<body>\r\n<center><h1>" + heading +
             "</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
  return out;
}

}  // namespace gatehouse::sim
