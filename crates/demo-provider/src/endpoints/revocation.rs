//! Revocation of tokens (RFC 7009, and the providers' own ways).

use std::sync::Arc;

use axum::response::{IntoResponse as _, Response};

use crate::faults::Fault;
use crate::grants::Grant;
use crate::params::Params;
use crate::provider::{Request, TokenError};
use crate::response::{self, Refusal};

/// What a revocation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach<'a> {
    /// This token.
    Token(&'a str),
    /// The tokens of the same grant.
    Grant,
    /// All tokens that the user gave the application.
    Account,
}

/// Runs a provider's revocation.
pub fn respond(
    request: &Request,
    revoke: impl FnOnce(&Request) -> Result<Response, Refusal>,
) -> Response {
    if request.has(Fault::Revoke503) {
        return response::unavailable();
    }
    revoke(request).unwrap_or_else(|refusal| {
        request.count(|counts| counts.refusals += 1);
        refusal.into_response()
    })
}

/// The grant of a token that belongs to the client of this request. An unknown token is no error (RFC 7009 §2.2).
pub fn grant_of_client(
    request: &Request,
    form: &Params,
    token: &str,
) -> Result<Option<Arc<Grant>>, Refusal> {
    let client =
        request.authenticate(form).map_err(|error| request.refusal(TokenError::Client(error)))?;
    let grant = request.state.grants().grant_of(&request.realm, token);
    Ok(grant.filter(|grant| grant.client.id == client.id))
}

pub fn revoke(request: &Request, grant: &Grant, reach: Reach<'_>) {
    let mut grants = request.state.grants();
    match reach {
        Reach::Token(token) => grants.revoke_token(token),
        Reach::Grant => grants.revoke_grant(grant),
        Reach::Account => grants.revoke_account(grant),
    }
    drop(grants);
    request.count(|counts| counts.revocations += 1);
}
