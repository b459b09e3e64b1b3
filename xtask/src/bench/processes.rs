//! What Linux tells of a process and of all that it has started.

use crate::environment::process_reaper::descendants;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::PathBuf;

/// Sums over a process, its descendants and all their threads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// How often a thread gave the processor away to wait for something.
    pub waits: u64,
    /// Time on a processor, in nanoseconds.
    pub processor: u64,
}

/// A process and all that it has started, the first one first.
pub fn family(first: u32) -> Vec<u32> {
    let started = descendants(first.cast_signed());
    let started = started.iter().map(|process| process.pid.as_raw_nonzero().get().cast_unsigned());
    std::iter::once(first).chain(started).collect()
}

/// The proportional set size of one process, in MiB: a page that several share counts once among them.
pub fn proportional_set_size(pid: u32) -> Result<f64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kilobytes: f64 = line.and_then(first_number).context("no Pss")?;
    Ok(kilobytes / 1024.0)
}

/// The resident set size of one process, in KiB.
pub fn resident(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(first_number).context("no VmRSS")
}

/// How many file descriptors one process has open.
pub fn handles(pid: u32) -> Result<usize> {
    Ok(fs::read_dir(format!("/proc/{pid}/fd"))?.count())
}

/// How many threads one process has.
pub fn threads(pid: u32) -> Result<usize> {
    Ok(fs::read_dir(format!("/proc/{pid}/task"))?.count())
}

/// What these processes have used so far.
pub fn usage(processes: &[u32]) -> Result<Usage> {
    let mut sum = Usage::default();
    for pid in processes {
        for thread in fs::read_dir(format!("/proc/{pid}/task"))?.flatten() {
            // A thread may end while it is looked at.
            let _ = add(&mut sum, thread.path());
        }
    }
    ensure!(sum.processor > 0, "no process was found");
    Ok(sum)
}

fn add(sum: &mut Usage, thread: PathBuf) -> Option<()> {
    let status = fs::read_to_string(thread.join("status")).ok()?;
    let waits = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
    let times = fs::read_to_string(thread.join("schedstat")).ok()?;
    sum.waits += waits.trim().parse::<u64>().ok()?;
    sum.processor += times.split_whitespace().next()?.parse::<u64>().ok()?;
    Some(())
}

fn first_number(text: &str) -> Option<f64> {
    text.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_found_with_its_child() {
        let us = std::process::id();
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let family = family(us);
        assert_eq!(family[0], us);
        assert!(family.contains(&child.id()));
        assert!(usage(&[us]).unwrap().processor > 0);
        assert!(proportional_set_size(us).unwrap() > 0.5 && handles(us).unwrap() >= 3);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
