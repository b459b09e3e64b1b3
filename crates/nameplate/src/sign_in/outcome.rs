//! How a sign-in ends: its outcome in the database, and what is shown of it.

use crate::attempt_storage;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::process_lock::ProcessLock;
use crate::sign_in::SignIns;
use crate::store::{AttemptRow, SignInOutcome};

impl SignIns {
    /// Waits until a sign-in of this process has ended.
    ///
    /// # Errors
    /// The error of the sign-in.
    pub async fn outcome(&self, id: &str) -> Result<SignInOutcome> {
        let mut events = self.context.events.subscribe();
        loop {
            if let Some(outcome) = self.stored_outcome(id)? {
                self.update_from_store();
                return outcome;
            }
            // After a lag, the database is read again as well.
            let _ = events.recv().await;
        }
    }

    /// The outcome of a sign-in: of its claimed attempt, or once no attempt is pending.
    fn stored_outcome(&self, id: &str) -> Result<Option<Result<SignInOutcome>>> {
        if let Some(unwritten) = self.pending().unwritten.get(id) {
            return Ok(Some(unwritten.clone()));
        }
        let mut attempts = self.context.store.attempts_of(id)?;
        if let Some(claimed) = attempts.iter().position(|row| row.claimed) {
            return Ok(attempts.swap_remove(claimed).outcome);
        }
        if attempts.iter().any(|row| row.outcome.is_none()) {
            return Ok(None);
        }
        Ok(attempts.pop().and_then(|row| row.outcome))
    }

    /// Ends a sign-in whose outcome cannot be stored, for callers in this process.
    pub(super) fn end_unwritten(&self, row: &AttemptRow, outcome: Result<SignInOutcome>) {
        self.pending().unwritten.entry(row.sign_in.clone()).or_insert(outcome);
        self.update_from_store();
        self.context.events.changed();
    }

    /// Ends one method. The error is the outcome if no other method is left, else a notice.
    /// Returns false if the attempt was claimed or had ended.
    pub(super) async fn end_attempt_of(&self, row: &AttemptRow, error: Error) -> bool {
        match self.context.store.end_attempt(&row.hash, error.clone()) {
            Ok(false) => return false,
            Ok(true) => {}
            Err(_) => self.end_unwritten(row, Err(error.clone())),
        }
        self.update_from_store();
        self.pending().remove(&row.hash, error);
        self.context.events.changed();
        attempt_storage::clear_ended(&self.context).await;
        true
    }

    /// The start link was opened twice, so another user may know the state. A response in progress
    /// is not stored; if it was stored, the user is warned.
    pub(super) async fn stop_reused(&self, row: &AttemptRow) {
        tracing::warn!(provider = row.provider, "the start link was opened twice");
        let error = Error::new(Code::StartLinkReused).at(&row.provider);
        if self.end_attempt_of(row, error.clone()).await {
            return;
        }
        let stored = self.context.store.attempt(&row.hash);
        if stored.is_ok_and(|row| row.is_some_and(|row| row.claimed)) {
            self.pending().stopped.insert(row.sign_in.clone(), error.code());
            self.context.notices.report(error);
        }
    }

    /// Updates the pending sign-in from the database.
    pub(crate) fn update_from_store(&self) {
        let Some(id) = self.pending().id() else { return };
        match self.stored_outcome(&id) {
            Ok(Some(outcome)) => self.show_outcome(&id, outcome),
            Ok(None) => self.update_claimed(&id),
            Err(error) => self.context.notices.set_problem(Some(error)),
        }
    }

    /// A claimed response is being processed, unless its process has ended.
    fn update_claimed(&self, id: &str) {
        let attempts = self.context.store.attempts_of(id).unwrap_or_default();
        let claimed = attempts.into_iter().find(|row| row.claimed);
        self.pending().finishing = claimed.is_some();
        let lost = claimed.filter(|row| !ProcessLock::is_alive(&self.context.home, &row.owner));
        let Some(row) = lost else { return };
        let finished = self.context.store.finish_attempt(&row.hash, &Err(Code::Interrupted.into()));
        match finished.and_then(|()| self.stored_outcome(id)) {
            Ok(Some(outcome)) => self.show_outcome(id, outcome),
            Ok(None) => {}
            Err(error) => self.context.notices.set_problem(Some(error)),
        }
    }

    fn show_outcome(&self, id: &str, outcome: Result<SignInOutcome>) {
        let mut pending = self.pending();
        if pending.id().as_deref() != Some(id) {
            return;
        }
        pending.clear();
        // After a timeout, the user has not returned from the browser.
        let answered = !outcome.as_ref().is_err_and(|error| error.code() == Code::TimedOut);
        let problem = match outcome {
            Ok(outcome) => {
                if let SignInOutcome::ExtraGranted(granted) = outcome {
                    self.context.notices.set_bot(granted);
                }
                // The response was stored before the start link was opened again.
                let stopped = pending.stopped(id);
                stopped.filter(|code| *code == Code::StartLinkReused).map(Error::from)
            }
            Err(error) => {
                let quiet = matches!(error.code(), Code::Cancelled | Code::Superseded);
                Some(error).filter(|_| !quiet)
            }
        };
        self.context.notices.set_problem(problem);
        drop(pending);
        self.context.events.send(if answered { Event::Ended } else { Event::Changed });
    }
}
