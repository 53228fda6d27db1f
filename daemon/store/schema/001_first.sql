-- Times are milliseconds since 1970 (UTC). A shipped migration is never edited.

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Short keys for the integrations' ids, which are in every record and event.
CREATE TABLE integration (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  badge TEXT NOT NULL
) STRICT;

-- Numbers of a lane never go back, even where its rows are gone. The sums spare counting at start.
CREATE TABLE lane (
  lane INTEGER PRIMARY KEY,
  next_sequence INTEGER NOT NULL,
  next_row INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;

INSERT INTO lane VALUES (0, 1, 1, 0, 0), (1, 1, 1, 0, 0), (2, 1, 1, 0, 0), (3, 1, 1, 0, 0);

-- row = lane << 52 | number: each lane lies together, oldest first, without a further index.
-- `bytes` stands before the payload so that sums need not read it. sequence 0: not numbered.
CREATE TABLE outbox (
  row INTEGER PRIMARY KEY,
  sequence INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  created INTEGER NOT NULL,
  topic TEXT NOT NULL,
  payload TEXT NOT NULL
) STRICT;

CREATE TABLE dead_letter (
  row INTEGER PRIMARY KEY,
  sequence INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  created INTEGER NOT NULL,
  topic TEXT NOT NULL,
  payload TEXT NOT NULL,
  cause TEXT NOT NULL,
  detail TEXT NOT NULL,
  parked_at INTEGER NOT NULL
) STRICT;

CREATE TABLE event_cursor (
  integration INTEGER PRIMARY KEY,
  generation INTEGER NOT NULL,
  low INTEGER NOT NULL,
  high INTEGER NOT NULL,
  last_at INTEGER
) STRICT;

CREATE TABLE event (
  integration INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  at_known INTEGER NOT NULL,
  type INTEGER NOT NULL,
  sub_type INTEGER NOT NULL,
  door INTEGER,
  user INTEGER,
  catch_up INTEGER NOT NULL,
  description TEXT NOT NULL,
  details TEXT NOT NULL,
  PRIMARY KEY (integration, generation, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX event_by_time ON event (at);

-- The mirror: what a source had at its last complete read.
CREATE TABLE record (
  integration INTEGER NOT NULL,
  number INTEGER NOT NULL,
  fingerprint INTEGER NOT NULL,
  present INTEGER NOT NULL,
  person TEXT,
  skip TEXT,
  name TEXT NOT NULL,
  PRIMARY KEY (integration, number)
) STRICT, WITHOUT ROWID;

-- The registry. Lists are JSON arrays of strings; "" is none.
CREATE TABLE person (
  id TEXT PRIMARY KEY,
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  email TEXT NOT NULL,
  phone TEXT NOT NULL,
  person_type TEXT NOT NULL,
  membership_status TEXT NOT NULL,
  synced_tags TEXT NOT NULL,
  site TEXT NOT NULL,
  sites TEXT NOT NULL,
  roamer INTEGER NOT NULL,
  roamer_sites TEXT NOT NULL,
  valid_from INTEGER,
  valid_until INTEGER,
  admin_enabled INTEGER NOT NULL,
  tracked INTEGER NOT NULL,
  custom_tags TEXT NOT NULL,
  last_synced INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE person_source (
  person TEXT NOT NULL,
  integration INTEGER NOT NULL,
  external_id TEXT NOT NULL,
  present INTEGER NOT NULL,
  PRIMARY KEY (person, integration, external_id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX person_source_by_record ON person_source (integration, external_id);

CREATE TABLE run (
  id TEXT PRIMARY KEY,
  integration INTEGER NOT NULL,
  started INTEGER NOT NULL,
  finished INTEGER,
  trigger_kind TEXT NOT NULL,
  phase TEXT NOT NULL,
  outcome TEXT,
  seen INTEGER NOT NULL,
  added INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  skipped INTEGER NOT NULL,
  disabled INTEGER NOT NULL,
  removed INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  duplicates INTEGER NOT NULL,
  detail TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX run_by_time ON run (integration, started);

CREATE TABLE activity (
  number INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  run TEXT NOT NULL,
  integration INTEGER NOT NULL,
  record INTEGER NOT NULL,
  name TEXT NOT NULL,
  outcome TEXT NOT NULL,
  reason TEXT,
  fields TEXT NOT NULL
) STRICT;

-- How many removals were applied when: what the guard's window sums.
CREATE TABLE removal (
  integration INTEGER NOT NULL,
  at INTEGER NOT NULL,
  run TEXT NOT NULL,
  people INTEGER NOT NULL
) STRICT;

CREATE INDEX removal_by_time ON removal (integration, at);

CREATE TABLE door (
  integration INTEGER NOT NULL,
  id INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (integration, id)
) STRICT, WITHOUT ROWID;
