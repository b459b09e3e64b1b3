//! Points between two steps at which a test ends the process, to see what the next one makes of
//! it. Without the feature `failpoints`, which no program is built with, they are nothing.

/// A step is done: the store has committed, the vault has answered, or a provider has.
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

/// Nothing.
#[cfg(not(feature = "failpoints"))]
pub(crate) fn hit() {}
