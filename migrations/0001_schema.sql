-- Users, their accounts, pending sign-ins, unsent revocations and settings.
-- Times are seconds since 1970, in UTC. No token, code, verifier or secret is stored here.
-- A step of MIGRATIONS (store.rs): once released it is never changed, and a change is a new step.

CREATE TABLE users (
    id             TEXT PRIMARY KEY,
    renamed        TEXT,            -- the name on this device, shown instead of the nickname
    profile        TEXT,            -- the account whose profile is shown; NULL: the oldest
    created_at     INTEGER NOT NULL
) STRICT;

CREATE TABLE accounts (
    id             TEXT PRIMARY KEY, -- also the name of the keychain item
    user           TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider       TEXT NOT NULL,
    label          TEXT NOT NULL,
    issuer         TEXT NOT NULL,
    subject        TEXT NOT NULL,
    client         TEXT NOT NULL DEFAULT '', -- '' where the subject is the same for every client
    nickname       TEXT NOT NULL,
    email          TEXT,
    email_verified INTEGER NOT NULL DEFAULT 0,
    email_trusted  INTEGER NOT NULL DEFAULT 0, -- whether the provider proves who owns the address
    birthday       TEXT,
    gender         TEXT,
    age_range      TEXT,
    phone          TEXT,
    avatar         BLOB,             -- PNG, re-encoded from the provider's picture
    avatar_key     TEXT,             -- digest of the picture
    read_at        INTEGER NOT NULL DEFAULT 0, -- when the profile was last read from its provider
    scopes         TEXT NOT NULL,    -- separated by spaces
    expires_at     INTEGER,
    renews         INTEGER NOT NULL DEFAULT 0, -- whether the session has a refresh token
    used_at        INTEGER,          -- when a program last got its access token
    used_by        TEXT,             -- that program
    state          TEXT NOT NULL,    -- storing, active, needs_sign_in or removing
    owner          TEXT,             -- the process whose memory has the session; NULL: the keychain has it
    notes          TEXT NOT NULL,    -- codes, separated by spaces
    created_at     INTEGER NOT NULL,
    sign_out_scope TEXT,             -- of a sign-out: here or everywhere; NULL: the provider is not told
    sign_out_since INTEGER,          -- when the sign-out was requested
    revision       INTEGER NOT NULL DEFAULT 0, -- how often the profile was stored
    UNIQUE (issuer, subject, client) -- the identity of an account; never its e-mail address
) STRICT;

-- An account that may belong to another user on this device, because both have the same e-mail address.
CREATE TABLE link_offers (
    account        TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    user           TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE
) STRICT;

CREATE TABLE attempts (
    hash           TEXT PRIMARY KEY, -- SHA-256 of the state's jti, in hex
    sign_in        TEXT NOT NULL,    -- the sign-in; it may have several attempts until one is claimed
    provider       TEXT NOT NULL,
    issuer         TEXT NOT NULL,    -- '' for a local profile
    server         TEXT,             -- what the user named besides the provider
    intent         TEXT NOT NULL,
    method         TEXT NOT NULL,
    storage        TEXT NOT NULL,    -- where verifier and nonce are: keychain or memory
    redirect_uri   TEXT NOT NULL,
    owner          TEXT NOT NULL,    -- the process that waits for the response
    expires_at     INTEGER NOT NULL,
    claimed_at     INTEGER,
    outcome        TEXT,             -- the result, or the error, as JSON
    cleared        INTEGER NOT NULL DEFAULT 0 -- whether its keychain item is deleted
) STRICT;

CREATE INDEX attempts_by_sign_in ON attempts (sign_in);
CREATE INDEX attempts_by_expiry ON attempts (expires_at);
CREATE INDEX attempts_not_cleared ON attempts (expires_at) WHERE NOT cleared;

-- Revocations that could not be sent yet. The token is in the keychain under the row's id.
CREATE TABLE revocations (
    id             TEXT PRIMARY KEY,
    provider       TEXT NOT NULL,
    identity       TEXT NOT NULL,    -- digest of the account's issuer and subject
    client         TEXT NOT NULL,    -- the account's client
    until          INTEGER NOT NULL  -- no attempt is made after this
) STRICT;

-- Clients that registered themselves at a server (RFC 7591). Their secrets are in the keychain item of the row's id.
CREATE TABLE registered_clients (
    id             TEXT PRIMARY KEY, -- also the name of the keychain item
    provider       TEXT NOT NULL,
    issuer         TEXT NOT NULL,
    client_id      TEXT NOT NULL,
    auth           TEXT NOT NULL,    -- how it authenticates: none, post or basic
    redirect_uris  TEXT NOT NULL,    -- separated by spaces
    scopes         TEXT NOT NULL,    -- the scopes that it may request, separated by spaces; '' for any
    storage        TEXT,             -- where its secrets are: keychain or memory; NULL: it has none
    management_url TEXT,             -- where it is deleted (RFC 7592); the token is one of its secrets
    registered_at  INTEGER NOT NULL,
    expires_at     INTEGER,          -- when its secret expires
    UNIQUE (provider, issuer)
) STRICT;

-- What users named besides a provider: offered at the next sign-in.
CREATE TABLE named_servers (
    provider       TEXT NOT NULL,
    name           TEXT NOT NULL,
    used_at        INTEGER NOT NULL,
    PRIMARY KEY (provider, name)
) STRICT;

CREATE TABLE settings (
    name           TEXT PRIMARY KEY,
    value          TEXT NOT NULL
) STRICT;
