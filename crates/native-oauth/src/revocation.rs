//! Ending at a provider what it granted, in each of the ways in which providers let it be ended.

use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use crate::client::Client;
use crate::dialect::error_in;
use crate::dpop::{DpopKey, PresentedToken};
use crate::error::{Error, ErrorKind, Result};
use crate::error_response::ErrorBody;
use crate::http::HttpResponse;
use crate::provider::{Provider, Revocation};
use crate::request_error::{RequestKind, SentRequest};
use crate::web_page::is_page;

/// Whether the provider honoured the token that it was to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationOutcome {
    /// It did, and does no more.
    Revoked,
    /// It did not: only a live one can end anything.
    TokenInvalid,
}

/// `token_type_hint` (RFC 7009, section 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenTypeHint {
    /// `access_token`.
    AccessToken,
    /// `refresh_token`.
    RefreshToken,
}

impl Client {
    /// Revokes a token (RFC 7009, section 2.1).
    ///
    /// # Errors
    /// Unreachable, busy, redirected or refused.
    pub async fn revoke(
        &self,
        endpoint: &Url,
        kind: TokenTypeHint,
        token: PresentedToken<'_>,
    ) -> Result<()> {
        let hint = match kind {
            TokenTypeHint::AccessToken => "access_token",
            TokenTypeHint::RefreshToken => "refresh_token",
        };
        let form = vec![("token", token.token.expose_secret()), ("token_type_hint", hint)];
        self.send_form(endpoint, form, token.key).await.map(drop)
    }

    /// Ends the authorization behind an access token.
    ///
    /// # Errors
    /// Unreachable, busy, redirected or refused.
    pub async fn end_authorization(
        &self,
        how: Revocation,
        endpoint: &Url,
        presented: PresentedToken<'_>,
    ) -> Result<RevocationOutcome> {
        let token = presented.token;
        match how {
            Revocation::Token | Revocation::EachToken => {
                self.send_form(endpoint, vec![("token", token.expose_secret())], presented.key)
                    .await
            }
            Revocation::AccessToken => {
                self.send_form(
                    endpoint,
                    vec![("access_token", token.expose_secret())],
                    presented.key,
                )
                .await
            }
            Revocation::Bearer => self.as_person(Method::POST, endpoint, presented).await,
            Revocation::BearerLogout => {
                self.as_person(Method::POST, &beside(endpoint, &["logout"])?, presented).await
            }
            Revocation::BearerDelete => self.as_person(Method::DELETE, endpoint, presented).await,
            Revocation::ApplicationGrant => match self.secret() {
                Some(secret) => self.as_application("grant", endpoint, token, secret).await,
                None => self.without_authentication(endpoint, token).await,
            },
            Revocation::ApplicationToken => match self.secret() {
                Some(secret) => self.as_application("token", endpoint, token, secret).await,
                // The endpoint without authentication is for leaked tokens.
                None => Ok(RevocationOutcome::Revoked),
            },
        }
    }

    /// A form with client authentication.
    async fn send_form<'f>(
        &'f self,
        endpoint: &Url,
        mut form: Vec<(&'f str, &'f str)>,
        key: Option<&DpopKey>,
    ) -> Result<RevocationOutcome> {
        let basic = self.authenticate(&mut form)?;
        self.taken(&self.http.post_form(endpoint, &form, basic.as_ref(), key).await?)
    }

    /// A call that presents the access token.
    async fn as_person(
        &self,
        method: Method,
        url: &Url,
        token: PresentedToken<'_>,
    ) -> Result<RevocationOutcome> {
        let response = self.http.call(method.clone(), url, token).await?;
        let body = serde_json::from_slice(&response.body).unwrap_or_default();
        if response.status == StatusCode::UNAUTHORIZED
            || self.config.provider.is_invalid_token(&body)
        {
            return Ok(RevocationOutcome::TokenInvalid);
        }
        // Facebook returns the result in the body: `true`, or an object.
        let unsaid = method == Method::DELETE && body != true && body["success"] != true;
        if unsaid && response.status.is_success() {
            return Err(response.malformed("no word of success"));
        }
        self.taken(&response)
    }

    /// GitHub's way: the application names itself, and the token in the body.
    async fn as_application(
        &self,
        what: &str,
        endpoint: &Url,
        token: &SecretString,
        secret: &SecretString,
    ) -> Result<RevocationOutcome> {
        let id = self.config.client()?.id.as_str();
        let url = beside(endpoint, &["..", "applications", id, what])?;
        let body = json!({ "access_token": token.expose_secret() });
        let response = self.http.send_json(Method::DELETE, &url, &body, Some((id, secret))).await?;
        match response.status {
            StatusCode::NOT_FOUND => Ok(RevocationOutcome::TokenInvalid),
            _ => self.taken(&response),
        }
    }

    /// GitHub's endpoint without client authentication.
    async fn without_authentication(
        &self,
        endpoint: &Url,
        token: &SecretString,
    ) -> Result<RevocationOutcome> {
        let body = json!({ "credentials": [token.expose_secret()] });
        self.taken(&self.http.send_json(Method::POST, endpoint, &body, None).await?)
    }

    /// A token that the provider calls invalid is one that it does not honour any more, which is
    /// what revoking was to bring about (RFC 7009, section 2.2).
    fn taken(&self, response: &HttpResponse) -> Result<RevocationOutcome> {
        if error_in(response.status.is_success(), &response.body).is_none() {
            return Ok(RevocationOutcome::Revoked);
        }
        let error = refusal(&response.body).error;
        let invalid_grant_errors = self.config.provider.invalid_grant_errors;
        if error == "invalid_token" || invalid_grant_errors.contains(&error.as_str()) {
            return Ok(RevocationOutcome::Revoked);
        }
        let asked = SentRequest {
            secret: self.secret().is_some(),
            ..SentRequest::new(RequestKind::Profile)
        };
        Err(response.error_at(refused(
            self.config.provider,
            asked,
            response.status,
            &response.body,
        )))
    }
}

/// Another path in the endpoint's folder; `..` leads out of it.
fn beside(endpoint: &Url, path: &[&str]) -> Result<Url> {
    let mut url = endpoint.clone();
    let mut segments =
        url.path_segments_mut().map_err(|()| Error::new(ErrorKind::DiscoveryFailed))?;
    segments.pop();
    for part in path {
        match *part {
            ".." => segments.pop(),
            part => segments.push(part),
        };
    }
    drop(segments);
    Ok(url)
}

/// What a refusal is about.
fn refused(provider: &Provider, asked: SentRequest, status: StatusCode, body: &[u8]) -> ErrorKind {
    if is_passing(status, body) {
        return ErrorKind::ProviderBusy;
    }
    match refusal(body) {
        refusal if refusal.error.is_empty() => ErrorKind::ProviderRefused,
        refusal => asked.code(provider, status, refusal),
    }
}

/// The error in a body. Kakao's API has a number in `code` and no `error`.
fn refusal(body: &[u8]) -> ErrorBody {
    let refusal = ErrorBody::read(body);
    let fields = serde_json::from_slice::<Value>(body).unwrap_or_default();
    match fields["code"].as_i64().filter(|_| refusal.error.is_empty()) {
        Some(code) => ErrorBody { error: code.to_string(), ..refusal },
        None => refusal,
    }
}

/// Whether the provider, or a proxy on the way, only asks for another time. Facebook says it with
/// any status. A page is a proxy's: no revocation endpoint answers with one.
fn is_passing(status: StatusCode, body: &[u8]) -> bool {
    let fields = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let passing = [
        StatusCode::PROXY_AUTHENTICATION_REQUIRED,
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_EARLY,
    ];
    passing.contains(&status) || is_page(body) || fields["error"]["is_transient"] == true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::provider::{OIDC, built_in};

    /// S46: what a provider says at its revocation endpoint is final or passes, by its status and
    /// its words.
    #[test]
    fn a_refusal_is_final_or_passes() {
        let asked = SentRequest::new(RequestKind::Profile);
        for (status, body, last) in [
            (400, json!({ "error": "unsupported_token_type" }), true),
            (400, json!({ "error": "unauthorized_client" }), true),
            (401, json!({ "error": "invalid_client" }), true),
            (400, json!({ "error": "invalid_request" }), true),
            (400, json!({ "error": "something_of_its_own" }), true),
            (401, Value::Null, true),
            (403, Value::Null, true),
            (404, Value::Null, true),
            (405, Value::Null, true),
            (400, json!({ "error": { "code": 100, "message": "no" } }), true),
            (400, json!({ "error": { "code": 2, "is_transient": true } }), false),
            (400, json!({ "error": "temporarily_unavailable" }), false),
            (400, json!({ "error": "server_error" }), false),
            (407, Value::Null, false),
            (408, Value::Null, false),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let text = if body.is_null() { String::new() } else { body.to_string() };
            let error = Error::new(refused(&OIDC, asked, status, text.as_bytes()));
            assert_eq!(error.kind().is_final(), last, "{status} {body}");
        }
        for (provider, body, last) in [
            ("facebook", json!({ "error": { "code": 4, "message": "limit" } }), false),
            ("facebook", json!({ "error": { "code": 2, "message": "again" } }), false),
            ("facebook", json!({ "error": { "code": 100, "message": "no" } }), true),
            ("kakao", json!({ "msg": "internal", "code": -1 }), false),
            ("kakao", json!({ "msg": "wrong", "code": -2 }), true),
        ] {
            let (provider, text) = (built_in(provider).unwrap(), body.to_string());
            let code = refused(provider, asked, StatusCode::BAD_REQUEST, text.as_bytes());
            assert_eq!(code.is_final(), last, "{body}");
        }
        for status in [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND] {
            let code = refused(&OIDC, asked, status, b"<html>blocked</html>");
            assert!(!code.is_final(), "{status}");
        }
        for code in [
            ErrorKind::Unreachable,
            ErrorKind::ProviderBusy,
            ErrorKind::WaitAsked,
            ErrorKind::Redirected,
        ] {
            assert!(!code.is_final(), "{code}");
        }
    }
}
