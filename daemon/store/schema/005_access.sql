-- At the door: more rights and visits of people, decisions and what they moved, commands, presence, audit.

-- MQTT's correlation data of a reply. NULL: none.
ALTER TABLE outbox ADD COLUMN correlation BLOB;
ALTER TABLE dead_letter ADD COLUMN correlation BLOB;

-- More rights for one person, in the order in which an administrator gave them. Exactly one of door
-- ("net2-hq/6203980"), scope and site.
CREATE TABLE person_grant (
  person TEXT NOT NULL,
  position INTEGER NOT NULL,
  id TEXT NOT NULL,
  door TEXT,
  scope TEXT,
  site TEXT,
  hours TEXT,
  valid_from INTEGER,
  valid_until INTEGER,
  PRIMARY KEY (person, position)
) STRICT, WITHOUT ROWID;

-- Who is to be invited or was. told_at NULL: the cloud has yet to be told. id "": it never was, but says that
-- it invited them. `ok`: they are invited.
CREATE TABLE invitation (
  person TEXT PRIMARY KEY,
  id TEXT NOT NULL,
  told_at INTEGER,
  ok INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX invitation_due ON invitation (person) WHERE told_at IS NULL;
CREATE INDEX invitation_open ON invitation (person) WHERE told_at IS NOT NULL AND NOT ok;

INSERT INTO invitation (person, id, told_at, ok)
  SELECT id, '', NULL, 0 FROM person WHERE email <> '' AND tracked AND admin_enabled
  AND EXISTS (SELECT 1 FROM person_source AS source WHERE source.person = person.id)
  AND NOT EXISTS (SELECT 1 FROM person_source AS source WHERE source.person = person.id AND NOT source.present);

-- Of a person of the cloud, whether there is a person with this source by now or not.
CREATE TABLE visit (
  id TEXT PRIMARY KEY,
  cloud_id TEXT NOT NULL,
  site TEXT NOT NULL,
  begins INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  status TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX visit_by_cloud_id ON visit (cloud_id);

-- Where everybody was seen last.
CREATE TABLE presence (
  person TEXT PRIMARY KEY,
  site TEXT NOT NULL,
  on_site INTEGER NOT NULL,
  at INTEGER NOT NULL,
  access_point TEXT,
  door TEXT,
  evidence TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX presence_on_site ON presence (person) WHERE on_site;

-- Net2's own lockdown, with the event that said so: an older one that is read later says nothing any more.
CREATE TABLE net2_lockdown (
  integration INTEGER PRIMARY KEY,
  active INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  event INTEGER NOT NULL
) STRICT;

CREATE TABLE site_lockdown (site TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- As operators have set them; what is not here is as the configuration says.
CREATE TABLE door_mode (
  door TEXT PRIMARY KEY,
  mode TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE door_hold (
  door TEXT PRIMARY KEY,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- When the copy of a source was last proved current; "cloud" is the roster.
CREATE TABLE proof (
  integration TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- `document`: what has no column of its own, as JSON. `trace` and `basis` as they were given.
CREATE TABLE decision (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  person TEXT,
  access_point TEXT NOT NULL,
  allow INTEGER NOT NULL,
  reason TEXT NOT NULL,
  revision INTEGER NOT NULL,
  document TEXT NOT NULL,
  trace TEXT NOT NULL,
  basis BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX decision_by_id ON decision (id, at);
CREATE INDEX decision_by_time ON decision (at);
CREATE INDEX decision_by_person ON decision (person) WHERE person IS NOT NULL;

-- Doors that are about to be commanded, until it is known how that went.
CREATE TABLE door_intent (
  owner TEXT NOT NULL,
  door TEXT NOT NULL,
  action TEXT NOT NULL,
  at INTEGER NOT NULL,
  scheduled INTEGER NOT NULL,
  PRIMARY KEY (owner, door)
) STRICT, WITHOUT ROWID;

-- When each door was last about to be commanded.
CREATE TABLE door_commanded (
  door TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Ids that are used up. answer "": none yet. `doors` is a JSON array.
CREATE TABLE command (
  issuer TEXT NOT NULL,
  id TEXT NOT NULL,
  digest TEXT NOT NULL,
  until INTEGER NOT NULL,
  reply_topic TEXT NOT NULL,
  correlation BLOB NOT NULL,
  answer TEXT NOT NULL,
  target TEXT NOT NULL,
  issued INTEGER NOT NULL,
  doors TEXT NOT NULL,
  PRIMARY KEY (issuer, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX command_by_end ON command (until);

-- When the newest command to a target was issued: an older one comes too late, also after a restart.
CREATE TABLE command_floor (
  target TEXT PRIMARY KEY,
  issued INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The chain: `hash` covers the row before, this row's columns and `digest`, which covers salt, detail and
-- person. An erasure takes these three away and leaves the chain whole.
CREATE TABLE audit (
  number INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  outcome TEXT NOT NULL,
  detail TEXT,
  person TEXT,
  salt BLOB,
  digest BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT;

CREATE INDEX audit_by_person ON audit (person) WHERE person IS NOT NULL;

-- One row: the newest row of the chain, and the last one that was pruned from its front (0: none).
CREATE TABLE audit_ends (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  head INTEGER NOT NULL,
  head_hash BLOB NOT NULL,
  pruned INTEGER NOT NULL,
  pruned_hash BLOB NOT NULL
) STRICT;

INSERT INTO audit_ends VALUES (1, 0, ZEROBLOB(32), 0, ZEROBLOB(32));
