//! Attempts: pending authorization requests. A row has the hash of the state, never the state.

use native_oauth::provider::{Grant, RedirectMethod};
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use super::Store;
use crate::error::{Code, Error, Result};
use crate::extra_grant::ExtraGranted;
use crate::ids::UserId;
use crate::intent::Intent;
use crate::vault::TokenStorage;

/// One attempt of a sign-in, by one method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRow {
    /// SHA-256 of the state's `jti`, in hex.
    pub hash: String,
    /// Id of the sign-in (UUID); several attempts may belong to it.
    pub sign_in: String,
    /// The provider's id.
    pub provider: String,
    /// The issuer that is asked.
    pub issuer: String,
    /// What the user named besides the provider, to name it again.
    pub server: Option<String>,
    /// The purpose of the sign-in.
    pub intent: Intent,
    /// How the authorization response is received.
    pub method: Grant,
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
    pub outcome: Option<Result<SignInOutcome>>,
}

impl AttemptRow {
    /// An error with the provider of this attempt, and its server.
    pub fn named(&self, error: Error) -> Error {
        at_server(error.at(&self.provider), &self.issuer, self.server.as_deref())
    }
}

/// An error with the server that a user named. A handle names an account and not its server.
fn at_server(error: Error, issuer: &str, server: Option<&str>) -> Error {
    match server {
        Some(server) if issuer.contains(server) => error.of_server(server),
        Some(_) | None => error,
    }
}

/// The result of a sign-in that succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInOutcome {
    /// This user is signed in.
    SignedIn(UserId),
    /// Something was granted to the application beside a sign-in.
    ExtraGranted(ExtraGranted),
}

/// The column `outcome`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredOutcome {
    /// The sign-in failed with this error.
    Failed { code: Code, detail: Option<String> },
    /// It succeeded.
    #[serde(untagged)]
    Succeeded(SignInOutcome),
}

impl StoredOutcome {
    fn result(self, provider: &str, issuer: &str, server: Option<&str>) -> Result<SignInOutcome> {
        let (code, detail) = match self {
            Self::Succeeded(outcome) => return Ok(outcome),
            Self::Failed { code, detail } => (code, detail),
        };
        let error = at_server(Error::new(code).at(provider), issuer, server);
        Err(match detail {
            Some(detail) => error.with_detail(detail),
            None => error,
        })
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

/// How long the response of an attempt may be processed, in seconds.
const PROCESSING: i64 = 600;

impl Store {
    /// Adds an attempt, and deletes those that expired a day ago.
    pub fn add_attempt(&self, attempt: &AttemptRow, now: i64) -> Result<()> {
        self.write(|t| {
            t.execute("DELETE FROM attempts WHERE expires_at < ?1 AND cleared", [now - 86_400])?;
            t.execute(
                "INSERT INTO attempts (hash, sign_in, provider, intent, method, storage, redirect_uri, owner, expires_at, issuer, server)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                params![
                    attempt.hash, attempt.sign_in, attempt.provider,
                    serde_json::json!(attempt.intent).to_string(), attempt.method.as_str(),
                    attempt.storage.as_str(), attempt.redirect_uri, attempt.owner, attempt.expires_at,
                    attempt.issuer, attempt.server
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

    /// The attempts without an outcome that have not expired, or so lately that their response may be
    /// in processing.
    pub fn unfinished(&self, now: i64) -> Result<Vec<AttemptRow>> {
        self.read(|c| {
            let mut statement =
                c.prepare(&format!("{SELECT} WHERE outcome IS NULL AND expires_at > ?1"))?;
            statement.query_map([now - PROCESSING], attempt)?.collect()
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
        let superseded = outcome_text(&Err(Error::new(Code::Superseded)));
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
    pub fn finish_attempt(&self, hash: &str, outcome: &Result<SignInOutcome>) -> Result<()> {
        self.execute(
            "UPDATE attempts SET outcome = ?2 WHERE hash = ?1 AND outcome IS NULL",
            params![hash, outcome_text(outcome)],
        )
        .map(drop)
    }

    /// Ends the attempts of a sign-in that are not claimed.
    pub fn end_sign_in(&self, sign_in: &str, error: Error) -> Result<()> {
        let outcome = outcome_text(&Err(error));
        self.execute(
            "UPDATE attempts SET outcome = ?2 WHERE sign_in = ?1 AND claimed_at IS NULL AND outcome IS NULL",
            params![sign_in, outcome],
        )
        .map(drop)
    }

    /// Ends an attempt unless it was claimed or has ended; whether it did.
    pub fn end_attempt(&self, hash: &str, error: Error) -> Result<bool> {
        let outcome = outcome_text(&Err(error));
        let ended = self.execute(
            "UPDATE attempts SET outcome = ?2 WHERE hash = ?1 AND claimed_at IS NULL AND outcome IS NULL",
            params![hash, outcome],
        )?;
        Ok(ended > 0)
    }

    /// Deletes an attempt whose secrets could not be stored.
    pub fn drop_attempt(&self, hash: &str) -> Result<()> {
        self.execute("DELETE FROM attempts WHERE hash = ?1", [hash]).map(drop)
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
        self.execute("UPDATE attempts SET cleared = 1 WHERE hash = ?1", [hash]).map(drop)
    }

    /// Makes another process the owner of an attempt whose process has ended.
    pub fn adopt(&self, hash: &str, owner: &str) -> Result<()> {
        self.execute("UPDATE attempts SET owner = ?2 WHERE hash = ?1", [hash, owner]).map(drop)
    }
}

const SELECT: &str = "SELECT hash, sign_in, provider, method, redirect_uri, owner, expires_at, claimed_at, outcome, storage, intent, issuer, server FROM attempts";

fn attempt(row: &Row<'_>) -> rusqlite::Result<AttemptRow> {
    let (provider, issuer): (String, String) = (row.get(2)?, row.get(11)?);
    let server: Option<String> = row.get(12)?;
    let outcome = row.get::<_, Option<String>>(8)?;
    let outcome = outcome.and_then(|text| serde_json::from_str::<StoredOutcome>(&text).ok());
    Ok(AttemptRow {
        hash: row.get(0)?,
        sign_in: row.get(1)?,
        method: Grant::parse(&row.get::<_, String>(3)?).unwrap_or(RedirectMethod::Manual.into()),
        intent: serde_json::from_str(&row.get::<_, String>(10)?).unwrap_or_default(),
        storage: TokenStorage::parse(&row.get::<_, String>(9)?),
        redirect_uri: row.get(4)?,
        owner: row.get(5)?,
        expires_at: row.get(6)?,
        claimed: row.get::<_, Option<i64>>(7)?.is_some(),
        outcome: outcome.map(|outcome| outcome.result(&provider, &issuer, server.as_deref())),
        provider,
        issuer,
        server,
    })
}

fn outcome_text(outcome: &Result<SignInOutcome>) -> String {
    let stored = match outcome {
        Ok(outcome) => StoredOutcome::Succeeded(outcome.clone()),
        Err(error) => {
            StoredOutcome::Failed { code: error.code(), detail: error.detail().map(str::to_owned) }
        }
    };
    serde_json::json!(stored).to_string()
}

#[cfg(test)]
mod tests;
