//! `nameplate accounts` beside SQLite's own command for the same rows.

use super::Extent;
use super::report::{Report, Target};
use super::session::Session;
use super::statistics::Pairs;
use anyhow::{Result, ensure};
use serde_json::Value;
use std::path::Path;

/// The rows that `nameplate accounts` reads, in its order.
const ROWS: &str = "SELECT users.id AS user, coalesce(renamed, users.nickname) AS name, birthday, gender, age_range, \
    phone, avatar_key, read_at, accounts.id, provider, label, issuer, subject, accounts.nickname, accounts.email, \
    accounts.email_verified, scopes, expires_at, state, notes, email_trusted \
    FROM users JOIN accounts ON accounts.user = users.id \
    WHERE state IN ('active', 'needs_sign_in') ORDER BY users.created_at, users.rowid";

/// With 1, 200 and 10,000 accounts.
pub async fn measure(session: &mut Session, extent: Extent, report: &mut Report) -> Result<()> {
    for count in [1, 200, 10_000] {
        let home = session.home(&format!("accounts-{count}"))?;
        session.sign_in(&home).await?;
        multiply(session, &home, count).await?;
        let (mut pairs, database) = (Pairs::default(), home.join("nameplate.db"));
        for _ in 0..extent.times(15, 60) {
            let mut ours = session.nameplate(&home);
            ours.arg("accounts");
            let (ours, listed) = session.run(ours).await?;
            let mut theirs = session.command("sqlite3");
            theirs.arg("-json").arg(&database).arg(ROWS);
            let (theirs, rows) = session.run(theirs).await?;
            pairs.push(ours.as_secs_f64() * 1e3, theirs.as_secs_f64() * 1e3);
            ensure!(
                number(&listed, "/users")? == count && number(&rows, "")? == count,
                "other rows"
            );
        }
        let what = format!("`nameplate accounts`, {count} accounts");
        report.pairs(&what, "ms", "`sqlite3 -json`", &pairs, Target::Ratio(1.5));
    }
    Ok(())
}

fn number(json: &[u8], pointer: &str) -> Result<usize> {
    let value: Value = serde_json::from_slice(json)?;
    Ok(value.pointer(pointer).and_then(Value::as_array).map_or(0, Vec::len))
}

/// Adds people, each with one account, until there are so many; all but the first without a picture.
pub async fn multiply(session: &Session, home: &Path, count: usize) -> Result<()> {
    let more = format!(
        "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    );
    let script = format!(
        "BEGIN; CREATE TEMP TABLE u AS SELECT * FROM users LIMIT 1; CREATE TEMP TABLE a AS SELECT * FROM accounts LIMIT 1;
         INSERT INTO users (id, nickname, email, email_verified, created_at, read_at)
         {more} SELECT 'user-' || i, 'Person ' || i, 'person' || i || '@example.com', 1, created_at + i, read_at FROM n, u WHERE {count} > 1;
         INSERT INTO accounts (id, user, provider, label, issuer, subject, nickname, email, email_verified, scopes, expires_at, state, notes, created_at)
         {more} SELECT 'account-' || i, 'user-' || i, provider, label, issuer, subject || i, 'Person ' || i, 'person' || i || '@example.com', 1, scopes, expires_at, state, notes, created_at + i FROM n, a WHERE {count} > 1;
         COMMIT; PRAGMA wal_checkpoint(TRUNCATE);"
    );
    let mut sqlite = session.command("sqlite3");
    sqlite.arg(home.join("nameplate.db")).arg(script);
    session.run(sqlite).await.map(drop)
}
