//! The sign-in that waits for an answer in this process: its channels, its time, and its end.

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

/// How long a new sign-in waits for the port of a former one: what a browser needs that is being
/// told how it ended.
const LETTING_GO: Duration = Duration::from_secs(3);

/// What waits, and what is left to be said about what waited.
#[derive(Default)]
pub(super) struct Waiting {
    /// The attempts of one sign-in, oldest first; none where nothing waits.
    pub(super) attempts: Vec<Live>,
    /// Whether an answer was taken and is being worked on.
    pub(super) finishing: bool,
    /// What the person should know while waiting.
    pub(super) notice: Option<Error>,
    /// What went wrong last, until the person has read it.
    pub(super) problem: Option<Error>,
    /// A provider that refused to end what was signed out of earlier, until the person has read it.
    pub(super) refused: Option<Error>,
    /// The sign-ins that were stopped, and why: an answer that was taken before is not stored.
    stopped: HashMap<String, Code>,
    /// How sign-ins ended that the database could not be told of.
    unwritten: HashMap<String, Result<Ended>>,
    /// Where a bot was added, until the person has read it.
    pub(super) bot: Option<Bot>,
    /// The wish that could not even begin.
    pub(super) failed: Option<Ask>,
    /// Ports that may still be telling a browser how it ended.
    ports: Vec<JoinHandle<()>>,
}

/// An attempt whose answer this process waits for.
pub(super) struct Live {
    pub(super) row: AttemptRow,
    /// What is known of how it waits.
    pub(super) waits: Waits,
    /// What the person enters elsewhere, where it is done so.
    pub(super) device: Option<UserCodePrompt>,
    pub(super) close: watch::Sender<bool>,
}

/// How an attempt waits, as far as this process knows.
pub(super) struct Waits {
    /// What to open; an authorization request is not known any more after a restart.
    pub(super) url: Option<String>,
    /// Every way of the provider, with those that its metadata told.
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

    /// Which sign-in waits.
    pub(super) fn sign_in(&self) -> Option<&str> {
        self.attempts.first().map(|live| live.row.sign_in.as_str())
    }

    /// Whether what waits is the same wish by another channel.
    fn is_for(&self, ask: &Ask) -> bool {
        self.attempts
            .first()
            .is_some_and(|live| live.row.provider == ask.provider && live.row.intent == ask.intent)
    }

    /// Why nothing is to be stored of a sign-in any more.
    pub(super) fn stopped(&self, sign_in: &str) -> Option<Code> {
        self.stopped.get(sign_in).copied()
    }

    /// What was said meanwhile turned out otherwise.
    pub(super) fn take_back(&mut self, code: Code) {
        if self.notice.as_ref().is_some_and(|notice| notice.code() == code) {
            self.notice = None;
        }
    }

    /// One of the ways is of no use any more; why, is told where another is left.
    fn give_up(&mut self, hash: &str, error: Error) {
        let Some(at) = self.attempts.iter().position(|live| live.row.hash == hash) else { return };
        self.attempts.remove(at).close.send_replace(true);
        self.notice = Some(error);
    }

    /// Nothing waits any more: ports that took no answer close.
    pub(super) fn clear(&mut self) {
        for live in self.attempts.drain(..) {
            live.close.send_replace(true);
        }
        (self.finishing, self.notice) = (false, None);
    }
}

impl Login {
    /// The sign-in that a new attempt belongs to: the one that waits, if it is at the same
    /// provider, else a new one that takes its place (S26). An earlier attempt by the same
    /// channel is closed, so that a fixed port is free again.
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
                    // Its secrets go when the next settling comes by.
                    self.end(&former, Code::Superseded)?;
                }
                Ok(uuid::Uuid::new_v4().simple().to_string())
            }
        }
    }

    /// Waits until the ports of former attempts have closed; whether there were any. To be called
    /// when no attempt waits at a port, for what it cannot end it does not wait for.
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

    /// Ends the sign-in that waits here. Of an answer that was taken already, nothing is kept that
    /// is not kept by now.
    ///
    /// # Errors
    /// Where the database fails.
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

    /// What the person should know while waiting.
    pub fn notice(&self) -> Option<Error> {
        self.waiting().notice.clone()
    }

    pub(crate) fn problem(&self) -> Option<Error> {
        let waiting = self.waiting();
        let problem = waiting.problem.clone().or_else(|| waiting.refused.clone());
        drop(waiting);
        problem.or_else(|| self.set_aside())
    }

    /// The person has read what went wrong.
    pub fn dismiss_problem(&self) {
        let mut waiting = self.waiting();
        // The one that is shown.
        let dismissed = waiting.problem.take().or_else(|| waiting.refused.take());
        drop(waiting);
        if dismissed.is_none()
            && let Err(error) = self.0.store.dismiss_set_aside(&self.0.home)
        {
            tracing::warn!(code = %error.code(), "the message comes again");
        }
        self.tell(Event::Changed);
    }

    /// The authorization request of the sign-in that waits: of its newest attempt.
    pub fn waiting_url(&self) -> Option<String> {
        self.waiting().attempts.last().and_then(|live| live.waits.url.clone())
    }

    /// Where the code of the sign-in that waits is entered, as often as the person likes.
    pub fn verification_url(&self) -> Option<String> {
        let waiting = self.waiting();
        let newest = waiting.attempts.last()?;
        newest.device.as_ref().map(|device| device.address().to_owned())
    }

    /// The wish for a new attempt of what waits.
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

    /// What a plain wish to sign in at a provider is about: another channel of what waits there,
    /// the wish that could not be kept in the keychain and is repeated for this run alone, or
    /// nothing but signing in.
    pub fn intent_at(&self, provider: &str, storage: TokenStorage) -> Intent {
        let waiting = self.waiting();
        let waits = waiting.attempts.last().map(|live| (&live.row.provider, &live.row.intent));
        let failed = waiting.failed.as_ref().filter(|_| storage == TokenStorage::Memory);
        let failed = failed.map(|ask| (&ask.provider, &ask.intent));
        let known = waits.or(failed).filter(|(at, _)| *at == provider);
        known.map(|(_, intent)| intent.clone()).unwrap_or_default()
    }

    /// Tells of a failure that has no other place to be told.
    pub fn report(&self, error: Error) {
        self.waiting().problem = Some(error);
        self.tell(Event::Changed);
    }

    /// Shows that a provider refused for good to end what was signed out of earlier.
    pub(super) fn tell_refusal(&self, error: Error) {
        self.waiting().refused = Some(error);
        self.tell(Event::Changed);
    }

    /// A provider that refused so, once.
    pub fn take_refusal(&self) -> Option<Error> {
        self.waiting().refused.take()
    }

    /// The warning, once, that the start link of a sign-in that succeeded was opened twice.
    pub fn take_reused(&self) -> Option<Error> {
        let mut waiting = self.waiting();
        waiting.problem.take_if(|problem| problem.code() == Code::StartLinkReused)
    }

    /// Waits until a sign-in of this process has ended, whoever received its answer.
    ///
    /// # Errors
    /// As it ended.
    pub async fn outcome(&self, sign_in: &str) -> Result<Done> {
        let mut news = self.news();
        loop {
            if let Some(ended) = self.ended(sign_in)? {
                self.look_at_waiting();
                return self.done(ended?);
            }
            // Missed news is news as well.
            let _ = news.recv().await;
        }
    }

    /// How a sign-in ended, if it has: by its claimed attempt, else once none is left waiting.
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

    /// Ends a sign-in that the database cannot be told of, which may be full: whoever waits for it
    /// in this process hears of it all the same.
    pub(super) fn end_unwritten(&self, row: &AttemptRow, ended: Result<Ended>) {
        self.waiting().unwritten.entry(row.sign_in.clone()).or_insert(ended);
        self.look_at_waiting();
        self.tell(Event::Changed);
    }

    /// It can be told again.
    pub(super) fn forget_unwritten(&self, sign_in: &str) {
        self.waiting().unwritten.remove(sign_in);
    }

    /// Ends one of the ways. Whoever waits hears of it where no other is left; else it is a notice.
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

    /// The start link was opened twice: the attempt's state is known to somebody else. An answer
    /// that is being worked on is not stored; where it was, the person is told to look.
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

    /// Follows what the database says of the sign-in that waits here.
    pub(super) fn look_at_waiting(&self) {
        let Some(sign_in) = self.waiting().sign_in().map(str::to_owned) else { return };
        match self.ended(&sign_in) {
            Ok(Some(result)) => self.show_end(&sign_in, result),
            Ok(None) => self.look_at_claimed(&sign_in),
            Err(error) => self.waiting().problem = Some(error),
        }
    }

    /// An answer that was taken is being worked on, unless whoever took it has died.
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
        // Nobody came back from a browser where time ran out.
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

    /// Ends an attempt when its time is over: that of the timer, which no clock that is set back
    /// makes longer.
    pub(super) async fn expire(self, row: AttemptRow) {
        let left = u64::try_from(row.expires_at - self.now()).unwrap_or(0);
        tokio::time::sleep(Duration::from_secs(left)).await;
        self.time_out([row]).await;
    }

    /// The person has come back, perhaps after a night in which no timer ran: what is overdue
    /// ends, and whether the provider is within reach is looked at again.
    pub async fn wake(&self) {
        self.end_overdue().await;
        self.look_outside().await;
    }

    pub(super) async fn end_overdue(&self) {
        let Some(sign_in) = self.waiting().sign_in().map(str::to_owned) else { return };
        let rows = self.0.store.attempts_of(&sign_in).unwrap_or_default();
        self.time_out(rows.into_iter().filter(|row| row.expires_at <= self.now())).await;
    }

    /// Ends those of them that nobody has answered.
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

    /// Takes up the newest sign-in whose process has died, so that a restart loses nothing (N1).
    /// A port that is taken by now is told, and the answer can be pasted.
    ///
    /// # Errors
    /// Where the database fails.
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
        // The answer that started the program may have been claimed, or used, in the meantime.
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

    /// How an attempt of an earlier process waits. What the metadata told then is not asked for
    /// again, save what the attempt itself shows.
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

    /// Waits until the browsers have been told how it ended; a few seconds at most.
    pub async fn close(&self) {
        let ports = std::mem::take(&mut self.waiting().ports);
        self.waiting().clear();
        for port in ports {
            let _ = port.await;
        }
    }
}
