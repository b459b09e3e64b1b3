//! Runs `cargo test` and reads the result of each test.

use crate::setup::command::{command, line_of};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write, pipe, stdout};
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Result of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum TestResult {
    Passed,
    Failed,
    Ignored,
}

/// A test program with the results of its tests.
#[derive(Debug)]
pub struct Program {
    /// The crate's name.
    pub name: String,
    /// Its `lib.rs`, `main.rs` or test file.
    pub source: PathBuf,
    /// By path, such as `id_token::tests::name`.
    pub results: HashMap<String, TestResult>,
}

/// All programs of one call of `cargo test`.
#[derive(Debug, Default)]
pub struct Suite {
    /// In the order in which they ran.
    pub programs: Vec<Program>,
    /// Error of cargo.
    error: Option<String>,
}

/// Runs the tests of the workspace and copies cargo's output to stdout. [`Suite::check`] tells whether they passed.
pub fn test(which: &[&str]) -> Result<Suite> {
    let sources = sources(which)?;
    let mut cargo = command("cargo", &["test", "--workspace", "--no-fail-fast"]);
    cargo.args(which).env("INSTA_UPDATE", "no");
    let command_line = line_of(&cargo);
    eprintln!("$ {command_line}");
    // One pipe for both, so that "Running" stays in front of the tests that it is about.
    let (reader, writer) = pipe()?;
    cargo.stdout(Stdio::from(writer.try_clone()?)).stderr(Stdio::from(writer));
    let mut child = cargo.spawn().with_context(|| format!("cannot start: {command_line}"))?;
    drop(cargo);
    let mut suite = Suite::default();
    for line in BufReader::new(reader).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        writeln!(stdout(), "{line}")?;
        suite.read(&line, &sources);
    }
    if !child.wait()?.success() {
        suite.error = Some(format!("failed: {command_line}; {}", suite.failures()));
    }
    Ok(suite)
}

impl Suite {
    /// An error if a test failed.
    pub fn check(&self) -> Result<()> {
        self.error.as_ref().map_or(Ok(()), |failed| bail!("{failed}"))
    }

    fn read(&mut self, line: &str, sources: &HashMap<String, PathBuf>) {
        if let Some((name, source)) =
            program_of(line).and_then(|file| Some((crate_of(&file), sources.get(&file)?)))
        {
            self.programs.push(Program { name, source: source.clone(), results: HashMap::new() });
        } else if let Some((test, result)) = result_of(line)
            && let Some(program) = self.programs.last_mut()
        {
            program.results.insert(test, result);
        }
    }

    fn failures(&self) -> String {
        let failed = |program: &Program| {
            let name = program.name.clone();
            let tests: Vec<_> = program
                .results
                .iter()
                .filter(|(_, result)| **result == TestResult::Failed)
                .collect();
            tests.iter().map(|(test, _)| format!("{name}::{test}")).collect::<Vec<_>>()
        };
        self.programs.iter().flat_map(failed).collect::<Vec<_>>().join(", ")
    }
}

/// The test programs by their file names, with the file that each is made from.
fn sources(which: &[&str]) -> Result<HashMap<String, PathBuf>> {
    let mut cargo = command(
        "cargo",
        &["test", "--workspace", "--no-run", "--message-format=json-render-diagnostics"],
    );
    let output =
        cargo.args(which).stderr(Stdio::inherit()).output().context("cannot start cargo")?;
    ensure!(output.status.success(), "the tests do not build");
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(artifact).collect())
}

fn artifact(line: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(line).ok()?;
    let program = Path::new(message.get("executable")?.as_str()?).file_name()?.to_str()?.to_owned();
    Some((program, PathBuf::from(message.get("target")?.get("src_path")?.as_str()?)))
}

/// `     Running unittests src/lib.rs (target/debug/deps/nameplate-0123)` is about `nameplate-0123`.
fn program_of(line: &str) -> Option<String> {
    let path = line.trim_start().strip_prefix("Running ")?.strip_suffix(')')?.rsplit_once('(')?.1;
    Some(Path::new(path).file_name()?.to_str()?.to_owned())
}

fn crate_of(program: &str) -> String {
    program.rsplit_once('-').map_or(program, |(name, _)| name).to_owned()
}

fn result_of(line: &str) -> Option<(String, TestResult)> {
    let (test, end) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let result = match end.split(|c: char| !c.is_ascii_alphabetic()).next()? {
        "ok" => TestResult::Passed,
        "FAILED" => TestResult::Failed,
        "ignored" => TestResult::Ignored,
        _ => return None,
    };
    Some((test.trim_end_matches(" - should panic").to_owned(), result))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_output_of_cargo() {
        let sources = HashMap::from([("nameplate-0a1b".to_owned(), PathBuf::from("/src/lib.rs"))]);
        let mut suite = Suite::default();
        for line in [
            "     Running unittests src/lib.rs (target/debug/deps/nameplate-0a1b)",
            "running 3 tests",
            "test flow::tests::good ... ok",
            "test flow::tests::panics - should panic ... ok",
            "test flow::tests::bad ... FAILED",
            "test flow::tests::later ... ignored, one day",
            "test result: FAILED. 2 passed; 1 failed",
        ] {
            suite.read(line, &sources);
        }
        let [program] = &suite.programs[..] else { panic!("one program") };
        assert_eq!(
            (program.name.as_str(), program.source.to_str()),
            ("nameplate", Some("/src/lib.rs"))
        );
        let result = |test: &str| program.results.get(test).copied();
        assert_eq!(result("flow::tests::good"), Some(TestResult::Passed));
        assert_eq!(result("flow::tests::panics"), Some(TestResult::Passed));
        assert_eq!(result("flow::tests::bad"), Some(TestResult::Failed));
        assert_eq!(result("flow::tests::later"), Some(TestResult::Ignored));
        assert_eq!(program.results.len(), 4);
        assert_eq!(suite.failures(), "nameplate::flow::tests::bad");
    }
}
