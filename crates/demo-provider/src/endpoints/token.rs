//! The token endpoint (RFC 6749 §3.2) with the grants for codes, refresh tokens and device codes.

use std::sync::Arc;

use axum::http::Method;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::errors::TokenError;
use crate::faults::Fault;
use crate::grants::{Grant, Grants, NewTokens, Rotation};
use crate::params::Params;
use crate::provider::{
    Alterations, FaultyResponses, GrantType, Issued, Request, TokenEndpoint, VerifierPolicy,
};
use crate::response::{self, Refusal, remove};

/// Size of what [`Fault::TokenTooLarge`] adds, in bytes.
const FILLER: usize = 4 * 1024 * 1024;

pub async fn token(request: Request) -> Response {
    if let Some(response) = request.faulty_response(FAULTS_BEFORE) {
        return response;
    }
    match granted(&request) {
        Ok(body) => respond(&request, body),
        Err(refusal) => request.refuse((request.provider.token.encode)(&request, refusal)),
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
const FAULTS_BEFORE: &FaultyResponses = &[
    (Fault::TokenRedirects, |request| request.elsewhere("token")),
    (Fault::Token5xx, |_| response::unavailable()),
    (Fault::Token429, |request| {
        (request.provider.token.too_many_requests)().too_many().into_response()
    }),
    (Fault::TokenProxy403, |_| response::proxy_page(403)),
    (Fault::TokenInvalidClient, |request| {
        request.refusal(TokenError::SecretWrong, "").into_response()
    }),
    (Fault::TokenInvalidGrant, |request| {
        request.refusal(TokenError::RefreshTokenInvalid, "").into_response()
    }),
    (Fault::TokenError200, |_| {
        Refusal::oauth(200, "invalid_grant", "An error that came with HTTP 200").into_response()
    }),
];

/// The faults that replace the tokens.
const FAULTS_AFTER: &FaultyResponses = &[
    (Fault::TokenResponseLost, |_| response::proxy_page(502)),
    (Fault::TokenNotJson, |_| response::proxy_page(200)),
];

/// The faults that change the body.
const FAULTS_WITHIN: &Alterations<Value> = &[
    (Fault::TokenWithoutExpiresIn, |body| remove(body, "expires_in")),
    (Fault::TokenWithoutScope, |body| remove(body, "scope")),
    (Fault::TokenWithoutRefreshToken, |body| remove(body, "refresh_token")),
    (Fault::TokenWithoutAccessToken, |body| remove(body, "access_token")),
    (Fault::TokenWithoutType, |body| remove(body, "token_type")),
    (Fault::IdTokenMissing, |body| remove(body, "id_token")),
    (Fault::TokenExpiresInString, |body| {
        if body["expires_in"].is_number() {
            body["expires_in"] = json!(body["expires_in"].to_string());
        }
    }),
    (Fault::TokenTypeMac, |body| body["token_type"] = json!("mac")),
    (Fault::TokenTypeUpper, |body| body["token_type"] = json!("BEARER")),
    (Fault::TokenTooLarge, |body| body["filler"] = json!("x".repeat(FILLER))),
];

/// Sends tokens, with the faults that change the response.
fn respond(request: &Request, mut body: Value) -> Response {
    request.state.log(|log| {
        for name in ["access_token", "refresh_token"] {
            log.record(name, body[name].as_str().unwrap_or_default());
        }
        log.id_tokens.extend(body["id_token"].as_str().map(str::to_owned));
    });
    request.faulty_response(FAULTS_AFTER).unwrap_or_else(|| {
        request.apply_faults(FAULTS_WITHIN, &mut body);
        (request.provider.token.encode)(request, Refusal::new(200, body))
    })
}
