//! What `cargo xtask` is made of, also used by the end-to-end tests.
//!
//! [`setup`] installs packages and builds the programs, [`environment`] starts a private display, bus, keychain and browser,
//! [`run`] signs in at the demo provider, [`screenshots`] takes pictures of every state of the window, [`mod@test`] runs every
//! test and checks the requirement table, [`mod@bench`] measures,
//! [`soak`] kills processes at random, [`package`] builds the packages, [`fuzz`], [`mutants`] and [`deny`] run the cargo tool of that name.

pub mod bench;
pub mod colour;
pub mod deny;
pub mod environment;
pub mod fuzz;
pub mod http;
pub mod mutants;
pub mod package;
pub mod project;
pub mod run;
pub mod screenshots;
pub mod setup;
pub mod sign_in_pages;
pub mod soak;
pub mod test;
pub mod tools;
