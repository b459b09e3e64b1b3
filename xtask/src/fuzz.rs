//! `cargo xtask fuzz`: libFuzzer on each parser of foreign input. The properties are in `native_oauth::fuzzing` and
//! `nameplate::fuzzing`, the targets and their seeds in `fuzz/`.

use crate::project;
use crate::setup::command::run;
use crate::setup::stamp::Stamp;
use crate::tools::Tool;
use anyhow::{Context, Result, bail, ensure};
use std::fs::{self, File};
use std::io::{Write, stdout};
use std::path::Path;
use std::process::Command;

const CARGO_FUZZ: Tool = Tool { name: "fuzz", version: "0.13.2" };

/// How long each target runs.
#[derive(Debug, Clone, Copy)]
pub enum Limit {
    /// Minutes for all targets together.
    Minutes(u64),
    /// Executions of each target.
    Runs(u64),
}

/// Runs the named targets, or all; an input that violates a property is an error.
pub fn fuzz(extent: Limit, wanted: &[String]) -> Result<()> {
    let targets = targets(wanted)?;
    lock()?;
    run(&mut cargo_fuzz("build")?)?;
    let limit = match extent {
        Limit::Minutes(all) => format!("-max_total_time={}", seconds_each(all, targets.len())),
        Limit::Runs(each) => format!("-runs={each}"),
    };
    let mut broken = Vec::new();
    for target in &targets {
        let log = project::target().join(format!("fuzz/{target}.log"));
        let found = !drive(target, &limit, &log)?;
        let output = fs::read_to_string(&log)?;
        let executions = executions(&output).context("libFuzzer did not start; see its log")?;
        writeln!(stdout(), "{target:20} {executions:>12} executions")?;
        if found {
            eprintln!("{output}");
            broken.push(target.as_str());
        }
    }
    ensure!(broken.is_empty(), "a property is violated, see above: {}", broken.join(", "));
    Ok(())
}

/// The folders in `fuzz/seeds`.
fn targets(wanted: &[String]) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for folder in fs::read_dir(project::root().join("fuzz/seeds"))? {
        all.push(folder?.file_name().to_string_lossy().into_owned());
    }
    all.sort();
    if let Some(strange) = wanted.iter().find(|name| !all.contains(name)) {
        bail!("there is no target {strange}; there are {}", all.join(", "));
    }
    all.retain(|name| wanted.is_empty() || wanted.contains(name));
    Ok(all)
}

/// Fuzzes the versions that are shipped: the lock file is a copy of the workspace's.
fn lock() -> Result<()> {
    let (from, to) = (project::root().join("Cargo.lock"), project::root().join("fuzz/Cargo.lock"));
    let stamp = Stamp::of("fuzz-lock", std::slice::from_ref(&from))?;
    if !stamp.is_fresh() || !to.exists() {
        fs::copy(from, to)?;
        stamp.set()?;
    }
    Ok(())
}

/// Without a sanitizer, which stable Rust does not have. The profile is that of `fuzz/Cargo.toml`.
fn cargo_fuzz(what: &str) -> Result<Command> {
    let mut cargo = CARGO_FUZZ.command()?;
    cargo.args([what, "--dev", "--sanitizer", "none", "--target-dir"]);
    cargo.arg(project::target().join("fuzz"));
    Ok(cargo)
}

/// Runs a target; false if an input violated a property. New inputs are stored in `target/fuzz/corpus`.
fn drive(target: &str, limit: &str, log: &Path) -> Result<bool> {
    let corpus = project::target().join("fuzz/corpus").join(target);
    fs::create_dir_all(&corpus)?;
    let words = project::root().join("fuzz/words.dict");
    let mut cargo = cargo_fuzz("run")?;
    cargo.env("FUZZ_TARGET", target).arg("target");
    cargo.arg(corpus).arg(format!("fuzz/seeds/{target}"));
    if target == "profile" {
        cargo.arg("crates/native-oauth/src/provider/fixtures");
    }
    cargo.args(["--", limit, "-timeout=60", "-print_final_stats=1", "-max_len=1024"]);
    cargo.arg(format!("-dict={}", words.display()));
    let status = cargo.stderr(File::create(log)?).status().context("cannot start cargo fuzz")?;
    Ok(status.success())
}

fn seconds_each(minutes: u64, targets: usize) -> u64 {
    (minutes * 60 / u64::try_from(targets).unwrap_or(1).max(1)).max(1)
}

/// `stat::number_of_executed_units: 1234`, or else the number of the last progress line, `#1234 ...`.
fn executions(output: &str) -> Option<u64> {
    let stat =
        |line: &str| line.strip_prefix("stat::number_of_executed_units:")?.trim().parse().ok();
    let progress = |line: &str| line.strip_prefix('#')?.split_whitespace().next()?.parse().ok();
    output.lines().rev().find_map(stat).or_else(|| output.lines().rev().find_map(progress))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_number_of_executions() {
        let output =
            "#2\tINITED cov: 8\n#1048576\tpulse\nDone\nstat::number_of_executed_units: 1234567\n";
        assert_eq!(executions(output), Some(1_234_567));
        assert_eq!(executions("#2\tINITED cov: 8\n#77\tNEW\npanicked"), Some(77));
        assert_eq!(executions("error: no such target"), None);
    }

    #[test]
    fn the_minutes_are_shared_by_all_targets() {
        assert_eq!((seconds_each(1, 17), seconds_each(17, 17), seconds_each(0, 3)), (3, 60, 1));
    }
}
