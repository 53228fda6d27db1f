#pragma once
// Authorised requests to Net2's REST routes (net2-api.md §3), and what their refusals mean.

#include <cstdint>
#include <functional>
#include <string>

#include "connectors/https/https_client.hpp"
#include "connectors/net2/answer_mark.hpp"
#include "connectors/net2/json_rows.hpp"
#include "connectors/net2/net2_tokens.hpp"

namespace gatehouse {

/// Where a server's URL names no port.
inline constexpr std::uint16_t net2_port = 8443;
/// How many people there are (net2-api.md §3.11): one number for a list of them.
inline constexpr char people_count_path[] =
    "/customquery/querydb?query=SELECT%20COUNT%28%2A%29%20AS%20N%20FROM%20sdk.UsersEx%20WHERE%20Active%3D1";

struct Net2Patience {
  Duration connect{6'000};
  Duration silence{
      6'000};            ///< a small answer; doubled after each time-out, so that a slow server is still read
  Duration door{8'000};  ///< the answer to a door command, which is worth knowing
  Duration slow_list{120'000};  ///< a list of all users takes the server many seconds before its first byte
  Duration whole{900'000};
  Duration write{20'000};  ///< a write is given longer than a small answer: its end is worth knowing
};

class Net2Api {
 public:
  Net2Api(boost::asio::any_io_executor worker, HttpsClient& https, Net2Tokens& tokens, Net2Patience patience);

  /// GET below /api/v1, whatever the status is; only a 401 is dealt with here: one new sign-in, one
  /// repetition, then Errc::unauthenticated.
  Task<Result<HttpAnswer>> ask(std::string path);
  /// The body of a 2xx, at most 16 MiB; other statuses as errors.
  Task<Result<std::string>> get(std::string path);

  /// Feeds a 2xx's list to `rows` piece by piece, on the worker but for small ones. The status, or what is
  /// wrong with the list. `path` in errors is cut before its query: that may hold names. `mark`, where there
  /// is one, is given the body too.
  Task<Result<HttpAnswer>> read_rows(std::string path, JsonRows& rows, std::uint64_t& count,
                                     AnswerMark* mark = nullptr);
  /// Gives `mark` the body of a 2xx; false where there was none, or it was too long.
  Task<Result<bool>> read_mark(std::string path, AnswerMark& mark);

  /// How a write ended, as far as it is known (net2-api.md §6.10).
  struct Written {
    enum class How {
      done,      ///< 2xx
      not_done,  ///< never sent, or refused: `why`
      unknown,   ///< a time-out, a cut connection, a 5xx: it may have been done, and may yet be
    };
    How how = How::unknown;
    HttpAnswer answer{};
    Error why{};
  };
  /// POST or PUT of JSON below /api/v1, once: only a request whose token was refused is sent again.
  Task<Written> write(std::string method, std::string path, std::string body);

  /// An answer other than 2xx in our words.
  static Error refusal(const HttpAnswer& answer, const std::string& path, const std::string& method = "GET");

 private:
  Task<Result<HttpAnswer>> ask(std::string path, const BodySink* sink);
  Task<Result<HttpAnswer>> ask_once(std::string path, const BodySink* sink);
  HttpRequest request_for(const std::string& path, const std::string& token) const;
  Duration silence_for(const std::string& path) const;
  void note_pace(const std::string& path, const Result<HttpAnswer>& answer);

  boost::asio::any_io_executor worker_;
  HttpsClient& https_;
  Net2Tokens& tokens_;
  Net2Patience patience_;
  Duration silence_now_;   ///< for small answers: patience_.silence, or more after time-outs
  bool answering_ = true;  ///< an answer has come since the last time-out
};

inline bool is_success(const HttpAnswer& answer) {
  return answer.status >= 200 && answer.status < 300;
}

}  // namespace gatehouse
