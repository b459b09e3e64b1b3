//! One file per command.

pub mod add_bot;
mod browser_sign_in;
pub mod doctor;
pub mod finish;
pub mod list;
pub mod profile;
pub mod set_up;
pub mod sign_in;
pub mod sign_out;
pub mod token;
