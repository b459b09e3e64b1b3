//! The table of a provider in `providers.toml`, or what a program gives in its place.

use native_oauth::provider::{Grant, TokenEndpointAuthMethod};
use native_oauth::provider_config::{ClientCredentials, ExtensionPolicy, IssRule};
use secrecy::SecretString;
use serde::Deserialize;

/// Declares the table, and what fills it, by one list of its values.
macro_rules! table {
    ($($(#[$meta:meta])* $field:ident: $type:ty,)*) => {
        /// A table as it is written.
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct Table {
            $($(#[$meta])* pub(crate) $field: Option<$type>,)*
        }

        impl Table {
            /// The table with the other's values where it has none.
            fn filled(self, other: Self) -> Self {
                Self { $($field: self.$field.or(other.$field),)* }
            }
        }
    };
}

table! {
    kind: String,
    label: String,
    issuer: String,
    client_id: String,
    client_secret: SecretString,
    client_auth: TokenEndpointAuthMethod,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    jwks_uri: String,
    people_endpoint: String,
    revocation_endpoint: String,
    emails_endpoint: String,
    photo_endpoint: String,
    device_authorization_endpoint: String,
    pushed_authorization_request_endpoint: String,
    avatar_base: String,
    plc_directory: String,
    handle_resolver: String,
    redirect_uri: String,
    redirect_ports: Vec<u16>,
    #[serde(alias = "channel")]
    method: Grant,
    scopes: Vec<String>,
    iss: IssRule,
    dpop: ExtensionPolicy,
    par: ExtensionPolicy,
    email_trusted: bool,
    trusted_audiences: Vec<String>,
    device_client_id: String,
    device_client_secret: SecretString,
    bot_permissions: u64,
}

impl Table {
    /// The table with what the program gives where nothing is written. The program's client is for
    /// the program's issuer: one of another issuer is never sent its secret.
    pub(crate) fn or(self, mut given: Self) -> Self {
        if self.client().is_some() || (self.issuer.is_some() && self.issuer != given.issuer) {
            (given.client_id, given.client_secret, given.client_auth) = (None, None, None);
            (given.device_client_id, given.device_client_secret) = (None, None);
        }
        self.filled(given)
    }

    /// Id and secret together, or neither.
    pub(crate) fn client(&self) -> Option<ClientCredentials> {
        client(self.client_id.as_ref(), self.client_secret.as_ref())
    }

    /// The client of the device flow, if it is another one.
    pub(crate) fn device_client(&self) -> Option<ClientCredentials> {
        client(self.device_client_id.as_ref(), self.device_client_secret.as_ref())
    }
}

fn client(id: Option<&String>, secret: Option<&SecretString>) -> Option<ClientCredentials> {
    let id = id.filter(|id| !id.trim().is_empty())?.clone();
    Some(ClientCredentials { id, secret: secret.cloned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_its_id_with_or_without_a_secret() {
        let table = |text: &str| toml::from_str::<Table>(text).unwrap();
        let both = table("client_id = \"c\"\nclient_secret = \"s\"\ndevice_client_id = \"d\"");
        assert!(both.client().is_some_and(|client| client.id == "c" && client.secret.is_some()));
        assert!(
            both.device_client().is_some_and(|client| client.id == "d" && client.secret.is_none())
        );
        assert!(table("client_id = \" \"\nclient_secret = \"s\"").client().is_none());
        assert!(table("client_secret = \"s\"").device_client().is_none());
    }

    /// Every key that is read is in the table of docs/configuration.md.
    #[test]
    fn every_key_is_documented() {
        const PAGE: &str = include_str!("../../../docs/configuration.md");
        let message = toml::from_str::<Table>("no_such_key = 1").unwrap_err().to_string();
        let (_, keys) = message.split_once("expected one of").unwrap();
        let keys: Vec<_> = keys.split('`').skip(1).step_by(2).collect();
        assert!(keys.len() > 20, "{message}");
        for key in keys {
            assert!(PAGE.contains(&format!("`{key}`")), "docs/configuration.md lacks {key}");
        }
    }
}
