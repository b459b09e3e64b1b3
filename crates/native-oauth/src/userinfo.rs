//! The user's profile, read with the access token: each request of the provider in turn.

use serde_json::{Value, json};
use url::Url;

use crate::client::Client;
use crate::dialect::error_in;
use crate::error::{Error, ErrorKind, Result};
use crate::http::HttpResponse;
use crate::id_token;
use crate::profile::Profile;
use crate::provider::{Endpoint, Need, ProfileRequest, ProfileResponses, Provider};
use crate::request_error::of_profile;
use crate::signing_keys;
use crate::token_response::TokenResponse;

/// Of a subject, in characters.
const LONGEST_SUBJECT: usize = 255;

/// What was read.
pub struct Userinfo {
    /// The profile.
    pub profile: Profile,
    /// Whether its address is trusted for linking (S39).
    pub email_trusted: bool,
    /// Where the picture is.
    pub picture: PictureLocation,
    /// What could not be read.
    pub notes: Vec<ErrorKind>,
}

/// Where a picture is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PictureLocation {
    /// The user has none.
    None,
    /// At a public URL.
    Public(String),
    /// Behind the access token; whether the user has one shows only there.
    Protected(Url),
}

/// What is known of the user before the profile is read.
pub enum KnownIdentity {
    /// None: the profile identifies the user.
    None,
    /// The claims of a verified id_token.
    IdToken(Value),
    /// Whose account it is, from the sign-in.
    Subject(String),
}

impl KnownIdentity {
    /// The claims that were verified, at the sign-in or now.
    fn claims(self) -> Option<Value> {
        match self {
            Self::None => None,
            Self::IdToken(claims) => Some(claims),
            Self::Subject(subject) => Some(json!({ "sub": subject })),
        }
    }
}

impl Client {
    /// Reads the profile. A failed identity request ends the reading, except where a verified id_token
    /// identifies the user: then it is noted, like a failed optional request.
    pub async fn userinfo(&self, tokens: &TokenResponse, known: KnownIdentity) -> Result<Userinfo> {
        let entry = &self.config;
        let is_proven = matches!(known, KnownIdentity::IdToken(_));
        let mut responses = ProfileResponses {
            avatar_base: entry.endpoints.avatar_base.as_ref().map(folder).unwrap_or_default(),
            id_token: known.claims(),
            ..ProfileResponses::default()
        };
        let mut notes = Vec::new();
        if entry.provider.is_atproto() {
            let did = responses.claim("sub").as_str().unwrap_or_default().to_owned();
            (responses, notes) = self.public_profile(&did).await?;
        }
        for request in entry.provider.profile_requests {
            match ask(self, tokens, request).await {
                Ok(body) => responses.bodies.extend(body.map(|body| (request.name, body))),
                Err(error) => notes.push(note(request, is_proven, error)?),
            }
        }
        let profile = match (entry.provider.profile)(&responses) {
            // A body without a subject may be of another user.
            Err(malformed) if is_proven => {
                tracing::warn!(provider = entry.id, %malformed, "userinfo was left out");
                notes.push(ErrorKind::UserinfoUnavailable);
                let identity = |request: &&ProfileRequest| request.need == Need::Identity;
                for request in entry.provider.profile_requests.iter().filter(identity) {
                    responses.bodies.remove(request.name);
                }
                (entry.provider.profile)(&responses)
            }
            read => read,
        };
        let mut profile = profile
            .map_err(|malformed| Error::new(ErrorKind::ProfileMalformed).with_detail(malformed))?
            .tidy();
        check_subject(&profile.subject)?;
        check_same_person(&responses, &profile)?;
        let email_trusted = (entry.provider.trusts_email)(&responses, &profile);
        let picture = match (&entry.endpoints.photo, &profile.picture) {
            (Some(url), _) => {
                // So that the one of before is not taken for one that was taken down.
                profile.picture = Some(url.to_string());
                PictureLocation::Protected(url.clone())
            }
            (None, Some(address)) => PictureLocation::Public(address.clone()),
            (None, None) => PictureLocation::None,
        };
        Ok(Userinfo { profile, email_trusted, picture, notes })
    }
}

/// The note for a failed request without which the sign-in continues: the request was for an extra
/// scope, or a verified id_token identifies the account.
///
/// # Errors
/// The error of the request itself, if nothing else identifies the user.
fn note(request: &ProfileRequest, is_proven: bool, error: Error) -> Result<ErrorKind> {
    match (request.need, request.endpoint, error.kind()) {
        (Need::Identity, ..) if is_proven => {
            tracing::warn!(%error, "userinfo was left out");
            Ok(ErrorKind::UserinfoUnavailable)
        }
        (Need::Identity, ..) => Err(error),
        (Need::Extra(_), Endpoint::Emails, _) => Ok(ErrorKind::EmailUnavailable),
        (Need::Extra(_), Endpoint::Userinfo | Endpoint::People, ErrorKind::ProfileRefused) => {
            Ok(ErrorKind::ExtraRefused)
        }
        (Need::Extra(_), Endpoint::Userinfo | Endpoint::People, _) => {
            Ok(ErrorKind::ExtraUnavailable)
        }
    }
}

/// What relative paths are put behind.
fn folder(url: &Url) -> String {
    format!("{}/", url.as_str().trim_end_matches('/'))
}

/// The body; `None` where the request is not to be made.
async fn ask(
    client: &Client,
    tokens: &TokenResponse,
    request: &ProfileRequest,
) -> Result<Option<Value>> {
    if let Need::Extra(scopes) = request.need
        && !tokens.scopes.iter().any(|scope| scopes.contains(&scope.as_str()))
    {
        return Ok(None);
    }
    let Some(endpoint) = client.config.endpoint(request.endpoint) else { return Ok(None) };
    let mut url = endpoint.clone();
    if !request.query.is_empty() {
        url.query_pairs_mut().extend_pairs(request.query);
    }
    let response = client.http.get(&url, Some(tokens.presented())).await?;
    if !response.status.is_success() {
        return Err(refused(client.config.provider, &response));
    }
    // Some answer 200 with an error.
    if error_in(true, &response.body).is_some() {
        return Err(refused(client.config.provider, &response));
    }
    let body = body(client, &response).await?;
    match has_shape(request.endpoint, &body) {
        true => Ok(Some(body)),
        false => Err(response.malformed("not a profile")),
    }
}

/// An invalid token by the provider's error texts, else a refusal.
fn refused(provider: &Provider, response: &HttpResponse) -> Error {
    let body = serde_json::from_slice(&response.body).unwrap_or_default();
    match provider.is_invalid_token(&body) {
        true => response.error(ErrorKind::SessionEnded),
        false => of_profile(provider, response),
    }
}

/// The body: JSON, or the claims of a signed JWT (OpenID Connect Core, section
/// 5.3.2).
async fn body(client: &Client, response: &HttpResponse) -> Result<Value> {
    if response.media_type() != "application/jwt" {
        return response.json();
    }
    let keys = signing_keys::fetch(client).await?;
    let token = String::from_utf8_lossy(&response.body);
    id_token::verify_userinfo(token.trim(), &keys, &client.config, client.http.now())
}

/// Addresses are a list; everything else is an object.
fn has_shape(endpoint: Endpoint, body: &Value) -> bool {
    match endpoint {
        Endpoint::Userinfo | Endpoint::People => body.is_object(),
        Endpoint::Emails => body.is_array(),
    }
}

/// Whether a reading failed because the access token is not taken any more, so that a new one may
/// do: the provider says so in words of its own, or by the status alone (RFC 6750, section 3.1).
/// What it forbids (403) it forbids to every token.
pub fn is_token_refusal(error: &Error) -> bool {
    let unauthorized = || error.detail().is_some_and(|words| words.starts_with("401 "));
    error.kind() == ErrorKind::SessionEnded
        || (error.kind() == ErrorKind::ProfileRefused && unauthorized())
}

/// OpenID Connect Core, section 2: "It MUST NOT exceed 255 ASCII characters in length."
fn check_subject(subject: &str) -> Result<()> {
    match subject.chars().count() {
        0..=LONGEST_SUBJECT => Ok(()),
        longer => Err(Error::new(ErrorKind::ProfileMalformed)
            .with_detail(format!("sub: {longer} characters, limit {LONGEST_SUBJECT}"))),
    }
}

/// The profile names the subject that was signed (Core, section 5.3.2; S36).
fn check_same_person(responses: &ProfileResponses, profile: &Profile) -> Result<()> {
    match responses.claim("sub").as_str() {
        Some(signed) if signed != profile.subject => Err(Error::new(ErrorKind::UserinfoMismatch)),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S62: a subject has 255 characters at most.
    #[test]
    fn a_subject_has_a_limit() {
        assert_eq!(check_subject(&"s".repeat(255)), Ok(()));
        let refused = check_subject(&"s".repeat(256)).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ProfileMalformed);
        assert_eq!(refused.detail(), Some("sub: 256 characters, limit 255"));
    }

    /// S36: userinfo that names another subject than the id_token is refused.
    #[test]
    fn the_profile_names_the_subject_that_was_signed() {
        let checked = |id_token: Option<Value>, userinfo: Option<Value>| {
            let bodies = userinfo.into_iter().map(|body| ("userinfo", body)).collect();
            let responses = ProfileResponses { id_token, bodies, ..ProfileResponses::default() };
            check_same_person(&responses, &responses.standard_profile().unwrap()).is_ok()
        };
        for (id_token, userinfo, same) in [
            (Some(json!({"sub": "s"})), Some(json!({"sub": "s"})), true),
            (Some(json!({"sub": "7"})), Some(json!({"sub": 7})), true),
            (Some(json!({"sub": "s"})), None, true),
            (None, Some(json!({"sub": "s"})), true),
            (Some(json!({"sub": "s"})), Some(json!({"sub": "t"})), false),
            (Some(json!({"sub": "s"})), Some(json!({"sub": "S"})), false),
            (Some(json!({"sub": "s"})), Some(json!({"sub": " s"})), false),
            (Some(json!({"sub": "s "})), Some(json!({"sub": "s "})), true),
        ] {
            let said = format!("{id_token:?} {userinfo:?}");
            assert_eq!(checked(id_token, userinfo), same, "{said}");
        }
    }
}
