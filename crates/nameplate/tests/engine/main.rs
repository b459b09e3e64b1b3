//! The engine from outside: against the demo provider, with a vault and a browser of the tests' own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]
#![allow(missing_docs, reason = "the names say it")]

mod access;
mod answers;
mod bot;
mod bounce;
mod browser;
mod clock;
mod damaged;
mod device;
mod ending;
mod full_disk;
mod hostile;
mod issuers;
mod keeping;
mod leaving;
mod local;
mod modules;
mod neighbour;
mod people;
mod picture;
mod private;
mod profile;
mod providers;
mod request;
mod reread;
mod restart;
mod set_up;
mod setup;
mod stage;
mod start_link;
mod tokens;
mod vault;
