//! The pending sign-in of this process: its channels, its expiry and its end.

use std::collections::HashMap;
use std::time::Duration;

use native_oauth::device_authorization::UserCodePrompt;
use native_oauth::provider::Channel;
use native_oauth::redirect::loopback::Loopback;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::begin::Receiver;
use super::process_lock::ProcessLock;
use super::{Ask, Done, Login};
use crate::bot::Bot;
use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::store::{AttemptRow, Ended, Outcome};
use crate::user::Intent;
use crate::vault::TokenStorage;

/// How long a new sign-in waits for the port of a former one, whose browser is being told the
/// result.
const LETTING_GO: Duration = Duration::from_secs(3);

/// The pending sign-in, and messages about former ones.
#[derive(Default)]
pub(super) struct Waiting {
    /// The attempts of the pending sign-in, oldest first; empty without one.
    pub(super) attempts: Vec<Live>,
    /// Whether a response was claimed and is being processed.
    pub(super) finishing: bool,
    /// Notice to show.
    pub(super) notice: Option<Error>,
    /// The last error, until it is dismissed.
    pub(super) problem: Option<Error>,
    /// A final refusal of a revocation, until it is dismissed.
    pub(super) refused: Option<Error>,
    /// Sign-ins that were stopped, and why: their claimed response is not stored.
    stopped: HashMap<String, Code>,
    /// Results of sign-ins that could not be written into the database.
    unwritten: HashMap<String, Result<Ended>>,
    /// The last added bot, until it is dismissed.
    pub(super) bot: Option<Bot>,
    /// A request that could not begin.
    pub(super) failed: Option<Ask>,
    /// Ports that may still be serving a browser.
    ports: Vec<JoinHandle<()>>,
}

/// A pending attempt.
pub(super) struct Live {
    pub(super) row: AttemptRow,
    /// How it waits.
    pub(super) waits: Waits,
    /// The user code, for a device authorization.
    pub(super) device: Option<UserCodePrompt>,
    pub(super) close: watch::Sender<bool>,
}

/// How an attempt waits.
pub(super) struct Waits {
    /// URL to open; `None` after a restart.
    pub(super) url: Option<String>,
    /// The provider's channels, including those of its metadata.
    pub(super) channels: Vec<Channel>,
}

impl Waiting {
    pub(super) fn add(&mut self, live: Live, port: Option<JoinHandle<()>>) {
        self.attempts.push(live);
        self.ports.retain(|port| !port.is_finished());
        self.ports.extend(port);
        (self.finishing, self.notice, self.problem) = (false, None, None);
        self.failed = None;
    }

    /// Id of the pending sign-in.
    pub(super) fn sign_in(&self) -> Option<&str> {
        self.attempts.first().map(|live| live.row.sign_in.as_str())
    }

    /// Whether the pending sign-in has the same purpose, by another channel.
    fn is_for(&self, ask: &Ask) -> bool {
        self.attempts
            .first()
            .is_some_and(|live| live.row.provider == ask.provider && live.row.intent == ask.intent)
    }

    /// Why a response is not stored.
    pub(super) fn stopped(&self, sign_in: &str) -> Option<Code> {
        self.stopped.get(sign_in).copied()
    }

    /// Clears the notice.
    pub(super) fn take_back(&mut self, code: Code) {
        if self.notice.as_ref().is_some_and(|notice| notice.code() == code) {
            self.notice = None;
        }
    }

    /// Removes a channel; the reason is shown if another one is left.
    fn give_up(&mut self, hash: &str, error: Error) {
        let Some(at) = self.attempts.iter().position(|live| live.row.hash == hash) else { return };
        self.attempts.remove(at).close.send_replace(true);
        self.notice = Some(error);
    }

    /// Ends waiting: ports without a response close.
    pub(super) fn clear(&mut self) {
        for live in self.attempts.drain(..) {
            live.close.send_replace(true);
        }
        (self.finishing, self.notice) = (false, None);
    }
}

impl Login {
    /// The sign-in that a new attempt belongs to: the pending one at the same provider, else a new
    /// one that replaces it (S26). A former attempt by the same channel is closed, so that its port
    /// is free.
    pub(super) fn sign_in_for(&self, ask: &Ask, channel: Channel) -> Result<String> {
        let mut waiting = self.waiting();
        match waiting.sign_in().map(str::to_owned) {
            Some(sign_in) if waiting.is_for(ask) && !waiting.finishing => {
                waiting.attempts.retain(|live| {
                    let keep = live.row.channel != channel;
                    if !keep {
                        live.close.send_replace(true);
                    }
                    keep
                });
                Ok(sign_in)
            }
            former => {
                waiting.clear();
                drop(waiting);
                if let Some(former) = former {
                    // Recovery deletes its secrets.
                    self.end(&former, Code::Superseded)?;
                }
                Ok(uuid::Uuid::new_v4().simple().to_string())
            }
        }
    }

    /// Waits until the ports of former attempts have closed; whether there were any. Call it only
    /// when no attempt waits at a port.
    pub(super) async fn let_go_of_ports(&self) -> bool {
        let mut ports = std::mem::take(&mut self.waiting().ports);
        let any = !ports.is_empty();
        let closed = async {
            for port in &mut ports {
                let _ = port.await;
            }
        };
        let _ = tokio::time::timeout(LETTING_GO, closed).await;
        ports.retain(|port| !port.is_finished());
        self.waiting().ports.extend(ports);
        any
    }

    fn end(&self, sign_in: &str, code: Code) -> Result<()> {
        self.0.store.end_sign_in(sign_in, &Outcome::of(&code.into())).map(drop)
    }

    /// Cancels the pending sign-in. A claimed response is not stored, unless it is stored already.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn cancel(&self) -> Result<()> {
        let sign_in = {
            let mut waiting = self.waiting();
            let sign_in = waiting.sign_in().map(str::to_owned);
            waiting.clear();
            waiting.stopped.extend(sign_in.clone().map(|sign_in| (sign_in, Code::Cancelled)));
            sign_in
        };
        if let Some(sign_in) = sign_in {
            self.end(&sign_in, Code::Cancelled)?;
        }
        self.tell(Event::Changed);
        self.clear_attempts().await;
        Ok(())
    }

    /// The notice to show.
    pub fn notice(&self) -> Option<Error> {
        self.waiting().notice.clone()
    }

    pub(crate) fn problem(&self) -> Option<Error> {
        let waiting = self.waiting();
        let problem = waiting.problem.clone().or_else(|| waiting.refused.clone());
        drop(waiting);
        problem.or_else(|| self.set_aside())
    }

    /// Dismisses the error.
    pub fn dismiss_problem(&self) {
        let mut waiting = self.waiting();
        // The shown one.
        let dismissed = waiting.problem.take().or_else(|| waiting.refused.take());
        drop(waiting);
        if dismissed.is_none()
            && let Err(error) = self.0.store.dismiss_set_aside(&self.0.home)
        {
            tracing::warn!(code = %error.code(), "the message comes again");
        }
        self.tell(Event::Changed);
    }

    /// The authorization request of the newest attempt.
    pub fn waiting_url(&self) -> Option<String> {
        self.waiting().attempts.last().and_then(|live| live.waits.url.clone())
    }

    /// Verification URI of the pending device authorization.
    pub fn verification_url(&self) -> Option<String> {
        let waiting = self.waiting();
        let newest = waiting.attempts.last()?;
        newest.device.as_ref().map(|device| device.address().to_owned())
    }

    /// The request for a new attempt of the pending sign-in.
    pub fn waiting_for(&self) -> Option<Ask> {
        let waiting = self.waiting();
        let row = &waiting.attempts.last()?.row;
        Some(Ask {
            provider: row.provider.clone(),
            intent: row.intent.clone(),
            channel: Some(row.channel),
            storage: row.storage,
        })
    }

    /// The purpose of a sign-in request at a provider: that of the pending sign-in, that of a
    /// failed request which is repeated with storage in memory, or signing in.
    pub fn intent_at(&self, provider: &str, storage: TokenStorage) -> Intent {
        let waiting = self.waiting();
        let waits = waiting.attempts.last().map(|live| (&live.row.provider, &live.row.intent));
        let failed = waiting.failed.as_ref().filter(|_| storage == TokenStorage::Memory);
        let failed = failed.map(|ask| (&ask.provider, &ask.intent));
        let known = waits.or(failed).filter(|(at, _)| *at == provider);
        known.map(|(_, intent)| intent.clone()).unwrap_or_default()
    }

    /// Shows an error.
    pub fn report(&self, error: Error) {
        self.waiting().problem = Some(error);
        self.tell(Event::Changed);
    }

    /// Shows a final refusal of a revocation.
    pub(super) fn tell_refusal(&self, error: Error) {
        self.waiting().refused = Some(error);
        self.tell(Event::Changed);
    }

    /// Takes the final refusal of a revocation.
    pub fn take_refusal(&self) -> Option<Error> {
        self.waiting().refused.take()
    }

    /// Takes the warning that the start link of a successful sign-in was opened twice.
    pub fn take_reused(&self) -> Option<Error> {
        let mut waiting = self.waiting();
        waiting.problem.take_if(|problem| problem.code() == Code::StartLinkReused)
    }

    /// Waits until a sign-in of this process has ended.
    ///
    /// # Errors
    /// The error of the sign-in.
    pub async fn outcome(&self, sign_in: &str) -> Result<Done> {
        let mut news = self.news();
        loop {
            if let Some(ended) = self.ended(sign_in)? {
                self.look_at_waiting();
                return self.done(ended?);
            }
            // Lagged events are events as well.
            let _ = news.recv().await;
        }
    }

    /// The result of a sign-in: of its claimed attempt, or once no attempt is pending.
    fn ended(&self, sign_in: &str) -> Result<Option<Result<Ended>>> {
        if let Some(unwritten) = self.waiting().unwritten.get(sign_in) {
            return Ok(Some(unwritten.clone()));
        }
        let attempts = self.0.store.attempts_of(sign_in)?;
        let ended =
            |row: &AttemptRow| row.outcome.clone().map(|outcome| outcome.result(&row.provider));
        if let Some(claimed) = attempts.iter().find(|row| row.claimed) {
            return Ok(ended(claimed));
        }
        if attempts.iter().any(|row| row.outcome.is_none()) {
            return Ok(None);
        }
        Ok(attempts.last().and_then(ended))
    }

    /// Ends a sign-in in memory if the database cannot be written.
    pub(super) fn end_unwritten(&self, row: &AttemptRow, ended: Result<Ended>) {
        self.waiting().unwritten.entry(row.sign_in.clone()).or_insert(ended);
        self.look_at_waiting();
        self.tell(Event::Changed);
    }

    /// The database can be written again.
    pub(super) fn forget_unwritten(&self, sign_in: &str) {
        self.waiting().unwritten.remove(sign_in);
    }

    /// Ends a channel: an error if it was the last one, else a notice.
    pub(super) async fn end_way(&self, row: &AttemptRow, error: Error) -> bool {
        match self.0.store.end_attempt(&row.hash, &Outcome::of(&error)) {
            Ok(false) => return false,
            Ok(true) => {}
            Err(_) => self.end_unwritten(row, Err(error.clone())),
        }
        self.look_at_waiting();
        self.waiting().give_up(&row.hash, error);
        self.tell(Event::Changed);
        self.clear_attempts().await;
        true
    }

    /// The start link was opened twice, so another user may know the state. A response in progress
    /// is not stored; if it was stored, the user is warned.
    pub(super) async fn stop_reused(&self, row: &AttemptRow) {
        tracing::warn!(provider = row.provider, "the start link was opened twice");
        let error = Error::new(Code::StartLinkReused).at(&row.provider);
        if self.end_way(row, error.clone()).await {
            return;
        }
        let row_now = self.0.store.attempt(&row.hash);
        if row_now.is_ok_and(|row| row.is_some_and(|row| row.claimed)) {
            self.waiting().stopped.insert(row.sign_in.clone(), error.code());
            self.report(error);
        }
    }

    /// Updates the pending sign-in from the database.
    pub(super) fn look_at_waiting(&self) {
        let Some(sign_in) = self.waiting().sign_in().map(str::to_owned) else { return };
        match self.ended(&sign_in) {
            Ok(Some(result)) => self.show_end(&sign_in, result),
            Ok(None) => self.look_at_claimed(&sign_in),
            Err(error) => self.waiting().problem = Some(error),
        }
    }

    /// A claimed response is being processed, unless its process has ended.
    fn look_at_claimed(&self, sign_in: &str) {
        let attempts = self.0.store.attempts_of(sign_in).unwrap_or_default();
        let claimed = attempts.into_iter().find(|row| row.claimed);
        self.waiting().finishing = claimed.is_some();
        let lost = claimed.filter(|row| !ProcessLock::is_alive(&self.0.home, &row.owner));
        let Some(row) = lost else { return };
        let interrupted = Outcome::of(&Code::Interrupted.into());
        match self.0.store.conclude(&row.hash, &interrupted).and_then(|()| self.ended(sign_in)) {
            Ok(Some(result)) => self.show_end(sign_in, result),
            Ok(None) => {}
            Err(error) => self.waiting().problem = Some(error),
        }
    }

    fn show_end(&self, sign_in: &str, result: Result<Ended>) {
        let mut waiting = self.waiting();
        if waiting.sign_in() != Some(sign_in) {
            return;
        }
        waiting.clear();
        // The browser did not return before the timeout.
        let answered = !result.as_ref().is_err_and(|error| error.code() == Code::TimedOut);
        match result {
            Ok(ended) => {
                // It ended before the start link was opened again.
                let stopped = waiting.stopped(sign_in);
                let reused = stopped.filter(|code| *code == Code::StartLinkReused);
                waiting.problem = reused.map(Error::from);
                if let Ended::BotAdded(bot) = ended {
                    waiting.bot = Some(bot);
                }
            }
            Err(error) => {
                let quiet = matches!(error.code(), Code::Cancelled | Code::Superseded);
                waiting.problem = Some(error).filter(|_| !quiet);
            }
        }
        drop(waiting);
        self.tell(if answered { Event::Ended } else { Event::Changed });
    }

    /// Ends an attempt at its expiry by the monotonic clock, which setting the clock back does not
    /// extend.
    pub(super) async fn expire(self, row: AttemptRow) {
        let left = u64::try_from(row.expires_at - self.now()).unwrap_or(0);
        tokio::time::sleep(Duration::from_secs(left)).await;
        self.time_out([row]).await;
    }

    /// Called after suspend: ends expired attempts, and checks whether the provider is reachable.
    pub async fn wake(&self) {
        self.end_overdue().await;
        self.look_outside().await;
    }

    pub(super) async fn end_overdue(&self) {
        let Some(sign_in) = self.waiting().sign_in().map(str::to_owned) else { return };
        let rows = self.0.store.attempts_of(&sign_in).unwrap_or_default();
        self.time_out(rows.into_iter().filter(|row| row.expires_at <= self.now())).await;
    }

    /// Ends the attempts without a response.
    async fn time_out(&self, overdue: impl IntoIterator<Item = AttemptRow>) {
        let outcome = Outcome::of(&Code::TimedOut.into());
        let end = |row: &AttemptRow| {
            self.0.store.end_attempt(&row.hash, &outcome).unwrap_or_else(|_| {
                self.end_unwritten(row, Err(Error::new(Code::TimedOut).at(&row.provider)));
                true
            })
        };
        let ended = overdue.into_iter().filter(end).count() > 0;
        self.look_at_waiting();
        if ended {
            self.tell(Event::Changed);
            self.clear_attempts().await;
        }
    }

    /// Resumes the newest sign-in whose process has ended (N1). If its port is taken, a notice is
    /// shown, and the response can be pasted.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn resume(&self) -> Result<()> {
        let waiting = self.0.store.waiting(self.now())?;
        let orphans: Vec<_> = waiting
            .into_iter()
            .filter(|row| !ProcessLock::is_alive(&self.0.home, &row.owner))
            .filter(|row| row.storage == TokenStorage::Keychain)
            .collect();
        let Some(newest) = orphans.last().map(|row| row.sign_in.clone()) else { return Ok(()) };
        for row in orphans.into_iter().filter(|row| row.sign_in == newest) {
            self.0.store.adopt(&row.hash, &self.0.owner.id)?;
            self.take_up(&row).await;
        }
        // The response that started the program may have been claimed meanwhile.
        self.look_at_waiting();
        Ok(())
    }

    async fn take_up(&self, row: &AttemptRow) {
        let (receiver, lost) = match row.channel {
            Channel::Loopback => match self.bind_again(row).await {
                Ok(port) => (Receiver::Port(port), false),
                Err(_) => (Receiver::None, true),
            },
            Channel::Device => return self.take_up_device(row).await,
            Channel::DeepLink | Channel::Paste | Channel::Bounce => (Receiver::None, false),
        };
        self.start_waiting(row, self.waits(row, None), receiver);
        if lost {
            self.waiting().notice = Some(Error::new(Code::PortLost).at(&row.provider));
            self.tell(Event::Changed);
        }
    }

    /// How a resumed attempt waits. Metadata is not read again; only the attempt's own channel is
    /// added.
    pub(super) fn waits(&self, row: &AttemptRow, url: Option<String>) -> Waits {
        let config = self.config();
        let mut channels = config.entry(&row.provider).map(Entry::ways_back).unwrap_or_default();
        if !channels.contains(&row.channel) {
            channels.push(row.channel);
        }
        Waits { url, channels }
    }

    async fn bind_again(&self, row: &AttemptRow) -> Result<Loopback> {
        let config = self.config();
        let entry = config.entry(&row.provider)?;
        let url: url::Url =
            row.redirect_uri.parse().map_err(|_| Error::new(Code::WrongRedirect))?;
        let port = url.port().ok_or(Error::new(Code::WrongRedirect))?;
        let host = entry.oauth.provider.loopback.host;
        Ok(Loopback::bind(host, Some(&[port]), url.path().to_owned()).await?)
    }

    /// Waits until the browsers have been told the result, for a few seconds.
    pub async fn close(&self) {
        let ports = std::mem::take(&mut self.waiting().ports);
        self.waiting().clear();
        for port in ports {
            let _ = port.await;
        }
    }
}
