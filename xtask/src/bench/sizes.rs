//! How large the programs are, stripped.

use super::report::{Report, Target};
use super::session::Program;
use super::statistics::{Pairs, Samples};
use crate::project;
use anyhow::Result;
use std::fs;
use std::path::Path;

const MEGABYTE: f64 = 1e6;

/// The window's program beside the empty one, and the command line.
pub fn measure(report: &mut Report) -> Result<()> {
    let mut pairs = Pairs::default();
    pairs.push(size(&Program::Nameplate.file())?, size(&Program::Empty.file())?);
    report.pairs("Window program, stripped", "MB", "empty window", &pairs, Target::Ratio(2.0));
    let command_line = size(&project::program("nameplate"))?;
    report.alone("`nameplate`, stripped", "MB", &Samples(vec![command_line]), 9.0);
    Ok(())
}

fn size(file: &Path) -> Result<f64> {
    Ok(fs::metadata(file)?.len() as f64 / MEGABYTE)
}
