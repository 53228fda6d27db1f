-- By what erased people are known again: digests of marks (core/tombstones.hpp) under this store's own key,
-- which is made with the first of them, and nothing else.
CREATE TABLE tombstone (
  digest BLOB PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tombstone_key (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  key BLOB NOT NULL
) STRICT;
