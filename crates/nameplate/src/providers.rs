//! The providers that a program offers, with its clients.
//!
//! ```no_run
//! # fn example(home: nameplate::Home) -> nameplate::Result<()> {
//! use nameplate::Nameplate;
//! use nameplate::providers::{discord, oidc};
//!
//! let nameplate = Nameplate::builder(home)
//!     .provider(discord().client_id("1234"))
//!     .provider(oidc("company", "https://login.example.com").client_id("notes"))
//!     .open()?;
//! # Ok(())
//! # }
//! ```

pub use native_oauth::for_each_provider;
use native_oauth::provider::{BUILT_IN, OIDC, Provider, TokenEndpointAuthMethod};
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::Error as _;

use crate::provider_table::Table;

/// A provider that a program offers. The user's `providers.toml`, `.env` and environment take
/// precedence over what is given here; a client that they name replaces this one.
#[derive(Debug, Clone)]
pub struct ProviderOptions {
    pub(crate) id: String,
    pub(crate) provider: &'static Provider,
    pub(crate) table: Table,
}

/// Functions with the built-in providers' names.
macro_rules! built_in {
    ($($name:ident $NAME:ident,)*) => {
        $(#[doc = concat!("[`", stringify!($NAME), "`](native_oauth::provider::", stringify!($NAME), ").")]
        pub fn $name() -> ProviderOptions {
            ProviderOptions::new(&native_oauth::provider::$NAME)
        })*
    };
}

for_each_provider!(built_in);

/// An OpenID Connect provider by its issuer, whose endpoints are discovered. `id` is the last
/// segment of its redirect URIs: small letters, digits and hyphens.
pub fn oidc(id: &str, issuer: &str) -> ProviderOptions {
    let mut options = ProviderOptions { id: id.to_owned(), ..ProviderOptions::new(&OIDC) };
    options.table.issuer = Some(issuer.to_owned());
    options
}

/// Any OpenID Connect provider: the user names its issuer, where the client registers itself
/// (RFC 7591).
pub fn any_issuer() -> ProviderOptions {
    ProviderOptions::new(&OIDC)
}

/// A provider that the program defines; see [`Provider`].
pub fn custom(provider: &'static Provider) -> ProviderOptions {
    ProviderOptions::new(provider)
}

impl ProviderOptions {
    pub(crate) fn new(provider: &'static Provider) -> Self {
        Self { id: provider.id.to_owned(), provider, table: Table::default() }
    }

    /// Its id, the last segment of its redirect URIs.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The client id that the provider gave to the program.
    #[must_use]
    pub fn client_id(mut self, id: &str) -> Self {
        self.table.client_id = Some(id.to_owned());
        self
    }

    /// A secret, for a provider that accepts no client without. Everybody who has the program can
    /// read it (RFC 8252, section 8.5).
    #[must_use]
    pub fn client_secret(mut self, secret: impl Into<SecretString>) -> Self {
        self.table.client_secret = Some(secret.into());
        self
    }

    /// How the client authenticates at the token endpoint, if not by the provider's own method.
    #[must_use]
    pub fn client_auth(mut self, method: TokenEndpointAuthMethod) -> Self {
        self.table.client_auth = Some(method);
        self
    }

    /// The client of the device authorization grant (RFC 8628), if it is another one.
    #[must_use]
    pub fn device_client(mut self, id: &str, secret: Option<SecretString>) -> Self {
        self.table.device_client_id = Some(id.to_owned());
        self.table.device_client_secret = secret;
        self
    }

    /// The scopes to request instead of the provider's own.
    #[must_use]
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.table.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// Its name for people, instead of the provider's own.
    #[must_use]
    pub fn label(mut self, label: &str) -> Self {
        self.table.label = Some(label.to_owned());
        self
    }

    /// The URL of the program's https redirect page.
    #[must_use]
    pub fn redirect_uri(mut self, page: &str) -> Self {
        self.table.redirect_uri = Some(page.to_owned());
        self
    }

    /// The registered ports of the loopback redirect URI (RFC 8252, section 7.3).
    #[must_use]
    pub fn redirect_ports(mut self, ports: impl IntoIterator<Item = u16>) -> Self {
        self.table.redirect_ports = Some(ports.into_iter().collect());
        self
    }

    /// Reads a table with the keys of `providers.toml`, as a configuration of the program has it.
    ///
    /// # Errors
    /// For an unknown key, a value of another type, or an id that is neither a built-in provider's
    /// nor has `kind = "oidc"`. The error names no value.
    pub fn from_table<'de, D: serde::Deserializer<'de>>(
        id: &str,
        table: D,
    ) -> Result<Self, D::Error> {
        let mut table = Table::deserialize(table)?;
        let built_in = BUILT_IN.iter().copied().find(|provider| provider.id == id);
        let provider = match (table.kind.take().as_deref(), built_in) {
            (None, Some(provider)) => provider,
            (Some("oidc"), None) => &OIDC,
            (Some(_) | None, _) => return Err(D::Error::custom(format!("[{id}] kind"))),
        };
        Ok(Self { id: id.to_owned(), provider, table })
    }
}

#[cfg(test)]
mod tests;
