//! An OAuth server for development and tests. It simulates the providers of `providers` and a generic OpenID Connect
//! issuer as they are documented, with their deviations and refusals. A second port, with TLS, hosts the https redirect page.
//!
//! A `Provider` is data plus the functions in which the provider differs. `endpoints` has the
//! handlers that all providers share; each request carries the specification of the provider that it was sent to.
//! `providers` has one module per provider and is the only place that lists them.

mod clients;
mod control;
mod date;
mod endpoints;
mod errors;
mod faults;
mod grants;
mod host;
mod https_redirect;
mod id_token;
mod keys;
mod language;
mod pages;
mod params;
mod pictures;
mod pkce;
mod private_file;
mod provider;
pub mod providers;
mod random;
mod registered;
mod request_log;
mod response;
mod server;
mod state;
pub mod users;

pub use faults::Fault;
pub use grants::Rotation;
pub use https_redirect::HttpsRedirect;
pub use private_file::write_private;
pub use providers::oidc::Module;
pub use request_log::{Counts, RequestLog};
pub use server::DemoProvider;
pub use state::Audience;
