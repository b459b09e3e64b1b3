//! How large the programs are, stripped, and the package of Debian.

use super::report::{Report, Target};
use super::session::Program;
use super::statistics::{Pairs, Samples};
use crate::{package, project};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

const MEGABYTE: f64 = 1e6;
const MEBIBYTE: f64 = 1024.0 * 1024.0;

/// The window's program beside the empty one, and the command line.
pub fn measure(report: &mut Report) -> Result<()> {
    let megabytes = |file: &Path| Ok::<_, anyhow::Error>(size(file)? / MEGABYTE);
    let mut pairs = Pairs::default();
    pairs.push(megabytes(&Program::Nameplate.file())?, megabytes(&Program::Empty.file())?);
    report.pairs("Window program, stripped", "MB", "empty window", &pairs, Target::Ratio(2.0));
    let command_line = project::program("nameplate");
    report.alone("`nameplate`, stripped", "MB", &Samples(vec![megabytes(&command_line)?]), 9.0);
    let programs = command_line.parent().context("a program is in a folder")?;
    let deb = size(&package::deb_of(programs)?)? / MEBIBYTE;
    let what = "deb with window, command line, man pages and demo provider";
    report.alone(what, "MiB", &Samples(vec![deb]), 5.5);
    Ok(())
}

fn size(file: &Path) -> Result<f64> {
    Ok(fs::metadata(file)?.len() as f64)
}
