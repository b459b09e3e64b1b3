//! Where it was measured.

use super::Extent;
use super::programs;
use crate::setup::command::command;
use anyhow::Result;
use std::fs;

/// Processor, memory, system and versions.
pub fn describe(extent: Extent) -> Result<String> {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo")?;
    let mut models =
        cpuinfo.lines().filter_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = models.next().map_or("unknown processor", |(_, model)| model);
    let cores = cpuinfo.lines().filter(|line| line.starts_with("processor")).count();
    let memory = fs::read_to_string("/proc/meminfo")?;
    let kilobytes = memory.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kilobytes = kilobytes.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok());
    let load = fs::read_to_string("/proc/loadavg")?;
    let load = load.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let system = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let kind = match extent {
        Extent::Quick => "quick run",
        Extent::Full => "full run",
    };
    let commit = said("git", &["describe", "--always", "--dirty"]);
    let date = said("date", &["--utc", "+%F"]);
    let webkit = said("pkg-config", &["--modversion", "webkit2gtk-4.1"]);
    Ok(format!(
        "{date}, {kind}, commit {commit}.\n\n{model}, {cores} cores, {} GiB, {}, Linux {}, Xvfb, average load in the last five minutes {load}.\n{}, WebKitGTK {webkit}, {}, SQLite {}, {}.\n",
        kilobytes.unwrap_or_default() / (1 << 20),
        system.unwrap_or("unknown system").trim_matches('"'),
        said("uname", &["-r"]),
        said("rustc", &["--version"]),
        said("dpkg-query", &["-W", "-f=libsecret-tools ${Version}", "libsecret-tools"]),
        said("sqlite3", &["--version"]).split_whitespace().next().unwrap_or_default(),
        said(&programs::python().to_string_lossy(), &["--version"]),
    ))
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = command(program, arguments).output();
    output
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default()
}
