-- Of Net2's wall clock by which last_at was read, an IANA name: a server's zone is corrected now and then, and
-- its last event is still the same one. '': not known.
ALTER TABLE event_cursor ADD COLUMN zone TEXT NOT NULL DEFAULT '';
