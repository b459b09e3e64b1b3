//! The command line of Nameplate.
fn main() {}
