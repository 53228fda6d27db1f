-- By what a person is recognised (IdentityKeys); 0: by nothing. Those of the people who are there already are
-- made when the store opens, and meta 'identity_keys' says so.
ALTER TABLE person ADD COLUMN name_key INTEGER NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN email_key INTEGER NOT NULL DEFAULT 0;
CREATE INDEX person_by_name_key ON person (name_key) WHERE name_key <> 0;
CREATE INDEX person_by_email_key ON person (email_key) WHERE email_key <> 0;
