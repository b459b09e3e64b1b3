-- People, their accounts, the sign-ins that wait for an answer, and the settings.
-- Times are seconds since 1970, in UTC. No token, code, verifier or secret is ever in here.

CREATE TABLE users (
    id             TEXT PRIMARY KEY,
    nickname       TEXT NOT NULL,
    email          TEXT,
    email_verified INTEGER NOT NULL DEFAULT 0,
    birthday       TEXT,
    gender         TEXT,
    age_range      TEXT,
    phone          TEXT,
    avatar         BLOB,            -- PNG, drawn anew from what the provider sent
    avatar_key     TEXT,            -- names the picture and changes with it
    created_at     INTEGER NOT NULL,
    read_at        INTEGER NOT NULL -- when the profile was last read from its provider
) STRICT;

CREATE TABLE accounts (
    id             TEXT PRIMARY KEY, -- also the name of the keychain entry
    user           TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider       TEXT NOT NULL,
    label          TEXT NOT NULL,
    issuer         TEXT NOT NULL,
    subject        TEXT NOT NULL,
    nickname       TEXT NOT NULL,
    email          TEXT,
    email_verified INTEGER NOT NULL DEFAULT 0,
    scopes         TEXT NOT NULL,    -- separated by spaces
    expires_at     INTEGER,
    state          TEXT NOT NULL,    -- storing, active, needs_sign_in or removing
    owner          TEXT,             -- the process that keeps the session for its own run
    notes          TEXT NOT NULL,    -- codes, separated by spaces
    created_at     INTEGER NOT NULL,
    UNIQUE (issuer, subject)         -- an account is known by these, never by its e-mail
) STRICT;

CREATE TABLE attempts (
    hash           TEXT PRIMARY KEY, -- SHA-256 of the state's jti, in hex
    sign_in        TEXT NOT NULL,    -- attempts of one sign-in live side by side until one is claimed
    provider       TEXT NOT NULL,
    intent         TEXT NOT NULL,
    channel        TEXT NOT NULL,
    keep           TEXT NOT NULL,    -- whether verifier and nonce are in the keychain or in this run
    redirect_uri   TEXT NOT NULL,
    owner          TEXT NOT NULL,    -- the process whose window or terminal waits
    expires_at     INTEGER NOT NULL,
    claimed_at     INTEGER,
    outcome        TEXT,             -- signed_in and the user's id, or the error, as JSON
    cleared        INTEGER NOT NULL DEFAULT 0 -- whether its keychain entry is gone
) STRICT;

CREATE INDEX attempts_by_sign_in ON attempts (sign_in);

CREATE TABLE settings (
    name           TEXT PRIMARY KEY,
    value          TEXT NOT NULL
) STRICT;
