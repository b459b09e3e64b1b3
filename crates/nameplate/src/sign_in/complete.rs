//! Completes a sign-in: an authorization response is matched with its attempt, claimed once, and
//! exchanged for tokens.

use native_oauth::authorization_request::{self, PendingSecrets};
use native_oauth::authorization_response::{self, AuthorizationCode, AuthorizationResponse};
use native_oauth::id_token::IdTokenContext;
use native_oauth::identify::AuthenticationResult;
use native_oauth::provider::{Grant, RedirectMethod};
use native_oauth::redirect::private_use_scheme;

use super::SignIns;
use super::apply_intent::{apply_scopes, extra_grant};
use crate::config::Entry;
use crate::error::{Code, Error, Result};
use crate::extra_grant::ExtraGranted;
use crate::intent::Intent;
use crate::named_server::registration;
use crate::store::{AttemptRow, Claim, SignInOutcome};
use crate::{attempt_storage, failpoint, provider_client};

/// A response that only this caller may use.
pub(super) struct ClaimedResponse {
    row: AttemptRow,
    secrets: PendingSecrets,
    code: Result<AuthorizationCode>,
}

impl SignIns {
    /// Completes a sign-in with an authorization response: the redirect URI with its query, as the
    /// operating system passed it or the user pasted it. The sign-in goes on if the caller drops
    /// the future.
    ///
    /// # Errors
    /// If no attempt matches or the response was used (then nothing changes: S15, S21), or the
    /// error of the sign-in.
    pub async fn complete(&self, url: &str) -> Result<SignInOutcome> {
        let claimed = self.claim(url).await?;
        let sign_ins = self.clone();
        let completed = tokio::spawn(async move { sign_ins.use_claimed(claimed).await }).await;
        completed.map_err(|_| Error::new(Code::StoreFailed))?
    }

    /// As [`SignIns::complete`], but returns once the response is claimed. [`SignIns::outcome`] and
    /// the state report how the sign-in ends.
    ///
    /// # Errors
    /// If no attempt matches, or the response was used.
    pub async fn submit(&self, url: &str) -> Result<()> {
        let claimed = self.claim(url).await?;
        let sign_ins = self.clone();
        tokio::spawn(async move { sign_ins.use_claimed(claimed).await });
        Ok(())
    }

    /// The provider of the attempt that a response belongs to.
    pub fn provider_of(&self, url: &str) -> Option<String> {
        let state = authorization_response::parse(url).ok()?.state;
        let hash = authorization_request::state_hash(&state)?;
        Some(self.context.store.attempt(&hash).ok()??.provider)
    }

    /// Matches a response with its attempt and claims it. The vault is opened only for a response
    /// that matches.
    pub(super) async fn claim(&self, url: &str) -> Result<ClaimedResponse> {
        let response = authorization_response::parse(url)?;
        let row = self.matching_attempt(&response)?;
        let secrets = attempt_storage::secrets(&self.context, &row).await;
        let secrets = secrets.map_err(|error| Error::from(error).at(&row.provider))?;
        let secrets = secrets.and_then(|text| PendingSecrets::parse(&text));
        let secrets = secrets.ok_or(Error::new(Code::UnknownState))?;
        if !secrets.verify_state(&response.state, self.context.now()) {
            return Err(Error::new(Code::UnknownState));
        }
        let code = self.authorization_code(&row, &secrets, response);
        self.claim_attempt(&row)?;
        Ok(ClaimedResponse { row, secrets, code })
    }

    /// Claims an attempt for this caller.
    pub(super) fn claim_attempt(&self, row: &AttemptRow) -> Result<()> {
        match self.context.store.claim(&row.hash, &self.context.process.id, self.context.now()) {
            Err(error) => {
                let error = error.at(&row.provider);
                // If the database is busy, the response can be used later.
                if error.code() != Code::StoreBusy {
                    self.end_unwritten(row, Err(error.clone()));
                }
                Err(error)
            }
            Ok(Claim::Taken) => Err(Error::new(Code::AlreadyUsed)),
            Ok(Claim::Ours) => {
                self.pending().unwritten.remove(&row.sign_in);
                self.update_from_store();
                self.context.events.changed();
                Ok(())
            }
        }
    }

    fn matching_attempt(&self, response: &AuthorizationResponse) -> Result<AttemptRow> {
        let unknown = Error::new(Code::UnknownState);
        let hash = authorization_request::state_hash(&response.state).ok_or(unknown.clone())?;
        let row = self.context.store.attempt(&hash)?.ok_or(unknown)?;
        if row.claimed {
            return Err(Error::new(Code::AlreadyUsed));
        }
        if let Some(Err(error)) = &row.outcome {
            return Err(Error::new(error.code()).at(&row.provider));
        }
        if row.expires_at <= self.context.now() {
            return Err(Error::new(Code::TimedOut).at(&row.provider));
        }
        if !matches_redirect_uri(&row, response, &self.context.home.scheme()) {
            return Err(Error::new(Code::WrongRedirect).at(&row.provider));
        }
        Ok(row)
    }

    /// The authorization code, or the error of the response. The issuer is checked first, for both
    /// (RFC 9207, section 2.4).
    fn authorization_code(
        &self,
        row: &AttemptRow,
        secrets: &PendingSecrets,
        response: AuthorizationResponse,
    ) -> Result<AuthorizationCode> {
        let entry = self.context.entry(&row.provider, &row.issuer)?;
        Ok(response.into_code(&entry.oauth, secrets.iss)?)
    }

    /// Uses a claimed response and stores the outcome. A claimed response is never tried again.
    pub(super) async fn use_claimed(&self, claimed: ClaimedResponse) -> Result<SignInOutcome> {
        let ClaimedResponse { row, secrets, code } = claimed;
        let outcome = match code {
            Ok(code) => self.exchange(&row, &secrets, code).await,
            Err(error) => Err(error),
        };
        self.finish_attempt(&row, outcome).await
    }

    /// Exchanges the authorization code for tokens, and stores the account.
    async fn exchange(
        &self,
        row: &AttemptRow,
        secrets: &PendingSecrets,
        code: AuthorizationCode,
    ) -> Result<SignInOutcome> {
        let (mut entry, keys) = self.provider_of_claimed(row).await?;
        apply_scopes(&self.context, &mut entry, &row.intent)?;
        let client = provider_client::client(&self.context, &entry).await?;
        let tokens = client.exchange(code, &row.redirect_uri, secrets).await;
        let tokens = tokens.map_err(|error| registration::error_of_client(&entry, error.into()))?;
        if let Intent::ExtraGrant(permissions) = row.intent {
            // The tokens are not revoked: at Discord that would end every session of the user with
            // the application.
            let extra = extra_grant(&entry)?;
            let target = (extra.target)(&tokens.extra);
            let target = target.ok_or(Error::new(Code::GrantTargetMissing))?;
            let granted = ExtraGranted { provider: entry.oauth.id, target, permissions };
            return Ok(SignInOutcome::ExtraGranted(granted));
        }
        let context = IdTokenContext::Code { nonce: &secrets.nonce, now: self.context.now() };
        let result = client.identify(tokens, context, keys.fetched().await).await?;
        failpoint::hit();
        self.persist_unless_stopped(row, &entry, result).await
    }

    /// Stores the account, unless the sign-in was cancelled or stopped meanwhile.
    pub(super) async fn persist_unless_stopped(
        &self,
        row: &AttemptRow,
        entry: &Entry,
        result: AuthenticationResult,
    ) -> Result<SignInOutcome> {
        if let Some(code) = self.pending().stopped(&row.sign_in) {
            return Err(Error::new(code));
        }
        self.persist(row, entry, result).await.map(SignInOutcome::SignedIn)
    }

    /// Stores the outcome of a claimed attempt.
    pub(super) async fn finish_attempt(
        &self,
        row: &AttemptRow,
        outcome: Result<SignInOutcome>,
    ) -> Result<SignInOutcome> {
        let provider = &row.provider;
        let outcome = outcome.map_err(|error| row.named(error));
        match &outcome {
            Ok(success) => {
                match success {
                    SignInOutcome::SignedIn(_) => tracing::info!(provider, "signed in"),
                    SignInOutcome::ExtraGranted(granted) => {
                        tracing::info!(provider, "an extra grant succeeded");
                        self.context.notices.set_bot(granted.clone());
                    }
                }
                self.context.set_offline(false);
            }
            Err(error) => tracing::warn!(provider, code = %error.code(), "a sign-in failed"),
        }
        if let Err(error) = self.context.store.finish_attempt(&row.hash, &outcome) {
            tracing::error!(%error, "the outcome of a sign-in could not be stored");
            self.end_unwritten(row, outcome.clone());
        }
        self.update_from_store();
        self.context.events.changed();
        attempt_storage::clear_ended(&self.context).await;
        outcome
    }
}

/// Whether a response is at the redirect URI of the attempt (S7). Exceptions: a browser that forces
/// https changes the scheme of a loopback address, which the user pastes; and an https redirect page
/// opens the deep link.
fn matches_redirect_uri(row: &AttemptRow, response: &AuthorizationResponse, scheme: &str) -> bool {
    let equal = response.redirect_uri == row.redirect_uri;
    let deep_link =
        || response.redirect_uri == private_use_scheme::redirect_uri(scheme, &row.provider);
    let upgraded = || {
        let address = response.redirect_uri.strip_prefix("https://");
        address.is_some_and(|address| row.redirect_uri.strip_prefix("http://") == Some(address))
    };
    match row.method {
        Grant::AuthorizationCode(RedirectMethod::DeepLink) => equal,
        Grant::AuthorizationCode(RedirectMethod::Loopback | RedirectMethod::Manual) => {
            equal || upgraded()
        }
        Grant::AuthorizationCode(RedirectMethod::HttpsPage) => equal || deep_link(),
        // A device authorization has no authorization response.
        Grant::DeviceCode => false,
    }
}
