-- Counts how often the profile of an account was stored, so that a picture that was fetched for an
-- earlier storing is dropped.

ALTER TABLE accounts ADD COLUMN filed INTEGER NOT NULL DEFAULT 0;
