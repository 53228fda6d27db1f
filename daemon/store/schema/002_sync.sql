-- Directory sync: identities in the mirror, links that say why, plans, issues, and what operators said.

-- NULL external_id: the number is it. Keys are hashes of the normalised name, e-mail and phone; 0: none.
ALTER TABLE record ADD COLUMN external_id TEXT;
ALTER TABLE record ADD COLUMN name_key INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN email_key INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN phone_key INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN absent_since INTEGER;

-- The only source of a person so far, so that what was told of it last was the removal.
UPDATE record SET absent_since =
  (SELECT person.last_synced FROM person JOIN person_source AS source ON source.person = person.id
   WHERE person.id = record.person AND source.present = 0)
  WHERE present = 0;

-- Every record is looked at anew once.
UPDATE record SET fingerprint = 0;

CREATE INDEX record_by_absence ON record (integration, absent_since) WHERE absent_since IS NOT NULL;

ALTER TABLE person ADD COLUMN decoupled_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN decoupled_until INTEGER;
ALTER TABLE person ADD COLUMN email_verified INTEGER NOT NULL DEFAULT 1;

CREATE INDEX person_by_coupling ON person (decoupled_until) WHERE decoupled_until IS NOT NULL;

ALTER TABLE person_source ADD COLUMN rule TEXT NOT NULL DEFAULT 'created';
ALTER TABLE person_source ADD COLUMN evidence TEXT NOT NULL DEFAULT '';
ALTER TABLE person_source ADD COLUMN linked INTEGER;

ALTER TABLE integration ADD COLUMN kind TEXT NOT NULL DEFAULT 'net2';
ALTER TABLE integration ADD COLUMN switch TEXT NOT NULL DEFAULT 'on';

CREATE INDEX run_of_all ON run (integration, started)
  WHERE trigger_kind IN ('schedule', 'manual', 'first');
CREATE INDEX run_without_end ON run (integration) WHERE finished IS NULL;

-- NULL: the record's number is it.
ALTER TABLE activity ADD COLUMN external_id TEXT;

CREATE INDEX activity_by_record ON activity (integration, record);

-- `number` is short for the id, and never used again, for changes may outlive their plan by a moment.
-- integration NULL: people of all of them.
CREATE TABLE plan (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  integration INTEGER,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  count INTEGER NOT NULL,
  done INTEGER NOT NULL,
  token TEXT NOT NULL,
  basis INTEGER NOT NULL,
  switch_off INTEGER NOT NULL,
  people TEXT NOT NULL,
  run TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT;

CREATE INDEX plan_alive ON plan (state) WHERE state IN ('making', 'open', 'applying');

-- row = plan << 32 | number, contiguous from 0: in the order in which they are applied.
-- The columns from `source_id` on are the record's fate, NULL where there is none; those from `first_name` on
-- its facts, likewise; those that begin with `link` whose it is, likewise. person "" is none.
CREATE TABLE plan_change (
  row INTEGER PRIMARY KEY,
  plan INTEGER NOT NULL,
  integration INTEGER NOT NULL,
  op TEXT NOT NULL,
  record INTEGER NOT NULL,
  external_id TEXT NOT NULL,
  person TEXT NOT NULL,
  name TEXT NOT NULL,
  changed TEXT NOT NULL,
  source_id TEXT,
  fingerprint INTEGER,
  name_key INTEGER,
  email_key INTEGER,
  phone_key INTEGER,
  fate_name TEXT,
  skip TEXT,
  leaves INTEGER,
  stranger INTEGER,
  link_person TEXT,
  link_record INTEGER,
  link_rule TEXT,
  link_evidence TEXT,
  first_name TEXT,
  last_name TEXT,
  email TEXT,
  phone TEXT,
  person_type TEXT,
  membership_status TEXT,
  synced_tags TEXT,
  site TEXT,
  sites TEXT,
  roamer INTEGER,
  roamer_sites TEXT,
  valid_from INTEGER,
  valid_until INTEGER
) STRICT;

-- As people read them.
CREATE INDEX plan_change_by_record ON plan_change (plan, record, person, integration);

-- record NULL: about the integration as a whole. `others` is a JSON array, `fields` a JSON object of texts.
CREATE TABLE issue (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  integration INTEGER NOT NULL,
  reason TEXT NOT NULL,
  record INTEGER,
  external_id TEXT NOT NULL,
  name TEXT NOT NULL,
  others TEXT NOT NULL,
  fields TEXT NOT NULL,
  since INTEGER NOT NULL,
  closed INTEGER,
  how TEXT
) STRICT;

CREATE INDEX issue_open ON issue (integration, record) WHERE closed IS NULL;
CREATE INDEX issue_closed ON issue (closed) WHERE closed IS NOT NULL;

-- The newest word of an operator about a record. person "" is none.
CREATE TABLE choice (
  integration INTEGER NOT NULL,
  record INTEGER NOT NULL,
  kind TEXT NOT NULL,
  person TEXT NOT NULL,
  other_record INTEGER,
  said_by TEXT NOT NULL,
  said_at INTEGER NOT NULL,
  PRIMARY KEY (integration, record)
) STRICT, WITHOUT ROWID;

CREATE TABLE override (
  integration INTEGER NOT NULL,
  record INTEGER NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  said_by TEXT NOT NULL,
  said_at INTEGER NOT NULL,
  PRIMARY KEY (integration, record, field)
) STRICT, WITHOUT ROWID;
