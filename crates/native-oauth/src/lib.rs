#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

/// Implements `Debug` for a type whose value is secret.
macro_rules! redacted {
    ($name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    };
}

pub mod atproto;
pub mod authorization_request;
pub mod authorization_response;
pub mod client;
mod client_authentication;
pub mod client_check;
pub mod client_registration;
pub mod clock;
pub mod device_authorization;
pub mod dialect;
pub mod discovery;
pub mod dpop;
pub mod endpoint_urls;
pub mod error;
pub mod error_response;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod grant;
pub mod hex;
pub mod http;
pub mod id_token;
pub mod identify;
pub mod jws;
pub mod named_account;
pub mod profile;
pub mod provider;
pub mod provider_config;
pub mod pushed_authorization_request;
pub mod redirect;
pub mod request_error;
pub mod revocation;
mod sent_secrets;
pub mod signing_keys;
pub mod text;
pub mod token_request;
pub mod token_response;
pub mod url_rules;
pub mod userinfo;
mod web_page;

pub use client::Client;
pub use error::{Error, ErrorKind, Result};
pub use profile::Profile;
pub use provider::Provider;
pub use provider_config::{ClientCredentials, ProviderConfig};
