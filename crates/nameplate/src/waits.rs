//! Long waits of running operations, reported while they last.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::error::{Code, Error};
use crate::event::Events;

/// Longer waits are reported.
const REPORTED_AFTER: Duration = Duration::from_secs(2);

/// The waits that are reported now.
#[derive(Clone)]
pub(crate) struct Waits {
    reported: Arc<Mutex<Vec<Code>>>,
    events: Events,
}

impl Waits {
    pub(crate) fn new(events: Events) -> Self {
        Self { reported: Arc::default(), events }
    }

    /// Runs `work`. If it takes longer than two seconds, reports `code` until it ends.
    pub(crate) async fn during<T>(&self, code: Code, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = tokio::time::sleep(REPORTED_AFTER) => {}
        }
        let _reported = Reported::new(self.clone(), code);
        work.await
    }

    /// The latest wait: for a locked keychain, or for another process.
    pub(crate) fn latest(&self) -> Option<Error> {
        self.reported().last().map(|code| Error::new(*code))
    }

    fn reported(&self) -> MutexGuard<'_, Vec<Code>> {
        self.reported.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reported wait; withdrawn on drop.
struct Reported {
    waits: Waits,
    code: Code,
}

impl Reported {
    fn new(waits: Waits, code: Code) -> Self {
        waits.reported().push(code);
        waits.events.changed();
        Self { waits, code }
    }
}

impl Drop for Reported {
    fn drop(&mut self) {
        let mut reported = self.waits.reported();
        if let Some(at) = reported.iter().position(|code| *code == self.code) {
            reported.remove(at);
        }
        drop(reported);
        self.waits.events.changed();
    }
}
