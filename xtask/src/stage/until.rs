//! Waiting for what nobody announces: asked again and again, for a bounded time.

use super::running::PATIENCE;
use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(20);

/// Asks until there is an answer; `what` says what was missing when there is none.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        tokio::time::sleep(PAUSE).await;
    }
    bail!("{what}")
}
