//! Checks documents with tables whose last column is "test": each row must name a test that passed.

use super::Passed;
use crate::project;
use anyhow::{Context, Result, ensure};
use std::fs;

/// Checks every row of a document.
pub fn check(page: &str, passed: &[Passed]) -> Result<()> {
    let text = fs::read_to_string(project::root().join(page)).with_context(|| page.to_owned())?;
    let rows = rows(&text);
    ensure!(!rows.is_empty(), "it has no table whose last column is \"test\"");
    let wrong: Vec<_> =
        rows.iter().filter(|row| !row.is_met(passed)).map(|row| row.line.as_str()).collect();
    ensure!(wrong.is_empty(), "no test that passed is named in:\n{}", wrong.join("\n"));
    eprintln!("{} rows, each with its test", rows.len());
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
struct Row {
    line: String,
    tests: Vec<String>,
}

impl Row {
    fn is_met(&self, passed: &[Passed]) -> bool {
        let ran = |test: &String| {
            passed.iter().any(|p| p.name == *test || p.name.ends_with(&format!("::{test}")))
        };
        !self.tests.is_empty() && self.tests.iter().all(ran)
    }
}

/// The rows of all tables whose last column is "test".
fn rows(text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        let cells: Vec<_> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        let last = cells.last().copied().unwrap_or_default();
        match () {
            () if !line.trim_start().starts_with('|') => inside = false,
            () if last.eq_ignore_ascii_case("test") => inside = true,
            () if !inside || last.bytes().all(|b| matches!(b, b'-' | b':')) => {}
            () => rows.push(Row { line: line.to_owned(), tests: quoted(last) }),
        }
    }
    rows
}

/// The texts between backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "| a | b |\n|---|---|\n| 1 | `x` |\n\n| fact | test |\n|---|---|\n| one | `tests::good` |\n| two | `gone` |\n| three | none |\n";

    #[test]
    fn a_row_needs_a_test_that_passed() {
        let passed = [Passed { name: "nameplate::discord::tests::good".into(), numbers: vec![] }];
        let rows = rows(PAGE);
        assert_eq!(
            rows.iter().map(|row| row.is_met(&passed)).collect::<Vec<_>>(),
            [true, false, false]
        );
    }
}
