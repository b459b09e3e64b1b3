#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

pub mod atproto;
pub mod authorization_request;
pub mod authorization_response;
pub mod client;
pub mod client_check;
pub mod client_registration;
pub mod clock;
pub mod device_authorization;
pub mod discovery;
pub mod dpop;
pub mod error;
pub mod error_response;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod grant;
pub mod hex;
pub mod http;
pub mod id_token;
pub mod jws;
pub mod profile;
pub mod provider;
pub mod provider_config;
pub mod pushed_authorization_request;
pub mod redirect;
pub mod request_error;
pub mod revocation;
pub mod signing_keys;
pub mod text;
pub mod token_request;
pub mod token_response;
pub mod userinfo;

pub use client::Client;
pub use error::{Error, ErrorKind, Result};
pub use profile::Profile;
pub use provider::Provider;
pub use provider_config::{ClientCredentials, ProviderConfig};
