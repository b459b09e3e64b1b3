//! The start link, which redirects the browser to the authorization request, once.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::hex::hex;

/// A start link, of one attempt.
pub(super) struct Start {
    path: String,
    authorize_url: String,
    used: AtomicBool,
}

/// What a request for the start link gets.
pub(super) enum Fetch<'a> {
    /// The authorization request.
    First(&'a str),
    /// Nothing: it was given away before.
    Again,
}

impl Start {
    /// The nonce is independent of the state.
    pub(super) fn new(authorize_url: String, nonce: [u8; 32]) -> Self {
        let path = format!("/start/{}", hex(&nonce));
        Self { path, authorize_url, used: AtomicBool::new(false) }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Returns the authorization request to the first caller.
    pub(super) fn fetch(&self) -> Fetch<'_> {
        match self.used.swap(true, Ordering::SeqCst) {
            false => Fetch::First(&self.authorize_url),
            true => Fetch::Again,
        }
    }
}
