//! Starts of the window's program that open no window.

use anyhow::{Result, ensure};
use std::process::{Command, Output};
use xtask::project;

/// What a start without a desktop session prints, with these arguments and variables.
fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Result<(Option<i32>, String)> {
    let home = tempfile::tempdir()?;
    let mut command = Command::new(project::program("nameplate-desktop"));
    command.args(arguments).env_clear().envs(variables.iter().copied());
    let Output { status, stdout, stderr } = command.env("NAMEPLATE_HOME", home.path()).output()?;
    ensure!(stdout.is_empty(), "standard output is for what was asked for");
    Ok((status.code(), String::from_utf8(stderr)?))
}

/// Without a desktop session, or with one that is not there, a sentence says so.
#[test]
fn a_window_needs_a_desktop_session() -> Result<()> {
    let (_, korean) = start(&[], &[("LANG", "ko_KR.UTF-8")])?;
    ensure!(korean.contains("데스크톱 세션이 없습니다"), "{korean}");
    for variables in [&[][..], &[("DISPLAY", ":987")], &[("WAYLAND_DISPLAY", "wayland-987")]] {
        let (code, told) = start(&[], variables)?;
        let lines: Vec<_> = told.lines().filter(|line| line.contains("nameplate")).collect();
        ensure!(code == Some(1), "{variables:?}: {code:?} {told}");
        ensure!(
            lines.len() == 1 && lines[0].contains("no desktop session"),
            "{variables:?}: {told}"
        );
        ensure!(!told.contains("panicked") && !told.contains("backtrace"), "{variables:?}: {told}");
    }
    Ok(())
}

/// An unknown option is refused before anything is opened.
#[test]
fn an_unknown_option_is_a_usage_error() -> Result<()> {
    for (arguments, named) in [
        (&["--home", "/nowhere"][..], "--home"),
        (&["--verbose"], "--verbose"),
        (&["--version", "--json"], "--json"),
    ] {
        let (code, told) = start(arguments, &[])?;
        ensure!(code == Some(2), "{arguments:?}: {code:?} {told}");
        ensure!(told.contains(named) && told.contains("Usage: nameplate-desktop"), "{told}");
    }
    Ok(())
}
