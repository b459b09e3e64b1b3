-- Several people on one device, several accounts for each, and what is left to be revoked.

-- What a person is called on this device, whatever a provider says.
ALTER TABLE users ADD COLUMN renamed TEXT;

-- Whether the provider proves that the address is the person's, so that accounts may be joined by it.
ALTER TABLE accounts ADD COLUMN email_trusted INTEGER NOT NULL DEFAULT 0;

-- An account that may belong to a person who is here already: offered, never done unasked.
CREATE TABLE offers (
    account TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    user    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE
) STRICT;

-- A grant that could not be revoked yet; its token is in the keychain under the row's id.
CREATE TABLE revocations (
    id       TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    until    INTEGER NOT NULL -- given up after this
) STRICT;
