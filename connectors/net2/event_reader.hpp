#pragma once
// Reading the event log by id, whatever the server lets us ask (net2-api.md §3.11).

#include "connectors/net2/event_rows.hpp"
#include "connectors/net2/net2_api.hpp"

namespace gatehouse {

/// Three ways, tried in this order; which one serves is remembered for an hour.
///  - `where=eventId>N`, ascending: exact and cheap.
///  - the newest rows, descending by id, as many as it takes to meet a known one: exact; for a server that
///  refuses
///    or ignores `eventId` in `where`.
///  - `eventTime>=` with ten minutes of overlap: for a server that will not order by id either. A row that an
///    offline controller delivers late is older than that; a hole in the ids makes the window a month wide,
///    and so does every quarter of an hour.
class EventReader {
 public:
  EventReader(Net2Api& api, const ServerZone& zone, const Clock& clock, Log& log);

  Task<Result<EventPage>> read(EventQuery query);
  Task<Result<std::optional<Net2Event>>> newest();
  Task<Result<std::optional<Net2Event>>> first_since(Instant since);

 private:
  enum class Way { by_id, newest_first, by_time };
  struct Answer {
    int status = 0;
    std::string refusal;          ///< set for a status that may mean "not this question": 400, 404, 500
    std::optional<Error> broken;  ///< a JSON list with something else in the middle
    EventRows rows;
  };

  Task<Result<Answer>> ask(std::string where, std::string order, std::size_t rows, std::int64_t after,
                           std::size_t keep);
  Task<Result<Answer>> ask_whole(std::string where, std::string order, std::size_t rows, std::int64_t after,
                                 std::size_t keep);
  Task<Result<EventPage>> read_by_id(const EventQuery& query);
  Task<Result<EventPage>> read_newest_first(const EventQuery& query);
  Task<Result<EventPage>> read_by_time(const EventQuery& query);
  Task<Result<EventPage>> salvage(const EventQuery& query, Error why);
  EventPage finish(Answer answer, const EventQuery& query, bool full) const;
  void settle_for(Way way, const std::string& why);

  Net2Api& api_;
  const ServerZone& zone_;
  const Clock& clock_;
  Log& log_;
  Way way_ = Way::by_id;
  Uptime try_better_at_{};
  Uptime wide_again_at_{};
  std::int64_t looked_into_ = 0;  ///< the newest id for which the wide window was read
};

}  // namespace gatehouse
