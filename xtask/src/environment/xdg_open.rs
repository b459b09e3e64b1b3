//! A replacement of `xdg-open`, first on PATH: web links go to the test, other links to the real `xdg-open`.

use super::child_process::TIMEOUT;
use super::folders::Folders;
use anyhow::{Context, Result};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::unix::pipe;
use tokio::time::timeout;

/// The web links that were opened, in order.
#[derive(Debug)]
pub struct XdgOpen {
    links: Lines<BufReader<pipe::Receiver>>,
}

impl XdgOpen {
    /// Writes the script and opens its pipe.
    pub fn install(folders: &Folders) -> Result<Self> {
        let fifo = folders.path("run/web-links");
        mknodat(CWD, &fifo, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
            .context("no pipe for web links")?;
        // Opened for writing as well, so that the pipe has no end of file between two links.
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

    /// The next web link that a program opens.
    pub async fn next(&mut self) -> Result<String> {
        let line =
            timeout(TIMEOUT, self.links.next_line()).await.context("no web link was opened")??;
        line.context("the pipe for web links ended")
    }
}

fn script_text(fifo: &str, log: &str) -> String {
    format!(
        r#"#!/bin/sh
# Only the scheme is logged: the query of a redirect URI is secret.
printf '%s\n' "${{1%%:*}}" >> '{log}'
case "$1" in
    http:*|https:*) printf '%s\n' "$1" > '{fifo}' ;;
    *) exec /usr/bin/xdg-open "$1" ;;
esac
"#
    )
}
