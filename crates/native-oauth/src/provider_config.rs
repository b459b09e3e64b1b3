//! A provider as one application uses it: the provider's definition with a registered client.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::atproto::Lookup;
use crate::endpoint_urls::EndpointUrls;
use crate::error::{Error, ErrorKind, Result};
use crate::provider::{Endpoint, IdToken, OIDC, Provider, ServerInput, TokenEndpointAuthMethod};
use crate::url_rules::{check, endpoint, is_loopback, issuer};

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
    /// The subject that must sign in, if a user named one (AT Protocol).
    pub subject: Option<String>,
    /// The algorithms of id_tokens in the issuer's metadata; `None` if it lists none.
    pub id_token_algorithms: Option<Vec<String>>,
    /// Audiences that an id_token may name beside the client.
    pub trusted_audiences: Vec<String>,
    /// What the issuer's metadata require and this crate does not support.
    pub unsupported: Option<String>,
    /// Whether the provider is asked to let the user choose an account.
    pub asks_for_account: bool,
    /// Whether the account has a refresh token, which is kept where none is requested.
    pub has_refresh_token: bool,
    /// Whether http to loopback hosts is allowed.
    pub plain_loopback: bool,
    /// Further parameters of the authorization request; none of the protocol's.
    pub extra_parameters: Vec<(&'static str, String)>,
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

    /// The provider at a server that a user named, of [`ServerInput::Server`]: its issuer is the
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

    /// What the user is prompted for (OpenID Connect Core, section 3.1.2.1), as far as the issuer
    /// of one's own takes it; a built-in provider's file says what it takes.
    pub(crate) fn prompt(&self, asked: Option<&str>) -> Option<String> {
        let takes = |value: &&str| {
            let known = |prompts: &Vec<String>| prompts.iter().any(|known| known == value);
            self.prompts.as_ref().is_none_or(known)
        };
        // Every OpenID provider takes `login`, which lets the user choose the account as well (OpenID Connect Core,
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
            .ok_or_else(|| Error::new(ErrorKind::DiscoveryFailed).with_detail("token_endpoint"))
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
        url.map_err(|words| Error::new(ErrorKind::DiscoveryFailed).at(&self.id).with_detail(words))
    }
}

#[cfg(test)]
mod tests;
