//! Users of this device: plain data.

use serde::Serialize;

use crate::account::Account;
use crate::ids::{AccountId, UserId};

/// A user of this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct User {
    /// Random id on this device (UUID).
    pub id: UserId,
    /// Display name; never empty.
    pub nickname: String,
    /// E-mail address of the last read profile.
    pub email: Option<String>,
    /// Whether the provider has verified [`User::email`].
    pub email_verified: bool,
    /// See [`Profile::birthday`](crate::Profile::birthday).
    pub birthday: Option<String>,
    /// See [`Profile::gender`](crate::Profile::gender).
    pub gender: Option<String>,
    /// See [`Profile::age_range`](crate::Profile::age_range).
    pub age_range: Option<String>,
    /// See [`Profile::phone`](crate::Profile::phone).
    pub phone: Option<String>,
    /// Digest of the stored picture; `None` without one.
    pub avatar: Option<String>,
    /// When the profile was last read from its provider, in seconds since 1970.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub read_at: i64,
    /// The account whose profile this is: the chosen one, else the oldest.
    pub profile: AccountId,
    /// The user's accounts, oldest first.
    pub accounts: Vec<Account>,
}
