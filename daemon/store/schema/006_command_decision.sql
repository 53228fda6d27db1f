-- The decision that a command or a request on the LAN became, durable with its intents: what a crash leaves
-- open is answered by it. '': none, or of a version before this one.
ALTER TABLE command ADD COLUMN decision TEXT NOT NULL DEFAULT '';
