//! The token endpoint (RFC 6749 §3.2) with the grants for codes, refresh tokens and device codes.

use std::future;
use std::sync::Arc;

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::errors::TokenError;
use crate::faults::Fault;
use crate::grants::{Grant, Grants, NewTokens, Rotation};
use crate::params::Params;
use crate::provider::{GrantType, Issued, Request, TokenEndpoint, VerifierPolicy};
use crate::response::{self, PROXY_PAGE, Refusal};

/// Size of what [`Fault::TokenTooLarge`] adds, in bytes.
const FILLER: usize = 4 * 1024 * 1024;

pub async fn token(request: Request) -> Response {
    if let Some(fault) = fault_before(&request).await {
        return fault;
    }
    match granted(&request) {
        Ok(body) => respond(&request, body),
        Err(refusal) => {
            request.count(|counts| counts.refusals += 1);
            (request.provider.token.encode)(&request, refusal)
        }
    }
}

fn granted(request: &Request) -> Result<Value, Refusal> {
    let spec = &request.provider.token;
    let form = if request.method == Method::GET {
        request.log(&request.query);
        request.query.clone()
    } else {
        // Another body than a form has no parameters.
        request.form().unwrap_or_default()
    };
    (spec.before)(request, &form)?;
    let name = form.get("grant_type");
    let device = request.provider.device.is_some();
    match ((spec.grant_type)(name), name) {
        (Some(GrantType::AuthorizationCode), _) => exchange(request, &form),
        (Some(GrantType::RefreshToken), _) => refresh(request, &form),
        (Some(GrantType::DeviceCode), _) if device => poll(request, &form),
        (Some(GrantType::DeviceCode) | None, Some(name)) => {
            Err(request.refusal(TokenError::GrantTypeUnsupported, name))
        }
        (Some(GrantType::DeviceCode) | None, None) => {
            Err(request.refusal(TokenError::GrantTypeMissing, ""))
        }
    }
}

fn exchange(request: &Request, form: &Params) -> Result<Value, Refusal> {
    let spec = &request.provider.token;
    let client = match request.authenticate(form) {
        Err(TokenError::SecretMissing) if is_replaced(spec, form) => request.client(form)?,
        _ => request.authenticated(form)?,
    };
    let code = form.get("code").ok_or_else(|| request.refusal(TokenError::CodeMissing, ""))?;
    let refused = |error: TokenError| request.refusal(error, code);
    let mut grants = request.state.grants();
    let now = request.state.now();
    let Some(entry) = grants.code(&request.realm, client, code, now) else {
        if spec.replay_revokes {
            grants.revoke_replayed(code);
        }
        return Err(refused(TokenError::CodeInvalid));
    };
    (spec.matches)(form, &entry).map_err(refused)?;
    match (&entry.request.challenge, form.get("code_verifier")) {
        (None, None) => {}
        (Some(challenge), Some(verifier)) if challenge.fits(verifier) => {}
        (Some(_), Some(_)) => return Err(refused(TokenError::VerifierWrong)),
        (Some(_), None) if spec.verifier == VerifierPolicy::OrSecret => {}
        (Some(_), None) => return Err(refused(TokenError::VerifierMissing)),
        (None, Some(_)) if spec.verifier == VerifierPolicy::UnannouncedIgnored => {}
        (None, Some(_)) => return Err(refused(TokenError::VerifierUnexpected)),
    }
    (spec.check_grant)(&entry.grant)?;
    grants.spend(code);
    let tokens = issue(request, &mut grants, &entry.grant);
    drop(grants);
    request.count(|counts| counts.authorization_code += 1);
    Ok(body(request, form, &entry.grant, &tokens, false))
}

/// Whether a verifier replaces the secret.
fn is_replaced(spec: &TokenEndpoint, form: &Params) -> bool {
    spec.verifier == VerifierPolicy::OrSecret && form.get("code_verifier").is_some()
}

fn refresh(request: &Request, form: &Params) -> Result<Value, Refusal> {
    let spec = &request.provider.token;
    let client = request.authenticated(form)?;
    let refused = |error: TokenError| request.refusal(error, "");
    let value = form.get("refresh_token");
    let value = value.ok_or_else(|| refused(TokenError::RefreshTokenMissing))?;
    let now = request.state.now();
    let mut grants = request.state.grants();
    let old = grants.refresh(&request.realm, client, value, now).cloned();
    let old = old.ok_or_else(|| refused(TokenError::RefreshTokenInvalid))?;
    let chosen = request.state.rotation(request.provider.name);
    let rotation = chosen.unwrap_or_else(|| (spec.rotation)(old.expires - now));
    let (access, refresh) = (spec.new_tokens)(client);
    let mut tokens = NewTokens { access, refresh: Some(refresh) };
    if rotation == Rotation::Keep {
        tokens.refresh = None;
    }
    grants.issue(&tokens, &old.grant, now, (spec.lifetimes)(&old.grant));
    grants.rotate(value, tokens.refresh.as_deref(), rotation);
    drop(grants);
    if spec.repeats_refresh_token {
        tokens.refresh.get_or_insert_with(|| value.to_owned());
    }
    request.count(|counts| counts.refresh_token += 1);
    Ok(body(request, form, &old.grant, &tokens, true))
}

fn poll(request: &Request, form: &Params) -> Result<Value, Refusal> {
    let client = (request.provider.token.device_client)(request, form)?;
    let code = form.get("device_code").unwrap_or_default();
    let (now, slow_down) = (request.state.now(), request.has(Fault::SlowDown));
    let expired = request.has(Fault::DeviceExpired).then_some(Err((TokenError::Expired, 0)));
    let polled = expired.unwrap_or_else(|| {
        request.state.grants().device_codes.poll(&request.realm, client, code, now, slow_down)
    });
    let refused = |(error, interval): (_, i64)| request.refusal(error, &interval.to_string());
    let grant = polled.map_err(refused)?;
    (request.provider.token.check_grant)(&grant)?;
    let tokens = issue(request, &mut request.state.grants(), &grant);
    request.count(|counts| counts.device_code += 1);
    Ok(body(request, form, &grant, &tokens, false))
}

/// New tokens for what a user has just allowed.
fn issue(request: &Request, grants: &mut Grants, grant: &Arc<Grant>) -> NewTokens {
    let spec = &request.provider.token;
    let lifetimes = (spec.lifetimes)(grant);
    let (access, refresh) = (spec.new_tokens)(grant.client);
    let tokens = NewTokens { access, refresh: lifetimes.refresh.map(|_| refresh) };
    grants.issue(&tokens, grant, request.state.now(), lifetimes);
    grants.limit_refresh_tokens(grant, spec.refresh_limit);
    tokens
}

fn body(
    request: &Request,
    form: &Params,
    grant: &Grant,
    tokens: &NewTokens,
    refreshed: bool,
) -> Value {
    let spec = &request.provider.token;
    let lifetimes = (spec.lifetimes)(grant);
    (spec.body)(request, &Issued { grant, tokens, form, lifetimes, refreshed })
}

/// The faults that take effect before the request is read.
async fn fault_before(request: &Request) -> Option<Response> {
    let has = |fault| request.has(fault);
    if has(Fault::TokenHangs) {
        future::pending::<()>().await;
    }
    if has(Fault::TokenRedirects) {
        let location = format!("{}/demo/elsewhere/token", request.state.base);
        return Some(response::redirect(StatusCode::TEMPORARY_REDIRECT, &location));
    }
    if has(Fault::Token5xx) {
        return Some(response::unavailable());
    }
    if has(Fault::Token429) {
        let refusal = (request.provider.token.too_many_requests)();
        return Some(refusal.too_many().into_response());
    }
    if has(Fault::TokenProxy403) {
        return Some(response::raw(403, "text/html", PROXY_PAGE));
    }
    for (fault, error) in [
        (Fault::TokenInvalidClient, TokenError::SecretWrong),
        (Fault::TokenInvalidGrant, TokenError::RefreshTokenInvalid),
    ] {
        if has(fault) {
            return Some(request.refusal(error, "").into_response());
        }
    }
    has(Fault::TokenError200).then(|| {
        let text = "An error that came with HTTP 200";
        Refusal::oauth(200, "invalid_grant", text).into_response()
    })
}

/// Sends tokens, with the faults that change the response.
fn respond(request: &Request, mut body: Value) -> Response {
    let mut log = request.state.request_log();
    for name in ["access_token", "refresh_token"] {
        log.record(name, body[name].as_str().unwrap_or_default());
    }
    log.id_tokens.extend(body["id_token"].as_str().map(str::to_owned));
    drop(log);
    let has = |fault| request.has(fault);
    if has(Fault::TokenAnswerLost) {
        return response::raw(502, "text/html", PROXY_PAGE);
    }
    if has(Fault::TokenNotJson) {
        return response::raw(200, "text/html", PROXY_PAGE);
    }
    for (fault, name) in [
        (Fault::TokenWithoutExpiresIn, "expires_in"),
        (Fault::TokenWithoutScope, "scope"),
        (Fault::TokenWithoutRefreshToken, "refresh_token"),
        (Fault::TokenWithoutAccessToken, "access_token"),
        (Fault::TokenWithoutType, "token_type"),
        (Fault::IdTokenMissing, "id_token"),
    ] {
        if has(fault) {
            response::remove(&mut body, name);
        }
    }
    if has(Fault::TokenExpiresInString) && body["expires_in"].is_number() {
        body["expires_in"] = json!(body["expires_in"].to_string());
    }
    if has(Fault::TokenTypeMac) {
        body["token_type"] = json!("mac");
    }
    if has(Fault::TokenTypeUpper) {
        body["token_type"] = json!("BEARER");
    }
    if has(Fault::TokenTooLarge) {
        body["filler"] = json!("x".repeat(FILLER));
    }
    (request.provider.token.encode)(request, Refusal::new(200, body))
}
