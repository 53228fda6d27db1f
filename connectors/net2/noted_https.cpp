#include "connectors/net2/noted_https.hpp"

#include <algorithm>

namespace gatehouse {
namespace {

bool is_word(std::string_view part) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return part == "v1" || std::ranges::all_of(part, letter);
}

class NotedHttps final : public HttpsClient {
 public:
  NotedHttps(std::unique_ptr<HttpsClient> https, const Clock& clock, ApiNote note)
      : https_(std::move(https)), clock_(clock), note_(std::move(note)) {}

  Task<Result<HttpAnswer>> fetch(HttpRequest request, std::size_t limit) override {
    ApiCall call = begin(request);
    const Uptime began = clock_.uptime();
    auto answer = co_await https_->fetch(std::move(request), limit);
    end(std::move(call), began, answer);
    co_return answer;
  }

  Task<Result<HttpAnswer>> stream(HttpRequest request, BodySink sink) override {
    ApiCall call = begin(request);
    const Uptime began = clock_.uptime();
    bool unreadable = false;
    BodySink counting = [&](std::string_view piece) -> Task<Result<void>> {
      call.bytes += piece.size();
      auto taken = co_await sink(piece);
      unreadable = !taken;
      co_return taken;
    };
    auto answer = co_await https_->stream(std::move(request), std::move(counting));
    // Its words may hold a piece of the body.
    if (unreadable) call.error = "the answer could not be read";
    end(std::move(call), began, answer);
    co_return answer;
  }

  std::uint64_t connections() const override { return https_->connections(); }

 private:
  ApiCall begin(const HttpRequest& request) const {
    ApiCall call;
    call.at = clock_.now();
    call.verb = request.method;
    call.path = path_template(request.target);
    return call;
  }

  void end(ApiCall call, Uptime began, const Result<HttpAnswer>& answer) const {
    call.took = clock_.uptime() - began;
    if (answer) {
      call.status = answer->status;
      call.bytes += answer->body.size();
    } else if (call.error.empty()) {
      call.error = answer.error().detail;
    }
    note_(std::move(call));
  }

  std::unique_ptr<HttpsClient> https_;
  const Clock& clock_;
  ApiNote note_;
};

}  // namespace

std::string path_template(std::string_view target) {
  const auto question = target.find('?');
  std::string out;
  std::string_view path = target.substr(0, question);
  while (!path.empty()) {
    path.remove_prefix(path.starts_with('/') ? 1 : 0);
    const auto part = path.substr(0, path.find('/'));
    out += '/';
    out += is_word(part) ? part : "{id}";
    path.remove_prefix(part.size());
  }
  if (question == std::string_view::npos) return out;
  char before = '?';
  for (std::string_view query = target.substr(question + 1); !query.empty();) {
    const auto one = query.substr(0, query.find('&'));
    const auto name = one.substr(0, one.find('='));
    out += before;
    out += is_word(name) ? name : "{name}";
    before = '&';
    query.remove_prefix(std::min(one.size() + 1, query.size()));
  }
  return out;
}

std::unique_ptr<HttpsClient> note_calls(std::unique_ptr<HttpsClient> https, const Clock& clock,
                                        ApiNote note) {
  return std::make_unique<NotedHttps>(std::move(https), clock, std::move(note));
}

}  // namespace gatehouse
