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
    sentences(&counts).iter().for_each(|sentence| eprintln!("{sentence}"));
    // A problem ends the rounds before counts are written.
    counts.as_object_mut().context("no counts")?.insert("problems".to_owned(), json!(0));
    writeln!(stdout(), "{counts}")?;
    Ok(())
}

fn sentences(counts: &Value) -> [String; 5] {
    let number = |name: &str| counts.get(name).and_then(Value::as_u64).unwrap_or_default();
    let kills: Vec<_> =
        counts.get("kills").and_then(Value::as_object).into_iter().flatten().collect();
    let killed: u64 = kills.iter().filter_map(|(_, count)| count.as_u64()).sum();
    let each: Vec<_> =
        kills.iter().map(|(operation, count)| format!("{operation} {count}")).collect();
    [
        format!("{killed} processes were killed, {} came to their end first.", number("ended")),
        format!("Killed: {}.", each.join(", ")),
        format!(
            "{} left an incomplete write, which the next process recovered.",
            number("half_done_and_settled")
        ),
        format!(
            "{} sessions need a sign-in: the provider had answered a refresh that was never written.",
            number("needs_sign_in")
        ),
        "No problem was found.".to_owned(),
    ]
}

fn from_the_clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(since.subsec_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_printed_as_sentences() {
        let counts =
            json!({ "ended": 1, "kills": { "Join": 2, "Refresh": 3 }, "needs_sign_in": 1 });
        let sentences = sentences(&counts);
        assert_eq!(sentences[0], "5 processes were killed, 1 came to their end first.");
        assert_eq!(sentences[1], "Killed: Join 2, Refresh 3.");
        assert!(sentences[3].starts_with("1 sessions need a sign-in"));
    }
}
