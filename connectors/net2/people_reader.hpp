#pragma once
// Reading everybody, in few requests where the server allows it.

#include <map>
#include <vector>

#include "connectors/net2/group_reader.hpp"
#include "connectors/net2/people_rows.hpp"

namespace gatehouse {

/// By one `querydb` (net2-api.md §3.13), checked against COUNT(*) where that works; else by /users and the
/// departments' lists. A server that refuses querydb is asked again after an hour or over a new connection.
/// Where all of them had nobody, /users alone tells for an hour whether it is so still.
class PeopleReader {
 public:
  PeopleReader(boost::asio::any_io_executor worker, Net2Api& api, const HttpsClient& https,
               const ServerZone& zone, const Clock& clock, Log& log);

  /// A short list that has come as it was when PeopleQuery::known was made is not looked into, nor counted
  /// again.
  Task<Result<PeopleRead>> read(PeopleQuery query, RecordSink& sink);

 private:
  struct Listing;
  using Levels = std::map<std::int64_t, std::string>;

  /// How many, and PeopleRead::mark.
  struct Read {
    std::uint64_t seen = 0;
    std::string mark{};
  };
  /// nullopt: this server does not serve it so; the sink has taken nothing.
  Task<Result<std::optional<Read>>> by_querydb(const PeopleQuery& query, std::vector<FieldPlace> fields,
                                               const Levels& levels, RecordSink& sink);
  Task<Result<bool>> is_known(const PeopleQuery& query, const std::string& path, const Levels& levels);
  Task<Result<std::uint64_t>> count_users();
  Task<Result<std::uint64_t>> by_users(const PeopleQuery& query, std::vector<FieldPlace> fields,
                                       const Levels& levels, RecordSink& sink);
  Task<Result<std::vector<NamedId>>> custom_names();
  Task<Result<std::optional<std::int64_t>>> count_people();
  Task<Result<void>> check_missing(const Membership& membership, const Listing& listing);
  Task<Result<void>> read_singly(Listing& listing, const Levels& levels);
  Task<Result<void>> read_some_singly(Listing& listing, const Levels& levels, std::size_t& next);
  Task<void> deliver(Listing& listing, RecordSink& sink);
  bool querydb_worth_trying() const;
  void refuse_querydb(const std::string& why);

  boost::asio::any_io_executor worker_;
  Net2Api& api_;
  GroupReader groups_;
  const HttpsClient& https_;
  const ServerZone& zone_;
  const Clock& clock_;
  Log& log_;
  bool querydb_refused_ = false;
  Uptime refused_until_{};
  std::uint64_t refused_over_ = 0;  ///< connections made by then
  Uptime nobody_until_{};           ///< the last whole read found none: /users is believed until then
  bool counts_ = true;
  bool told_names_ = false;     ///< the server has told its custom fields' names
  bool factory_names_ = false;  ///< those as delivered are in use, and it was said so
};

}  // namespace gatehouse
