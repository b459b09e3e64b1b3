//! The requirement table: each number with the tests that name it.

use super::number::Number;
use super::{Extent, Passed};
use anyhow::{Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::ops::RangeInclusive;

/// The numbers that this release must meet.
const REQUIRED: &[(char, RangeInclusive<u8>)] =
    &[('S', 1..=57), ('U', 5..=6), ('U', 8..=8), ('U', 12..=13), ('U', 18..=20)];

/// Prints it; fails when a required number has no test.
pub fn print(out: &mut impl Write, passed: &[Passed], extent: Extent) -> Result<()> {
    let required: BTreeSet<_> = required().collect();
    let table = table(passed, &required);
    for (number, tests) in &table {
        let first = tests.first().copied().unwrap_or("MISSING");
        writeln!(out, "{:5}{first}", number.to_string())?;
        for test in tests.iter().skip(1) {
            writeln!(out, "     {test}")?;
        }
    }
    let missing: Vec<_> = required
        .iter()
        .filter(|n| table.get(n).is_none_or(Vec::is_empty))
        .map(ToString::to_string)
        .collect();
    let met = required.len() - missing.len();
    writeln!(
        out,
        "{met} of {} required numbers have a test, {} numbers in all",
        required.len(),
        table.len()
    )?;
    match extent {
        Extent::Everything if !missing.is_empty() => bail!("without a test: {}", missing.join(" ")),
        // What the end-to-end tests meet is not known here.
        Extent::Everything | Extent::Fast => Ok(()),
    }
}

fn required() -> impl Iterator<Item = Number> {
    REQUIRED.iter().flat_map(|(letter, all)| all.clone().map(|digits| Number::new(*letter, digits)))
}

fn table<'a>(passed: &'a [Passed], required: &BTreeSet<Number>) -> BTreeMap<Number, Vec<&'a str>> {
    let mut table: BTreeMap<_, Vec<_>> =
        required.iter().map(|number| (*number, Vec::new())).collect();
    for test in passed {
        for number in &test.numbers {
            table.entry(*number).or_default().push(test.name.as_str());
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_required_number_without_a_test_fails() {
        let test = |number| Passed { name: format!("test of {number}"), numbers: vec![number] };
        let mut passed: Vec<_> = required().map(test).collect();
        assert_eq!(passed.len(), 65);
        assert!(print(&mut Vec::new(), &passed, Extent::Everything).is_ok());
        passed.pop();
        let error = print(&mut Vec::new(), &passed, Extent::Everything).unwrap_err();
        assert_eq!(error.to_string(), "without a test: U20");
    }
}
