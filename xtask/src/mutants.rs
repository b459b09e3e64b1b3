//! `cargo xtask mutants`: cargo-mutants on the modules without input and output; lists the mutants that no unit test catches.

use crate::project;
use crate::setup::command::{command, run};
use crate::tools::Tool;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Write, stdout};
use std::path::Path;

const CARGO_MUTANTS: Tool = Tool { name: "mutants", version: "27.1.0" };

/// Files below `crates` without network, keychain and clock.
const FILES: &[&str] = &[
    "native-oauth/src/authorization_request.rs",
    "native-oauth/src/authorization_response.rs",
    "native-oauth/src/dialect.rs",
    "native-oauth/src/discovery.rs",
    "native-oauth/src/discovery/*.rs",
    "native-oauth/src/dpop.rs",
    "native-oauth/src/endpoint_urls.rs",
    "native-oauth/src/error_response.rs",
    "native-oauth/src/http/public_address.rs",
    "native-oauth/src/id_token.rs",
    "native-oauth/src/jws.rs",
    "native-oauth/src/profile.rs",
    "native-oauth/src/provider.rs",
    "native-oauth/src/provider/*.rs",
    "native-oauth/src/provider_config.rs",
    "native-oauth/src/redirect/private_use_scheme.rs",
    "native-oauth/src/request_error.rs",
    "native-oauth/src/sent_secrets.rs",
    "native-oauth/src/text.rs",
    "native-oauth/src/token_response.rs",
    "native-oauth/src/url_rules.rs",
    "native-oauth/src/web_page.rs",
    "nameplate/src/config.rs",
    "nameplate/src/config/*.rs",
    "nameplate/src/provider_table.rs",
    "nameplate/src/vault/chunked.rs",
];

/// The unit tests that are run for each mutant; those of stores, passwords and servers take too long.
const TESTS: &[&str] = &[
    "authorization_request::",
    "authorization_response::",
    "config::",
    "dialect::",
    "discovery::",
    "dpop::",
    "error_response::",
    "fuzzing::",
    "id_token::",
    "jws::",
    "profile::",
    "provider::",
    "provider_config::",
    "provider_table::",
    "private_use_scheme::",
    "public_address::",
    "request_error::",
    "text::",
    "token_response::",
    "url_rules::",
    "web_page::",
    "vault::",
];

/// The tests that wait for a limit of seconds.
const SLOW: &str = "a_silent_document";

/// Mutants of the descriptions of providers, which are data: tests of the engine and of docs/providers.md
/// check them. cargo-mutants excludes no mutant of a field.
const DATA: [&str; 2] = ["from struct Provider expression", "from struct Endpoints expression"];

/// Percent of the mutants that must be caught.
const TARGET: f64 = 95.0;

/// Mutates the files of the list whose path contains one of `names`, or all; `more` goes to cargo-mutants,
/// such as `--shard 0/4` or `--list`.
pub fn mutants(names: &[String], more: &[String]) -> Result<()> {
    let sources = sources()?;
    let is_listed = |file: &&String| FILES.iter().any(|entry| is_file_of(entry, file));
    let files: Vec<&String> = sources.iter().filter(is_listed).collect();
    let is_named = |file: &str, name: &str| file.trim_start_matches("crates/").contains(name);
    for name in names {
        let is_known = files.iter().any(|file| is_named(file, name));
        ensure!(is_known, "no file of the list in xtask/src/mutants.rs is named {name}");
    }
    let is_wanted =
        |file: &&&String| names.is_empty() || names.iter().any(|name| is_named(file, name));
    let files = files.iter().filter(is_wanted);
    let tree = project::target().join("mutants/tree");
    copy(&sources, &tree)?;
    let mut mutants = CARGO_MUTANTS.command()?;
    // In place, in a copy with a fixed path, so that each mutant needs one incremental build only.
    mutants.current_dir(&tree).env("CARGO_TARGET_DIR", project::target().join("mutants/build"));
    mutants.envs([("CARGO_PROFILE_DEV_DEBUG", "false"), ("CARGO_INCREMENTAL", "1")]);
    mutants.env("INSTA_UPDATE", "no");
    // The root is a package of its own, and would be the only one.
    mutants.args(["--package", "native-oauth", "--package", "nameplate"]);
    mutants.args(["--in-place", "--cap-lints", "true"]);
    mutants
        .args(["--minimum-test-timeout", "60", "--output"])
        .arg(project::target().join("mutants"));
    for file in files {
        mutants.args(["--file", file]);
    }
    // Of the build too: other tests and examples take most of its time.
    mutants.arg("--cargo-arg=--lib");
    mutants.args(more).args(["--", "--"]).args(TESTS);
    mutants.args(["--skip", SLOW]);
    let outcomes = project::target().join("mutants/mutants.out/outcomes.json");
    drop(fs::remove_file(&outcomes));
    let ran = run(&mut mutants);
    let Ok(outcomes) = fs::read_to_string(outcomes) else { return ran };
    report(&serde_json::from_str(&outcomes)?)
}

/// Whether `file` is `entry` of [`FILES`].
fn is_file_of(entry: &str, file: &str) -> bool {
    let Some(file) = file.strip_prefix("crates/") else { return false };
    match entry.strip_suffix("*.rs") {
        Some(folder) => file.strip_prefix(folder).is_some_and(|name| !name.contains('/')),
        None => file == entry,
    }
}

/// The files that git does not ignore.
fn sources() -> Result<Vec<String>> {
    let listed = command("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .context("cannot start git")?;
    ensure!(listed.status.success(), "git does not know this folder");
    Ok(String::from_utf8(listed.stdout)?.split_terminator('\0').map(str::to_owned).collect())
}

/// Copies the files. Unchanged files keep their time, so that cargo's cache is valid.
fn copy(sources: &[String], tree: &Path) -> Result<()> {
    for name in sources {
        let (from, to) = (project::root().join(name), tree.join(name));
        if from.is_symlink() && from.is_dir() {
            link(&from, &to)?;
            continue;
        }
        let Ok(content) = fs::read(&from) else { continue };
        if fs::read(&to).is_ok_and(|there| there == content) {
            continue;
        }
        fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
        // Not `fs::copy`: links become the files that they lead to, with a time of now.
        fs::write(to, content)?;
    }
    Ok(())
}

/// Makes the link to a folder again.
fn link(from: &Path, to: &Path) -> Result<()> {
    if !to.is_symlink() {
        fs::create_dir_all(to.parent().context("a link lies in a folder")?)?;
        std::os::unix::fs::symlink(fs::read_link(from)?, to)?;
    }
    Ok(())
}

/// Counts of the mutants of a file.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Score {
    caught: u32,
    missed: u32,
}

impl Score {
    fn percent(self) -> f64 {
        100.0 * f64::from(self.caught) / f64::from((self.caught + self.missed).max(1))
    }
}

fn report(outcomes: &Value) -> Result<()> {
    let (scores, survivors) = read(outcomes);
    let mut all = Score::default();
    for (file, score) in &scores {
        writeln!(stdout(), "{file:48} {:4} caught {:4} missed", score.caught, score.missed)?;
        all = Score { caught: all.caught + score.caught, missed: all.missed + score.missed };
    }
    for survivor in survivors {
        writeln!(stdout(), "missed: {survivor}")?;
    }
    ensure!(all.caught > 0, "no mutant was tested; see target/mutants/mutants.out/log");
    writeln!(stdout(), "{:.1} % of {} caught", all.percent(), all.caught + all.missed)?;
    ensure!(all.percent() >= TARGET, "fewer than {TARGET} % were caught");
    Ok(())
}

/// Scores by file, without [`DATA`]. A timeout counts as caught; a mutant that does not compile does not count.
fn read(outcomes: &Value) -> (BTreeMap<String, Score>, Vec<String>) {
    let (mut scores, mut survivors) = (BTreeMap::<_, Score>::new(), Vec::new());
    for outcome in outcomes["outcomes"].as_array().into_iter().flatten() {
        let mutant = &outcome["scenario"]["Mutant"];
        let Some(file) = mutant["file"].as_str() else { continue };
        let name = mutant["name"].as_str().unwrap_or_default();
        if DATA.iter().any(|data| name.ends_with(data)) {
            continue;
        }
        let file = file.trim_start_matches("crates/").to_owned();
        match outcome["summary"].as_str() {
            Some("CaughtMutant" | "Timeout") => scores.entry(file).or_default().caught += 1,
            Some("MissedMutant") => {
                scores.entry(file).or_default().missed += 1;
                survivors.push(name.to_owned());
            }
            _ => {}
        }
    }
    (scores, survivors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_score_counts_caught_and_missed_mutants() {
        let outcome = |summary: &str| {
            let mutant = json!({ "file": "crates/nameplate/src/vault/chunked.rs", "name": format!("of {summary}") });
            json!({ "scenario": { "Mutant": mutant }, "summary": summary })
        };
        let baseline = json!({ "scenario": "Baseline", "summary": "Success" });
        let all =
            ["CaughtMutant", "CaughtMutant", "Timeout", "MissedMutant", "Unviable"].map(outcome);
        let data = json!({ "file": "native-oauth/src/provider/x.rs", "name": "delete field x from struct Provider expression" });
        let data = json!({ "scenario": { "Mutant": data }, "summary": "MissedMutant" });
        let all = [&[baseline, data], &all[..]].concat();
        let outcomes = json!({ "outcomes": all });
        let (scores, survivors) = read(&outcomes);
        assert_eq!(scores["nameplate/src/vault/chunked.rs"], Score { caught: 3, missed: 1 });
        assert_eq!(survivors, ["of MissedMutant"]);
        assert!((scores["nameplate/src/vault/chunked.rs"].percent() - 75.0).abs() < 0.01);
        assert!(report(&outcomes).is_err(), "75 is less than {TARGET}");
    }

    #[test]
    fn every_entry_of_the_list_is_a_file() {
        let sources = sources().unwrap();
        for entry in FILES {
            assert!(sources.iter().any(|file| is_file_of(entry, file)), "{entry}");
        }
        assert!(is_file_of(
            "native-oauth/src/provider/*.rs",
            "crates/native-oauth/src/provider/name.rs"
        ));
        assert!(!is_file_of(
            "native-oauth/src/provider/*.rs",
            "crates/native-oauth/src/provider/name/tests.rs"
        ));
    }
}
