//! Polling, for states without an event.

use super::child_process::TIMEOUT;
use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// Between two polls.
const PAUSE: Duration = Duration::from_millis(20);

/// Polls until there is a value; `what` is the error after the timeout.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let start = Instant::now();
    while start.elapsed() < TIMEOUT {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        tokio::time::sleep(PAUSE).await;
    }
    bail!("{what}")
}
