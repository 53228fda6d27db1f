#pragma once
// Signed commands from the cloud (contract.md §3.2): read, checked, kept, carried out at most once, answered.

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/access_desk.hpp"
#include "daemon/app/command_aim.hpp"
#include "daemon/app/command_ports.hpp"
#include "daemon/app/command_refusals.hpp"
#include "daemon/app/command_work.hpp"
#include "daemon/app/errands.hpp"
#include "daemon/app/roster_taker.hpp"
#include "daemon/app/taken_register.hpp"

namespace gatehouse {

/// AccessDesk, as far as commands need it.
struct DoorCalls {
  std::function<Task<Result<DecisionRecord>>(SignInRequest)> sign_in;
  std::function<Task<Result<DoorReport>>(DoorRequest)> move_door;
  std::function<Task<Result<void>>(LockdownRequest)> set_lockdown;
  FindPerson find_person;
  std::function<std::vector<DoorIntent>()> left_open{};  ///< AccessDesk::left_open
};

/// On the io thread.
class CommandDesk {
 public:
  struct Parts {
    boost::asio::any_io_executor executor;
    AccessStore& store;
    AuditStore& audit;
    AdministrationStore& people;
    CommandVerifier& verifier;
    DoorCalls doors;
    RosterTaker& roster;
    CommandWork::Parts work;
    Alerts& alerts;
    Clock& clock;
    Log& log;
    std::string epoch;  ///< as in `state`
    Uptime began{};     ///< when `uptime_ms` was 0
    std::function<void()> news;
    std::function<void(const Message&)> send;  ///< to the cloud at once, if it is there
    Tallies* tallies = nullptr;
    /// Somebody was coupled or decoupled: their sources are to be looked at anew. May be empty.
    std::function<void(const Person&)> look_anew_at{};
  };
  explicit CommandDesk(Parts parts);

  /// Which commands are used up; what a crash left open is answered `unknown` or `interrupted`. Until this
  /// has gone well no command is carried out; loop() tries again.
  Task<void> load();
  /// Keys, limits and what there is, from now on: at start and with each reload, which reads the file of keys
  /// again. A bad file leaves the keys of before, and is an alert of kind "command_keys". Without a cloud
  /// nothing is taken.
  void use(const Settings& settings);
  /// Writes what was refused, and forgets what is over. Until it is cancelled.
  Task<void> loop(Pulse& pulse);
  /// Takes no more, lets what is under way end within `limit`, writes what is left. After loop() has ended.
  Task<void> stop(Duration limit);

  void take(const Incoming& message);
  /// How far the clock that signs commands is ahead of ours, as their `iat` tells, whether or not they were
  /// carried out; the least of the last ten minutes that had any, since a late one looks like a slow clock.
  std::optional<Duration> issued_ahead() const { return issued_ahead_; }
  std::vector<std::string> late() const { return errands_.late(); }

 private:
  /// A command that is going to be carried out.
  struct Admitted {
    Command command = Command::status_get;
    CommandArgs args;
    TakenCommand taken;
    ReplyTo to;
    std::string actor;  ///< "key KID"
    std::string about;
    std::optional<PersonId> person;
    std::vector<DoorId> opens;
    Uptime expires{};
    std::string reply_id;  ///< of the reply's message: the same where it is tried again
  };
  enum class Crew { doors, lockdown, roster, work };
  static Crew crew_of(Command command);

  CommandMoment moment() const;
  void note_issued(const ReadCommand& read, Instant now);
  void judge(ReadCommand read, ReplyTo to, const CommandMoment& moment);
  void refuse(CommandRefusal code, const ReadCommand& read, ReplyTo to, const CommandAim& aim,
              std::string more = {}, std::string first = {});
  void cap_floors(const CommandMoment& moment);
  bool has_room(Crew crew, std::size_t bytes) const;
  Admitted admit(ReadCommand read, ReplyTo to, CommandAim aim, const CommandMoment& moment);
  void begin(Admitted admitted);

  Task<void> carry_out(Admitted admitted);
  Task<void> sign_in(Admitted admitted);
  Task<void> move_door(Admitted admitted);
  Task<void> set_lockdown(Admitted admitted);
  Task<void> set_person(Admitted admitted);
  Task<void> do_work(Admitted admitted);
  Task<void> take_roster();
  Task<void> put_roster(Admitted admitted);

  /// Into the transaction that ends it.
  void finish(const Admitted& admitted, std::string data, AccessEnd& end) const;
  void give_back(const std::vector<DoorId>& opens, const std::vector<DecidedDoor>& moved);
  /// It was admitted, and only then seen to be refused: nothing of it has happened.
  void refuse_late(CommandRefusal code, const Admitted& admitted);
  /// It has an outcome, which is kept and told.
  Task<void> settle(Admitted admitted, std::string data, std::optional<AuditEntry> entry);
  /// The same; `told`: the access desk has kept and told it in a transaction of its own.
  Task<void> settle_once(Admitted admitted, std::string data, bool told);
  /// Nothing of it has happened. Its id stays used up with that as its outcome, which is kept and told; only
  /// where nothing could be kept may it come again.
  Task<void> give_up(Admitted admitted, Error why);
  /// Neither kept nor queued, since the store cannot.
  void answer_unkept(const Admitted& admitted, std::string data);
  Task<Result<std::string>> interrupted_answer(TakenCommand command);
  Task<Result<void>> answer_interrupted();
  AuditEntry entry_of(const Admitted& admitted, std::string outcome, std::string detail = "{}") const;

  Parts parts_;
  Wakeup bell_;
  CommandRefusals refusals_;
  CommandWork work_;
  Errands errands_;
  TakenRegister register_;
  std::optional<Duration> issued_ahead_;
  Uptime issued_seen_{};
  bool floors_doubted_ = true;  ///< they may be of an `iat` that no trusted clock has checked
  CommandLimits limits_;
  std::optional<Settings> settings_;
  std::string root_;       ///< of topics
  std::string audience_;   ///< "tenant/gateway"
  std::string key_fault_;  ///< what is wrong with the file of keys
  bool had_keys_ = false;  ///< since the start: a file that goes missing then is a fault
  bool loaded_ = false;
  bool load_failed_ = false;  ///< and said so
  bool stopping_ = false;
  std::vector<TakenCommand> interrupted_;  ///< to be answered
  std::map<Crew, std::size_t> under_way_;
  std::deque<Admitted> roster_;  ///< in the order in which they came
  std::size_t roster_bytes_ = 0;
  bool roster_runs_ = false;
};

}  // namespace gatehouse
