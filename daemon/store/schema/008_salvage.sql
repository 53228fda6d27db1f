-- People who came to be known again after a salvage lost people: whether an operator had disabled them is not
-- known, so they are, until somebody says otherwise.
CREATE TABLE doubted_person (
  person TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
