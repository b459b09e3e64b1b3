//! `cargo xtask soak`: kills processes at random during sign-in, refresh, sign-out and link, and counts the results.

use crate::project;
use crate::setup::command::{command, run};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fs;
use std::io::{Write, stdout};
use std::time::{SystemTime, UNIX_EPOCH};

/// The rounds are a test of `nameplate`, because they need the test vault that several processes share.
const TEST: [&str; 10] = [
    "test",
    "--package",
    "nameplate",
    "--features",
    "failpoints",
    "--test",
    "failpoints",
    "--",
    "--exact",
    "soak::kills_at_random",
];

/// Runs this many rounds. The last line on stdout is JSON with the counts. A seed repeats the requests and, approximately, the
/// times of the kills.
pub fn soak(rounds: u64, seed: Option<u64>) -> Result<()> {
    let seed = seed.unwrap_or_else(from_the_clock);
    let mut cargo = command("cargo", &TEST);
    cargo.env("NAMEPLATE_SOAK_ROUNDS", rounds.to_string());
    cargo.env("NAMEPLATE_SOAK_SEED", seed.to_string());
    let file = project::target().join("soak.json");
    let _ = fs::remove_file(&file);
    cargo.env("NAMEPLATE_SOAK_COUNTS", &file);
    eprintln!("{rounds} rounds with seed {seed}");
    if let Err(error) = run(&mut cargo) {
        writeln!(stdout(), "{}", json!({ "seed": seed, "problems": 1 }))?;
        return Err(error.context(format!(
            "a problem; repeat it with: cargo xtask soak --rounds {rounds} --seed {seed}"
        )));
    }
    let mut counts: Value =
        serde_json::from_slice(&fs::read(&file).context("nothing was counted")?)?;
    // A problem ends the rounds before counts are written.
    counts.as_object_mut().context("no counts")?.insert("problems".to_owned(), json!(0));
    writeln!(stdout(), "{counts}")?;
    Ok(())
}

fn from_the_clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(since.subsec_nanos())
}
