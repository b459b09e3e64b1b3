//! The pending sign-in, as it is shown.

use native_oauth::device_authorization::UserCodePrompt;
use native_oauth::provider::{Grant, RedirectMethod};
use serde::Serialize;

use super::SignIns;
use super::pending::Attempt;
use crate::explain::Explainer;
use crate::messages::{Problem, messages};
use crate::settings::Language;
use crate::vault::TokenStorage;

/// A pending sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct SigningIn {
    /// The provider's id.
    pub provider: String,
    /// The provider's display name.
    pub label: String,
    /// The server that the user named besides the provider.
    pub server: Option<String>,
    /// Method of the newest attempt.
    pub method: Grant,
    /// Other methods of the provider.
    pub methods: Vec<Grant>,
    /// URL to open in the browser; `None` after a restart, which needs a new attempt.
    pub url: Option<String>,
    /// Redirect URI of the newest attempt.
    pub redirect_uri: String,
    /// The user code, for a device authorization (RFC 8628).
    pub device: Option<UserCodePrompt>,
    /// Expiry, in seconds since 1970.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub expires_at: i64,
    /// Whether the response can be pasted.
    pub paste: bool,
    /// Where the session will be stored.
    pub storage: TokenStorage,
    /// Present phase.
    pub phase: Phase,
    /// Notice to show.
    pub notice: Option<Problem>,
}

/// Phase of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Waits for the user.
    Waiting,
    /// Waits for the provider.
    Finishing,
}

impl SignIns {
    /// The pending sign-in, as it is shown.
    pub(crate) fn status(&self, language: Language) -> Option<SigningIn> {
        let config = self.context.config();
        let pending = self.pending();
        let Attempt { row, waiting, device, .. } = pending.attempts.last()?;
        let entry = self.context.entry(&row.provider, &row.issuer).ok();
        let explainer = Explainer::new(&self.context.home, &config, language);
        let notice = pending.notice.as_ref().map(|notice| explainer.problem(notice));
        Some(SigningIn {
            provider: row.provider.clone(),
            label: entry
                .as_ref()
                .map_or(&*row.provider, |entry| messages(language).label(entry))
                .to_owned(),
            server: row.server.clone(),
            method: row.method,
            methods: waiting.methods.clone(),
            url: waiting.url.clone(),
            redirect_uri: row.redirect_uri.clone(),
            device: device.clone(),
            expires_at: row.expires_at,
            paste: pending.attempts.iter().any(|attempt| can_be_pasted(attempt.row.method)),
            storage: row.storage,
            phase: if pending.finishing { Phase::Finishing } else { Phase::Waiting },
            notice,
        })
    }
}

/// Whether the browser shows an address that the user can copy.
fn can_be_pasted(method: Grant) -> bool {
    match method.redirect_method() {
        Some(RedirectMethod::Loopback | RedirectMethod::Manual | RedirectMethod::HttpsPage) => true,
        Some(RedirectMethod::DeepLink) | None => false,
    }
}
