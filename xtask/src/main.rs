//! `cargo xtask`: what developers do with Nameplate.

use clap::{Parser, Subcommand};
use std::process::ExitCode;
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
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nFAILED: {error:#}");
            ExitCode::FAILURE
        }
    }
}
