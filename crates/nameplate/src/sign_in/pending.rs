//! The pending sign-in of this process: its attempts and its ports.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use native_oauth::device_authorization::UserCodePrompt;
use native_oauth::provider::Grant;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::SignIns;
use super::prefetched::Prefetched;
use crate::attempt_storage;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::reaction::Reaction;
use crate::sign_in::request::SignInRequest;
use crate::store::{AttemptRow, SignInOutcome};
use crate::vault::TokenStorage;

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
    /// The last request, if it could not begin, and why.
    pub(super) failed: Option<(SignInRequest, Error)>,
    /// Outcomes that could not be stored, by sign-in.
    pub(super) unwritten: HashMap<String, Result<SignInOutcome>>,
    /// Why the claimed response of a sign-in must not be stored, by sign-in.
    pub(super) stopped: HashMap<String, Code>,
    /// Ports that may still be serving a browser.
    ports: Vec<JoinHandle<()>>,
}

/// A pending attempt.
pub(super) struct Attempt {
    pub(super) row: AttemptRow,
    pub(super) waiting: WaitingDetails,
    /// The user code, for a device authorization.
    pub(super) device: Option<UserCodePrompt>,
    /// What is fetched while the user is in the browser.
    pub(super) prefetched: Option<Prefetched>,
    /// Set to stop the receiver.
    pub(super) close: watch::Sender<bool>,
}

/// What a waiting attempt shows and offers.
pub(super) struct WaitingDetails {
    /// URL to open; `None` after a restart.
    pub(super) url: Option<String>,
    /// The provider's methods, including those of its metadata.
    pub(super) methods: Vec<Grant>,
    /// [`SignInRequest::account_hint`]; `None` after a restart.
    pub(super) account_hint: Option<String>,
    /// [`SignInRequest::confirmed_host`]; `None` after a restart.
    pub(super) confirmed_host: Option<String>,
}

impl Pending {
    pub(super) fn add(&mut self, attempt: Attempt, port: Option<JoinHandle<()>>) {
        self.attempts.push(attempt);
        self.ports.retain(|port| !port.is_finished());
        self.ports.extend(port);
        (self.finishing, self.notice, self.failed) = (false, None, None);
    }

    /// Id of the pending sign-in.
    pub(super) fn id(&self) -> Option<String> {
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

    pub(super) fn set_prefetched(&mut self, hash: &str, prefetched: Prefetched) {
        if let Some(attempt) = self.attempt(hash) {
            attempt.prefetched = Some(prefetched);
        }
    }

    pub(super) fn take_prefetched(&mut self, hash: &str) -> Option<Prefetched> {
        self.attempt(hash)?.prefetched.take()
    }

    /// Removes an attempt; the reason is shown if another attempt is pending.
    pub(super) fn remove(&mut self, hash: &str, error: Error) {
        let Some(at) = self.attempts.iter().position(|attempt| attempt.row.hash == hash) else {
            return;
        };
        self.attempts.remove(at).close.send_replace(true);
        self.notice = Some(error);
    }

    /// Removes all attempts; ports without a response close.
    pub(super) fn clear(&mut self) {
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
        let Attempt { row, waiting, device, .. } = pending.attempts.last()?;
        let request = SignInRequest {
            provider: row.provider.clone(),
            server: row.server.clone(),
            intent: row.intent.clone(),
            method: Some(row.method),
            storage: row.storage,
            account_hint: waiting.account_hint.clone(),
            confirmed_host: waiting.confirmed_host.clone(),
        };
        let (url, device) = (waiting.url.clone(), device.clone());
        Some(CurrentSignIn { request, url, device, notice: pending.notice.clone() })
    }

    /// The last request, if it ended with [`Code::HostNotConfirmed`] for this host, with the host confirmed.
    pub fn request_at_host(&self, host: &str) -> Option<SignInRequest> {
        let (failed, error) = self.pending().failed.clone()?;
        let is_asked = error.code() == Code::HostNotConfirmed && error.detail() == Some(host);
        is_asked.then(|| SignInRequest { confirmed_host: Some(host.to_owned()), ..failed })
    }

    /// The request to sign in at a provider, and the server that the user named. If a sign-in is
    /// pending there, its purpose, the expected account and a confirmed host are kept, and its server where
    /// none is named, so that the request is one for another method; so is that of a request that failed because the
    /// keychain could not be used, if it is repeated with storage in memory.
    pub fn request(
        &self,
        provider: &str,
        server: Option<&str>,
        method: Option<Grant>,
        storage: TokenStorage,
    ) -> SignInRequest {
        let current = self.current().map(|current| current.request);
        let failed = || {
            let (request, error) = self.pending().failed.clone()?;
            let without_keychain = storage == TokenStorage::Memory;
            (without_keychain && error.reaction() == Reaction::Keychain).then_some(request)
        };
        let is_same = |known: &SignInRequest| {
            known.provider == provider && (server.is_none() || server == known.server.as_deref())
        };
        match current.or_else(failed).filter(is_same) {
            Some(known) => SignInRequest { method, storage, ..known },
            None => {
                let server = server.map(str::to_owned);
                SignInRequest { server, method, storage, ..SignInRequest::new(provider) }
            }
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
    /// purpose, else a new one that replaces it (S26). A former attempt by the same method is closed,
    /// so that its port is free.
    pub(super) fn id_for(
        &self,
        request: &SignInRequest,
        issuer: &str,
        method: Grant,
    ) -> Result<(String, Replaced)> {
        let mut pending = self.pending();
        let mut replaced = Replaced { context: Arc::clone(&self.context), hashes: Vec::new() };
        match pending.id() {
            Some(id) if pending.is_for(request, issuer) && !pending.finishing => {
                let is_replaced = |attempt: &mut Attempt| attempt.row.method == method;
                for attempt in pending.attempts.extract_if(.., is_replaced) {
                    attempt.close.send_replace(true);
                }
                drop(pending);
                let former = self.context.store.attempts_of(&id)?.into_iter();
                let former = former.filter(|former| former.method == method);
                replaced.hashes = former.map(|former| former.hash).collect();
                Ok((id, replaced))
            }
            former => {
                pending.clear();
                drop(pending);
                if let Some(former) = former {
                    // Recovery deletes its secrets.
                    self.context.store.end_sign_in(&former, Code::Superseded.into())?;
                }
                Ok((uuid::Uuid::new_v4().simple().to_string(), replaced))
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
}

/// Former attempts that a new one by the same method replaces. They end once that is stored, or does
/// not come about: until then the sign-in has an attempt that is pending.
pub(super) struct Replaced {
    context: Arc<Context>,
    hashes: Vec<String>,
}

impl Replaced {
    /// Ends them. The user may have begun again because another program opened the start link first: a
    /// response to a former attempt must not count.
    pub(super) fn end(&mut self) -> Result<()> {
        while let Some(hash) = self.hashes.last() {
            self.context.store.end_attempt(hash, Code::Superseded.into())?;
            self.hashes.pop();
        }
        Ok(())
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::warn!(code = %error.code(), "a former attempt has not ended");
        }
    }
}

/// A sign-in that has begun. The application opens [`PendingSignIn::start_url`], or shows
/// [`PendingSignIn::device`].
#[derive(Debug, Clone)]
pub struct PendingSignIn {
    /// Id of the sign-in (UUID).
    pub id: String,
    /// The authorization request (RFC 6749, section 4.1.1), to show to the user.
    pub url: String,
    /// URL to open in the browser. With a local port, it is a link to `url` that works once,
    /// because every user of the machine can read the arguments of a process.
    pub start_url: String,
    /// Redirect URI of the response; empty for a device authorization.
    pub redirect_uri: String,
    /// Expiry, in seconds since 1970.
    pub expires_at: i64,
    /// The user code, for a device authorization (RFC 8628, section 3.3).
    pub device: Option<UserCodePrompt>,
}

/// The newest attempt of the pending sign-in, which may be one that was resumed.
#[derive(Debug, Clone)]
pub struct CurrentSignIn {
    /// The request that repeats the attempt.
    pub request: SignInRequest,
    /// The authorization request; `None` after a restart.
    pub url: Option<String>,
    /// The user code, for a device authorization.
    pub device: Option<UserCodePrompt>,
    /// Notice to show while waiting.
    pub notice: Option<Error>,
}
