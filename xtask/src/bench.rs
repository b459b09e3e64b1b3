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
use clap::ValueEnum;
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

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Subject {
    /// From the callback to `signed_in`, beside the web stack
    SignIn,
    /// `nameplate token`, beside `secret-tool lookup`
    Token,
    /// 50 processes at the expiry of a token
    Expiry,
    /// `nameplate accounts`, beside `sqlite3 -json`
    Accounts,
    /// Thousands of sign-ins in one process
    ManySignIns,
    /// Start and memory of the window, beside an empty one
    Start,
    /// Idle windows
    Idle,
}

/// Builds, or takes the programs of a folder; measures, and prints the table. The full run writes it into
/// `docs/performance.md` as well.
pub async fn bench(extent: Extent, programs: Option<PathBuf>, only: Option<Subject>) -> Result<()> {
    programs::prepare(programs)?;
    let mut report = Report::default();
    sizes::measure(&mut report)?;
    let mut session = Session::open().await?;
    let subjects = only.map_or_else(|| Subject::value_variants().to_vec(), |subject| vec![subject]);
    let mut failed = Vec::new();
    // What fails leaves the others alone.
    for subject in subjects {
        if let Err(error) = measure(subject, &mut session, extent, &mut report).await {
            let failure = format!("{subject:?}: {error:#}");
            eprintln!("{failure}");
            failed.push(failure);
        }
        // A failure may have left it stopped.
        session.demo_again().await?;
    }
    session.end().await;
    let page = report.page(extent)?;
    writeln!(stdout(), "{page}")?;
    ensure!(failed.is_empty(), "not everything was measured: {}", failed.join("; "));
    match (extent, only) {
        (Extent::Full, None) => report::write(&page),
        (Extent::Quick, _) | (Extent::Full, Some(_)) => Ok(()),
    }
}

async fn measure(
    subject: Subject,
    session: &mut Session,
    extent: Extent,
    report: &mut Report,
) -> Result<()> {
    match subject {
        Subject::SignIn => sign_in::measure(session, extent, report).await,
        Subject::Token => token::measure(session, extent, report).await,
        Subject::Expiry => expiry::measure(session, extent, report).await,
        Subject::Accounts => accounts::measure(session, extent, report).await,
        Subject::ManySignIns => many::measure(session, extent, report).await,
        Subject::Start => start::measure(session, extent, report).await,
        Subject::Idle => windows::measure(session, extent, report).await,
    }
}
