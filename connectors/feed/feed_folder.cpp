#include "connectors/feed/feed_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <tuple>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connectors/feed/feed_scan.hpp"
#include "connectors/feed/snapshot_mark.hpp"
#include "daemon/core/crash_point.hpp"

namespace gatehouse {
namespace {

constexpr std::string_view feed_suffix = ".jsonl";

bool is_snapshot_name(std::string_view name) {
  return name.ends_with(feed_suffix) && !name.starts_with('.');
}

std::string file_words(const std::string& name) {
  return "feed file " + shown_name(name);
}

/// Where the reason is written down, beside a refused file of this name.
std::string note_of(std::string_view name) {
  constexpr std::size_t most = 255 - 4;  // bytes of a file's name, without ".why"
  return std::string(name.size() > most ? name.substr(name.size() - most) : name) + ".why";
}

/// What whoever brought a snapshot is to do. The LAN interface names its own files.
std::string_view anew(std::string_view name) {
  return name.starts_with("lan-") ? "send it again" : "put the whole file into the directory again";
}

std::chrono::nanoseconds time_of(const timespec& at) {
  return std::chrono::seconds(at.tv_sec) + std::chrono::nanoseconds(at.tv_nsec);
}

std::string_view kind_of(std::uint64_t mode) {
  const auto kind = static_cast<mode_t>(mode);
  if (S_ISLNK(kind)) return "a symbolic link";
  if (S_ISFIFO(kind)) return "a pipe";
  if (S_ISDIR(kind)) return "a directory";
  if (S_ISSOCK(kind)) return "a socket";
  return "a device";
}

Error cannot_open(const std::string& path, const Error& why) {
  return {why.code,
          fmt::format("feed directory {}: {}; it must be there and the gateway must be able to write "
                      "in it (install -d -m 2770 -g gatehouse-feed {})",
                      path, why.detail, path)};
}

}  // namespace

FeedFolder::FeedFolder(std::string path, Duration patience, Log& log, FileHandle directory, FolderShelf done,
                       FolderShelf failed)
    : path_(std::move(path)),
      patience_(patience),
      log_(&log),
      directory_(std::move(directory)),
      done_(std::move(done)),
      failed_(std::move(failed)) {}

Result<FeedFolder> FeedFolder::open(std::string path, Duration patience, Log& log) {
  FileHandle directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return cannot_open(path, system_error("open it", errno));
  auto done = FolderShelf::open(directory, "done");
  if (!done) return cannot_open(path, done.error());
  auto failed = FolderShelf::open(directory, "failed");
  if (!failed) return cannot_open(path, failed.error());
  auto taken = done->items();
  if (!taken) return cannot_open(path, taken.error());
  std::erase_if(*taken, [](const FolderShelf::Item& item) { return !is_snapshot_name(item.name); });
  const auto mark = SnapshotMark::read(directory);
  if (!mark) return cannot_open(path, mark.error());

  FeedFolder folder(std::move(path), patience, log, std::move(directory), std::move(*done),
                    std::move(*failed));
  if (*mark) folder.current_ = (*mark)->find(*taken);
  if (folder.current_) return folder;
  // One that has been removed is missed; an older one in its place would bring back people who have left.
  if (*mark && (*mark)->now) {
    folder.current_ = (*mark)->now->name;
  } else if (!taken->empty()) {
    folder.current_ = taken->back().name;
  }
  return folder;
}

Result<bool> FeedFolder::is_replaced() const {
  struct stat ours{};
  struct stat theirs{};
  if (::fstat(directory_.get(), &ours) != 0) return cannot_open(path_, system_error("look at it", errno));
  if (::stat(path_.c_str(), &theirs) != 0) return cannot_open(path_, system_error("look at it", errno));
  const bool same = ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
  return !same || !done_.is_in(directory_) || !failed_.is_in(directory_);
}

Result<bool> FeedFolder::reopen_if_replaced() {
  auto replaced = is_replaced();
  if (!replaced || !*replaced) return replaced;
  auto other = open(path_, patience_, *log_);
  if (!other) return other.error();
  *this = std::move(*other);
  return true;
}

std::optional<FeedFolder::Look> FeedFolder::look_at(const std::string& name) const {
  struct stat status{};
  if (::fstatat(directory_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return Look{.device = status.st_dev,
              .inode = status.st_ino,
              .mode = status.st_mode,
              .size = status.st_size,
              .written = time_of(status.st_mtim),
              .changed = time_of(status.st_ctim)};
}

Result<std::map<std::string, FeedFolder::Look>> FeedFolder::look() const {
  auto names = names_in(directory_);
  if (!names) return cannot_open(path_, names.error());
  std::map<std::string, Look> looks;
  for (auto& name : *names) {
    if (!is_snapshot_name(name)) continue;
    const auto look = look_at(name);
    if (look) looks.emplace(std::move(name), *look);
  }
  return looks;
}

bool FeedFolder::is_changed(const FeedMoment& moment) const {
  const auto replaced = is_replaced();
  if (!replaced || *replaced) return true;
  const auto looks = look();
  if (!looks) return true;
  const bool same = std::ranges::equal(*looks, known_, [](const auto& seen, const auto& known) {
    return seen.first == known.first && seen.second == known.second.look;
  });
  const bool due = std::ranges::any_of(
      known_, [&](const auto& one) { return !one.second.told && moment.up - one.second.since >= patience_; });
  return !same || due;
}

Result<std::optional<FeedFolder::Found>> FeedFolder::find_next(const FeedMoment& moment) {
  const auto looks = look();
  if (!looks) return looks.error();
  std::erase_if(known_, [&](const auto& known) { return !looks->contains(known.first); });
  std::vector<const Candidate*> candidates;
  for (const auto& candidate : *looks) {
    Known& known = known_[candidate.first];
    if (known.look != candidate.second) known = {.look = candidate.second, .since = moment.up};
    if (!known.told) candidates.push_back(&candidate);
  }
  std::ranges::sort(candidates, {},
                    [](const Candidate* one) { return std::tie(one->second.written, one->first); });

  std::optional<Error> trouble;
  for (const Candidate* candidate : candidates) {
    const auto& [name, look] = *candidate;
    if (!S_ISREG(static_cast<mode_t>(look.mode))) {
      return reject(
          name, {Errc::malformed, fmt::format("it is {}; only plain files are taken", kind_of(look.mode))},
          moment);
    }
    if (look.size > static_cast<std::int64_t>(max_feed_file)) {
      return reject(name,
                    {Errc::malformed, fmt::format("it is larger than {} MiB", max_feed_file / 1024 / 1024)},
                    moment);
    }
    std::optional<Error> mine;
    auto file = open_if_complete(name, known_.at(name), moment, mine);
    if (!file) return file.error();
    if (*file) return std::optional<Found>({name, std::move(**file)});
    if (!mine || trouble) continue;
    trouble = std::move(mine);
    known_.at(name).told = trouble->code == Errc::incomplete;
  }
  if (!trouble) return std::optional<Found>();
  return *trouble;
}

Result<std::optional<FileHandle>> FeedFolder::open_if_complete(const std::string& name, const Known& known,
                                                               const FeedMoment& moment,
                                                               std::optional<Error>& trouble) const {
  using Maybe = std::optional<FileHandle>;
  // Without O_NONBLOCK a pipe that has taken the file's place meanwhile would stop us.
  FileHandle file(
      ::openat(directory_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file) {
    const int code = errno;
    if (code == ENOENT || code == ELOOP) return Maybe();  // gone or replaced: the next call sees what it is
    trouble = system_error(file_words(name) + ": open it", code);
    if (code == EMFILE || code == ENFILE || code == ENOMEM) return *trouble;
    trouble->detail += "; the gateway must be able to read it (mode 0640, group gatehouse-feed)";
    return Maybe();
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return system_error(file_words(name) + ": look at it", errno);
  if (status.st_dev != known.look.device || status.st_ino != known.look.inode || !S_ISREG(status.st_mode))
    return Maybe();
  const auto ended = has_end_line(file);
  if (!ended) {
    trouble = within(file_words(name), ended.error());
    return Maybe();
  }
  if (*ended) return Maybe(std::move(file));
  if (moment.up - known.since >= patience_) {
    trouble = Error{
        Errc::incomplete,
        fmt::format("{}: it has no end line and has not grown for {} minutes; its writer must end "
                    "it with {{\"end\":true,\"count\":N}}. It is left where it is",
                    file_words(name), std::chrono::duration_cast<std::chrono::minutes>(patience_).count())};
  }
  return Maybe();
}

bool FeedFolder::is_as_found(const std::string& name) const {
  const auto known = known_.find(name);
  return known != known_.end() && look_at(name) == known->second.look;
}

Result<bool> FeedFolder::accept(const std::string& name, const FileHandle& file, const FeedMoment& moment) {
  const std::string place = file_words(name);
  // Its writer need not have flushed it: a durable name without content would be worse than none.
  auto durable = make_durable(file, "it");
  if (!durable) return within(place, durable.error());
  auto aside = done_.make_room(name);
  if (!aside) return within(place, aside.error());
  if (*aside && current_ == name) current_ = std::move(**aside);
  crash_point("feed.aside.after");
  auto marked = mark(&name);
  if (!marked) return within(place, marked.error());
  crash_point("feed.move.before");
  if (!move_without_replacing(directory_, name, done_.handle(), name)) {
    const int code = errno;
    if (!look_at(name)) return false;  // its writer has taken it back
    const auto why = system_error(place + ": it is whole, but cannot be moved to done/", code);
    return Error{why.code, why.detail + "; it stays where it is and is tried again"};
  }
  struct stat checked{};
  struct stat moved{};
  const bool same = ::fstat(file.get(), &checked) == 0 &&
                    ::fstatat(done_.handle().get(), name.c_str(), &moved, AT_SYMLINK_NOFOLLOW) == 0 &&
                    checked.st_dev == moved.st_dev && checked.st_ino == moved.st_ino;
  if (!same) {  // another file got this name after we had opened ours: it has not been checked
    const std::string other = FolderShelf::stamped(moment.now, name);
    if (!move_without_replacing(done_.handle(), name, directory_, name) &&
        !move_without_replacing(done_.handle(), name, directory_, other)) {
      return system_error(place + ": it was replaced while it was read, and cannot be moved back from done/",
                          errno);
    }
    return false;
  }
  unsettled_ = name;
  auto settled = finish_move();
  if (!settled) return settled.error();
  prune(moment);
  return true;
}

/// Writes down which snapshot is the current one, and which one will be as soon as it lies in done/.
Result<void> FeedFolder::mark(const std::string* next) const {
  const auto marked = [](const FileHandle& where, const std::string& name) {
    struct stat status{};
    const bool there = ::fstatat(where.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
    return MarkedSnapshot{.name = name, .inode = there ? status.st_ino : 0};
  };
  SnapshotMark mark;
  if (current_) mark.now = marked(done_.handle(), *current_);
  if (next) mark.next = marked(directory_, *next);
  return mark.write(directory_);
}

Result<bool> FeedFolder::finish_move() {
  if (!unsettled_) return false;
  auto durable = make_durable(done_.handle(), path_ + "/done");
  if (!durable) return within("feed file " + shown_name(*unsettled_), durable.error());
  durable = make_durable(directory_, path_);
  if (!durable) return within("feed file " + shown_name(*unsettled_), durable.error());
  crash_point("feed.move.after");
  current_ = std::move(*unsettled_);
  unsettled_.reset();
  const auto marked = mark(nullptr);
  if (!marked) log_->write(Level::warning, "feed directory " + path_ + ": " + marked.error().detail);
  return true;
}

Error FeedFolder::reject(const std::string& name, const Error& why, const FeedMoment& moment) {
  const std::string place = file_words(name);
  if (why.code == Errc::storage || why.code == Errc::storage_full)
    return within(place, why);  // the disk's fault
  const std::string note_name = note_of(name);
  auto aside = failed_.make_room(name);
  auto room = aside ? Result<void>() : Result<void>(aside.error());
  if (aside && *aside) {  // the reason goes with its file
    move_without_replacing(failed_.handle(), note_name, failed_.handle(), note_of(**aside));
  }
  if (room && !move_without_replacing(directory_, name, failed_.handle(), name))
    room = system_error("move it", errno);
  if (!room) {
    known_[name].told = true;
    return {why.code, fmt::format("{}: {}; it cannot be moved to failed/ ({}), so remove it", place,
                                  why.detail, room.error().detail)};
  }
  const std::string text = fmt::format(
      "{} was not taken at {}.\n{}\nNothing of it has been used: the snapshot before it still "
      "counts. Correct it and {}.\n",
      shown_name(name), format_utc(moment.now), why.detail, anew(name));
  ::unlinkat(failed_.handle().get(), note_name.c_str(), 0);  // of a file that somebody has removed
  const FileHandle note(::openat(failed_.handle().get(), note_name.c_str(),
                                 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640));
  auto written = note ? write_all(note, text) : Result<void>(system_error("make it", errno));
  if (!written) {
    if (note) ::unlinkat(failed_.handle().get(), note_name.c_str(), 0);  // an empty one says nothing
    log_->write(Level::warning, place + ": its .why in failed/: " + written.error().detail);
  }
  auto durable = make_durable(failed_.handle(), "failed/");
  if (durable) durable = make_durable(directory_, path_);
  if (!durable) log_->write(Level::warning, place + ": " + durable.error().detail);
  prune(moment);
  return {why.code,
          fmt::format("{}: {}. It is in failed/; correct it and {}", place, why.detail, anew(name))};
}

Result<FileHandle> FeedFolder::open_current() const {
  if (!current_) return Error{Errc::not_found, "no snapshot yet in feed directory " + path_};
  FileHandle file(
      ::openat(done_.handle().get(), current_->c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  const std::string place = "feed snapshot done/" + shown_name(*current_);
  if (!file && errno == ENOENT) {
    return Error{Errc::malformed, place + " has been removed; put a snapshot into the directory again"};
  }
  if (!file) return system_error(place + ": open it", errno);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return system_error(place + ": look at it", errno);
  if (!S_ISREG(status.st_mode)) return Error{Errc::malformed, place + " is no plain file"};
  return file;
}

void FeedFolder::prune(const FeedMoment& moment) {
  if (!moment.certain) return;
  for (const FolderShelf* shelf : {&done_, &failed_}) {
    const bool is_done = shelf == &done_;
    auto pruned = shelf->prune(moment.now, is_done && current_ ? std::string_view(*current_) : "");
    if (!pruned) log_->write(Level::warning, "feed directory " + path_ + ": " + pruned.error().detail);
  }
}

}  // namespace gatehouse
