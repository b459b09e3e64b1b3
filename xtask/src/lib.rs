//! What `cargo xtask` is made of, also used by the end-to-end tests.
//!
//! [`setup`] brings the machine and the build up to date, [`stage`] is a private desktop with real parts
//! (display, bus, keychain, browser, window), [`run`] shows Nameplate on it, [`test`] runs every test and
//! checks the requirement table, [`soak`] kills processes at random, [`fuzz`], [`mutants`] and [`deny`] run the tool
//! that they are named after.

pub mod deny;
pub mod fuzz;
pub mod http;
pub mod mutants;
pub mod picture;
pub mod project;
pub mod run;
pub mod setup;
pub mod soak;
pub mod stage;
pub mod test;
pub mod tools;
