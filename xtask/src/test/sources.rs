//! The tests as they are written: their paths, and the requirements that they name.

mod walk;

use super::Passed;
use super::cargo::{Fate, Suite};
use super::number::Number;
use anyhow::Result;
use std::collections::HashSet;

/// A test in a source file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Program and path.
    pub name: String,
    /// What its comment or its name tells.
    pub numbers: Vec<Number>,
    /// Marked so that it does not run.
    pub ignored: bool,
    /// Whether it ran and passed.
    pub passed: bool,
}

/// Reads the sources of every program that ran.
pub fn read(suites: &[&Suite]) -> Result<Vec<Written>> {
    let mut written = Vec::new();
    for program in suites.iter().flat_map(|suite| &suite.programs) {
        for test in walk::tests_from(&program.source)? {
            let passed = program.fates.get(&test.name) == Some(&Fate::Passed);
            written.push(Written {
                name: format!("{}::{}", program.name, test.name),
                passed,
                ..test
            });
        }
    }
    Ok(written)
}

/// Those that passed, each once: a library's source may be seen through more than one program.
pub fn passed(written: &[Written]) -> Vec<Passed> {
    let mut seen = HashSet::new();
    written
        .iter()
        .filter(|test| test.passed && seen.insert(&test.name))
        .map(|test| Passed { name: test.name.clone(), numbers: test.numbers.clone() })
        .collect()
}
