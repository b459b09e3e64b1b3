//! Places at which a test aborts the process, to test recovery. They do nothing without the feature
//! `failpoints`, which only tests use.

/// Aborts at the call with the number in `NAMEPLATE_FAIL_AT`, a variable of tests. Called after each commit of the
/// store, each vault operation and each response of a provider.
#[cfg(feature = "failpoints")]
pub(crate) fn hit() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static PASSED: AtomicUsize = AtomicUsize::new(0);
    let passed = PASSED.fetch_add(1, Ordering::SeqCst) + 1;
    let fatal = std::env::var("NAMEPLATE_FAIL_AT").ok().and_then(|at| at.parse().ok());
    if fatal == Some(passed) {
        std::process::abort();
    }
}

/// Does nothing.
#[cfg(not(feature = "failpoints"))]
pub(crate) fn hit() {}
