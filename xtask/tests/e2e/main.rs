//! The end-to-end tests: the real window, the real browser, the real keychain, the registered deep link.
//!
//! `cargo xtask test` builds what they need and runs them.

mod bot;
mod bounce;
mod boundary;
mod channels;
mod command_line;
mod device;
mod endings;
mod instances;
mod keychain;
mod lasting;
mod leaving;
mod listed;
mod offers;
mod offline;
mod parts;
mod peer;
mod people;
mod plain_client;
mod scene;
mod secrets;
mod set_up;
mod stand_in;
mod static_host;
