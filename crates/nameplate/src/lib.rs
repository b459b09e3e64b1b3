//! Accounts on this device: native OAuth sign-in with people, sessions and storage, without a
//! window. The protocol is in [`native_oauth`].
//!
//! | modules | what they own |
//! |---|---|
//! | [`user`], [`error`], [`settings`] | plain data |
//! | [`config`], [`home`], `url_scheme`, `private_fs`, `messages` | what this device is set up
//! with, and its texts |
//! | [`vault`], `store`, `avatar` | secrets, the database, pictures |
//! | [`login`] | [`Login`]: sign-ins, accounts and sessions |
//! | `state` | everything that a user interface shows, as one value |
//!
//! Every response ends in [`Login::finish`]; changes are reported as [`Event`].
//!
//! # Features
//! All are on by default.
//!
//! - `keychain`: the operating system's keychain. Without it, sessions are stored in memory or in a
//!   [`vault::Vault`] of the caller.
//! - `avatar`: profile pictures are downloaded.
//! - `watch`: changes of the database by other processes are reported.

mod avatar;
mod bot;
pub mod browser;
pub mod config;
mod doctor;
pub mod error;
mod event;
mod failpoint;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod home;
mod lock;
pub mod log;
pub mod login;
mod messages;
mod password;
mod private_fs;
mod session;
pub mod settings;
mod state;
mod store;
mod url_scheme;
pub mod user;
pub mod vault;

pub use native_oauth::device_authorization::UserCodePrompt;
pub use native_oauth::provider::{Channel, RevocationEffect, SecretNeed};
pub use native_oauth::redirect::private_use_scheme::{DeepLink, read as read_deep_link};
pub use native_oauth::{provider, text};

pub use bot::{Bot, BotAdded, BotPermission, Guild};
pub use doctor::{Finding, Health};
pub use error::{Code, Error, Result};
pub use event::Event;
pub use home::Home;
pub use login::{
    AccessToken, Ask, Begun, Check, Checked, Done, Login, NewProfile, Phase, RefreshPolicy,
    SetUpReport, SetUpRequest, SigningIn,
};
pub use messages::{Messages, Problem, Remedy, messages};
pub use settings::{Language, Settings};
pub use state::{AppInfo, LinkOffer, ProviderCard, SetUpPage, State};
pub use url_scheme::{is_url_scheme_registered, register_url_scheme, unregister_url_scheme};
pub use user::{Account, AccountId, AccountState, EmailTrust, Intent, SignOutScope, User, UserId};
pub use vault::TokenStorage;
