//! `cargo xtask bench`: Nameplate measured beside programs that do the same with less, or the same otherwise.
//!
//! Times on a shared machine mean little, ratios of what was measured in turn do. Nothing is passed or failed here.

pub mod accounts;
pub mod expiry;
pub mod machine;
pub mod many;
pub mod paint;
pub mod processes;
pub mod programs;
pub mod report;
pub mod session;
pub mod sign_in;
pub mod sizes;
pub mod start;
pub mod statistics;
pub mod token;
pub mod web_stack;
pub mod windows;

use anyhow::{Result, ensure};
use report::Report;
use session::Session;
use std::io::{Write, stdout};
use std::path::PathBuf;

/// How often everything is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// In less than five minutes, once everything is built.
    Quick,
    /// As often as the page in `docs/` asks for.
    Full,
}

impl Extent {
    /// One number or the other.
    pub fn times(self, quick: usize, full: usize) -> usize {
        match self {
            Self::Quick => quick,
            Self::Full => full,
        }
    }
}

/// Builds, or takes the programs of a folder; measures, and prints the table. The full run writes it into
/// `docs/performance.md` as well.
pub async fn bench(extent: Extent, programs: Option<PathBuf>) -> Result<()> {
    programs::prepare(programs)?;
    let mut report = Report::default();
    sizes::measure(&mut report)?;
    let mut session = Session::open().await?;
    let failed = measure(&mut session, extent, &mut report).await;
    session.end().await;
    let page = report.page(extent)?;
    writeln!(stdout(), "{page}")?;
    ensure!(failed.is_empty(), "not everything was measured: {}", failed.join("; "));
    match extent {
        Extent::Quick => Ok(()),
        Extent::Full => report::write(&page),
    }
}

/// Measures one after the other; what fails leaves the others alone. Returns what failed.
async fn measure(session: &mut Session, extent: Extent, report: &mut Report) -> Vec<String> {
    let mut failed = Vec::new();
    let mut note = |name: &str, done: Result<()>| {
        if let Err(error) = done {
            eprintln!("{name}: {error:#}");
            failed.push(format!("{name}: {error:#}"));
        }
    };
    note("sign-in", sign_in::measure(session, extent, report).await);
    note("token", token::measure(session, extent, report).await);
    note("expiry", expiry::measure(session, extent, report).await);
    note("accounts", accounts::measure(session, extent, report).await);
    note("many sign-ins", many::measure(session, extent, report).await);
    note("start", start::measure(session, extent, report).await);
    // A failure may have left it stopped.
    note("demo provider", session.demo_again().await);
    note("idle", windows::measure(session, extent, report).await);
    failed
}
