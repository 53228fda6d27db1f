#include "tests/bench/transfer.hpp"

#include <exception>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>

#include "connectors/https/https_client.hpp"
#include "connectors/net2/people_rows.hpp"
#include "tests/bench/proc.hpp"

namespace gatehouse::bench {
namespace {

/// The fields of the rig's configuration (tests/whole/gateway.cpp); "Email" is the simulator's field 9.
std::string people_target() {
  const PeopleQuery query{.fields = {{"firstName"}, {"lastName"}, {"custom:Email"}, {"telephone"}}};
  const auto places = place_fields(query, {{9, "Email"}});
  if (!places) throw std::runtime_error(places.error().detail);
  return "/api/v1/customquery/querydb?query=" + percent_encode(people_sql(*places, false));
}

Task<void> fetch(HttpsClient& https, Transfer& transfer) {
  HttpRequest sign_in;
  sign_in.method = "POST";
  sign_in.target = "/api/v1/authorization/tokens";
  sign_in.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  sign_in.body = "grant_type=password&username=Gateway%20Service&password=secret&client_id=gatehouse-licence";
  auto signed_in = co_await https.fetch(std::move(sign_in), 65'536);
  if (!signed_in || signed_in->status != 200) throw std::runtime_error("the transfer's sign-in was refused");
  const auto token = boost::json::parse(signed_in->body).at("access_token").as_string();

  HttpRequest list;
  list.target = people_target();
  list.headers.emplace_back("Authorization", "Bearer " + std::string(token));
  list.silence = Duration(120'000);
  BodySink drop = [&transfer](std::string_view piece) -> Task<Result<void>> {
    transfer.bytes += piece.size();
    co_return Result<void>{};
  };
  auto answer = co_await https.stream(std::move(list), std::move(drop));
  if (!answer) throw std::runtime_error("the transfer: " + answer.error().detail);
  if (answer->status != 200)
    throw std::runtime_error("the transfer: status " + std::to_string(answer->status));
}

}  // namespace

Transfer fetch_people(int port, const std::string& certificates) {
  Transfer transfer;
  const double before = thread_cpu_seconds();
  boost::asio::io_context io(1);
  Net2Tls trust;
  trust.ca = certificates + "/ca.pem";
  trust.server_name = "NET2PC";
  const auto https = make_https_client(
      io.get_executor(), {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(port)}, std::move(trust));
  std::exception_ptr fault;
  boost::asio::co_spawn(io, fetch(*https, transfer), [&](const std::exception_ptr& end) {
    fault = end;
    io.stop();
  });
  io.run();
  if (fault) std::rethrow_exception(fault);
  transfer.cpu = thread_cpu_seconds() - before;
  return transfer;
}

}  // namespace gatehouse::bench
