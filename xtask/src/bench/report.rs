//! The table, and the page that it is written into.

use super::Extent;
use super::machine;
use super::statistics::{Number, Pairs, Samples};
use crate::project;
use anyhow::{Context, Result};
use std::fmt::Write;
use std::fs;

/// The table is between these two lines of the page; what surrounds it is written by hand.
const BEGIN: &str = "<!-- cargo xtask bench -->";
const END: &str = "<!-- end -->";

/// The lines of the table, in the order in which they were measured.
#[derive(Debug, Default)]
pub struct Report {
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    what: String,
    ours: String,
    theirs: String,
    ratio: String,
    target: String,
    reached: bool,
}

/// What is aimed at.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// The ratio of ours to theirs, at most.
    Ratio(f64),
    /// The ratio, and the upper end of its 95 % interval.
    RatioWithin(f64, f64),
    /// Ours, at most, in the unit of the line.
    AtMost(f64),
}

impl Report {
    /// A line of pairs.
    pub fn pairs(&mut self, what: &str, unit: &str, against: &str, pairs: &Pairs, target: Target) {
        let (low, high) = pairs.interval();
        let show = Number;
        let ratio = pairs.ratio();
        // Nothing beside nothing has no ratio, and is no more.
        let is_within = |limit: f64| pairs.ours.median() <= limit * pairs.theirs.median();
        let (target, reached) = match target {
            Target::Ratio(limit) => (format!("ratio {limit}"), is_within(limit)),
            Target::RatioWithin(limit, end) => {
                (format!("ratio {limit}, interval to {end}"), is_within(limit) && high <= end)
            }
            Target::AtMost(limit) => {
                (format!("{} {unit}", show(limit)), pairs.ours.median() <= limit)
            }
        };
        let count = pairs.ours.0.len();
        self.add(Line {
            what: format!("{what}, {unit}, n = {count}"),
            ours: pairs.ours.spread(),
            theirs: format!("{against}: {}", pairs.theirs.spread()),
            ratio: format!("{} ({} to {})", show(ratio), show(low), show(high)),
            target,
            reached,
        });
    }

    /// A line of values that are compared with a limit only.
    pub fn alone(&mut self, what: &str, unit: &str, samples: &Samples, limit: f64) {
        self.add(Line {
            what: format!("{what}, {unit}, n = {}", samples.0.len()),
            ours: samples.spread(),
            theirs: String::new(),
            ratio: String::new(),
            target: format!("{} {unit}", Number(limit)),
            reached: samples.median() <= limit,
        });
    }

    fn add(&mut self, line: Line) {
        eprintln!("{}", line.text());
        self.lines.push(line);
    }

    /// Machine, versions and table.
    pub fn page(&self, extent: Extent) -> Result<String> {
        let mut page = machine::describe(extent)?;
        page.push_str(
            "\n| what | Nameplate | compared with | ratio (95 % interval) | target | reached |\n|---|---|---|---|---|---|\n",
        );
        for line in &self.lines {
            writeln!(page, "{}", line.text())?;
        }
        Ok(page)
    }
}

impl Line {
    fn text(&self) -> String {
        let Self { what, ours, theirs, ratio, target, reached } = self;
        let reached = if *reached { "yes" } else { "no" };
        format!("| {what} | {ours} | {theirs} | {ratio} | {target} | {reached} |")
    }
}

/// Replaces the table of `docs/performance.md`.
pub fn write(page: &str) -> Result<()> {
    let file = project::root().join("docs/performance.md");
    let text = fs::read_to_string(&file).context("docs/performance.md")?;
    Ok(fs::write(file, replaced(&text, page)?)?)
}

fn replaced(text: &str, table: &str) -> Result<String> {
    let (before, rest) = text.split_once(BEGIN).context("the page has no place for the table")?;
    let (_, after) = rest.split_once(END).context("the place for the table does not end")?;
    Ok(format!("{before}{BEGIN}\n{table}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_table_is_replaced() {
        let text = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        assert_eq!(
            replaced(&text, "new\n").unwrap(),
            format!("before\n{BEGIN}\nnew\n{END}\nafter\n")
        );
        assert!(replaced("nothing", "new").is_err());
    }

    #[test]
    fn a_target_is_reached_or_not() {
        let mut pairs = Pairs::default();
        for n in 0..10 {
            pairs.push(104.0 + f64::from(n), 100.0 + f64::from(n));
        }
        let reached = |target| {
            let mut report = Report::default();
            report.pairs("x", "ms", "y", &pairs, target);
            report.lines[0].reached
        };
        assert!(reached(Target::Ratio(1.05)) && !reached(Target::Ratio(1.01)));
        assert!(!reached(Target::RatioWithin(1.05, 1.01)));
        assert!(reached(Target::AtMost(110.0)) && !reached(Target::AtMost(100.0)));
        let mut nothing = Pairs::default();
        nothing.push(0.0, 0.0);
        let mut report = Report::default();
        report.pairs("x", "1/s", "y", &nothing, Target::Ratio(1.1));
        assert!(report.lines[0].reached);
    }
}
