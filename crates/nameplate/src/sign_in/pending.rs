//! The pending sign-in of this process: its attempts, its expiry and its end.

use std::collections::HashMap;
use std::time::Duration;

use native_oauth::device_authorization::UserCodePrompt;
use native_oauth::provider::Grant;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::prepared::Prepared;
use super::{CurrentSignIn, SignInRequest, SignIns};
use crate::attempt_storage;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::process_lock::ProcessLock;
use crate::store::{AttemptRow, SignInOutcome};

/// How long a new sign-in waits for the port of a former one, which may be serving a browser.
const PORT_TIMEOUT: Duration = Duration::from_secs(3);

/// The pending sign-in, and what is known of former ones.
#[derive(Default)]
pub(super) struct Pending {
    /// The attempts of the pending sign-in, oldest first; empty without one.
    pub(super) attempts: Vec<Attempt>,
    /// Whether a response was claimed and is being processed.
    pub(super) finishing: bool,
    /// Notice to show while waiting.
    pub(super) notice: Option<Error>,
    /// The last request, if it could not begin.
    pub(super) failed: Option<SignInRequest>,
    /// Outcomes that could not be stored, by sign-in.
    pub(super) unwritten: HashMap<String, Result<SignInOutcome>>,
    /// Why the claimed response of a sign-in must not be stored, by sign-in.
    stopped: HashMap<String, Code>,
    /// Ports that may still be serving a browser.
    ports: Vec<JoinHandle<()>>,
}

/// A pending attempt.
pub(super) struct Attempt {
    pub(super) row: AttemptRow,
    pub(super) waits: Waits,
    /// The user code, for a device authorization.
    pub(super) device: Option<UserCodePrompt>,
    /// What is fetched while the user is in the browser.
    pub(super) prepared: Option<Prepared>,
    /// Set to stop the receiver.
    pub(super) close: watch::Sender<bool>,
}

/// How an attempt waits.
pub(super) struct Waits {
    /// URL to open; `None` after a restart.
    pub(super) url: Option<String>,
    /// The provider's methods, including those of its metadata.
    pub(super) methods: Vec<Grant>,
    /// [`SignInRequest::account_hint`]; `None` after a restart.
    pub(super) account_hint: Option<String>,
}

impl Pending {
    pub(super) fn add(&mut self, attempt: Attempt, port: Option<JoinHandle<()>>) {
        self.attempts.push(attempt);
        self.ports.retain(|port| !port.is_finished());
        self.ports.extend(port);
        (self.finishing, self.notice, self.failed) = (false, None, None);
    }

    /// Id of the pending sign-in.
    fn id(&self) -> Option<String> {
        self.attempts.first().map(|attempt| attempt.row.sign_in.clone())
    }

    /// Whether the pending sign-in has the provider, the issuer and the purpose of a request.
    fn is_for(&self, request: &SignInRequest, issuer: &str) -> bool {
        self.attempts.first().is_some_and(|Attempt { row, .. }| {
            row.provider == request.provider && row.issuer == issuer && row.intent == request.intent
        })
    }

    /// Why a response must not be stored.
    pub(super) fn stopped(&self, id: &str) -> Option<Code> {
        self.stopped.get(id).copied()
    }

    /// Clears the notice if it has this code.
    pub(super) fn clear_notice(&mut self, code: Code) {
        if self.notice.as_ref().is_some_and(|notice| notice.code() == code) {
            self.notice = None;
        }
    }

    fn attempt(&mut self, hash: &str) -> Option<&mut Attempt> {
        self.attempts.iter_mut().find(|attempt| attempt.row.hash == hash)
    }

    pub(super) fn set_prepared(&mut self, hash: &str, prepared: Prepared) {
        if let Some(attempt) = self.attempt(hash) {
            attempt.prepared = Some(prepared);
        }
    }

    pub(super) fn take_prepared(&mut self, hash: &str) -> Option<Prepared> {
        self.attempt(hash)?.prepared.take()
    }

    /// Removes an attempt; the reason is shown if another attempt is pending.
    fn remove(&mut self, hash: &str, error: Error) {
        let Some(at) = self.attempts.iter().position(|attempt| attempt.row.hash == hash) else {
            return;
        };
        self.attempts.remove(at).close.send_replace(true);
        self.notice = Some(error);
    }

    /// Removes all attempts; ports without a response close.
    fn clear(&mut self) {
        for attempt in self.attempts.drain(..) {
            attempt.close.send_replace(true);
        }
        (self.finishing, self.notice) = (false, None);
    }
}

impl SignIns {
    /// The newest attempt of the pending sign-in.
    pub fn current(&self) -> Option<CurrentSignIn> {
        let pending = self.pending();
        let Attempt { row, waits, device, .. } = pending.attempts.last()?;
        let request = SignInRequest {
            provider: row.provider.clone(),
            server: row.server.clone(),
            intent: row.intent.clone(),
            method: Some(row.method),
            storage: row.storage,
            account_hint: waits.account_hint.clone(),
        };
        let (url, device) = (waits.url.clone(), device.clone());
        Some(CurrentSignIn { request, url, device, notice: pending.notice.clone() })
    }

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

    /// Cancels the pending sign-in. A claimed response is not stored, unless it is stored already.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn cancel(&self) -> Result<()> {
        let id = {
            let mut pending = self.pending();
            let id = pending.id();
            pending.clear();
            pending.stopped.extend(id.clone().map(|id| (id, Code::Cancelled)));
            id
        };
        if let Some(id) = id {
            self.context.store.end_sign_in(&id, Code::Cancelled.into())?;
        }
        self.context.events.changed();
        attempt_storage::clear_ended(&self.context).await;
        Ok(())
    }

    /// The sign-in that a new attempt belongs to: the pending one if it has the same provider and
    /// purpose, else a new one that replaces it (S26). A former attempt by the same method is
    /// closed, so that its port is free.
    pub(super) fn id_for(
        &self,
        request: &SignInRequest,
        issuer: &str,
        method: Grant,
    ) -> Result<String> {
        let mut pending = self.pending();
        match pending.id() {
            Some(id) if pending.is_for(request, issuer) && !pending.finishing => {
                let replaced = |attempt: &mut Attempt| attempt.row.method == method;
                for attempt in pending.attempts.extract_if(.., replaced) {
                    attempt.close.send_replace(true);
                }
                Ok(id)
            }
            former => {
                pending.clear();
                drop(pending);
                if let Some(former) = former {
                    // Recovery deletes its secrets.
                    self.context.store.end_sign_in(&former, Code::Superseded.into())?;
                }
                Ok(uuid::Uuid::new_v4().simple().to_string())
            }
        }
    }

    /// Waits until the ports of former attempts have closed; whether there were any. To be called
    /// when no attempt waits at a port.
    pub(super) async fn wait_for_ports(&self) -> bool {
        let mut ports = std::mem::take(&mut self.pending().ports);
        let any = !ports.is_empty();
        let closed = async {
            for port in &mut ports {
                let _ = port.await;
            }
        };
        let _ = tokio::time::timeout(PORT_TIMEOUT, closed).await;
        ports.retain(|port| !port.is_finished());
        self.pending().ports.extend(ports);
        any
    }

    /// Closes the ports, after the browsers have been told the result.
    pub(crate) async fn close(&self) {
        let ports = std::mem::take(&mut self.pending().ports);
        self.pending().clear();
        for port in ports {
            let _ = port.await;
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

    /// Ends an attempt at its expiry by the monotonic clock, which setting the clock back does not
    /// extend. Returns before where the attempt has ended.
    pub(super) async fn expire(self, row: AttemptRow, mut ended: watch::Receiver<bool>) {
        let left = u64::try_from(row.expires_at - self.context.now()).unwrap_or(0);
        let ends = ended.wait_for(|ended| *ended);
        if tokio::time::timeout(Duration::from_secs(left), ends).await.is_err() {
            self.time_out([row]).await;
        }
    }

    /// Ends the expired attempts of the pending sign-in.
    pub(crate) async fn end_expired(&self) {
        let Some(id) = self.pending().id() else { return };
        let rows = self.context.store.attempts_of(&id).unwrap_or_default();
        let now = self.context.now();
        self.time_out(rows.into_iter().filter(|row| row.expires_at <= now)).await;
    }

    /// Ends the attempts without a response.
    async fn time_out(&self, expired: impl IntoIterator<Item = AttemptRow>) {
        let end = |row: &AttemptRow| {
            let ended = self.context.store.end_attempt(&row.hash, Code::TimedOut.into());
            ended.unwrap_or_else(|_| {
                self.end_unwritten(row, Err(Error::new(Code::TimedOut).at(&row.provider)));
                true
            })
        };
        let ended = expired.into_iter().filter(end).count() > 0;
        self.update_from_store();
        if ended {
            self.context.events.changed();
            attempt_storage::clear_ended(&self.context).await;
        }
    }
}
