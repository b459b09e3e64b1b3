//! The table of a provider in `providers.toml`, or what a program gives in its place.

use native_oauth::provider::{Grant, TokenEndpointAuthMethod};
use native_oauth::provider_config::{ClientCredentials, ExtensionPolicy, IssRule};
use secrecy::SecretString;
use serde::Deserialize;

/// A table as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    pub(crate) kind: Option<String>,
    pub(crate) label: Option<String>,
    pub(crate) issuer: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) client_secret: Option<SecretString>,
    pub(crate) client_auth: Option<TokenEndpointAuthMethod>,
    pub(crate) authorization_endpoint: Option<String>,
    pub(crate) token_endpoint: Option<String>,
    pub(crate) userinfo_endpoint: Option<String>,
    pub(crate) jwks_uri: Option<String>,
    pub(crate) people_endpoint: Option<String>,
    pub(crate) revocation_endpoint: Option<String>,
    pub(crate) emails_endpoint: Option<String>,
    pub(crate) photo_endpoint: Option<String>,
    pub(crate) device_authorization_endpoint: Option<String>,
    pub(crate) pushed_authorization_request_endpoint: Option<String>,
    pub(crate) avatar_base: Option<String>,
    pub(crate) plc_directory: Option<String>,
    pub(crate) handle_resolver: Option<String>,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) redirect_ports: Option<Vec<u16>>,
    #[serde(alias = "channel")]
    pub(crate) method: Option<Grant>,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) iss: Option<IssRule>,
    pub(crate) dpop: Option<ExtensionPolicy>,
    pub(crate) par: Option<ExtensionPolicy>,
    pub(crate) email_trusted: Option<bool>,
    pub(crate) trusted_audiences: Option<Vec<String>>,
    pub(crate) device_client_id: Option<String>,
    pub(crate) device_client_secret: Option<SecretString>,
    pub(crate) bot_permissions: Option<u64>,
}

/// Fills the fields that `$written` leaves open from `$given`.
macro_rules! fill {
    ($written:ident, $given:ident, $($field:ident),* $(,)?) => {
        Table { $($field: $written.$field.or($given.$field),)* }
    };
}

impl Table {
    /// The table with what the program gives where nothing is written. The program's client is for
    /// the program's issuer: one of another issuer is never sent its secret.
    pub(crate) fn or(self, mut given: Self) -> Self {
        if self.client().is_some() || (self.issuer.is_some() && self.issuer != given.issuer) {
            (given.client_id, given.client_secret, given.client_auth) = (None, None, None);
            (given.device_client_id, given.device_client_secret) = (None, None);
        }
        let written = self;
        fill!(
            written,
            given,
            kind,
            label,
            issuer,
            client_id,
            client_secret,
            client_auth,
            authorization_endpoint,
            token_endpoint,
            userinfo_endpoint,
            jwks_uri,
            people_endpoint,
            revocation_endpoint,
            emails_endpoint,
            photo_endpoint,
            device_authorization_endpoint,
            pushed_authorization_request_endpoint,
            avatar_base,
            plc_directory,
            handle_resolver,
            redirect_uri,
            redirect_ports,
            method,
            scopes,
            iss,
            dpop,
            par,
            email_trusted,
            trusted_audiences,
            device_client_id,
            device_client_secret,
            bot_permissions,
        )
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
