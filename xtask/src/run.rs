//! `cargo xtask run`: build everything and sign in at the demo provider, by hand or, with no display, by itself.

pub mod attended;
pub mod gallery;
pub mod unattended;

use crate::setup::{self, Build};
use anyhow::{Result, bail};
use std::env::var_os;
use std::io::{IsTerminal, stdin};

/// Sets up, then lets a person sign in if one is there to see it.
pub async fn run() -> Result<()> {
    setup::set_up(Build::Programs)?;
    let work =
        async { if somebody_looks() { attended::run().await } else { unattended::run().await } };
    tokio::select! {
        outcome = work => outcome,
        // Returning drops the work and with it every child.
        _ = tokio::signal::ctrl_c() => bail!("interrupted"),
    }
}

fn somebody_looks() -> bool {
    let display = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| var_os(name).is_some_and(|value| !value.is_empty()));
    display && stdin().is_terminal()
}
