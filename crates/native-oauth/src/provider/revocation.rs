//! How a provider lets grants be revoked.

use serde::{Deserialize, Serialize};

/// How grants are revoked at sign-out and disconnect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocations {
    /// Revokes this device's session alone; `None` where the provider cannot.
    pub sign_out: Option<Revocation>,
    /// Revokes as much as the provider allows; `None` where it has no endpoint.
    pub disconnect: Option<Revocation>,
    /// What [`Revocations::disconnect`] revokes; shown before it is confirmed.
    pub effect: RevocationEffect,
}

/// How a grant is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revocation {
    /// The refresh token in a form (RFC 7009), with which all else ends; else the access token.
    Token,
    /// Each token in a form: the refresh token, then the access token, which may outlive it (RFC
    /// 7009, section 2.1).
    EachToken,
    /// The access token as bearer, to the revocation endpoint.
    Bearer,
    /// The access token as bearer, to `logout` beside the revocation endpoint.
    BearerLogout,
    /// The access token in a form parameter of this name.
    AccessToken,
    /// DELETE with the access token as bearer.
    BearerDelete,
    /// The application revokes everything that the user granted it, with its own authentication.
    ApplicationGrant,
    /// The application revokes this one token, with its own authentication.
    ApplicationToken,
}

/// What disconnecting from a provider revokes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum RevocationEffect {
    /// This session only.
    Session,
    /// Every token of this application for the account, on every device.
    EveryToken,
    /// Every grant of the account to the whole project.
    WholeProject,
    /// The connection of the account with the application.
    Connection,
    /// The local profile.
    Profile,
    /// Nothing: the provider has no endpoint.
    #[default]
    Nothing,
}
