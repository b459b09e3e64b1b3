#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod account;
mod account_storage;
mod accounts;
mod attempt_storage;
mod avatar;
pub mod browser;
mod builder;
mod client_storage;
pub mod config;
mod context;
mod doctor;
mod engine;
mod environment;
pub mod error;
mod event;
mod explain;
mod extra_grant;
mod failpoint;
#[cfg(feature = "watch")]
mod file_watch;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod home;
mod identity;
mod ids;
mod intent;
mod local_profile;
mod lock;
pub mod log;
mod loopback_provider;
mod messages;
mod named_server;
mod notices;
mod password;
mod pictures;
mod preferences;
mod private_fs;
mod process_lock;
mod profile_merge;
mod profiles;
mod provider_client;
mod provider_setup;
mod provider_table;
pub mod providers;
mod reachability;
mod reaction;
mod recovery;
mod redirect_uris;
mod revocation;
mod server_entry;
mod sessions;
pub mod settings;
mod sign_in;
mod state;
mod store;
mod stored_session;
mod url_scheme;
pub mod user;
pub mod vault;
mod vault_access;
mod waits;

pub use native_oauth::Profile;
pub use native_oauth::clock::Clock;
pub use native_oauth::device_authorization::UserCodePrompt;
pub use native_oauth::http::public_address::{PublicResolver, may_be_public};
pub use native_oauth::http::tls;
pub use native_oauth::provider::{
    AccountPage, Grant, RedirectMethod, RevocationEffect, SecretNeed, ServerInput,
};
pub use native_oauth::redirect::private_use_scheme::{DeepLink, read as read_deep_link};
pub use native_oauth::url_rules::is_loopback;
pub use native_oauth::{provider, text};

pub use account::{Account, AccountState, EmailTrust, LastUse};
pub use accounts::Accounts;
pub use builder::Builder;
pub use doctor::{Doctor, Finding, Group, Health, Repair};
pub use engine::Nameplate;
pub use environment::Environment;
pub use error::{Code, Error, Result};
pub use event::Event;
pub use extra_grant::{BotAdded, BotPermission, ExtraGranted};
pub use home::Home;
pub use identity::AppIdentity;
pub use ids::{AccountId, UserId};
pub use intent::{Intent, SignOutScope};
pub use local_profile::{LocalProfiles, NewProfile};
pub use loopback_provider::LoopbackProvider;
pub use messages::{Messages, Problem, Remedy, messages};
pub use notices::Notices;
pub use preferences::Preferences;
pub use profiles::Profiles;
pub use provider_setup::{Check, Checked, ProviderSetup, SetUpPage, SetUpReport, SetUpRequest};
pub use reaction::Reaction;
pub use sessions::{AccessToken, RefreshPolicy, Sessions};
pub use settings::{Language, ReturnTo, Settings};
pub use sign_in::{CurrentSignIn, PendingSignIn, Phase, SignInRequest, SignIns, SigningIn};
pub use state::{AppInfo, LinkOffer, ProviderCard, State};
pub use store::SignInOutcome;
pub use stored_session::TokenType;
#[cfg(target_os = "linux")]
pub use url_scheme::exec_argument;
pub use url_scheme::{is_url_scheme_registered, register_url_scheme, unregister_url_scheme};
pub use user::User;
pub use vault::TokenStorage;
