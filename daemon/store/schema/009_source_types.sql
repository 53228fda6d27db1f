-- The type of person that each source gave last, whether it was taken or not: a source that says another type
-- than the one that rules is an issue, whichever of them speaks first. NULL: not known.
ALTER TABLE person_source ADD COLUMN says TEXT;
