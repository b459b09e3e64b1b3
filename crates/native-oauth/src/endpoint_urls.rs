//! The endpoints of a provider configuration.

use url::Url;

use crate::provider::Endpoints;

/// The endpoint for pushed requests, in metadata and configuration (RFC 9126, section 5).
pub const PAR_ENDPOINT: &str = "pushed_authorization_request_endpoint";

/// Where requests go.
#[derive(Debug, Clone, Default)]
pub struct EndpointUrls {
    /// RFC 6749, section 3.1.
    pub authorization: Option<Url>,
    /// RFC 6749, section 3.2.
    pub token: Option<Url>,
    /// The profile request that names the account.
    pub userinfo: Option<Url>,
    /// The keys of the id_tokens.
    pub jwks: Option<Url>,
    /// Google's People API.
    pub people: Option<Url>,
    /// Where a grant is revoked.
    pub revocation: Option<Url>,
    /// Where a code for another device is asked for.
    pub device_authorization: Option<Url>,
    /// Where a client registers itself (RFC 7591, section 3).
    pub registration: Option<Url>,
    /// Where an authorization request is pushed to (RFC 9126, section 5).
    pub pushed_authorization_request: Option<Url>,
    /// The addresses of the account.
    pub emails: Option<Url>,
    /// The picture itself, which the access token opens.
    pub photo: Option<Url>,
    /// What picture paths are relative to.
    pub avatar_base: Option<Url>,
}

impl EndpointUrls {
    /// Every endpoint that there is.
    pub fn known(&self) -> impl Iterator<Item = &Url> {
        [
            &self.authorization,
            &self.token,
            &self.userinfo,
            &self.jwks,
            &self.people,
            &self.revocation,
            &self.device_authorization,
            &self.registration,
            &self.pushed_authorization_request,
            &self.emails,
            &self.photo,
            &self.avatar_base,
        ]
        .into_iter()
        .flatten()
    }

    /// The endpoints that a token is sent to, by their keys in `providers.toml`.
    pub fn of_tokens(&mut self) -> [(&'static str, &mut Option<Url>); 6] {
        [
            ("token_endpoint", &mut self.token),
            ("userinfo_endpoint", &mut self.userinfo),
            ("people_endpoint", &mut self.people),
            ("revocation_endpoint", &mut self.revocation),
            ("emails_endpoint", &mut self.emails),
            ("photo_endpoint", &mut self.photo),
        ]
    }
}

impl From<&Endpoints> for EndpointUrls {
    fn from(endpoints: &Endpoints) -> Self {
        let url = |text: &str| text.parse().ok();
        Self {
            authorization: url(endpoints.authorization),
            token: url(endpoints.token),
            userinfo: url(endpoints.userinfo),
            jwks: url(endpoints.jwks),
            people: url(endpoints.people),
            revocation: url(endpoints.revocation),
            device_authorization: url(endpoints.device_authorization),
            registration: url(endpoints.registration),
            pushed_authorization_request: None,
            emails: url(endpoints.emails),
            photo: url(endpoints.photo),
            avatar_base: url(endpoints.avatar_base),
        }
    }
}
