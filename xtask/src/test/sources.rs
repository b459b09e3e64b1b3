//! The tests in the source files: their paths and requirements.

mod walk;

use super::Passed;
use super::cargo::{Suite, TestResult};
use super::number::Number;
use anyhow::Result;
use std::collections::HashSet;

pub use walk::find_module;

/// A test in a source file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Program and path.
    pub name: String,
    /// The requirements in its comment.
    pub numbers: Vec<Number>,
    /// `#[ignore]`.
    pub ignored: bool,
    /// Whether it ran and passed.
    pub passed: bool,
}

/// Reads the source files of every test program.
pub fn read(suites: &[&Suite]) -> Result<Vec<Written>> {
    let mut written = Vec::new();
    for program in suites.iter().flat_map(|suite| &suite.programs) {
        for test in walk::tests_from(&program.source)? {
            let passed = program.results.get(&test.name) == Some(&TestResult::Passed);
            written.push(Written {
                name: format!("{}::{}", program.name, test.name),
                passed,
                ..test
            });
        }
    }
    Ok(written)
}

/// The tests that passed, without duplicates: several programs may include a source file.
pub fn passed(written: &[Written]) -> Vec<Passed> {
    let mut seen = HashSet::new();
    written
        .iter()
        .filter(|test| test.passed && seen.insert(&test.name))
        .map(|test| Passed { name: test.name.clone(), numbers: test.numbers.clone() })
        .collect()
}
