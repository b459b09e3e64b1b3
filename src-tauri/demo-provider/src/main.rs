//! Starts the demo provider.
fn main() {}
