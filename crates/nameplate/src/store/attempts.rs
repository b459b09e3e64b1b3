//! Attempts: pending authorization requests. A row has the hash of the state, never the state.

use native_oauth::provider::Channel;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use super::Store;
use crate::bot::Bot;
use crate::error::{Code, Error, Result};
use crate::user::{Intent, UserId};
use crate::vault::TokenStorage;

/// One attempt of a sign-in, by one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRow {
    /// SHA-256 of the state's `jti`, in hex.
    pub hash: String,
    /// Id of the sign-in (UUID); several attempts may belong to it.
    pub sign_in: String,
    /// The provider's id.
    pub provider: String,
    /// The purpose of the sign-in.
    pub intent: Intent,
    /// How the authorization response is received.
    pub channel: Channel,
    /// Where verifier and nonce are stored.
    pub storage: TokenStorage,
    /// Redirect URI; a response at another one is refused (S7).
    pub redirect_uri: String,
    /// The process that waits for the response, or that claimed it.
    pub owner: String,
    /// Expiry, in seconds since 1970.
    pub expires_at: i64,
    /// Whether a response was claimed.
    pub claimed: bool,
    /// Result; `None` while pending.
    pub outcome: Option<Outcome>,
}

/// Stored result of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The sign-in failed.
    Failed {
        /// The error's code.
        code: Code,
        /// The error's detail.
        detail: Option<String>,
    },
    /// It succeeded.
    #[serde(untagged)]
    Ended(Ended),
}

/// Success of a claimed response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// A user is signed in.
    SignedIn(UserId),
    /// A bot was added to a server.
    BotAdded(Bot),
}

impl Outcome {
    /// The outcome of a sign-in that failed.
    pub fn of(error: &Error) -> Self {
        Self::Failed { code: error.code(), detail: error.words().map(str::to_owned) }
    }

    /// The success, or the error.
    ///
    /// # Errors
    /// The one of [`Outcome::of`].
    pub fn result(self, provider: &str) -> Result<Ended> {
        let (code, detail) = match self {
            Self::Ended(ended) => return Ok(ended),
            Self::Failed { code, detail } => (code, detail),
        };
        let error = Error::new(code).at(provider);
        Err(match detail {
            Some(detail) => error.detail(detail),
            None => error,
        })
    }
}

impl From<&Result<Ended>> for Outcome {
    fn from(ended: &Result<Ended>) -> Self {
        ended.as_ref().map_or_else(Self::of, |ended| Self::Ended(ended.clone()))
    }
}

/// Result of [`Store::claim`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// The response is this caller's alone.
    Ours,
    /// Another caller claimed it, or the attempt has ended.
    Taken,
}

impl Store {
    /// Adds an attempt, and deletes those that expired a day ago.
    pub fn add_attempt(&self, attempt: &AttemptRow, now: i64) -> Result<()> {
        self.write(|t| {
            t.execute("DELETE FROM attempts WHERE expires_at < ?1 AND cleared", [now - 86_400])?;
            t.execute(
                "INSERT INTO attempts (hash, sign_in, provider, intent, channel, storage, redirect_uri, owner, expires_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![
                    attempt.hash, attempt.sign_in, attempt.provider,
                    serde_json::json!(attempt.intent).to_string(), attempt.channel.as_str(),
                    attempt.storage.as_str(), attempt.redirect_uri, attempt.owner, attempt.expires_at
                ],
            )?;
            Ok(())
        })
    }

    /// The attempt with this hash.
    pub fn attempt(&self, hash: &str) -> Result<Option<AttemptRow>> {
        self.read(|c| c.query_row(&format!("{SELECT} WHERE hash = ?1"), [hash], attempt).optional())
    }

    /// The attempts of a sign-in, oldest first.
    pub fn attempts_of(&self, sign_in: &str) -> Result<Vec<AttemptRow>> {
        self.read(|c| {
            let mut statement =
                c.prepare(&format!("{SELECT} WHERE sign_in = ?1 ORDER BY rowid"))?;
            statement.query_map([sign_in], attempt)?.collect()
        })
    }

    /// The pending attempts, oldest first.
    pub fn waiting(&self, now: i64) -> Result<Vec<AttemptRow>> {
        self.read(|c| {
            let mut statement = c.prepare(&format!(
                "{SELECT} WHERE claimed_at IS NULL AND outcome IS NULL AND expires_at > ?1 ORDER BY rowid"
            ))?;
            statement.query_map([now], attempt)?.collect()
        })
    }

    /// Claims the response for this process, exclusively across processes, and ends the other
    /// attempts of the sign-in (S26). A claim is never undone.
    pub fn claim(&self, hash: &str, owner: &str, now: i64) -> Result<Claim> {
        let superseded = outcome_text(&Outcome::of(&Error::new(Code::Superseded)));
        self.write(|t| {
            let ours = t.execute(
                "UPDATE attempts SET claimed_at = ?2, owner = ?3 WHERE hash = ?1 AND claimed_at IS NULL AND outcome IS NULL",
                params![hash, now, owner],
            )?;
            if ours == 0 {
                return Ok(Claim::Taken);
            }
            t.execute(
                "UPDATE attempts SET outcome = ?2 WHERE hash <> ?1 AND outcome IS NULL AND claimed_at IS NULL
                 AND sign_in = (SELECT sign_in FROM attempts WHERE hash = ?1)",
                params![hash, superseded],
            )?;
            Ok(Claim::Ours)
        })
    }

    /// Stores the result of a claimed attempt.
    pub fn conclude(&self, hash: &str, outcome: &Outcome) -> Result<()> {
        self.write(|t| {
            t.execute(
                "UPDATE attempts SET outcome = ?2 WHERE hash = ?1 AND outcome IS NULL",
                params![hash, outcome_text(outcome)],
            )
        })?;
        Ok(())
    }

    /// Ends the attempts of a sign-in that are not claimed; returns their hashes.
    pub fn end_sign_in(&self, sign_in: &str, outcome: &Outcome) -> Result<Vec<String>> {
        self.write(|t| {
            let mut statement = t.prepare(
                "UPDATE attempts SET outcome = ?2 WHERE sign_in = ?1 AND claimed_at IS NULL AND outcome IS NULL RETURNING hash",
            )?;
            let ended = statement.query_map(params![sign_in, outcome_text(outcome)], |row| row.get(0))?;
            ended.collect()
        })
    }

    /// Ends an attempt unless it was claimed or has ended; whether it did.
    pub fn end_attempt(&self, hash: &str, outcome: &Outcome) -> Result<bool> {
        let ended = self.write(|t| {
            t.execute(
                "UPDATE attempts SET outcome = ?2 WHERE hash = ?1 AND claimed_at IS NULL AND outcome IS NULL",
                params![hash, outcome_text(outcome)],
            )
        })?;
        Ok(ended > 0)
    }

    /// Deletes an attempt whose secrets could not be stored.
    pub fn drop_attempt(&self, hash: &str) -> Result<()> {
        self.write(|t| t.execute("DELETE FROM attempts WHERE hash = ?1", [hash]))?;
        Ok(())
    }

    /// Attempts that are over and whose keychain item may still exist.
    pub fn uncleared(&self, now: i64) -> Result<Vec<AttemptRow>> {
        self.read(|c| {
            let mut statement = c.prepare(&format!(
                "{SELECT} WHERE NOT cleared AND (outcome IS NOT NULL OR expires_at <= ?1)"
            ))?;
            statement.query_map([now], attempt)?.collect()
        })
    }

    /// Notes that the keychain item of an attempt is deleted.
    pub fn cleared(&self, hash: &str) -> Result<()> {
        self.write(|t| t.execute("UPDATE attempts SET cleared = 1 WHERE hash = ?1", [hash]))?;
        Ok(())
    }

    /// Makes another process the owner of an attempt whose process has ended.
    pub fn adopt(&self, hash: &str, owner: &str) -> Result<()> {
        self.write(|t| t.execute("UPDATE attempts SET owner = ?2 WHERE hash = ?1", [hash, owner]))?;
        Ok(())
    }
}

const SELECT: &str = "SELECT hash, sign_in, provider, channel, redirect_uri, owner, expires_at, claimed_at, outcome, storage, intent FROM attempts";

fn attempt(row: &Row<'_>) -> rusqlite::Result<AttemptRow> {
    Ok(AttemptRow {
        hash: row.get(0)?,
        sign_in: row.get(1)?,
        provider: row.get(2)?,
        channel: Channel::parse(&row.get::<_, String>(3)?).unwrap_or(Channel::Paste),
        intent: serde_json::from_str(&row.get::<_, String>(10)?).unwrap_or_default(),
        storage: TokenStorage::parse(&row.get::<_, String>(9)?),
        redirect_uri: row.get(4)?,
        owner: row.get(5)?,
        expires_at: row.get(6)?,
        claimed: row.get::<_, Option<i64>>(7)?.is_some(),
        outcome: row.get::<_, Option<String>>(8)?.and_then(|text| serde_json::from_str(&text).ok()),
    })
}

fn outcome_text(outcome: &Outcome) -> String {
    serde_json::json!(outcome).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::store;

    fn row(hash: &str, sign_in: &str) -> AttemptRow {
        AttemptRow {
            hash: hash.into(),
            sign_in: sign_in.into(),
            provider: "discord".into(),
            intent: Intent::SignIn,
            channel: Channel::Loopback,
            storage: TokenStorage::Keychain,
            redirect_uri: "http://127.0.0.1:1/callback/discord".into(),
            owner: "o".into(),
            expires_at: 600,
            claimed: false,
            outcome: None,
        }
    }

    /// S19: two processes use a response once.
    #[test]
    fn an_attempt_is_claimed_once_across_programs() {
        let (_dir, home, window) = store();
        let terminal = Store::open(&home).unwrap();
        window.add_attempt(&row("h", "s"), 0).unwrap();
        assert_eq!(terminal.claim("h", "o", 1).unwrap(), Claim::Ours);
        assert_eq!(window.claim("h", "o", 1).unwrap(), Claim::Taken);
    }

    /// S26, N3: a claim ends the other attempts of its sign-in, and none of another.
    #[test]
    fn a_claim_ends_the_other_attempts_of_its_sign_in() {
        let (_dir, _home, store) = store();
        for (hash, sign_in) in [("a", "s"), ("b", "s"), ("c", "t")] {
            store.add_attempt(&row(hash, sign_in), 0).unwrap();
        }
        assert_eq!(store.claim("a", "o", 1).unwrap(), Claim::Ours);
        assert_eq!(store.claim("b", "o", 1).unwrap(), Claim::Taken);
        let waiting: Vec<_> = store.waiting(1).unwrap().into_iter().map(|row| row.hash).collect();
        assert_eq!(waiting, ["c"]);
    }

    #[test]
    fn cancelling_lets_a_taken_answer_finish() {
        let (_dir, _home, store) = store();
        store.add_attempt(&row("a", "s"), 0).unwrap();
        store.claim("a", "o", 1).unwrap();
        let cancelled = Outcome::of(&Code::Cancelled.into());
        assert!(store.end_sign_in("s", &cancelled).unwrap().is_empty());
        assert_eq!(store.attempt("a").unwrap().unwrap().outcome, None);
    }

    #[test]
    fn an_outcome_is_kept_with_its_words() {
        let (_dir, _home, store) = store();
        store.add_attempt(&row("a", "s"), 0).unwrap();
        let error = Error::new(Code::AccessDenied).at("discord").detail("no");
        store.conclude("a", &Outcome::of(&error)).unwrap();
        let stored = store.attempt("a").unwrap().unwrap().outcome.unwrap();
        assert_eq!(stored.result("discord").unwrap_err(), error);
        store.add_attempt(&row("b", "s"), 0).unwrap();
        let ended = Ended::SignedIn(UserId::random());
        store.conclude("b", &Outcome::Ended(ended.clone())).unwrap();
        let stored = store.attempt("b").unwrap().unwrap().outcome.unwrap();
        assert_eq!(stored.result("discord"), Ok(ended));
    }
}
