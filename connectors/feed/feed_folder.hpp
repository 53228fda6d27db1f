#pragma once
// The directory of a feed: which file is next, and where it goes.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/feed/file_handle.hpp"
#include "connectors/feed/folder_shelf.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// What the clock said when a piece of work began.
struct FeedMoment {
  Instant now;
  Uptime up;
  bool certain = true;  ///< the clock is set; else nothing is old
};

/// For one thread at a time: the worker. Files are only ever opened under the directory's descriptor, without
/// following links.
class FeedFolder {
 public:
  /// A snapshot that has its end line.
  struct Found {
    std::string name;
    FileHandle file;
  };

  /// Errc::storage with what to do. `patience`: after so long without growth a file without its end line is
  /// reported.
  static Result<FeedFolder> open(std::string path, Duration patience, Log& log);

  /// Sees to it that the directory of this path is the one that is open, and its done/ and failed/. True
  /// where one had been replaced.
  Result<bool> reopen_if_replaced();
  /// True where an earlier move is only now known to be durable, and its snapshot current.
  Result<bool> finish_move();
  /// The oldest that is complete. What can never be taken is moved to failed/ and reported as an error. So
  /// is, where nothing else is to be done, what cannot be read (each time) or does not grow (once).
  Result<std::optional<Found>> find_next(const FeedMoment& moment);
  /// False where somebody has written to the file, or put another in its place, since find_next() gave it:
  /// what was read means nothing then.
  bool is_as_found(const std::string& name) const;
  /// Moves a checked snapshot to done/ and makes it the current one. False where another file had taken its
  /// name meanwhile. On an error it lies where it was, or its move is finished later by finish_move().
  Result<bool> accept(const std::string& name, const FileHandle& file, const FeedMoment& moment);
  /// Moves it to failed/ with a .why beside it. What to report.
  Error reject(const std::string& name, const Error& why, const FeedMoment& moment);

  /// Errc::not_found where there is none.
  Result<FileHandle> open_current() const;
  /// True where the directory is not as find_next() saw it, or something is to be reported.
  bool is_changed(const FeedMoment& moment) const;

 private:
  struct Look {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t mode = 0;
    std::int64_t size = 0;
    std::chrono::nanoseconds written{0};
    std::chrono::nanoseconds changed{0};  ///< its rights too
    bool operator==(const Look&) const = default;
  };
  struct Known {
    Look look;
    Uptime since;       ///< it has been like this
    bool told = false;  ///< reported, and nothing can be done until it changes
  };
  using Candidate = std::pair<const std::string, Look>;

  FeedFolder(std::string path, Duration patience, Log& log, FileHandle directory, FolderShelf done,
             FolderShelf failed);

  /// Errc::storage where nothing is under the path any more.
  Result<bool> is_replaced() const;
  Result<std::map<std::string, Look>> look() const;
  std::optional<Look> look_at(const std::string& name) const;
  /// Nothing where it is to be left alone for now; `trouble`: worth reporting if nothing else is.
  Result<std::optional<FileHandle>> open_if_complete(const std::string& name, const Known& known,
                                                     const FeedMoment& moment,
                                                     std::optional<Error>& trouble) const;
  Result<void> mark(const std::string* next) const;
  void prune(const FeedMoment& moment);

  std::string path_;
  Duration patience_;
  Log* log_;
  FileHandle directory_;
  FolderShelf done_;
  FolderShelf failed_;
  std::map<std::string, Known> known_;
  std::optional<std::string> current_;    ///< in done/
  std::optional<std::string> unsettled_;  ///< in done/, perhaps not for ever yet
};

}  // namespace gatehouse
