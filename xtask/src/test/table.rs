//! The requirement table: each number of docs/requirements.md with its tests.

use super::number::Number;
use super::{Extent, Passed};
use crate::project;
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;

/// Marks of a definition that needs no test.
const EXEMPT: &[&str] = &["**No test**", "**Not yet**"];

/// Whether a number needs a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Required,
    Exempt,
}

/// Prints the table. An error if a number lacks its definition or its test.
pub fn check(out: &mut impl Write, passed: &[Passed], extent: Extent) -> Result<()> {
    let page = fs::read_to_string(project::root().join("docs/requirements.md"))
        .context("docs/requirements.md")?;
    print(out, &definitions(&page)?, passed, extent)
}

fn print(
    out: &mut impl Write,
    defined: &BTreeMap<Number, Need>,
    passed: &[Passed],
    extent: Extent,
) -> Result<()> {
    let table = table(defined, passed)?;
    for (number, tests) in &table {
        let exempt = defined.get(number) == Some(&Need::Exempt);
        let none = if exempt { "(none needed)" } else { "MISSING" };
        writeln!(out, "{:5}{}", number.to_string(), tests.first().unwrap_or(&none))?;
        for test in tests.iter().skip(1) {
            writeln!(out, "     {test}")?;
        }
    }
    let required = |number: &Number| defined.get(number) == Some(&Need::Required);
    let missing: Vec<_> = table
        .iter()
        .filter(|(number, tests)| required(number) && tests.is_empty())
        .map(|(number, _)| number.to_string())
        .collect();
    let wanted = defined.keys().filter(|number| required(number)).count();
    writeln!(
        out,
        "{} of {wanted} required numbers have a test, {} numbers in all",
        wanted - missing.len(),
        table.len()
    )?;
    match extent {
        Extent::Everything if !missing.is_empty() => bail!("without a test: {}", missing.join(" ")),
        // The end-to-end tests did not run.
        Extent::Everything | Extent::Fast => Ok(()),
    }
}

/// The tests of each number; a test with an undefined number is an error.
fn table<'a>(
    defined: &BTreeMap<Number, Need>,
    passed: &'a [Passed],
) -> Result<BTreeMap<Number, Vec<&'a str>>> {
    let mut table: BTreeMap<_, Vec<_>> =
        defined.keys().map(|number| (*number, Vec::new())).collect();
    let mut strange = Vec::new();
    for test in passed {
        for number in &test.numbers {
            match table.get_mut(number) {
                Some(tests) => tests.push(test.name.as_str()),
                None => strange.push(format!("{number} in {}", test.name)),
            }
        }
    }
    ensure!(strange.is_empty(), "not in docs/requirements.md: {}", strange.join(", "));
    Ok(table)
}

/// The items `- **S1** ...`; each ends at the next item or an empty line.
fn definitions(page: &str) -> Result<BTreeMap<Number, Need>> {
    let mut defined = BTreeMap::new();
    for item in page.split("\n- **").skip(1) {
        let (name, text) = item.split_once("**").context("an item without a number")?;
        let text = text.split("\n\n").next().unwrap_or_default();
        let [number] = Number::in_text(name)[..] else { bail!("{name:?} is no number") };
        let need = match EXEMPT.iter().any(|mark| text.contains(mark)) {
            true => Need::Exempt,
            false => Need::Required,
        };
        ensure!(defined.insert(number, need).is_none(), "{number} is defined twice");
    }
    Ok(defined)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# x\n\n- **S1** RFC 1: one,\n  and more.\n- **S2** two. **No test**: why.\n\n**Not yet**\n\n- **U20** three.\n";

    fn printed(numbers: &[Number]) -> Result<String> {
        let test =
            |number: &Number| Passed { name: format!("of {number}"), numbers: vec![*number] };
        let passed: Vec<_> = numbers.iter().map(test).collect();
        let mut out = Vec::new();
        print(&mut out, &definitions(PAGE).unwrap(), &passed, Extent::Everything)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_required_number_without_a_test_fails() {
        let (first, last) = (Number::new('S', 1), Number::new('U', 20));
        let table = printed(&[first, last]).unwrap();
        assert!(table.contains("S1   of S1\nS2   (none needed)\nU20  of U20\n2 of 2 "), "{table}");
        assert_eq!(printed(&[first]).unwrap_err().to_string(), "without a test: U20");
    }

    #[test]
    fn a_number_that_is_not_defined_fails() {
        let error = printed(&[Number::new('N', 9)]).unwrap_err().to_string();
        assert_eq!(error, "not in docs/requirements.md: N9 in of N9");
        assert!(definitions("\n- **S1** a\n- **S1** b").is_err(), "twice");
        assert!(definitions("\n- **one** a").is_err(), "no number");
    }

    /// No number is missing between the first and the last of each letter.
    #[test]
    fn the_page_defines_every_number() {
        let page = fs::read_to_string(project::root().join("docs/requirements.md")).unwrap();
        let defined = definitions(&page).unwrap();
        let mut counted = 0;
        for letter in ['S', 'O', 'U', 'N'] {
            let is_defined = |at: &u8| defined.contains_key(&Number::new(letter, *at));
            let of_letter = (1..).take_while(is_defined).count();
            assert!(of_letter >= 10, "{letter}");
            counted += of_letter;
        }
        assert_eq!(counted, defined.len(), "a number is missing");
    }
}
