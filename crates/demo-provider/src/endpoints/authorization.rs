//! The authorization endpoint, and the response at the redirect URI (RFC 6749 §4.1.1, §4.1.2).

use axum::response::Response;

use crate::faults::Fault;
use crate::grants::{AuthorizationRequest, Grant};
use crate::pages;
use crate::provider::{Alterations, AuthorizationError, ErrorPage, Request};
use crate::random;
use crate::response::{self, Pairs};

/// Shows the login page, or refuses.
pub async fn authorize(request: Request) -> Response {
    let spec = &request.provider.authorization;
    let client = request.query.get("client_id").and_then(|id| request.find_client(id));
    let Some(client) = client else {
        return refuse(&request, &spec.unknown_client);
    };
    let redirect_uri = match (spec.redirect_uri)(&request, client) {
        Ok(uri) => uri,
        Err(AuthorizationError::Page(page)) => return refuse(&request, &page),
        Err(AuthorizationError::Redirect(error, description)) => {
            let uri = client.first_redirect().unwrap_or_default();
            let pending = AuthorizationRequest::new(&request.realm, client, uri, &request.query);
            return respond_with_error(&request, &pending, error, &description);
        }
    };
    let mut pending =
        AuthorizationRequest::new(&request.realm, client, &redirect_uri, &request.query);
    match (spec.check)(&request, &mut pending) {
        Ok(()) => begin(&request, pending),
        Err(AuthorizationError::Page(page)) => refuse(&request, &page),
        Err(AuthorizationError::Redirect(error, description)) => {
            respond_with_error(&request, &pending, error, &description)
        }
    }
}

/// Stores the request and shows the login page. No user is remembered, so `prompt` and `max_age` change nothing.
pub fn begin(request: &Request, pending: AuthorizationRequest) -> Response {
    request.log(&pending.params);
    let id = request.state.grants().add_request(pending);
    pages::login(request, &id)
}

fn refuse(request: &Request, page: &ErrorPage) -> Response {
    request.refuse(pages::error(request, page))
}

/// Sends a code to the application.
pub fn respond_with_code(
    request: &Request,
    pending: &AuthorizationRequest,
    grant: &Grant,
    code: &str,
) -> Response {
    respond(request, pending, Some(grant), vec![("code", code.to_owned())])
}

/// Sends the user's denial to the application.
pub fn respond_with_denial(request: &Request, pending: &AuthorizationRequest) -> Response {
    let denial = request.provider.authorization.denial.iter();
    respond(
        request,
        pending,
        None,
        denial.map(|(name, text)| (*name, (*text).to_owned())).collect(),
    )
}

/// Sends an error to the application (RFC 6749 §4.1.2.1).
pub fn respond_with_error(
    request: &Request,
    pending: &AuthorizationRequest,
    error: &str,
    description: &str,
) -> Response {
    let pairs = vec![("error", error.to_owned()), ("error_description", description.to_owned())];
    request.refuse(respond(request, pending, None, pairs))
}

fn respond(
    request: &Request,
    pending: &AuthorizationRequest,
    grant: Option<&Grant>,
    mut pairs: Pairs,
) -> Response {
    let spec = &request.provider.authorization;
    pairs.extend(pending.state.clone().map(|state| ("state", state)));
    (spec.complete)(request, pending, grant, &mut pairs);
    request.apply_faults(FAULTS, &mut pairs);
    request.state.log(|log| {
        for (name, value) in &pairs {
            log.record(name, value);
        }
    });
    let mut location = response::with_query(&pending.redirect_uri, &pairs);
    location.push_str(spec.fragment);
    if request.has(Fault::CallbackFragment) {
        location.push_str("#_=_");
    }
    response::found(&location)
}

/// The faults of the parameters.
const FAULTS: &Alterations<Pairs> = &[
    (Fault::IssMissing, |pairs| pairs.retain(|(name, _)| *name != "iss")),
    (Fault::IssWrong, |pairs| {
        pairs.retain(|(name, _)| *name != "iss");
        pairs.push(("iss", "https://issuer.example".to_owned()));
    }),
    (Fault::DenialWithMarkup, |pairs| {
        let description = pairs.iter_mut().filter(|(name, _)| *name == "error_description");
        description.for_each(|(_, text)| "<script>alert(1)</script><b>\"&amp;".clone_into(text));
    }),
    (Fault::DuplicateParameters, |pairs| {
        let state = pairs.iter().find(|(name, _)| *name == "state").cloned();
        pairs.extend(state);
    }),
    (Fault::ExtraParameters, |pairs| {
        pairs.push(("session_state", "a.b-c_d~e".to_owned()));
        pairs.push(("anything", "새로운 것 & ? # %00 \u{202e}".to_owned()));
    }),
    (Fault::CallbackToken, |pairs| pairs.push(("access_token", random::alphanumeric(30)))),
];
