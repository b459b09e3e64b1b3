//! `cargo xtask`: what developers do with Nameplate.

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use xtask::deny::Advisories;
use xtask::fuzz::Limit;
use xtask::test::Extent;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "What developers do with Nameplate")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything and sign in at the demo provider; without a display it does so by itself
    Run,
    /// Run every test and print which requirement is met by which test
    Test {
        /// Leave out the end-to-end tests, which need a window and a browser
        #[arg(long)]
        fast: bool,
    },
    /// Kill processes at random while they sign in, refresh, sign out and join, and count what is found
    Soak {
        /// How many processes
        #[arg(long, default_value_t = 200)]
        rounds: u64,
        /// The same wishes again; by default new ones each time
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Run libFuzzer on the parsers; the first time builds the engine once more
    Fuzz {
        /// How long, for all targets together
        #[arg(long, default_value_t = 1)]
        minutes: u64,
        /// How many executions of each target, whatever the time
        #[arg(long, conflicts_with = "minutes")]
        runs: Option<u64>,
        /// Only these targets
        targets: Vec<String>,
    },
    /// Change the pure modules of the engine and see which changes no unit test notices; takes hours
    Mutants {
        /// Only files whose path contains one of these
        files: Vec<String>,
        /// Options of cargo-mutants, such as --shard 0/4
        #[arg(last = true)]
        more: Vec<String>,
    },
    /// Check licences, sources and duplicates of the dependencies
    Deny {
        /// Look up known vulnerabilities as well; needs a network
        #[arg(long)]
        advisories: bool,
    },
}

// One thread: children that ask to be ended with their parent are tied to the thread that started them.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Run => xtask::run::run().await,
        Task::Test { fast } => {
            xtask::test::test(if fast { Extent::Fast } else { Extent::Everything })
        }
        Task::Soak { rounds, seed } => xtask::soak::soak(rounds, seed),
        Task::Fuzz { minutes, runs, targets } => {
            xtask::fuzz::fuzz(runs.map_or(Limit::Minutes(minutes), Limit::Runs), &targets)
        }
        Task::Mutants { files, more } => xtask::mutants::mutants(&files, &more),
        Task::Deny { advisories: true } => xtask::deny::deny(Advisories::Fetched),
        Task::Deny { advisories: false } => xtask::deny::deny(Advisories::Left),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nFAILED: {error:#}");
            ExitCode::FAILURE
        }
    }
}
