#pragma once
// Doors that are opened, held and closed by Net2 (net2-api.md §3.9). Never twice.

#include <boost/asio/any_io_executor.hpp>

#include "connectors/net2/net2_api.hpp"
#include "daemon/app/access_ports.hpp"

namespace gatehouse {

/// Use from the io thread. Outlives its calls, each of which sets `throw_if_cancelled(false)` for the
/// coroutine that awaits it.
class DoorCommands final : public DoorControl {
 public:
  DoorCommands(boost::asio::any_io_executor io, HttpsClient& https, Net2Tokens& tokens, const Clock& clock,
               Net2Patience patience)
      : io_(std::move(io)), https_(https), tokens_(tokens), clock_(clock), patience_(patience) {}

  /// 2xx means that Net2 has accepted it, not that anything moved. An answer is waited for until
  /// `Net2Patience::door` after the request, even where that is behind the deadline.
  Task<DoorAnswer> command(DoorOrder order) override;

 private:
  struct Run;  ///< one command on its way
  Task<void> carry_out(Run& run);
  Task<void> watch(Run& run);
  HttpRequest request_for(Run& run, const std::string& token) const;
  bool is_late(const Run& run) const;

  boost::asio::any_io_executor io_;
  HttpsClient& https_;
  Net2Tokens& tokens_;
  const Clock& clock_;
  Net2Patience patience_;
};

}  // namespace gatehouse
