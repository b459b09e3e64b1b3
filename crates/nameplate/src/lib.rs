//! The engine of Nameplate: native OAuth sign-in, without a window.
//!
//! | room | what it owns |
//! |---|---|
//! | [`user`], [`error`], [`provider`], [`settings`] | the ground: plain data |
//! | `dialect`, `refusal` | one provider's token answer, as RFC 6749 has it; what an error response says |
//! | [`config`], [`home`], `handler`, `platform`, `words` | what this device is set up with, and how it speaks |
//! | `flow` | the steps of a sign-in: prepare, receive, exchange, verify, enrich |
//! | [`vault`], `store`, `avatar`, `http` | where things are kept and fetched |
//! | [`login`] | [`Login`]: what a person can want, made of the steps and the stores |
//! | `overview` | all there is to show, as one value |
//!
//! Every way in ends in [`Login::finish`]; news comes out as [`Event`].

mod avatar;
mod bot;
pub mod browser;
mod clock;
pub mod config;
mod crash;
mod dialect;
mod doctor;
pub mod error;
mod event;
mod flow;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod handler;
mod hex;
pub mod home;
mod http;
mod lock;
pub mod log;
pub mod login;
mod overview;
mod password;
mod platform;
pub mod provider;
mod refusal;
mod session;
pub mod settings;
mod store;
pub mod text;
pub mod user;
pub mod vault;
mod words;

pub use bot::{Bot, BotAdded, BotPermission, Guild};
pub use doctor::{Finding, Health};
pub use error::{Code, Error, Result};
pub use event::Event;
pub use flow::deep_link::{DeepLink, read as read_deep_link};
pub use flow::device::Device;
pub use handler::{has_handler, register_handler, remove_handler};
pub use home::Home;
pub use login::{
    AccessToken, Ask, Begun, Check, Checked, Done, Login, NewProfile, Phase, SetUpReport,
    SetUpWish, SigningIn, Want,
};
pub use overview::{AppInfo, Offer, Overview, ProviderCard, SetUpPage};
pub use provider::{Channel, Dies, SecretNeed};
pub use settings::{Language, Settings};
pub use user::{Account, AccountId, AccountState, EmailTrust, Intent, Leave, User, UserId};
pub use vault::Keep;
pub use words::{Problem, Remedy, Words, words};
