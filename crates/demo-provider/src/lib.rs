//! A provider to try Nameplate with: one server that plays Discord, Facebook, Google, Kakao, GitHub, LINE, Microsoft,
//! Naver and a generic OpenID Connect issuer as their documents say, quirks and refusals included. On a second port,
//! by TLS, it hosts the bounce page.
//!
//! A request meets, in this order: [`host`] (loopback names only), its provider's file under [`play`], the book of
//! grants, and [`answer`], which is also where the [`Fault`]s bend what goes out.

mod answer;
mod ask;
mod book;
mod bounce;
pub mod clients;
mod config;
mod control;
mod date;
mod device;
mod faults;
mod guilds;
mod host;
mod id_token;
mod keys;
mod ledger;
mod pages;
pub mod people;
mod pictures;
mod pkce;
mod play;
pub mod private;
mod random;
mod server;
mod signin;
mod tokens;
mod world;

pub use bounce::Place;
pub use faults::Fault;
pub use ledger::{Counts, Ledger};
pub use play::oidc::Module;
pub use server::DemoProvider;
pub use world::Rotation;
