//! One file for each thing that can be done.

pub mod add_bot;
pub mod doctor;
pub mod finish;
pub mod list;
pub mod profile;
pub mod set_up;
pub mod sign_in;
pub mod sign_out;
pub mod token;
mod waiting;
