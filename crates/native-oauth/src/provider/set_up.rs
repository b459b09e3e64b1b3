//! What a user needs to set a client up.

use serde::Serialize;

/// What a user needs to set a client up.
#[derive(Debug, Clone, Copy)]
pub struct SetUp {
    /// Where a client is registered.
    pub register_url: Option<&'static str>,
    /// Whether the client needs a secret.
    pub secret: SecretNeed,
    /// Keys of the messages with the steps of the set-up.
    pub steps: &'static [&'static str],
    /// What its own page shows for a redirect URI that is not registered (RFC 6749, section
    /// 4.1.2.1, forbids to send that back); empty where that is not known.
    pub page_error: &'static str,
}

/// Whether a client needs a secret.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum SecretNeed {
    /// The provider accepts no client without.
    Needed,
    /// It depends on how the client is registered.
    Optional,
    /// The provider refuses a client that shows one.
    #[default]
    Never,
}
