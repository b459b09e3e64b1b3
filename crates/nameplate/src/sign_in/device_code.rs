//! Device authorization (RFC 8628): the user enters a code on any device, and the token endpoint is
//! polled. The other methods of the sign-in stay open (N3).

use std::time::Duration;

use native_oauth::device_authorization::{
    DeviceAuthorization, PollInterval, PollPending, PollResult,
};
use native_oauth::id_token::IdTokenContext;
use native_oauth::provider::Grant;
use native_oauth::token_response::TokenResponse;
use native_oauth::{Client, authorization_request};
use tokio::sync::watch;

use super::apply_intent::apply_scopes;
use super::begin::Receiver;
use super::pending::WaitingDetails;
use super::{PendingSignIn, SignInRequest, SignIns};
use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::named_server::registration;
use crate::store::{AttemptRow, SignInOutcome};
use crate::vault::VaultError;
use crate::{attempt_storage, provider_client, server_entry};

/// Longest lifetime of a device code, in seconds.
const MAX_LIFETIME: i64 = 3600;

/// The provider whose token endpoint is polled.
#[derive(Clone)]
struct Polled {
    entry: Entry,
    client: Client,
}

/// The end of polling.
enum Decision {
    Granted(Box<Polled>, TokenResponse),
    Refused(Error),
    /// The code expired.
    Expired,
}

impl SignIns {
    /// Requests a code and begins to poll. No browser is opened, because the user may enter the
    /// code on another device.
    pub(super) async fn begin_device_authorization(
        &self,
        request: SignInRequest,
        entry: &Entry,
        id: String,
    ) -> Result<PendingSignIn> {
        let entry = entry.for_device()?;
        let client = provider_client::client(&self.context, &entry).await?;
        let begun = client.device_authorization().await;
        let (authorization, lifetime) =
            begun.map_err(|error| registration::error_of_client(&entry, error.into()))?;
        server_entry::check_verification_uris(&entry, &authorization.prompt)?;
        let lifetime = i64::try_from(lifetime).unwrap_or(MAX_LIFETIME);
        let longest = self.shortened_lifetime().unwrap_or(MAX_LIFETIME);
        let expires_at = self.context.now() + lifetime.min(longest);
        let row = AttemptRow {
            hash: authorization_request::random_state_hash(rand::random()),
            sign_in: id.clone(),
            provider: entry.oauth.id.clone(),
            issuer: entry.oauth.issuer.clone(),
            server: entry.server.clone(),
            intent: request.intent,
            method: Grant::DeviceCode,
            storage: request.storage,
            redirect_uri: String::new(),
            owner: self.context.process.id.clone(),
            expires_at,
            claimed: false,
            outcome: None,
        };
        attempt_storage::add(&self.context, &row, authorization.text()).await?;
        let device = authorization.prompt.clone();
        let url = device.address().to_owned();
        let methods = entry.all_methods();
        // No parameter of a device authorization request (RFC 8628, section 3.1).
        let waiting = WaitingDetails {
            url: Some(url.clone()),
            methods,
            account_hint: None,
            confirmed_host: request.confirmed_host,
        };
        self.start_waiting(&row, waiting, Receiver::Polling(authorization));
        Ok(PendingSignIn {
            id,
            start_url: url.clone(),
            url,
            redirect_uri: row.redirect_uri,
            expires_at,
            device: Some(device),
        })
    }

    /// Polls again for a process that has ended.
    pub(super) async fn resume_device_authorization(&self, row: &AttemptRow) {
        match self.stored_device_authorization(row).await {
            Ok(mut authorization) => {
                // Whether the provider asked for that before is not stored.
                authorization.slow_down();
                let url = authorization.prompt.address().to_owned();
                let waiting = self.details_of_resumed(row, Some(url));
                self.start_waiting(row, waiting, Receiver::Polling(authorization));
            }
            Err(error) => {
                // Without its device code it cannot succeed.
                let _ = self.context.store.end_attempt(&row.hash, error.clone());
                self.context.notices.report(error);
            }
        }
    }

    async fn stored_device_authorization(&self, row: &AttemptRow) -> Result<DeviceAuthorization> {
        let stored = attempt_storage::secrets(&self.context, row).await;
        let stored = stored.and_then(|text| text.ok_or(VaultError::NotFound));
        let stored = stored.map_err(|error| Error::from(error).at(&row.provider))?;
        DeviceAuthorization::parse(&stored)
            .ok_or_else(|| Error::new(Code::UnknownState).at(&row.provider))
    }

    /// Polls until the user has decided, the code expires, or `closed` is set.
    pub(super) async fn poll(
        self,
        row: AttemptRow,
        authorization: DeviceAuthorization,
        mut closed: watch::Receiver<bool>,
    ) {
        let decision = tokio::select! {
            biased;
            _ = closed.wait_for(|closed| *closed) => return,
            decision = self.decision(&row, &authorization) => decision,
        };
        let finished = match decision {
            Decision::Granted(polled, tokens) => self.use_tokens(&row, &polled, tokens).await,
            Decision::Refused(error) => self.refuse_device(&row, error).await,
            Decision::Expired => {
                self.end_expired().await;
                Ok(())
            }
        };
        if let Err(error) = finished {
            tracing::warn!(code = %error.code(), "a device authorization failed");
        }
    }

    async fn decision(&self, row: &AttemptRow, authorization: &DeviceAuthorization) -> Decision {
        let mut interval = PollInterval::new(authorization);
        let mut polled = None;
        loop {
            tokio::time::sleep(interval.wait).await;
            if self.context.now() >= row.expires_at {
                return Decision::Expired;
            }
            let pending = match self.poll_once(row, authorization, &mut polled).await {
                Ok((polled, PollResult::Granted(tokens))) => {
                    return Decision::Granted(Box::new(polled.clone()), tokens);
                }
                Ok((_, PollResult::Pending(pending))) => pending,
                Ok((polled, PollResult::Refused(error))) => {
                    let error = registration::error_of_client(&polled.entry, error.into());
                    return Decision::Refused(error);
                }
                Err(error) => match error.code() {
                    Code::Unreachable | Code::ProviderBusy | Code::WaitAsked => {
                        PollPending::Unreachable
                    }
                    _ => return Decision::Refused(error),
                },
            };
            self.update_poll_notice(row, pending);
            let left = u64::try_from(row.expires_at - self.context.now()).unwrap_or(0);
            match interval.after(pending, Duration::from_secs(left)) {
                Some(next) => interval = next,
                None => return Decision::Expired,
            }
        }
    }

    /// Polls once. The metadata is read at the first poll, so that a sign-in that is resumed without
    /// a network goes on once there is one.
    async fn poll_once<'p>(
        &self,
        row: &AttemptRow,
        authorization: &DeviceAuthorization,
        polled: &'p mut Option<Polled>,
    ) -> Result<(&'p Polled, PollResult)> {
        let polled = match polled {
            Some(polled) => polled,
            None => polled.insert(self.polled(row).await?),
        };
        let result = authorization.poll(&polled.client).await;
        Ok((polled, result))
    }

    async fn polled(&self, row: &AttemptRow) -> Result<Polled> {
        let entry = self.context.ready(&row.provider, &row.issuer)?;
        if entry.oauth.issuer != row.issuer {
            // The configuration has changed. Another issuer must not get the device code.
            return Err(Error::new(Code::IssuerMismatch));
        }
        let mut entry = provider_client::discovered(&self.context, &entry).await?.for_device()?;
        apply_scopes(&self.context, &mut entry, &row.intent)?;
        let client = provider_client::client(&self.context, &entry).await?;
        Ok(Polled { entry, client })
    }

    /// Shows a notice while the provider is unreachable.
    fn update_poll_notice(&self, row: &AttemptRow, result: PollPending) {
        let mut pending = self.pending();
        let shown =
            pending.notice.as_ref().is_some_and(|notice| notice.code() == Code::StillAsking);
        match (result, shown) {
            (PollPending::Unreachable, false) => {
                pending.notice = Some(Error::new(Code::StillAsking).at(&row.provider));
            }
            (PollPending::Undecided | PollPending::SlowDown, true) => pending.notice = None,
            (PollPending::Unreachable, true)
            | (PollPending::Undecided | PollPending::SlowDown, false) => return,
        }
        drop(pending);
        self.context.events.changed();
    }

    async fn use_tokens(
        &self,
        row: &AttemptRow,
        polled: &Polled,
        tokens: TokenResponse,
    ) -> Result<()> {
        self.claim_device(row)?;
        let outcome = self.identify(row, polled, tokens).await;
        self.finish_attempt(row, outcome).await.map(drop)
    }

    /// Claims the attempt. A token response is not repeated, so a busy database ends the sign-in.
    fn claim_device(&self, row: &AttemptRow) -> Result<()> {
        self.claim_attempt(row).inspect_err(|error| {
            if error.code() == Code::StoreBusy {
                self.end_unwritten(row, Err(error.clone()));
            }
        })
    }

    async fn identify(
        &self,
        row: &AttemptRow,
        polled: &Polled,
        tokens: TokenResponse,
    ) -> Result<SignInOutcome> {
        let context = IdTokenContext::Device { now: self.context.now() };
        let result = polled.client.identify(tokens, context, None).await?;
        self.persist_unless_stopped(row, &polled.entry, result).await
    }

    /// If the user denied access, ends the sign-in. Any other error ends this method only.
    async fn refuse_device(&self, row: &AttemptRow, error: Error) -> Result<()> {
        let error = error.at(&row.provider);
        if error.code() == Code::AccessDenied {
            self.claim_device(row)?;
            return self.finish_attempt(row, Err(error)).await.map(drop);
        }
        tracing::warn!(provider = row.provider, code = %error.code(), "polling has ended");
        self.end_attempt_of(row, error).await;
        Ok(())
    }
}
