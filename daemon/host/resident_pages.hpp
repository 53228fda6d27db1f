#pragma once
// How much of the machine's memory the process holds on to.

namespace gatehouse {

/// One heap for all threads. glibc would give each of ours one of its own, with the slack of each; they spend
/// their time in SQLite, TLS and the kernel, so that the one lock is no queue. Before the first thread.
void use_one_heap();

/// Lets go of what the loader and the start alone needed of the program's and its libraries' files: symbol
/// and relocation tables, the reading of the configuration. Pages that are wanted again come back from the
/// page cache at their next use. Nothing that was ever written to is touched. Any time, from any thread.
void release_file_pages();

/// That, and what the heap keeps between what is in use: after a pass over many people that is tens of
/// megabytes. Takes the heap's lock for some milliseconds.
void release_free_memory();

}  // namespace gatehouse
