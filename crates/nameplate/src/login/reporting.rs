//! Reports what an operation waits for.

use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use super::Login;
use crate::error::{Code, Error};
use crate::event::Event;

/// Shorter waits are not reported.
const REPORTED_AFTER: Duration = Duration::from_secs(2);

impl Login {
    /// Awaits `work`, and reports `code` if it takes longer than [`REPORTED_AFTER`].
    pub(super) async fn reporting<T>(&self, code: Code, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = tokio::time::sleep(REPORTED_AFTER) => {}
        }
        let _reported = Reported::new(self.clone(), code);
        work.await
    }

    /// What an operation waits for: a locked keychain, or another process.
    pub fn waits_for(&self) -> Option<Error> {
        self.reports().last().map(|code| Error::new(*code))
    }

    fn reports(&self) -> MutexGuard<'_, Vec<Code>> {
        self.0.reports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reported wait; dropping it withdraws the report.
struct Reported {
    login: Login,
    code: Code,
}

impl Reported {
    fn new(login: Login, code: Code) -> Self {
        login.reports().push(code);
        login.tell(Event::Changed);
        Self { login, code }
    }
}

impl Drop for Reported {
    fn drop(&mut self) {
        let mut waits = self.login.reports();
        if let Some(at) = waits.iter().position(|code| *code == self.code) {
            waits.remove(at);
        }
        drop(waits);
        self.login.tell(Event::Changed);
    }
}
