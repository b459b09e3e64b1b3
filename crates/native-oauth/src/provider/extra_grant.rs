//! What a user can grant to the application beside a sign-in, such as a bot on a server.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A grant to the application itself. It signs no user in, and its tokens are dropped.
#[derive(Debug)]
pub struct ExtraGrant {
    /// The scope that asks for it.
    pub scope: &'static str,
    /// All scopes of its authorization request.
    pub scopes: &'static [&'static str],
    /// The parameter of the authorization request with the sum of the permissions' bits.
    pub parameter: &'static str,
    /// The permissions that a user is offered; a request may name others.
    pub permissions: &'static [GrantPermission],
    /// Reads what it was granted for from the members that
    /// [`Dialect::extra`](crate::dialect::Dialect::extra) keeps of the token response. A
    /// parameter of the authorization response is not proof.
    pub target: fn(&Map<String, Value>) -> Option<GrantTarget>,
}

/// A permission of an [`ExtraGrant`].
#[derive(Debug, PartialEq, Eq)]
pub struct GrantPermission {
    /// The provider's bit.
    pub bit: u64,
    /// Key of its name in the messages.
    pub name: &'static str,
    /// Whether the provider guards it, as one that changes or deletes what others have.
    pub risky: bool,
}

impl GrantPermission {
    /// A permission without risk to others.
    pub const fn harmless(bit: u64, name: &'static str) -> Self {
        Self { bit, name, risky: false }
    }

    /// A permission that the provider guards.
    pub const fn risky(bit: u64, name: &'static str) -> Self {
        Self { bit, name, risky: true }
    }
}

/// What an [`ExtraGrant`] was granted for, such as a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantTarget {
    /// The provider's id of it.
    pub id: String,
    /// Its name.
    pub name: String,
}
