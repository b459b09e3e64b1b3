//! Dynamic client registration (RFC 7591) and its deletion (RFC 7592 §2.3).

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::faults::Fault;
use crate::provider::Request;
use crate::random;
use crate::registered::{RegisteredClient, client};
use crate::response::{self, Refusal};

/// Registers a public native client.
pub async fn register(request: Request) -> Response {
    let registered = registered(&request).map(|body| response::json(201, &body));
    registered.unwrap_or_else(|refusal| request.refuse(refusal))
}

fn registered(request: &Request) -> Result<Value, Refusal> {
    if request.has(Fault::RegistrationClosed) {
        let text = "an initial access token is needed";
        return Err(Refusal::oauth(401, "invalid_token", text));
    }
    let refused = |text: &str| Refusal::oauth(400, "invalid_client_metadata", text);
    let metadata: Value = request.json().ok_or_else(|| refused("the body is no JSON"))?;
    if metadata["token_endpoint_auth_method"] != "none" {
        return Err(refused("only public clients may register"));
    }
    let uris: Option<Vec<String>> = metadata["redirect_uris"]
        .as_array()
        .filter(|uris| !uris.is_empty())
        .and_then(|uris| uris.iter().map(|uri| uri.as_str().map(str::to_owned)).collect());
    let Some(uris) = uris else {
        return Err(Refusal::oauth(400, "invalid_redirect_uri", "redirect_uris is missing"));
    };
    if request.has(Fault::RegistrationRefusesScheme) && uris.iter().any(|uri| !is_http(uri)) {
        return Err(Refusal::oauth(400, "invalid_redirect_uri", "private-use schemes are refused"));
    }
    let id = random::alphanumeric(22);
    let access_token = random::base64url(43);
    request.state.log(|log| log.record("access_token", &access_token));
    let mut body = metadata;
    body["client_id"] = json!(id);
    body["client_id_issued_at"] = json!(request.state.now());
    body["registration_access_token"] = json!(access_token);
    body["registration_client_uri"] = json!(request.url(&format!("/register/{id}")));
    let client = client(id, None, &uris);
    request
        .state
        .registered
        .add(&request.realm, RegisteredClient { client, scopes: None, access_token });
    Ok(body)
}

fn is_http(uri: &str) -> bool {
    uri.starts_with("http://") || uri.starts_with("https://")
}

/// Deletes the client whose registration access token is sent.
pub async fn unregister(Path(id): Path<String>, request: Request) -> Response {
    let known = request.state.registered.find(&request.realm, &id);
    match known.filter(|known| request.bearer() == Some(known.access_token.as_str())) {
        Some(_) => {
            request.state.registered.remove(&request.realm, Some(&id));
            StatusCode::NO_CONTENT.into_response()
        }
        None => {
            let text = "no registration has this token";
            Refusal::oauth(401, "invalid_token", text).into_response()
        }
    }
}
