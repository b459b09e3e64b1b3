//! `nameplate token` with a valid token, beside libsecret's own command for the same keychain item.

use super::Extent;
use super::report::{Report, Target};
use super::session::Session;
use super::statistics::{Pairs, Samples};
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use tokio::process::Command;

/// Time and memory.
pub async fn measure(session: &mut Session, extent: Extent, report: &mut Report) -> Result<()> {
    let home = session.home("token")?;
    let account = session.sign_in(&home).await?;
    let service = service(&home)?;
    let ours = || {
        let mut command = session.nameplate(&home);
        command.args(["token", &account]);
        command
    };
    let theirs = || {
        let mut command = session.command("secret-tool");
        command.args(["lookup", "service", &service, "username", &account]);
        command
    };
    let (mut times, mut memory) = (Pairs::default(), Samples::default());
    for _ in 0..extent.times(40, 200) {
        let (ours, _) = session.run(ours()).await?;
        let (theirs, _) = session.run(theirs()).await?;
        times.push(ours.as_secs_f64() * 1e3, theirs.as_secs_f64() * 1e3);
    }
    report.pairs("`nameplate token`", "ms", "`secret-tool lookup`", &times, Target::Ratio(1.2));
    for _ in 0..5 {
        memory.0.push(resident(session, ours()).await?);
    }
    report.alone("`nameplate token`, resident", "MiB", &memory, 12.0);
    Ok(())
}

/// The largest resident set size of a command, in MiB.
async fn resident(session: &Session, command: Command) -> Result<f64> {
    let file = session.path("tmp/resident");
    // The command itself begins with `setpriv`, which becomes the program.
    let mut time = session.command("/usr/bin/time");
    time.args(["--format=%M", "--output"]).arg(&file);
    time.arg(command.as_std().get_program()).args(command.as_std().get_args());
    session.run(time).await?;
    let kilobytes: f64 = fs::read_to_string(file)?.trim().parse().context("no memory")?;
    Ok(kilobytes / 1024.0)
}

/// The service name of the keychain items of a home.
pub fn service(home: &Path) -> Result<String> {
    let digest = Sha256::digest(home.canonicalize()?.as_os_str().as_encoded_bytes());
    let mut name = String::new();
    for byte in digest.iter().take(6) {
        write!(name, "{byte:02x}")?;
    }
    Ok(format!("app.nameplate.desktop.h{name}"))
}
