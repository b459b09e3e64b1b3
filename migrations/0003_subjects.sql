-- An account is known by issuer, subject and, where a provider names the same person differently to
-- each client, by the client as well. A table's UNIQUE is changed by making the table anew.

CREATE TABLE accounts_with_client (
    id             TEXT PRIMARY KEY, -- also the name of the keychain entry
    user           TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider       TEXT NOT NULL,
    label          TEXT NOT NULL,
    issuer         TEXT NOT NULL,
    subject        TEXT NOT NULL,
    client         TEXT NOT NULL DEFAULT '', -- '' where the subject is the same for every client
    nickname       TEXT NOT NULL,
    email          TEXT,
    email_verified INTEGER NOT NULL DEFAULT 0,
    email_trusted  INTEGER NOT NULL DEFAULT 0, -- whether accounts may be joined by it
    scopes         TEXT NOT NULL,    -- separated by spaces
    expires_at     INTEGER,
    state          TEXT NOT NULL,    -- storing, active, needs_sign_in or removing
    owner          TEXT,             -- the process that keeps the session for its own run
    notes          TEXT NOT NULL,    -- codes, separated by spaces
    created_at     INTEGER NOT NULL,
    UNIQUE (issuer, subject, client) -- an account is known by these, never by its e-mail
) STRICT;

-- Which client an earlier sign-in was for stands in the keychain alone; the next one notes it.
INSERT INTO accounts_with_client
    SELECT id, user, provider, label, issuer, subject, '', nickname, email, email_verified, email_trusted,
           scopes, expires_at, state, owner, notes, created_at
    FROM accounts ORDER BY rowid;

DROP TABLE accounts;
ALTER TABLE accounts_with_client RENAME TO accounts;
