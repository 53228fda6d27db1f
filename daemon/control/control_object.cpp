#include "daemon/control/control_object.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <sdbus-c++/Error.h>
#include <sdbus-c++/Types.h>

#include "daemon/control/bus_names.hpp"
#include "daemon/control/error_names.hpp"
#include "daemon/control/operator_audit.hpp"
#include "daemon/control/sealed_file.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// Apart, because acts may take hours, and the daemon must be seen into meanwhile.
constexpr std::size_t most_views_at_once = 64;
constexpr std::size_t most_acts_at_once = 32;
constexpr std::size_t most_callers_known = 256;
constexpr auto caller_patience = 5s;

// The system bus drops who sends more than 32 MiB at once, so an answer stays well below.
constexpr std::size_t longest_answer = 16u << 20;

constexpr char started[] = R"({"started":true})";

// So long a question that was only to be started may still be refused.
constexpr auto time_to_refuse = 300ms;

[[noreturn]] void refuse(Errc code, const std::string& why) {
  throw sdbus::Error(bus_error_name(code), why);
}

// What GetConnectionCredentials says. A bus that does not tell the groups leaves them to the system's
// database.
Result<Caller> read_credentials(const std::map<std::string, sdbus::Variant>& credentials) {
  const auto uid = credentials.find("UnixUserID");
  if (uid == credentials.end()) return Error{Errc::forbidden, "the bus does not say which user is asking"};
  Caller caller;
  caller.uid = uid->second.get<std::uint32_t>();
  const auto groups = credentials.find("UnixGroupIDs");
  if (groups == credentials.end()) {
    caller.groups = groups_of(caller.uid);
  } else {
    const auto numbers = groups->second.get<std::vector<std::uint32_t>>();
    caller.groups.assign(numbers.begin(), numbers.end());
  }
  return caller;
}

}  // namespace

std::shared_ptr<ControlObject> ControlObject::make(std::shared_ptr<BusLink> link,
                                                   std::shared_ptr<ControlState> state) {
  std::shared_ptr<ControlObject> object(new ControlObject(std::move(link), std::move(state)));
  object->register_methods();
  object->register_properties();
  object->object_->finishRegistration();
  return object;
}

ControlObject::ControlObject(std::shared_ptr<BusLink> link, std::shared_ptr<ControlState> state)
    : link_(std::move(link)),
      state_(std::move(state)),
      object_(sdbus::createObject(link_->bus(), bus_names::object)),
      bus_daemon_(sdbus::createProxy(link_->bus(), "org.freedesktop.DBus", "/org/freedesktop/DBus")),
      authority_(link_) {}

void ControlObject::register_methods() {
  for (const auto& noun : {gateway_methods, people_methods, integration_methods, plan_methods}) {
    for (auto& method : noun(state_->console)) offer(std::move(method));
  }
  for (const auto& noun : {access_methods, door_methods, person_methods}) {
    for (auto& method : noun(state_->access)) offer(std::move(method));
  }
  for (const auto& method : state_->more) offer(method);
}

void ControlObject::register_properties() {
  const PublicStatus* status = &state_->status;
  const auto offer_property = [this](const char* name, auto getter) {
    object_->registerProperty(name).onInterface(bus_names::gateway).withGetter(std::move(getter));
  };
  offer_property("Version", [status] { return status->version; });
  offer_property("Ready", [status] { return status->ready; });
  offer_property("Status", [status] { return status->status; });
  offer_property("ConfigRevision", [status] { return status->config_revision; });
  offer_property("ReloadError", [status] { return status->reload_error; });
  offer_property("CloudConnected", [status] { return status->cloud_connected; });
  object_->registerSignal("Changed").onInterface(bus_names::gateway).withParameters<std::string>("what");
}

void ControlObject::offer(Method method) {
  const bool file = method.form == ReplyForm::file || method.form == ReplyForm::handed_over;
  const auto kept = std::make_shared<const Method>(std::move(method));
  // sd-bus calls back only while the object stands, so the bare pointer holds.
  auto callback = [this, kept](sdbus::MethodCall call) { take(std::move(call), kept); };
  object_->registerMethod(kept->interface, kept->name, kept->signature, kept->arguments, file ? "h" : "s",
                          {file ? "file" : "json"}, std::move(callback));
}

void ControlObject::take(sdbus::MethodCall call, const std::shared_ptr<const Method>& method) {
  if (state_->stopping) refuse(Errc::cancelled, "the daemon is stopping");
  const bool acts = method->permission != Permission::view;
  const auto views = state_->under_way.size() - state_->acting;
  if (acts ? state_->acting >= most_acts_at_once : views >= most_views_at_once)
    refuse(Errc::busy, "too many calls at once; try again");
  Ask ask = method->read(call);
  auto row = audit_entry(*method, call);
  const auto executor = link_->executor();
  auto pending = std::make_shared<Pending>(Pending{.object = shared_from_this(),
                                                   .call = std::move(call),
                                                   .method = method,
                                                   .ask = std::move(ask),
                                                   .patience = asio::steady_timer(executor),
                                                   .row = std::move(row)});

  const auto signal = state_->under_way.emplace(state_->under_way.end());
  state_->acting += acts ? 1 : 0;
  auto ended = [executor, signal, pending, state = state_](std::exception_ptr thrown) {
    if (thrown) {
      std::optional<Error> why;
      try {
        std::rethrow_exception(thrown);
      } catch (const boost::system::system_error& error) {
        why = Error{Errc::cancelled, error.code().message()};
      } catch (const std::exception& error) {
        state->log.write(Level::error, std::string("a D-Bus call failed by an exception: ") + error.what());
        why = Error{Errc::refused, std::string("internal fault: ") + error.what()};
      }
      note(*pending, *why);
      reply(*pending, *why);
    }
    pending->patience.cancel();
    // Posted, because the signal may be the one that is just being emitted.
    asio::post(executor, [state, signal, acts = pending->method->permission != Permission::view] {
      state->under_way.erase(signal);
      state->acting -= acts ? 1 : 0;
      if (state->under_way.empty() && state->on_idle) state->on_idle();
    });
  };
  asio::co_spawn(executor, answer(std::move(pending)),
                 asio::bind_cancellation_slot(signal->slot(), std::move(ended)));
}

Task<void> ControlObject::answer(std::shared_ptr<Pending> pending) {
  const auto by = co_await pending->object->admit(pending->call.getSender(), pending->method->permission);
  if (!by) {
    reply(*pending, by.error());
    co_return;
  }
  if (pending->row) pending->row->actor = *by;
  if (pending->method->form == ReplyForm::started) reply_soon(pending);
  const auto answered = co_await pending->ask(*by);
  note(*pending, answered);
  reply(*pending, answered);
}

void ControlObject::note(Pending& pending, const Result<std::string>& answer) {
  if (!pending.row || pending.row->actor.empty()) return;
  auto row = *std::exchange(pending.row, std::nullopt);
  finish_audit(row, *pending.method, answer);
  const auto& audit = pending.object->state_->audit;
  if (audit) audit(std::move(row));
}

void ControlObject::reply_soon(const std::shared_ptr<Pending>& pending) {
  pending->patience.expires_after(time_to_refuse);
  pending->patience.async_wait([pending](const boost::system::error_code& cancelled) {
    if (!cancelled && !pending->replied) reply(*pending, std::string(started));
  });
}

// An authority is asked first; the local rule is for when none answers. Root and the gateway's own user are
// let in without a question.
Task<Result<std::string>> ControlObject::admit(std::string sender, Permission permission) {
  const auto caller = co_await caller_of(sender);
  if (!caller) co_return caller.error();
  auto& household = state_->household;
  // Only for those whom it may concern: the system's name services stay in memory once they were asked.
  const bool family = caller->uid == 0 || caller->uid == household.own_uid;
  if (!family && household.polkit == Polkit::automatic) {
    const auto allowed = co_await authority_.allows(sender, permission);
    if (allowed && !*allowed)
      co_return Error{Errc::forbidden, "polkit does not allow it (action " + polkit_action(permission) + ")"};
    if (allowed) co_return permission == Permission::view ? std::string() : words_for_user(caller->uid);
  }
  if (!family) household.group = find_group("gatehouse");
  const auto admitted = admit_locally(*caller, permission, household);
  if (!admitted) co_return admitted.error();
  co_return permission == Permission::view ? std::string() : words_for_user(caller->uid);
}

Task<Result<Caller>> ControlObject::caller_of(std::string sender) {
  const auto known = callers_.find(sender);
  if (known != callers_.end()) co_return known->second;

  // The timer is both the patience and the bell.
  struct Lookup {
    asio::steady_timer bell;
    std::optional<Result<Caller>> caller;
  };
  auto lookup = std::make_shared<Lookup>(Lookup{asio::steady_timer(link_->executor(), caller_patience), {}});
  try {
    bus_daemon_->callMethodAsync("GetConnectionCredentials")
        .onInterface("org.freedesktop.DBus")
        .withTimeout(caller_patience)
        .withArguments(sender)
        .uponReplyInvoke(
            [lookup](const sdbus::Error* error, const std::map<std::string, sdbus::Variant>& said) {
              lookup->caller = error != nullptr ? Result<Caller>(Error{Errc::forbidden, error->getMessage()})
                                                : read_credentials(said);
              lookup->bell.cancel();
            });
  } catch (const sdbus::Error& error) {
    co_return Error{Errc::unreachable, "cannot ask the bus who is calling: " + error.getMessage()};
  }
  link_->kick();
  co_await lookup->bell.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!lookup->caller) co_return Error{Errc::timeout, "the bus does not say who is calling"};
  if (!*lookup->caller) co_return within("ask the bus who is calling", lookup->caller->error());
  if (callers_.size() >= most_callers_known) callers_.clear();
  callers_.insert_or_assign(sender, **lookup->caller);
  co_return **lookup->caller;
}

void ControlObject::reply(Pending& pending, const Result<std::string>& answer) {
  auto& object = *pending.object;
  if (std::exchange(pending.replied, true)) {
    // Nobody waits for what was only started.
    if (!answer)
      object.state_->log.write(Level::warning, "what was started has failed: " + answer.error().detail);
    return;
  }
  if (object.link_->closed() || pending.call.doesntExpectReply()) return;
  if (!answer) return object.refuse_call(pending.call, answer.error());
  switch (pending.method->form) {
    case ReplyForm::document:
      return object.send(pending.call, *answer);
    case ReplyForm::file:
      return object.send_file(pending.call, make_sealed_file(*answer));
    case ReplyForm::handed_over:
      return object.send_file(pending.call, take_file(*answer));
    case ReplyForm::started:
      return object.send(pending.call, started);
  }
}

void ControlObject::send(const sdbus::MethodCall& call, const std::string& answer) {
  if (answer.size() > longest_answer) {
    return refuse_call(call,
                       {Errc::refused, "the answer is too long for the bus; ask for a part, or a file"});
  }
  try {
    auto message = call.createReply();
    message << answer;
    message.send();
  } catch (const sdbus::Error& error) {
    // A caller that is gone is no error to sd-bus, so this answer is no D-Bus string.
    state_->log.write(Level::error, "a D-Bus answer could not be sent: " + error.getMessage());
    return refuse_call(call, {Errc::malformed, "the answer cannot be sent: " + error.getMessage()});
  }
  link_->kick();
}

void ControlObject::send_file(const sdbus::MethodCall& call, const Result<int>& file) {
  if (!file) return refuse_call(call, file.error());
  const sdbus::UnixFd handed_over(*file, sdbus::adopt_fd);
  try {
    auto message = call.createReply();
    message << handed_over;
    message.send();
  } catch (const sdbus::Error& error) {
    return refuse_call(call, {Errc::refused, "the file cannot be handed over: " + error.getMessage()});
  }
  link_->kick();
}

void ControlObject::refuse_call(const sdbus::MethodCall& call, const Error& why) {
  // Somebody else's words may be in the detail, and they may be no UTF-8; an answer has to come all the same.
  for (const auto& detail : {why.detail, std::string("the reason cannot be shown")}) {
    try {
      call.createErrorReply(sdbus::Error(bus_error_name(why.code), detail)).send();
      break;
    } catch (const sdbus::Error& error) {
      state_->log.write(Level::error, "a D-Bus error could not be sent: " + error.getMessage());
    }
  }
  link_->kick();
}

void ControlObject::tell_news(const std::string& what) {
  object_->emitSignal("Changed").onInterface(bus_names::gateway).withArguments(what);
  link_->kick();
}

void ControlObject::tell_changed(const std::vector<std::string>& names) {
  object_->emitPropertiesChangedSignal(bus_names::gateway, names);
  link_->kick();
}

}  // namespace gatehouse
