//! Kills and reaps every descendant of this process.
//!
//! A program that the desktop starts for a link is a grandchild. As child subreaper (prctl) this process becomes its parent when
//! its own parent ends.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitOptions, getpid, kill_process, pidfd_open, set_child_subreaper,
    waitpid,
};
use std::collections::HashMap;
use std::fs;

/// Makes this process the child subreaper of its descendants.
pub fn adopt_orphans() {
    // If this fails, orphans are not found.
    let _ = set_child_subreaper(Some(getpid()));
}

/// Kills and reaps all descendants; returns the names of those that were still running.
pub fn end_all() -> Vec<String> {
    let mut ended = Vec::new();
    // A process may have started another one just before its end: repeat until none is left.
    for _ in 0..100 {
        let found = descendants(getpid().as_raw_nonzero().get());
        if found.is_empty() {
            break;
        }
        for process in found {
            if !process.zombie {
                ended.push(process.name.clone());
                let _ = kill_process(process.pid, Signal::KILL);
            }
            await_end(process.pid);
            // The runtime may have reaped it already.
            let _ = waitpid(Some(process.pid), WaitOptions::NOHANG);
        }
    }
    ended
}

/// Waits up to 10 seconds until a process has ended; false if it has not.
pub fn ended(pid: u32) -> bool {
    let Some(pid) = Pid::from_raw(pid.cast_signed()) else {
        return true;
    };
    let ended = await_end(pid);
    // Reaps an adopted orphan; fails for other processes.
    let _ = waitpid(Some(pid), WaitOptions::NOHANG);
    ended
}

/// A process.
#[derive(Debug)]
pub struct Process {
    /// Its id.
    pub pid: Pid,
    name: String,
    zombie: bool,
}

/// All that a process has started, directly or not.
pub fn descendants(from: i32) -> Vec<Process> {
    let all: HashMap<i32, (String, char, i32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|pid: i32| {
            Some((pid, parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?))
        })
        .collect();
    all.iter()
        .filter(|(pid, _)| **pid != from && descends(**pid, from, &all))
        .filter_map(|(pid, (name, state, _))| {
            Some(Process { pid: Pid::from_raw(*pid)?, name: name.clone(), zombie: *state == 'Z' })
        })
        .collect()
}

fn descends(mut pid: i32, from: i32, all: &HashMap<i32, (String, char, i32)>) -> bool {
    while let Some((_, _, parent)) = all.get(&pid) {
        if *parent == from {
            return true;
        }
        pid = *parent;
    }
    false
}

/// Name, state and parent from a line of /proc/PID/stat; the name may contain spaces and parentheses.
fn parse(stat: &str) -> Option<(String, char, i32)> {
    let (start, end) = (stat.find('(')?, stat.rfind(')')?);
    let mut rest = stat.get(end + 1..)?.split_whitespace();
    Some((
        stat.get(start + 1..end)?.to_owned(),
        rest.next()?.chars().next()?,
        rest.next()?.parse().ok()?,
    ))
}

/// A pidfd becomes readable when the process ends; an error means that it has ended already.
fn await_end(pid: Pid) -> bool {
    let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else {
        return true;
    };
    let limit = Timespec { tv_sec: 10, tv_nsec: 0 };
    poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&limit)).is_ok_and(|ready| ready > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_name_with_parentheses() {
        assert_eq!(parse("12 (a (b) c) S 7 12 0"), Some(("a (b) c".into(), 'S', 7)));
        assert_eq!(parse("nonsense"), None);
    }
}
