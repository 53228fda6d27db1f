-- Events that came while it was not known whose they are, for other people answered behind the known address:
-- nobody is named by their user's number, now or when they are told again.
ALTER TABLE event ADD COLUMN nameless INTEGER NOT NULL DEFAULT 0;
