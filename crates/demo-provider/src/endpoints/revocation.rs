//! Revocation of tokens (RFC 7009, and the providers' own ways).

use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::faults::Fault;
use crate::grants::Reach;
use crate::params::Params;
use crate::provider::{Context, Request};
use crate::response::{self, Refusal};

type Revoke = fn(&Request) -> Result<Response, Refusal>;

/// A revocation endpoint.
pub fn by_post(revoke: Revoke) -> MethodRouter<Context> {
    by(MethodFilter::POST, revoke)
}

/// The same for DELETE.
pub fn by_delete(revoke: Revoke) -> MethodRouter<Context> {
    by(MethodFilter::DELETE, revoke)
}

fn by(method: MethodFilter, revoke: Revoke) -> MethodRouter<Context> {
    on(method, move |request: Request| async move { respond(&request, revoke) })
}

/// Runs a provider's revocation.
pub fn respond(request: &Request, revoke: Revoke) -> Response {
    if request.has(Fault::Revoke503) {
        return response::unavailable();
    }
    revoke(request).unwrap_or_else(|refusal| request.refuse(refusal))
}

/// Revokes a token of the client that sends the form. An unknown token is no error (RFC 7009 §2.2).
pub fn revoke_of_client(
    request: &Request,
    form: &Params,
    token: &str,
    reach: Reach<'_>,
) -> Result<(), Refusal> {
    let client = request.authenticated(form)?;
    let grant = request.state.grants().grant_of(&request.realm, token);
    if let Some(grant) = grant.filter(|grant| grant.client.id == client.id) {
        request.revoke(&grant, reach);
    }
    Ok(())
}
