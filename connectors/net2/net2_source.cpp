#include "connectors/net2/net2_source.hpp"

#include <utility>

#include <boost/asio/this_coro.hpp>

#include "connectors/net2/door_commands.hpp"
#include "connectors/net2/event_reader.hpp"
#include "connectors/net2/net2_api.hpp"
#include "connectors/net2/people_reader.hpp"
#include "connectors/net2/user_writer.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;

std::unique_ptr<HttpsClient> make_client(asio::any_io_executor io, Origin origin, const Net2Server& server,
                                         const Clock& clock, ApiNote note) {
  auto https = make_https_client(std::move(io), std::move(origin), server.tls);
  return note ? note_calls(std::move(https), clock, std::move(note)) : std::move(https);
}

class HttpsNet2 final : public Net2Link {
 public:
  HttpsNet2(asio::any_io_executor io, asio::any_io_executor worker, Origin origin, const Net2Server& server,
            Net2Credentials credentials, ServerZone zone, const Clock& clock, Log& log, Net2Options options)
      : zone_(std::move(zone)),
        https_(make_client(io, std::move(origin), server, clock, std::move(options.note))),
        tokens_(io, *https_, std::move(credentials), clock, options.pacing),
        api_(worker, *https_, tokens_, options.patience),
        people_(worker, api_, *https_, zone_, clock, log),
        events_(api_, zone_, clock, log),
        writer_(api_, people_, zone_),
        doors_(io, *https_, tokens_, clock, options.patience),
        log_(log) {}

  Task<Result<PeopleRead>> read_people(PeopleQuery query, RecordSink& sink) override {
    co_await asio::this_coro::throw_if_cancelled(false);
    auto read = co_await people_.read(std::move(query), sink);
    co_return read;
  }
  Task<Result<EventPage>> read_events(EventQuery query) override {
    co_await asio::this_coro::throw_if_cancelled(false);
    auto page = co_await events_.read(query);
    co_return page;
  }
  Task<Result<std::optional<Net2Event>>> read_newest_event() override {
    co_await asio::this_coro::throw_if_cancelled(false);
    auto event = co_await events_.newest();
    co_return event;
  }
  Task<Result<std::optional<Net2Event>>> read_first_event_since(Instant since) override {
    co_await asio::this_coro::throw_if_cancelled(false);
    auto event = co_await events_.first_since(since);
    co_return event;
  }
  Task<Result<std::vector<SourceDoor>>> read_doors() override {
    co_await asio::this_coro::throw_if_cancelled(false);
    auto body = co_await api_.get("/doors");
    if (!body) co_return body.error();
    auto rows = parse_named_ids(*body);
    if (!rows) co_return within("GET /api/v1/doors", rows.error());
    std::vector<SourceDoor> doors;
    for (auto& row : *rows) doors.push_back({Net2DoorId(row.id), std::move(row.name)});
    co_return doors;
  }
  Task<Result<std::vector<DoorStatus>>> read_door_status() override {
    co_await asio::this_coro::throw_if_cancelled(false);
    auto body = co_await api_.get("/doors/status");
    if (!body && body.error().code == Errc::not_found && !status_seen_) {
      // Only of a server that is otherwise there: what answers 404 to everything is no Net2.
      auto doors = co_await api_.get("/doors");
      if (!doors) co_return doors.error();
      if (!std::exchange(no_status_told_, true))
        log_.write(Level::warning,
                   "this Net2 has no /doors/status: what its doors do is known by events alone");
      co_return std::vector<DoorStatus>();
    }
    if (!body) co_return body.error();
    auto status = parse_door_status(*body);
    if (!status) co_return within("GET /api/v1/doors/status", status.error());
    status_seen_ = true;
    co_return status;
  }
  std::uint64_t connections() const override { return https_->connections(); }

  Net2Writer& writer() override { return writer_; }
  DoorControl& doors() override { return doors_; }
  Task<Result<std::string>> token() override {
    auto token = co_await tokens_.token();
    co_return token;
  }
  void drop_token(const std::string& token) override { tokens_.drop(token); }

 private:
  ServerZone zone_;
  std::unique_ptr<HttpsClient> https_;
  Net2Tokens tokens_;
  Net2Api api_;
  PeopleReader people_;
  EventReader events_;
  UserWriter writer_;
  DoorCommands doors_;
  Log& log_;
  bool status_seen_ = false;
  bool no_status_told_ = false;
};

}  // namespace

Result<std::unique_ptr<Net2Link>> make_net2_source(asio::any_io_executor io, asio::any_io_executor worker,
                                                   const Net2Server& server, Net2Credentials credentials,
                                                   const Clock& clock, Log& log, Net2Options options) {
  auto origin = parse_origin(server.url, net2_port);
  if (!origin) return origin.error();
  auto zone = ServerZone::load(server.timezone);
  if (!zone) return zone.error();
  return std::unique_ptr<Net2Link>(
      std::make_unique<HttpsNet2>(std::move(io), std::move(worker), std::move(*origin), server,
                                  std::move(credentials), std::move(*zone), clock, log, std::move(options)));
}

}  // namespace gatehouse
