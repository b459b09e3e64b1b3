//! One file per command.

pub mod accounts;
pub mod add_bot;
mod browser_sign_in;
pub mod choose;
pub mod completions;
pub mod doctor;
pub mod finish;
pub mod profile;
pub mod providers;
pub mod run;
pub mod set_up;
pub mod sign_in;
mod sign_in_report;
pub mod sign_out;
pub mod token;
