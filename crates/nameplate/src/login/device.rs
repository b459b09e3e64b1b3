//! A sign-in by a code that the person enters elsewhere: asked for, polled for, and stored. It
//! waits beside the other channels until one of them brings an answer (N3).

use std::time::Duration;

use native_oauth::authorization_request;
use native_oauth::device_authorization::{
    DeviceAuthorization, PollInterval, PollPending, PollResult,
};
use native_oauth::id_token::IdTokenContext;
use native_oauth::provider::Channel;
use native_oauth::{Client, token_request::TokenResponse};
use tokio::sync::watch;

use super::Login;
use super::begin::{Ask, Begun, Receiver, attempt_item};
use super::waiting::Waits;
use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::store::{AttemptRow, Ended, Outcome};

/// A code that lived longer would be polled for without end, in seconds.
const LONGEST: i64 = 3600;

/// The provider as it is polled.
#[derive(Clone)]
struct Polled {
    entry: Entry,
    client: Client,
}

/// How the person decided.
enum Decision {
    Granted(Box<Polled>, TokenResponse),
    Refused(Error),
    /// Not at all, as long as the code was good.
    None,
}

impl Login {
    /// Asks for a code and begins to poll. Nothing is opened here: the person may well do it on
    /// another device.
    pub(super) async fn begin_by_device(
        &self,
        ask: Ask,
        entry: &Entry,
        sign_in: String,
    ) -> Result<Begun> {
        let entry = entry.for_device()?;
        let client = self.client(&entry).await?;
        let (waiting, lifetime) = client.device_authorization().await?;
        let lifetime = i64::try_from(lifetime).unwrap_or(LONGEST);
        let expires_at = self.now() + lifetime.min(self.shortened_lifetime().unwrap_or(LONGEST));
        let row = AttemptRow {
            hash: authorization_request::unanswerable(rand::random()),
            sign_in: sign_in.clone(),
            provider: entry.oauth.id.clone(),
            intent: ask.intent,
            channel: Channel::Device,
            storage: ask.storage,
            redirect_uri: String::new(),
            owner: self.0.owner.id.clone(),
            expires_at,
            claimed: false,
            outcome: None,
        };
        self.store_attempt_secrets(&row, waiting.text()).await?;
        let device = waiting.device.clone();
        let url = device.address().to_owned();
        let waits = Waits { url: Some(url.clone()), channels: entry.ways_back() };
        self.start_waiting(&row, waits, Receiver::Polls(waiting));
        let redirect_uri = row.redirect_uri;
        let start_url = url.clone();
        Ok(Begun { sign_in, url, start_url, redirect_uri, expires_at, device: Some(device) })
    }

    /// Goes on polling for a process that has died.
    pub(super) async fn take_up_device(&self, row: &AttemptRow) {
        match self.waiting_device(row).await {
            Ok(waiting) => {
                let url = waiting.device.address().to_owned();
                self.start_waiting(row, self.waits(row, Some(url)), Receiver::Polls(waiting));
            }
            Err(error) => {
                // Without its code it can never be answered.
                let _ = self.0.store.end_attempt(&row.hash, &Outcome::of(&error));
                self.report(error);
            }
        }
    }

    async fn waiting_device(&self, row: &AttemptRow) -> Result<DeviceAuthorization> {
        let name = attempt_item(&row.hash);
        let kept = self.vault(row.storage, move |vault| vault.get(&name)).await;
        let kept = kept.map_err(|error| Error::from(error).at(&row.provider))?;
        DeviceAuthorization::parse(&kept)
            .ok_or_else(|| Error::new(Code::UnknownState).at(&row.provider))
    }

    /// Polls until the person has decided, the code is dead, or nobody waits for it any more.
    pub(super) async fn poll(
        self,
        row: AttemptRow,
        waiting: DeviceAuthorization,
        mut closed: watch::Receiver<bool>,
    ) {
        let decision = tokio::select! {
            biased;
            // A poll under way is not waited for: nobody wants its answer.
            _ = closed.wait_for(|closed| *closed) => return,
            decision = self.decision(&row, &waiting) => decision,
        };
        let ended = match decision {
            Decision::Granted(known, tokens) => self.use_device(&row, &known, tokens).await,
            Decision::Refused(error) => self.refuse_device(&row, error).await,
            Decision::None => {
                self.end_overdue().await;
                Ok(())
            }
        };
        if let Err(error) = ended {
            tracing::warn!(code = %error.code(), "a device's answer was not used");
        }
    }

    async fn decision(&self, row: &AttemptRow, waiting: &DeviceAuthorization) -> Decision {
        let mut pace = PollInterval::new(waiting);
        let mut known = None;
        loop {
            tokio::time::sleep(pace.wait).await;
            if self.now() >= row.expires_at {
                return Decision::None;
            }
            let not_yet = match self.poll_once(row, waiting, &mut known).await {
                Ok((known, PollResult::Granted(tokens))) => {
                    return Decision::Granted(Box::new(known.clone()), tokens);
                }
                Ok((_, PollResult::Pending(not_yet))) => not_yet,
                Ok((_, PollResult::Refused(error))) => return Decision::Refused(error.into()),
                Err(error) => match error.code() {
                    Code::Unreachable | Code::ProviderBusy | Code::WaitAsked => {
                        PollPending::Unreachable
                    }
                    _ => return Decision::Refused(error),
                },
            };
            self.tell_silence(row, not_yet);
            let left = u64::try_from(row.expires_at - self.now()).unwrap_or(0);
            match pace.after(not_yet, Duration::from_secs(left)) {
                Some(next) => pace = next,
                None => return Decision::None,
            }
        }
    }

    /// Asks once. What there is to know of the provider is found out at the first time, so that a
    /// sign-in that is taken up without a network goes on when there is one.
    async fn poll_once<'k>(
        &self,
        row: &AttemptRow,
        waiting: &DeviceAuthorization,
        known: &'k mut Option<Polled>,
    ) -> Result<(&'k Polled, PollResult)> {
        let known = match known {
            Some(known) => known,
            None => known.insert(self.find_out(row).await?),
        };
        let heard = known.client.poll(waiting).await;
        Ok((known, heard))
    }

    async fn find_out(&self, row: &AttemptRow) -> Result<Polled> {
        let entry = self.config().ready(&row.provider)?.clone();
        let mut entry = self.discovered(&entry).await?.for_device()?;
        self.ask_for_scopes(&mut entry, &row.intent)?;
        let client = self.client(&entry).await?;
        Ok(Polled { entry, client })
    }

    /// Says once that the provider is out of reach, and takes it back when it answers.
    fn tell_silence(&self, row: &AttemptRow, not_yet: PollPending) {
        let mut waiting = self.waiting();
        let told = waiting.notice.as_ref().is_some_and(|notice| notice.code() == Code::StillAsking);
        match (not_yet, told) {
            (PollPending::Unreachable, false) => {
                waiting.notice = Some(Error::new(Code::StillAsking).at(&row.provider));
            }
            (PollPending::Undecided | PollPending::SlowDown, true) => waiting.notice = None,
            (PollPending::Unreachable, true)
            | (PollPending::Undecided | PollPending::SlowDown, false) => return,
        }
        drop(waiting);
        self.tell(Event::Changed);
    }

    async fn use_device(
        &self,
        row: &AttemptRow,
        known: &Polled,
        tokens: TokenResponse,
    ) -> Result<()> {
        self.claim_device(row)?;
        let ended = self.sign_in_by_device(row, known, tokens).await;
        self.conclude(row, ended).await.map(drop)
    }

    /// No poll brings the same answer again: here a busy database ends the sign-in, too.
    fn claim_device(&self, row: &AttemptRow) -> Result<()> {
        self.claim_attempt(row).inspect_err(|error| {
            if error.code() == Code::StoreBusy {
                self.end_unwritten(row, Err(error.clone()));
            }
        })
    }

    async fn sign_in_by_device(
        &self,
        row: &AttemptRow,
        known: &Polled,
        tokens: TokenResponse,
    ) -> Result<Ended> {
        let context = IdTokenContext::Device { now: self.now() };
        let signed_in = known.client.identify(tokens, context).await?;
        self.file_unless_cancelled(row, &known.entry, signed_in).await
    }

    /// The person's no ends the sign-in, whatever else waits for it. Anything else ends this way
    /// alone, and another one may still bring the answer.
    async fn refuse_device(&self, row: &AttemptRow, error: Error) -> Result<()> {
        let error = error.at(&row.provider);
        if error.code() == Code::AccessDenied {
            self.claim_device(row)?;
            return self.conclude(row, Err(error)).await.map(drop);
        }
        tracing::warn!(provider = row.provider, code = %error.code(), "polling has ended");
        self.end_way(row, error).await;
        Ok(())
    }
}
