//! Tests of the engine against the demo provider, with a test vault and a test browser.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]
#![allow(missing_docs, reason = "the names say it")]

mod access_token;
mod atproto;
mod authorization_request;
mod authorization_response;
mod browser;
mod clock;
mod configuration;
mod conformance;
mod custom_issuers;
mod damaged_database;
mod device_authorization;
mod extra_grant;
mod fixture;
mod full_disk;
mod hostile_provider;
mod https_redirect_page;
mod local_profile;
mod loopback_attacks;
mod named_server;
mod outcome;
mod persistence;
mod picture;
mod private_files;
mod profile;
mod provider_setup;
mod providers;
mod refresh_profile;
mod restart;
mod sign_out;
mod start_link;
mod token_request;
mod users;
mod vault;
