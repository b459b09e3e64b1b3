//! Thousands of sign-ins in one process: does it get slower or larger, does it leave anything open?

use super::Extent;
use super::processes;
use super::report::{Report, Target};
use super::session::Session;
use super::statistics::{Pairs, Samples};
use crate::environment::child_process::ChildProcess;
use crate::{project, sign_in_pages};
use anyhow::{Context, Result};
use std::time::Instant;

/// So many are one sample.
const BLOCK: usize = 100;

/// What the process had after a block of sign-ins.
struct Sample {
    /// Milliseconds for each sign-in of the block.
    time: f64,
    resident: f64,
    handles: f64,
    threads: f64,
}

/// The last blocks beside the first; their time beside that of a process that has just begun, since the
/// machine is another one after minutes.
pub async fn measure(session: &mut Session, extent: Extent, report: &mut Report) -> Result<()> {
    let mut running = start(session, "many")?;
    let mut samples = Vec::new();
    for _ in 0..extent.times(400, 10_000) / BLOCK {
        samples.push(block(&mut running).await?);
    }
    let mut fresh = start(session, "many-fresh")?;
    let mut times = Pairs::default();
    for _ in 0..extent.times(2, 10) {
        let ours = block(&mut running).await?.time;
        times.push(ours, block(&mut fresh).await?.time);
    }
    running.stop().await;
    fresh.stop().await;
    tell(&samples, &times, report);
    Ok(())
}

fn start(session: &Session, name: &str) -> Result<ChildProcess> {
    let mut command = session.command(project::program("many-sign-ins"));
    command.env("NAMEPLATE_HOME", session.home(name)?);
    session.start(name, command)
}

async fn block(running: &mut ChildProcess) -> Result<Sample> {
    let pid = running.pid().context("it has ended")?;
    let start = Instant::now();
    for _ in 0..BLOCK {
        let authorize = running.line(|line| Some(line.to_owned())).await?;
        sign_in_pages::follow(sign_in_pages::allow(&authorize).await?).await?;
    }
    Ok(Sample {
        time: start.elapsed().as_secs_f64() * 1e3 / BLOCK as f64,
        resident: processes::resident(pid)?,
        handles: processes::handles(pid)? as f64,
        threads: processes::threads(pid)? as f64,
    })
}

fn tell(samples: &[Sample], times: &Pairs, report: &mut Report) {
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else { return };
    let total = samples.len() * BLOCK;
    let mut add = |what: &str, unit: &str, ours: f64, theirs: f64, target| {
        let mut pairs = Pairs::default();
        pairs.push(ours, theirs);
        let what = format!("{what} of {total} in one process");
        report.pairs(&what, unit, "the first 100", &pairs, target);
    };
    add("Handles after the last", "open", last.handles, first.handles, Target::Ratio(1.1));
    add("Threads after the last", "running", last.threads, first.threads, Target::Ratio(1.1));
    let what = format!("Time of each sign-in after {total} in one process");
    report.pairs(&what, "ms", "another process", times, Target::Ratio(1.1));
    let later = samples.get(samples.len() / 2..).unwrap_or_default();
    let slope = slope(later) * 1000.0 / BLOCK as f64;
    let what = format!("Memory slope in the second half of {total} sign-ins in one process");
    report.alone(&what, "KiB for each 1,000", &Samples(vec![slope]), 64.0);
}

/// KiB for each sample: the line with the least squares.
fn slope(samples: &[Sample]) -> f64 {
    let count = samples.len() as f64;
    let middle = (count - 1.0) / 2.0;
    let mean = samples.iter().map(|sample| sample.resident).sum::<f64>() / count;
    let points = || samples.iter().enumerate().map(|(at, sample)| (at as f64 - middle, sample));
    let above: f64 = points().map(|(at, sample)| at * (sample.resident - mean)).sum();
    above / points().map(|(at, _)| at * at).sum::<f64>().max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_is_that_of_the_line() {
        let sample = |resident| Sample { time: 0.0, resident, handles: 0.0, threads: 0.0 };
        let samples: Vec<_> = (0..10).map(|n| sample(1000.0 + 3.0 * f64::from(n))).collect();
        assert!((slope(&samples) - 3.0).abs() < 1e-9);
        assert_eq!(slope(&[sample(5.0)]), 0.0);
    }
}
