//! `cargo xtask`: the commands of the project.

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use xtask::bench::{Extent, Subject};
use xtask::deny::Advisories;
use xtask::fuzz::Limit;
use xtask::package::Purpose;
use xtask::test;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The commands of the project")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything and run Nameplate with the demo provider; without a display, sign in by itself
    Run,
    /// Run every test and print the tests of each requirement
    Test {
        /// Leave out the end-to-end tests, which need a window and a browser
        #[arg(long)]
        fast: bool,
    },
    /// Take a picture of every state of the window, and check each with axe
    Screenshots {
        /// Only states whose name contains one of these
        states: Vec<String>,
    },
    /// Kill processes at random while they sign in, refresh, sign out and link, and count the results
    Soak {
        /// Number of processes
        #[arg(long, default_value_t = 200)]
        rounds: u64,
        /// Seed of an earlier run, to repeat its requests; random by default
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Run libFuzzer on the parsers; the first run builds the libraries again
    Fuzz {
        /// Minutes for all targets together
        #[arg(long, default_value_t = 1)]
        minutes: u64,
        /// Executions of each target, instead of minutes
        #[arg(long, conflicts_with = "minutes")]
        runs: Option<u64>,
        /// Only these targets
        targets: Vec<String>,
    },
    /// Run cargo-mutants on the modules without input and output; takes hours
    Mutants {
        /// Only files whose path contains one of these
        files: Vec<String>,
        /// Options of cargo-mutants, such as --shard 0/4
        #[arg(last = true)]
        more: Vec<String>,
    },
    /// Measure beside an empty window, the usual commands and a web stack, and print a table; builds in release profile
    Bench {
        /// Measure less often, in under five minutes once everything is built, and leave docs/performance.md as it is
        #[arg(long)]
        quick: bool,
        /// Measure the programs in DIR instead of building them
        #[arg(long, value_name = "DIR")]
        programs: Option<PathBuf>,
        /// Measure this alone, and leave docs/performance.md as it is
        #[arg(long)]
        only: Option<Subject>,
    },
    /// Build a deb and an rpm in target/package
    Package {
        /// Check them, with unoptimised programs: validate, install the deb on this machine, sign in, upgrade, remove;
        /// needs root
        #[arg(long)]
        check: bool,
    },
    /// Check licences, sources and duplicates of the dependencies
    Deny {
        /// Look up known vulnerabilities as well; needs a network
        #[arg(long)]
        advisories: bool,
    },
}

// One thread: PR_SET_PDEATHSIG of a child applies to the thread that started it.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Run => xtask::run::run().await,
        Task::Test { fast } => {
            xtask::test::test(if fast { test::Extent::Fast } else { test::Extent::Everything })
        }
        Task::Screenshots { states } => xtask::screenshots::screenshots(&states).await,
        Task::Soak { rounds, seed } => xtask::soak::soak(rounds, seed),
        Task::Fuzz { minutes, runs, targets } => {
            xtask::fuzz::fuzz(runs.map_or(Limit::Minutes(minutes), Limit::Runs), &targets)
        }
        Task::Mutants { files, more } => xtask::mutants::mutants(&files, &more),
        Task::Bench { quick, programs, only } => {
            let extent = if quick { Extent::Quick } else { Extent::Full };
            xtask::bench::bench(extent, programs, only).await
        }
        Task::Package { check: true } => xtask::package::package(Purpose::Check),
        Task::Package { check: false } => xtask::package::package(Purpose::Release),
        Task::Deny { advisories: true } => xtask::deny::deny(Advisories::Fetched),
        Task::Deny { advisories: false } => xtask::deny::deny(Advisories::Skipped),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nFAILED: {error:#}");
            ExitCode::FAILURE
        }
    }
}
