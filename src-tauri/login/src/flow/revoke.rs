//! Ending at a provider what it granted, in each of the ways in which providers let it be ended.

use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::exchange::Caller;
use crate::error::{Code, Error, Result};
use crate::http::{Answer, place};
use crate::provider::Revocation;

/// Whether the provider honoured the token that it was to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Honoured {
    /// It did, and does no more.
    Ended,
    /// It did not: only a live one can end anything.
    Dead,
}

impl Caller<'_> {
    /// Ends what an access token stands for.
    ///
    /// # Errors
    /// Unreachable, busy, redirected or refused.
    pub(crate) async fn end(
        &self,
        how: Revocation,
        endpoint: &Url,
        token: &SecretString,
    ) -> Result<Honoured> {
        match how {
            Revocation::Token => self.revoke(endpoint, token).await.map(|()| Honoured::Ended),
            Revocation::AccessToken => {
                self.revoke_as("access_token", endpoint, token).await.map(|()| Honoured::Ended)
            }
            Revocation::Bearer => self.as_person(Method::POST, endpoint, token).await,
            Revocation::BearerLogout => {
                self.as_person(Method::POST, &beside(endpoint, &["logout"])?, token).await
            }
            Revocation::BearerDelete => self.as_person(Method::DELETE, endpoint, token).await,
            Revocation::ApplicationGrant => match &self.client_secret {
                Some(secret) => self.as_application("grant", endpoint, token, secret).await,
                None => self.as_anybody(endpoint, token).await,
            },
            Revocation::ApplicationToken => match &self.client_secret {
                Some(secret) => self.as_application("token", endpoint, token, secret).await,
                // What anybody may do is meant for tokens that leaked.
                None => Ok(Honoured::Ended),
            },
        }
    }

    /// A call that takes the access token as bearer.
    async fn as_person(&self, method: Method, url: &Url, token: &SecretString) -> Result<Honoured> {
        let answer = self.http.bearer(method.clone(), url, token).await?;
        let body = serde_json::from_slice(&answer.body).unwrap_or_default();
        if answer.status == StatusCode::UNAUTHORIZED || self.entry.provider.says_dead(&body) {
            return Ok(Honoured::Dead);
        }
        // Facebook says what became of it in the body: `true`, or an object about it.
        let failed = method == Method::DELETE && body != true && body["success"] != true;
        if failed { Err(refused(url, &answer)) } else { taken(url, &answer) }
    }

    /// GitHub's way: the application names itself, and the token in the body.
    async fn as_application(
        &self,
        what: &str,
        endpoint: &Url,
        token: &SecretString,
        secret: &SecretString,
    ) -> Result<Honoured> {
        let id = self.entry.client()?.id.as_str();
        let url = beside(endpoint, &["..", "applications", id, what])?;
        let body = json!({ "access_token": token.expose_secret() });
        let answer = self.http.json_as(Method::DELETE, &url, &body, Some((id, secret))).await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(Honoured::Dead),
            _ => taken(&url, &answer),
        }
    }

    /// GitHub's way for whoever has nothing but the token.
    async fn as_anybody(&self, endpoint: &Url, token: &SecretString) -> Result<Honoured> {
        let body = json!({ "credentials": [token.expose_secret()] });
        taken(endpoint, &self.http.json_as(Method::POST, endpoint, &body, None).await?)
    }
}

/// Another path in the endpoint's folder; `..` leads out of it.
fn beside(endpoint: &Url, path: &[&str]) -> Result<Url> {
    let mut url = endpoint.clone();
    let mut segments = url.path_segments_mut().map_err(|()| Error::new(Code::DiscoveryFailed))?;
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

/// A token that the provider calls invalid is one that it does not honour any more, which is
/// what revoking was to bring about (RFC 7009, section 2.2).
fn taken(url: &Url, answer: &Answer) -> Result<Honoured> {
    let body = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
    match answer.status.is_success() || body["error"] == "invalid_token" {
        true => Ok(Honoured::Ended),
        false => Err(refused(url, answer)),
    }
}

fn refused(url: &Url, answer: &Answer) -> Error {
    Error::new(Code::ProviderRefused).detail(format!("{}: {}", place(url), answer.status))
}
