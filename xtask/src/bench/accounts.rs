//! `nameplate accounts` beside SQLite's own command for the same rows.

use super::Extent;
use super::report::{Report, Target};
use super::session::Session;
use super::statistics::Pairs;
use anyhow::{Result, ensure};
use serde_json::Value;
use std::path::Path;

/// What identifies and describes each account, in the order of `nameplate accounts`.
const ROWS: &str = "SELECT users.id AS user, renamed, accounts.id, provider, label, issuer, subject, client, \
    accounts.nickname, accounts.email, accounts.email_verified, email_trusted, scopes, expires_at, state, notes \
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

/// Copies the one user with the one account of a home until there are so many.
pub async fn multiply(session: &Session, home: &Path, count: usize) -> Result<()> {
    let script = format!(
        "BEGIN;
         CREATE TEMP TABLE numbers AS WITH RECURSIVE numbers(i) AS
             (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {count}) SELECT i FROM numbers WHERE i > 1;
         CREATE TEMP TABLE more_users AS SELECT * FROM users, numbers;
         CREATE TEMP TABLE more_accounts AS SELECT * FROM accounts, numbers;
         UPDATE more_users SET id = 'user-' || i;
         UPDATE more_accounts SET id = 'account-' || i, user = 'user-' || i, subject = subject || i,
             nickname = 'Person ' || i, email = 'person' || i || '@example.com';
         ALTER TABLE more_users DROP COLUMN i;
         ALTER TABLE more_accounts DROP COLUMN i;
         INSERT INTO users SELECT * FROM more_users;
         INSERT INTO accounts SELECT * FROM more_accounts;
         COMMIT;
         PRAGMA wal_checkpoint(TRUNCATE);"
    );
    let mut sqlite = session.command("sqlite3");
    sqlite.arg("-bail").arg(home.join("nameplate.db")).arg(script);
    session.run(sqlite).await.map(drop)
}
