//! The forms between an authorization request and its response: who signs in, and whether access is allowed.

use std::sync::Arc;

use axum::response::Response;

use super::authorization;
use crate::faults::Fault;
use crate::grants::{AuthorizationRequest, Grant};
use crate::pages::{self, Ending};
use crate::params::Params;
use crate::provider::Request;
use crate::users::User;

/// `user` leads to the consent page, `user` with `decision` to the end.
pub async fn sign_in(mut request: Request) -> Response {
    let form = request.form().unwrap_or_default();
    let id = form.get("request").unwrap_or_default();
    let pending = request.state.grants().request(id).cloned();
    let Some(pending) = pending else {
        return pages::gone(&request);
    };
    request.realm.clone_from(&pending.realm);
    let Some(user) = form.get("user").and_then(|key| request.state.user(key)) else {
        return pages::login(&request, id);
    };
    let selection = request.provider.authorization.selection;
    let selection = selection.map(|selection| (selection.chosen)(&pending, &form));
    let ended = match form.get("decision") {
        Some("allow") if selection != Some(None) => {
            let scopes = granted(&request, &pending, &form);
            allow(&request, id, user, scopes, selection.flatten())
        }
        Some("deny") => deny(&request, id),
        // Also for a selection that cannot be made.
        _ => Some(pages::consent(&request, &pending, id, user)),
    };
    ended.unwrap_or_else(|| pages::gone(&request))
}

/// The form names the scopes that are withheld, so that a client which sends only the hidden fields grants all.
fn granted(request: &Request, pending: &AuthorizationRequest, form: &Params) -> Vec<String> {
    let withheld = |id: &&String| {
        request.provider.scope(id).is_some_and(|scope| scope.optional) && form.has("withhold", id)
    };
    pending.scopes.iter().filter(|id| !withheld(id)).cloned().collect()
}

fn allow(
    request: &Request,
    id: &str,
    user: &'static User,
    scopes: Vec<String>,
    selection: Option<String>,
) -> Option<Response> {
    let (state, spec) = (&request.state, &request.provider.authorization);
    let pending = state.grants().take_request(id)?;
    let grant = Arc::new(Grant {
        realm: pending.realm.clone(),
        client: pending.client,
        user,
        scopes,
        nonce: pending.nonce.clone(),
        auth_time: state.now(),
        selection,
    });
    if let Some(device_code) = &pending.device_code {
        let mut grants = state.grants();
        grants.consents(&grant).extend(grant.scopes.iter().cloned());
        grants.device_codes.allow(device_code, grant);
        return Some(pages::end(request, Ending::Connected));
    }
    if pending.redirect_uri.is_empty() {
        return Some(pages::end(request, Ending::Done));
    }
    if request.has(Fault::CallbackServerError) {
        let text = "Something went wrong at the provider";
        return Some(authorization::respond_with_error(request, &pending, "server_error", text));
    }
    let code = (spec.new_code)();
    let mut grants = state.grants();
    grants.consents(&grant).extend(grant.scopes.iter().cloned());
    let expires = state.now() + spec.code_lifetime;
    grants.add_code(&code, pending.clone(), Arc::clone(&grant), expires);
    drop(grants);
    Some(authorization::respond_with_code(request, &pending, &grant, &code))
}

fn deny(request: &Request, id: &str) -> Option<Response> {
    let pending = request.state.grants().take_request(id)?;
    if let Some(device_code) = &pending.device_code {
        request.state.grants().device_codes.deny(device_code);
    }
    if pending.redirect_uri.is_empty() {
        return Some(pages::end(request, Ending::Unchanged));
    }
    Some(authorization::respond_with_denial(request, &pending))
}
