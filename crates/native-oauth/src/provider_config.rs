//! A provider as one application uses it: the provider's definition with a registered client.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::atproto::Lookup;
use crate::error::{Error, ErrorKind, Result};
use crate::provider::{
    Endpoint, Endpoints, IdToken, OIDC, Provider, ServerInput, TokenEndpointAuthMethod,
};

/// Stands for a refresh token (OpenID Connect Core, section 11).
pub(crate) const OFFLINE_ACCESS: &str = "offline_access";

/// A client as registered at the provider.
#[derive(Debug, Clone)]
pub struct ClientCredentials {
    /// The client id.
    pub id: String,
    /// The client secret, where the provider wants one; in a native application it protects
    /// nothing by itself (RFC 8252, section 8.5).
    pub secret: Option<SecretString>,
}

/// A provider with a registered client.
#[derive(Debug, Clone)]
pub struct ProviderConfig {
    /// The provider's definition.
    pub provider: &'static Provider,
    /// Name of this configuration: the last segment of its redirect URIs.
    pub id: String,
    /// Issuer identifier of the accounts' subjects.
    pub issuer: String,
    /// The registered client, if there is one.
    pub client: Option<ClientCredentials>,
    /// How the client authenticates, where that is configured or discovered; else the provider's
    /// own method.
    pub client_auth: Option<TokenEndpointAuthMethod>,
    /// Where requests go; of an issuer, what is missing is discovered.
    pub endpoints: EndpointUrls,
    /// Scopes of the authorization request.
    pub scopes: Vec<String>,
    /// Whether [`ProviderConfig::scopes`] were configured, so that discovery adds none.
    pub names_scopes: bool,
    /// The values of `prompt` in the issuer's metadata; `None` if it lists none.
    pub prompts: Option<Vec<String>>,
    /// What `iss` of an authorization response must be.
    pub iss: IssRule,
    /// Whether tokens are bound to a key (DPoP, RFC 9449).
    pub dpop: ExtensionPolicy,
    /// Whether the server's metadata offer DPoP with an algorithm that is supported.
    pub dpop_offered: bool,
    /// Whether authorization requests are pushed (PAR, RFC 9126).
    pub par: ExtensionPolicy,
    /// Where names of accounts are looked up (AT Protocol).
    pub lookup: Lookup,
    /// The subject that must sign in, if a person named one (AT Protocol).
    pub subject: Option<String>,
    /// The algorithms of id_tokens in the issuer's metadata; `None` if it lists none.
    pub id_token_algorithms: Option<Vec<String>>,
    /// Audiences that an id_token may name beside the client.
    pub trusted_audiences: Vec<String>,
    /// What the issuer's metadata require and this crate does not support.
    pub unsupported: Option<String>,
    /// Whether the provider is asked to let the person choose an account.
    pub asks_for_account: bool,
    /// Whether the account has a refresh token, which is kept where none is requested.
    pub has_refresh_token: bool,
    /// Whether http to loopback hosts is allowed.
    pub plain_loopback: bool,
    /// Further parameters of the authorization request; none of the protocol's.
    pub extra_parameters: Vec<(&'static str, String)>,
}

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
        let Self {
            authorization,
            token,
            userinfo,
            jwks,
            people,
            revocation,
            device_authorization,
            registration,
            pushed_authorization_request,
            emails,
            photo,
            avatar_base,
        } = self;
        [
            authorization,
            token,
            userinfo,
            jwks,
            people,
            revocation,
            device_authorization,
            registration,
            pushed_authorization_request,
            emails,
            photo,
            avatar_base,
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

/// What `iss` of an authorization response must be (RFC 9207).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssRule {
    /// Where it is there, it must be the issuer.
    #[default]
    IfPresent,
    /// It must be there, and be the issuer.
    Required,
}

/// Whether an extension of the protocol is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExtensionPolicy {
    /// In no case.
    Never,
    /// Where the server's metadata offer it.
    #[default]
    IfOffered,
    /// In every case: a server that does not keep to it is refused.
    Required,
}

impl ExtensionPolicy {
    /// The policy where the server itself may require it. What is switched off stays so.
    pub(crate) fn or_required(self, required: Option<bool>) -> Self {
        match (self, required) {
            (Self::IfOffered, Some(true)) => Self::Required,
            (policy, _) => policy,
        }
    }
}

impl ProviderConfig {
    /// A provider with its own endpoints, scopes and issuer, without a client.
    pub fn new(provider: &'static Provider) -> Self {
        // What the documents of a built-in provider do not name is not tried.
        let extensions = match (provider.is_atproto(), provider.issuer) {
            (true, _) => ExtensionPolicy::Required,
            (false, "") => ExtensionPolicy::IfOffered,
            (false, _) => ExtensionPolicy::Never,
        };
        Self {
            provider,
            id: provider.id.to_owned(),
            issuer: provider.issuer.to_owned(),
            client: None,
            client_auth: None,
            endpoints: EndpointUrls::from(&provider.endpoints),
            scopes: provider.scopes.iter().map(|&scope| scope.to_owned()).collect(),
            names_scopes: false,
            prompts: None,
            iss: match provider.is_atproto() {
                true => IssRule::Required,
                false => IssRule::default(),
            },
            dpop: extensions,
            dpop_offered: false,
            par: extensions,
            lookup: Lookup::default(),
            subject: None,
            id_token_algorithms: None,
            trusted_audiences: Vec::new(),
            unsupported: None,
            asks_for_account: false,
            has_refresh_token: false,
            plain_loopback: false,
            extra_parameters: Vec::new(),
        }
    }

    /// An OpenID Connect issuer, whose endpoints are discovered.
    pub fn issuer(id: &str, issuer: &str) -> Self {
        Self { id: id.to_owned(), issuer: issuer.to_owned(), ..Self::new(&OIDC) }
    }

    /// The provider at a server that a person named, of [`ServerInput::Server`]: its issuer is the
    /// server's root, and its endpoints are the provider's paths there.
    #[must_use]
    pub fn at_server(self, root: &Url) -> Self {
        let root = format!("{}/", root.as_str().trim_end_matches('/'));
        let at = |path: &str| match path.is_empty() {
            true => None,
            false => format!("{root}{}", path.trim_start_matches('/')).parse().ok(),
        };
        let paths = &self.provider.endpoints;
        let endpoints = EndpointUrls {
            authorization: at(paths.authorization),
            token: at(paths.token),
            userinfo: at(paths.userinfo),
            revocation: at(paths.revocation),
            registration: at(paths.registration),
            ..EndpointUrls::default()
        };
        Self { issuer: root, endpoints, ..self }
    }

    /// With this client.
    #[must_use]
    pub fn with_client(self, id: &str, secret: Option<SecretString>) -> Self {
        Self { client: Some(ClientCredentials { id: id.to_owned(), secret }), ..self }
    }

    /// Names the account that is expected to sign in, as its e-mail address or the like, if the provider
    /// documents a parameter for it ([`Provider::login_hint`]). It proves nothing: another account may
    /// sign in.
    pub fn expect_account(&mut self, hint: &str) {
        let parameter = self.provider.login_hint.map(|name| (name, hint.to_owned()));
        self.extra_parameters.extend(parameter);
    }

    /// The client.
    ///
    /// # Errors
    /// [`ErrorKind::NotSetUp`].
    pub fn client(&self) -> Result<&ClientCredentials> {
        self.client.as_ref().ok_or_else(|| Error::new(ErrorKind::NotSetUp).at(&self.id))
    }

    /// Whether the endpoints come from the issuer's metadata.
    pub fn is_discovered(&self) -> bool {
        matches!(self.provider.server_input, ServerInput::Issuer | ServerInput::Handle)
    }

    /// What the person is prompted for (OpenID Connect Core, section 3.1.2.1), as far as the issuer
    /// of one's own takes it; a built-in provider's file says what it takes.
    pub(crate) fn prompt(&self, asked: Option<&str>) -> Option<String> {
        let takes = |value: &&str| {
            let known = |prompts: &Vec<String>| prompts.iter().any(|known| known == value);
            self.prompts.as_ref().is_none_or(known)
        };
        // Every OpenID provider takes `login`, which asks who it is as well (OpenID Connect Core,
        // section 15.1); `select_account` is for those that announce it.
        let announced = self.prompts.is_some() && takes(&"select_account");
        let asked = asked.map(|asked| match asked {
            "select_account" if self.is_discovered() && !announced => "login",
            asked => asked,
        });
        let consent = self.needs_consent().then_some("consent");
        let prompts: Vec<_> = asked.into_iter().chain(consent).filter(takes).collect();
        (!prompts.is_empty()).then(|| prompts.join(" "))
    }

    /// The scopes of an authorization request. `offline_access` is left out if the account has a
    /// refresh token: the request then does not ask for consent, without which the scope is not allowed
    /// (OpenID Connect Core, section 11).
    pub(crate) fn requested_scopes(&self) -> Vec<&str> {
        let scopes = self.scopes.iter().map(String::as_str);
        scopes.filter(|scope| !(self.has_refresh_token && *scope == OFFLINE_ACCESS)).collect()
    }

    /// An issuer ignores or refuses `offline_access` without `prompt=consent`
    /// (OpenID Connect Core, section 11). Microsoft Entra returns a refresh token for the scope alone,
    /// and `prompt=consent` requires an administrator if users may not consent themselves.
    fn needs_consent(&self) -> bool {
        let offline = self.requested_scopes().contains(&OFFLINE_ACCESS);
        let entra = self.issuer.starts_with("https://login.microsoftonline.com/");
        self.is_discovered() && offline && !entra
    }

    /// Whether authorization requests are pushed.
    pub fn pushes_requests(&self) -> bool {
        match self.par {
            ExtensionPolicy::Never => false,
            ExtensionPolicy::IfOffered => self.endpoints.pushed_authorization_request.is_some(),
            ExtensionPolicy::Required => true,
        }
    }

    /// Whether tokens are asked for that are bound to a key.
    pub fn uses_dpop(&self) -> bool {
        match self.dpop {
            ExtensionPolicy::Never => false,
            ExtensionPolicy::IfOffered => self.dpop_offered,
            ExtensionPolicy::Required => true,
        }
    }

    /// Whether the request asks for an id_token, and so wants a nonce.
    pub(crate) fn wants_nonce(&self) -> bool {
        self.provider.id_token != IdToken::Never
    }

    /// Every spelling of this issuer.
    pub fn issuers(&self) -> Vec<&str> {
        let aliases = self.provider.issuer_aliases.iter().copied();
        std::iter::once(self.issuer.as_str()).chain(aliases).collect()
    }

    /// Whether an `iss` names this issuer, in any of its spellings.
    pub(crate) fn is_issuer(&self, iss: &str) -> bool {
        self.issuers().iter().any(|known| self.provider.is_issuer(known, iss))
    }

    /// Where a kind of profile request goes.
    pub(crate) fn endpoint(&self, endpoint: Endpoint) -> Option<&Url> {
        match endpoint {
            Endpoint::Userinfo => self.endpoints.userinfo.as_ref(),
            Endpoint::People => self.endpoints.people.as_ref(),
            Endpoint::Emails => self.endpoints.emails.as_ref(),
        }
    }

    /// The token endpoint.
    ///
    /// # Errors
    /// [`ErrorKind::DiscoveryFailed`] where it is neither configured nor discovered.
    pub fn token_endpoint(&self) -> Result<&Url> {
        self.endpoints
            .token
            .as_ref()
            .ok_or_else(|| Error::new(ErrorKind::DiscoveryFailed).detail("token_endpoint"))
    }

    /// Whether a picture may come from this machine: only where the tokens do.
    pub fn is_on_this_machine(&self) -> bool {
        self.endpoints.token.as_ref().is_some_and(is_loopback)
    }

    /// Parses an address that the provider names, by the rules for configured ones (S9).
    pub(crate) fn discovered(&self, key: &str, text: &str) -> Result<Url> {
        self.named_by_provider(check(&self.id, key, text, self.plain_loopback))
    }

    /// Parses an endpoint of its metadata, by the rules for configured ones (S9, S10).
    pub(crate) fn discovered_endpoint(&self, key: &str, text: &str) -> Result<Url> {
        self.named_by_provider(endpoint(&self.id, key, text, self.plain_loopback))
    }

    /// Parses the issuer, by the rules for configured ones (S9).
    pub(crate) fn issuer_url(&self) -> Result<Url> {
        self.named_by_provider(issuer(&self.id, &self.issuer, self.plain_loopback))
    }

    fn named_by_provider(&self, url: Result<Url, String>) -> Result<Url> {
        url.map_err(|words| Error::new(ErrorKind::DiscoveryFailed).at(&self.id).detail(words))
    }
}

/// An issuer as it is known, from whatever a person pastes: with or without the path of its
/// metadata (OpenID Connect Discovery, section 4; RFC 8414, section 3.1), https where no scheme is.
pub fn normal_issuer(pasted: &str) -> String {
    const WELL_KNOWN: &str = "/.well-known/";
    let pasted = pasted.trim();
    let pasted = pasted.split(['?', '#']).next().unwrap_or_default();
    let issuer = match pasted.split_once(WELL_KNOWN) {
        // The path of the issuer follows the name of the document (RFC 8414).
        Some((before, document)) => match document.split_once('/') {
            Some((_, path)) if !path.is_empty() => format!("{before}/{path}"),
            Some(_) | None => before.to_owned(),
        },
        None => pasted.to_owned(),
    };
    if issuer.contains("://") { issuer } else { format!("https://{issuer}") }
}

/// Parameters of OAuth and OpenID Connect requests. In the query of an endpoint they would be sent
/// twice, or take the place of ours. Other parameters are kept (RFC 6749, sections 3.1 and 3.2).
const PROTOCOL_PARAMETERS: &[&str] = &[
    "access_token",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "device_code",
    "dpop_jkt",
    "grant_type",
    "id_token",
    "id_token_hint",
    "max_age",
    "nonce",
    "password",
    "prompt",
    "redirect_uri",
    "refresh_token",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "token",
    "token_type_hint",
    "username",
];

/// An endpoint: an address by the rules of [`check`], without a parameter of the protocol in its query
/// (S10).
pub fn endpoint(id: &str, key: &str, text: &str, plain_loopback: bool) -> Result<Url, String> {
    let url = check(id, key, text, plain_loopback)?;
    // Some servers fold the case of names.
    let of_protocol =
        |name: &str| PROTOCOL_PARAMETERS.iter().any(|known| known.eq_ignore_ascii_case(name));
    let named = url.query_pairs().find(|(name, _)| of_protocol(name));
    match named {
        Some((name, _)) => Err(format!("[{id}] {key}: remove the parameter {name} from its query")),
        None => Ok(url),
    }
}

/// An issuer identifier: an address by the rules of [`check`], without a query (OpenID Connect
/// Discovery, section 3; RFC 8414, section 2). The path of its metadata would end up in a query.
pub fn issuer(id: &str, text: &str, plain_loopback: bool) -> Result<Url, String> {
    let url = check(id, "issuer", text, plain_loopback)?;
    match url.query() {
        Some(_) => Err(format!("[{id}] issuer: has a query")),
        None => Ok(url),
    }
}

/// https, or http to a loopback host where that is allowed; no user name, no fragment (S9).
pub fn check(id: &str, key: &str, text: &str, plain_loopback: bool) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("[{id}] {key}: {error}"))?;
    let secure =
        url.scheme() == "https" || (url.scheme() == "http" && plain_loopback && is_loopback(&url));
    if !secure {
        return Err(format!("[{id}] {key}: must begin with https://"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(format!("[{id}] {key}: has a user name or a fragment"));
    }
    Ok(url)
}

/// Whether the address is this machine's.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::BUILT_IN;

    /// S9: the endpoints of every built-in provider keep to the rules for configured ones.
    #[test]
    fn built_in_endpoints_are_urls() {
        for &provider in BUILT_IN {
            let mut urls = match provider.server_input {
                ServerInput::Server => {
                    let server = "https://server.example".parse().unwrap();
                    ProviderConfig::new(provider).at_server(&server).endpoints
                }
                ServerInput::None | ServerInput::Issuer | ServerInput::Handle => {
                    EndpointUrls::from(&provider.endpoints)
                }
            };
            let mut urls = urls.of_tokens();
            for (key, url) in &mut urls {
                let Some(url) = url else { continue };
                endpoint(provider.id, key, url.as_str(), false).unwrap();
            }
            // The metadata name that of an account's server.
            let is_discovered = provider.server_input == ServerInput::Handle;
            assert_ne!(urls[0].1.is_some(), is_discovered, "{}", provider.id);
        }
    }

    /// Issuers with a path keep it, one that ends in a slash keeps that, and no part of the path
    /// of the metadata is left.
    #[test]
    fn an_issuer_is_read_from_whatever_is_pasted() {
        for (pasted, issuer) in [
            ("https://gitlab.com", "https://gitlab.com"),
            (" https://git.example.com/gitlab/ ", "https://git.example.com/gitlab/"),
            ("https://x.okta.com/oauth2/default", "https://x.okta.com/oauth2/default"),
            (
                "https://x.okta.com/oauth2/default/.well-known/openid-configuration",
                "https://x.okta.com/oauth2/default",
            ),
            ("https://x.eu.auth0.com/", "https://x.eu.auth0.com/"),
            ("x.eu.auth0.com/.well-known/openid-configuration", "https://x.eu.auth0.com"),
            (
                "https://id.example.com/realms/x/.well-known/openid-configuration?ui=1#top",
                "https://id.example.com/realms/x",
            ),
            (
                "https://id.example.com/.well-known/oauth-authorization-server/realms/x",
                "https://id.example.com/realms/x",
            ),
            ("http://127.0.0.1:9400/oidc", "http://127.0.0.1:9400/oidc"),
        ] {
            assert_eq!(normal_issuer(pasted), issuer, "{pasted}");
        }
    }

    /// S9: what an address may be, and that the ways to hide another host in it are refused.
    #[test]
    fn an_address_is_https_and_nothing_besides() {
        let of = |text: &str, plain| check("x", "key", text, plain).is_ok();
        for (text, installed, own_home) in [
            ("https://id.example.com/a?b=c", true, true),
            ("http://127.0.0.1:9400/a", false, true),
            ("http://[::1]:9400/a", false, true),
            ("http://localhost/a", false, true),
            ("http://localhost.example.com/a", false, false),
            ("http://128.0.0.1/a", false, false),
            ("ftp://127.0.0.1/a", false, false),
            ("https://u@id.example.com/a", false, false),
            ("https://:p@id.example.com/a", false, false),
            ("https://id.example.com/a#b", false, false),
            ("file:///etc/passwd", false, false),
            ("x", false, false),
        ] {
            assert_eq!((of(text, false), of(text, true)), (installed, own_home), "{text}");
        }
    }

    /// OpenID Connect Discovery, section 3: an issuer has no query, also an empty one.
    #[test]
    fn an_issuer_has_no_query() {
        assert!(issuer("x", "https://id.example.com/realms/x", false).is_ok());
        for text in ["https://id.example.com/?", "https://id.example.com/?to=https://evil.example"]
        {
            let refused = issuer("x", text, false).unwrap_err();
            assert_eq!(refused, "[x] issuer: has a query", "{text}");
        }
        assert!(issuer("x", "http://id.example.com", false).is_err());
    }

    /// S54: a picture may come from this machine only where the tokens do.
    #[test]
    fn this_machine_is_where_the_tokens_come_from() {
        let at = |token: &str| {
            let mut config = ProviderConfig::issuer("company", "https://id.example.com");
            config.endpoints.token = token.parse().ok();
            config.is_on_this_machine()
        };
        for here in ["http://127.0.0.1:9400/token", "http://[::1]/token", "https://localhost/token"]
        {
            assert!(at(here), "{here}");
        }
        for elsewhere in ["https://id.example.com/token", "https://localhost.evil.example/", ""] {
            assert!(!at(elsewhere), "{elsewhere}");
        }
    }

    /// Each profile request has its own endpoint; one that is not known is none.
    #[test]
    fn a_profile_request_goes_to_its_endpoint() {
        let mut config = ProviderConfig::issuer("company", "https://id.example.com");
        for (endpoint, path) in
            [(Endpoint::Userinfo, "/u"), (Endpoint::People, "/p"), (Endpoint::Emails, "/e")]
        {
            assert_eq!(config.endpoint(endpoint), None);
            let url = |path: &str| format!("https://id.example.com{path}").parse().ok();
            config.endpoints.userinfo = url("/u");
            config.endpoints.people = url("/p");
            config.endpoints.emails = url("/e");
            assert_eq!(config.endpoint(endpoint).map(Url::path), Some(path));
            config.endpoints = EndpointUrls::default();
        }
        let missing = config.token_endpoint().unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::DiscoveryFailed);
        assert_eq!(config.client().unwrap_err().kind(), ErrorKind::NotSetUp);
    }

    /// What leads to a document without a path behind it is the issuer itself.
    #[test]
    fn a_path_behind_the_document_may_be_empty() {
        assert_eq!(
            normal_issuer("https://id.example.com/.well-known/oauth-authorization-server/"),
            "https://id.example.com"
        );
    }
}
