-- A grant that is left to be revoked remembers whose it was, so that whoever signs in again does not
-- lose the new session to it. NULL: from before this was kept, and then anybody's of the provider.

ALTER TABLE revocations ADD COLUMN identity TEXT;                   -- a digest of issuer and subject
ALTER TABLE revocations ADD COLUMN client TEXT NOT NULL DEFAULT ''; -- as the account had it
