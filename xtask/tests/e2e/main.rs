//! The end-to-end tests, with the desktop app's window, Chromium, gnome-keyring and the registered deep link.
//!
//! `cargo xtask test` builds what they need and runs them.

mod accessible;
mod account_list;
mod archives;
mod bluesky;
mod bot;
mod command_line;
mod demo;
mod device_code;
mod environment;
mod example_apps;
mod expired_sessions;
mod failed_sign_ins;
mod fake_handler;
mod fixture;
mod https_redirect_page;
mod keychain;
mod link_offers;
mod offline;
mod oidc_peer;
mod page_attacks;
mod page_secrets;
mod process_memory;
mod provider_setup;
mod redirect_methods;
mod secret_leaks;
mod several_users;
mod sign_out;
mod single_instance;
mod start;
mod static_file_server;
mod tray;
mod webview_security;
