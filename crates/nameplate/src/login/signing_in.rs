//! The sign-in that waits, as it is shown.

use native_oauth::device_authorization::UserCodePrompt;
use native_oauth::provider::Channel;
use serde::Serialize;

use super::Login;
use crate::messages::Problem;
use crate::settings::Language;
use crate::vault::TokenStorage;

/// A sign-in that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct SigningIn {
    /// The provider entry's id.
    pub provider: String,
    /// Its name for people.
    pub label: String,
    /// How the newest attempt's answer comes back.
    pub channel: Channel,
    /// How it could come back instead.
    pub channels: Vec<Channel>,
    /// What to open in the browser; `None` after a restart, when a new attempt is made for it.
    pub url: Option<String>,
    /// Where the answer comes back to.
    pub redirect_uri: String,
    /// What to enter elsewhere, where it is done so.
    pub device: Option<UserCodePrompt>,
    /// When it is over, in seconds since 1970.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub expires_at: i64,
    /// Whether the answer can be pasted.
    pub paste: bool,
    /// Where the session will be kept.
    pub storage: TokenStorage,
    /// How far it is.
    pub phase: Phase,
    /// What the person should know while waiting.
    pub notice: Option<Problem>,
}

/// How far a sign-in is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// For the person.
    Waiting,
    /// For the provider.
    Finishing,
}

impl Login {
    /// What waits, as it is shown.
    pub(crate) fn signing_in(&self, language: Language) -> Option<SigningIn> {
        let config = self.config();
        let waiting = self.waiting();
        let live = waiting.attempts.last()?;
        let entry = config.entry(&live.row.provider).ok();
        let notice = waiting.notice.as_ref().map(|notice| self.explain(language, notice));
        Some(SigningIn {
            provider: live.row.provider.clone(),
            label: entry.map_or(&live.row.provider, |entry| &entry.label).clone(),
            channel: live.row.channel,
            channels: live.waits.channels.clone(),
            url: live.waits.url.clone(),
            redirect_uri: live.row.redirect_uri.clone(),
            device: live.device.clone(),
            expires_at: live.row.expires_at,
            paste: waiting.attempts.iter().any(|live| can_be_pasted(live.row.channel)),
            storage: live.row.storage,
            phase: if waiting.finishing { Phase::Finishing } else { Phase::Waiting },
            notice,
        })
    }
}

/// Whether the browser ends at an address that a person can copy.
fn can_be_pasted(channel: Channel) -> bool {
    match channel {
        Channel::Loopback | Channel::Paste | Channel::Bounce => true,
        Channel::DeepLink | Channel::Device => false,
    }
}
