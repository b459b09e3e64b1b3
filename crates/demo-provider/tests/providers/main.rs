//! The providers, and what they share: sign-ins, and each refusal for a client with one mistake.
#![allow(clippy::unwrap_used, reason = "a test that cannot continue panics")]

mod common;
mod control;
mod discord;
mod facebook;
mod faults;
mod github;
mod google;
mod https_redirect;
mod kakao;
mod line;
mod mastodon;
mod microsoft;
mod modules;
mod naver;
mod oidc;
