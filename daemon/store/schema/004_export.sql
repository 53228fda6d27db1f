-- What an export writes into Net2 besides the facts: a JSON object of texts. NULL: nothing.
ALTER TABLE plan_change ADD COLUMN also TEXT;
