-- An account on its way out remembers what leaving it was to end, so that an interrupted
-- disconnect still tells the provider.

ALTER TABLE accounts ADD COLUMN leaving TEXT;            -- here or everywhere; NULL: nothing is told
ALTER TABLE accounts ADD COLUMN leaving_since INTEGER;   -- when the person said so
