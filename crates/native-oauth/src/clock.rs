//! The clock, which tests replace.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Returns the time in seconds since 1970.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The operating system's time, in seconds since 1970.
pub fn system_clock() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
