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

namespace gatehouse {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::uint32_t largest_page = 1000;
constexpr std::size_t most_calls_at_once = 64;
constexpr std::size_t most_callers_known = 256;
constexpr auto patience_with_bus = 5s;

// The system bus drops who sends more than 32 MiB at once, so an answer stays well below.
constexpr std::size_t longest_answer = 16u << 20;

[[noreturn]] void refuse(Errc code, const std::string& why) {
  throw sdbus::Error(bus_error_name(code), why);
}

using Filter = std::map<std::string, std::string>;

// Takes a member out of a filter; empty where it is not there.
std::string take_out(Filter& filter, const char* name) {
  auto found = filter.extract(name);
  return found ? std::move(found.mapped()) : std::string();
}

void refuse_rest(const Filter& filter, const char* known) {
  if (filter.empty()) return;
  refuse(Errc::invalid, "unknown filter '" + filter.begin()->first + "'; known are: " + known);
}

void require_one_of(const std::string& value, const char* name, std::initializer_list<const char*> known) {
  std::string list;
  for (const char* one : known) {
    if (value == one) return;
    if (*one != '\0') list += (list.empty() ? "" : ", ") + std::string(one);
  }
  refuse(Errc::invalid, std::string(name) + " '" + value + "' is none of: " + list);
}

Page read_page(sdbus::MethodCall& call) {
  Page page;
  call >> page.after >> page.limit;
  if (page.limit < 1 || page.limit > largest_page) refuse(Errc::invalid, "limit must be 1 to 1000");
  return page;
}

std::string read_string(sdbus::MethodCall& call) {
  std::string text;
  call >> text;
  return text;
}

PeopleFilter people_filter(Filter given) {
  PeopleFilter filter;
  filter.search = take_out(given, "search");
  filter.integration = take_out(given, "integration");
  filter.person_type = take_out(given, "type");
  filter.site = take_out(given, "site");
  filter.access = take_out(given, "access");
  refuse_rest(given, "search, integration, type, site, access");
  require_one_of(filter.access, "access", {"", "yes", "no"});
  return filter;
}

EventFilter event_filter(Filter given) {
  EventFilter filter;
  filter.since = take_out(given, "since");
  filter.integration = take_out(given, "integration");
  refuse_rest(given, "since, integration");
  return filter;
}

OutboxFilter outbox_filter(Filter given) {
  OutboxFilter filter;
  const auto dead = take_out(given, "dead");
  require_one_of(dead, "dead", {"", "true", "false"});
  filter.dead = dead == "true";
  filter.lane = take_out(given, "lane");
  refuse_rest(given, "dead, lane");
  return filter;
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
      bus_daemon_(sdbus::createProxy(link_->bus(), "org.freedesktop.DBus", "/org/freedesktop/DBus")) {}

void ControlObject::register_methods() {
  Console* console = &state_->console;
  const std::vector<std::string> list_names{"filter", "after", "limit"};

  offer(bus_names::gateway, "Status", "", {}, Permission::view,
        [console](sdbus::MethodCall&) { return [console] { return console->status(); }; });

  offer(bus_names::integrations, "List", "", {}, Permission::view,
        [console](sdbus::MethodCall&) { return [console] { return console->integrations(); }; });
  offer(bus_names::integrations, "Show", "s", {"id"}, Permission::view, [console](sdbus::MethodCall& call) {
    return [console, id = read_string(call)] { return console->integration(id); };
  });

  offer(bus_names::people, "List", "a{ss}su", list_names, Permission::view,
        [console](sdbus::MethodCall& call) {
          Filter given;
          call >> given;
          return [console, filter = people_filter(std::move(given)), page = read_page(call)] {
            return console->people(filter, page);
          };
        });
  offer(bus_names::people, "Show", "s", {"person"}, Permission::view, [console](sdbus::MethodCall& call) {
    return [console, key = read_string(call)] { return console->person(key); };
  });

  offer(bus_names::doors, "List", "", {}, Permission::view,
        [console](sdbus::MethodCall&) { return [console] { return console->doors(); }; });
  offer(bus_names::doors, "Show", "s", {"door"}, Permission::view, [console](sdbus::MethodCall& call) {
    return [console, id = read_string(call)] { return console->door(id); };
  });

  offer(bus_names::events, "List", "a{ss}su", list_names, Permission::view,
        [console](sdbus::MethodCall& call) {
          Filter given;
          call >> given;
          return [console, filter = event_filter(std::move(given)), page = read_page(call)] {
            return console->events(filter, page);
          };
        });

  offer(bus_names::sync, "Log", "s", {"integration"}, Permission::view, [console](sdbus::MethodCall& call) {
    return [console, id = read_string(call)] { return console->runs(id); };
  });

  offer(bus_names::outbox, "List", "a{ss}su", list_names, Permission::view,
        [console](sdbus::MethodCall& call) {
          Filter given;
          call >> given;
          return [console, filter = outbox_filter(std::move(given)), page = read_page(call)] {
            return console->outbox(filter, page);
          };
        });

  offer(bus_names::config, "Effective", "s", {"format"}, Permission::view,
        [console](sdbus::MethodCall& call) {
          auto format = read_string(call);
          require_one_of(format, "format", {"yaml", "json"});
          return [console, format = std::move(format)] { return console->effective_config(format); };
        });
  offer(bus_names::config, "Reload", "", {}, Permission::administer,
        [console](sdbus::MethodCall&) { return [console] { return console->reload(); }; });
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
}

void ControlObject::offer(const char* interface, const char* method, std::string signature,
                          std::vector<std::string> names, Permission permission, Read read) {
  // sd-bus calls back only while the object stands, so the bare pointer holds.
  auto callback = [this, permission, read = std::move(read)](sdbus::MethodCall call) {
    take(std::move(call), permission, read);
  };
  object_->registerMethod(interface, method, std::move(signature), names, "s", {"json"}, std::move(callback));
}

void ControlObject::take(sdbus::MethodCall call, Permission permission, const Read& read) {
  if (state_->stopping) refuse(Errc::cancelled, "the daemon is stopping");
  if (state_->under_way.size() >= most_calls_at_once) refuse(Errc::busy, "too many calls at once; try again");
  Ask ask = read(call);
  auto pending =
      std::make_shared<Pending>(Pending{shared_from_this(), std::move(call), permission, std::move(ask)});

  const auto executor = link_->executor();
  const auto signal = state_->under_way.emplace(state_->under_way.end());
  auto ended = [executor, signal, pending, state = state_](std::exception_ptr thrown) {
    if (thrown) {
      try {
        std::rethrow_exception(thrown);
      } catch (const boost::system::system_error& error) {
        pending->object->reply(pending->call, Error{Errc::cancelled, error.code().message()});
      } catch (const std::exception& error) {
        state->log.write(Level::error, std::string("a D-Bus call failed by an exception: ") + error.what());
        pending->object->reply(pending->call,
                               Error{Errc::refused, std::string("internal fault: ") + error.what()});
      }
    }
    // Posted, because the signal may be the one that is just being emitted.
    asio::post(executor, [state, signal] {
      state->under_way.erase(signal);
      if (state->under_way.empty() && state->on_idle) state->on_idle();
    });
  };
  asio::co_spawn(executor, answer(std::move(pending)),
                 asio::bind_cancellation_slot(signal->slot(), std::move(ended)));
}

Task<void> ControlObject::answer(std::shared_ptr<Pending> pending) {
  const auto admitted = co_await pending->object->admit(pending->call.getSender(), pending->permission);
  if (!admitted) {
    pending->object->reply(pending->call, admitted.error());
    co_return;
  }
  const auto answered = co_await pending->ask();
  pending->object->reply(pending->call, answered);
}

// The place to ask an authority first; the local rule is for when none answers.
Task<Result<void>> ControlObject::admit(std::string sender, Permission permission) {
  const auto caller = co_await caller_of(std::move(sender));
  if (!caller) co_return caller.error();
  co_return admit_locally(*caller, permission, state_->household);
}

Task<Result<Caller>> ControlObject::caller_of(std::string sender) {
  const auto known = callers_.find(sender);
  if (known != callers_.end()) co_return known->second;

  // The timer is both the patience and the bell.
  struct Lookup {
    asio::steady_timer bell;
    std::optional<Result<Caller>> caller;
  };
  auto lookup =
      std::make_shared<Lookup>(Lookup{asio::steady_timer(link_->executor(), patience_with_bus), {}});
  try {
    bus_daemon_->callMethodAsync("GetConnectionCredentials")
        .onInterface("org.freedesktop.DBus")
        .withTimeout(patience_with_bus)
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

void ControlObject::reply(const sdbus::MethodCall& call, const Result<std::string>& answer) {
  if (link_->closed() || call.doesntExpectReply()) return;
  if (answer && answer->size() > longest_answer) {
    return refuse_call(call, {Errc::refused, "the answer is too long for the bus; ask for a smaller page"});
  }
  if (!answer) return refuse_call(call, answer.error());
  try {
    auto message = call.createReply();
    message << *answer;
    message.send();
  } catch (const sdbus::Error& error) {
    // A caller that is gone is no error to sd-bus, so this answer is no D-Bus string.
    state_->log.write(Level::error, "a D-Bus answer could not be sent: " + error.getMessage());
    return refuse_call(call, {Errc::malformed, "the answer cannot be sent: " + error.getMessage()});
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

void ControlObject::tell_changed(const std::vector<std::string>& names) {
  object_->emitPropertiesChangedSignal(bus_names::gateway, names);
  link_->kick();
}

}  // namespace gatehouse
