//! `cargo xtask run`: builds everything and runs Nameplate with the demo provider; without a display it signs in by itself.

pub mod attended;
pub mod gallery;
pub mod unattended;

use crate::setup::{self, Build, peer};
use anyhow::{Result, bail};
use std::env::var_os;
use std::io::{IsTerminal, stdin};

/// Builds, then runs attended (with a display and a terminal) or unattended.
pub async fn run() -> Result<()> {
    setup::set_up(Build::Programs)?;
    if !is_attended() {
        peer::install_pds()?;
    }
    let work =
        async { if is_attended() { attended::run().await } else { unattended::run().await } };
    tokio::select! {
        outcome = work => outcome,
        // Dropping the other future kills its child processes.
        _ = tokio::signal::ctrl_c() => bail!("interrupted"),
    }
}

fn is_attended() -> bool {
    let display = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| var_os(name).is_some_and(|value| !value.is_empty()));
    display && stdin().is_terminal()
}
