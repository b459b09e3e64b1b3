//! The stage's own `xdg-open`, first on PATH: web links come to us, everything else goes to the real one.

use super::folders::Folders;
use super::running::PATIENCE;
use anyhow::{Context, Result};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::unix::pipe;
use tokio::time::timeout;

/// The web links that were opened, in order.
#[derive(Debug)]
pub struct Opener {
    links: Lines<BufReader<pipe::Receiver>>,
}

impl Opener {
    /// Writes the script and begins to listen.
    pub fn install(folders: &Folders) -> Result<Self> {
        let fifo = folders.path("run/web-links");
        mknodat(CWD, &fifo, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
            .context("no pipe for web links")?;
        // Our own writing end stays open, so that the pipe never ends between two links.
        let links = pipe::OpenOptions::new().read_write(true).open_receiver(&fifo)?;
        let script = folders.path("bin/xdg-open");
        fs::write(
            &script,
            script_text(
                &fifo.display().to_string(),
                &folders.path("logs/opened.log").display().to_string(),
            ),
        )?;
        fs::set_permissions(&script, Permissions::from_mode(0o755))?;
        Ok(Self { links: BufReader::new(links).lines() })
    }

    /// The next web link that a program wants to have opened.
    pub async fn next(&mut self) -> Result<String> {
        let line =
            timeout(PATIENCE, self.links.next_line()).await.context("no web link was opened")??;
        line.context("the pipe for web links ended")
    }
}

fn script_text(fifo: &str, log: &str) -> String {
    format!(
        r#"#!/bin/sh
# Only the scheme is noted: a callback's query is secret.
printf '%s\n' "${{1%%:*}}" >> '{log}'
case "$1" in
    http:*|https:*) printf '%s\n' "$1" > '{fifo}' ;;
    *) exec /usr/bin/xdg-open "$1" ;;
esac
"#
    )
}
