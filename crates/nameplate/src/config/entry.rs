//! A provider as it is set up here: what the provider is, overlaid with the person's table.

use serde::{Deserialize, Serialize};
use url::Url;

use super::Client;
use super::file::Table;
use crate::error::{Code, Error, Result};
use crate::provider::{Channel, ClientAuth, Endpoint, IdToken, LOCAL, Provider};
use crate::user::shown;

/// A provider as it is set up here.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it is.
    pub provider: &'static Provider,
    /// Its id in the configuration.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// Who vouches for its subjects.
    pub issuer: String,
    /// The registered client, if set up.
    pub client: Option<Client>,
    /// The client of the device flow, where it is another one.
    pub device_client: Option<Client>,
    /// The variable that names the client, where the environment or `.env` decides.
    pub fixed_by: Option<String>,
    /// How the client shows its secret, where the configuration says so.
    pub client_auth: Option<ClientAuth>,
    /// Where its requests go; what is missing is discovered.
    pub endpoints: EntryEndpoints,
    /// How its answer can come back, the preferred one first.
    pub channels: Vec<Channel>,
    /// The page that hands an answer over to the deep link, if there is one.
    pub bounce: Option<Url>,
    /// The loopback ports that are registered; `None` for any.
    pub ports: Option<Vec<u16>>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// Whether the configuration says what is asked for.
    pub names_scopes: bool,
    /// The values of `prompt` that the issuer announces; `None` where it says nothing.
    pub prompts: Option<Vec<String>>,
    /// What the answer's `iss` must be.
    pub iss: IssRule,
    /// The algorithms that the issuer announces for its id_tokens; `None` where it says nothing.
    pub id_token_algorithms: Option<Vec<String>>,
    /// The audiences that an id_token may name beside our client.
    pub trusted_audiences: Vec<String>,
    /// What the issuer's metadata require that is not supported.
    pub unsupported: Option<String>,
    /// The endpoint keys that the configuration overrides; shown wherever the entry is.
    pub overrides: Vec<&'static str>,
    /// Whether its verified addresses may join accounts: of a built-in provider as it is known,
    /// of an issuer only where the configuration says so, of overridden endpoints never.
    pub trusts_email: bool,
    /// Whether the provider is asked to let the person choose an account.
    pub asks_for_account: bool,
    /// Whether the account that signs in again has a refresh token already.
    pub has_refresh_token: bool,
    /// Whether http to loopback hosts is allowed.
    pub plain_loopback: bool,
    /// What a bot may do where it is added, where the configuration says so.
    pub bot_permissions: Option<u64>,
}

/// Where an entry's requests go.
#[derive(Debug, Clone, Default)]
pub struct EntryEndpoints {
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
    /// The addresses of the account.
    pub emails: Option<Url>,
    /// The picture itself, which the access token opens.
    pub photo: Option<Url>,
    /// What picture paths are relative to.
    pub avatar_base: Option<Url>,
}

impl EntryEndpoints {
    /// The endpoints that a token is sent to, by their keys in `providers.toml`.
    pub(crate) fn of_tokens(&mut self) -> [(&'static str, &mut Option<Url>); 6] {
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

/// What the answer's `iss` must be (RFC 9207).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssRule {
    /// Where it is there, it must be the issuer.
    #[default]
    IfPresent,
    /// It must be there, and be the issuer.
    Required,
}

impl Entry {
    /// Overlays a provider with a table. An error is one sentence for whoever wrote the file.
    pub(super) fn new(
        id: &str,
        provider: &'static Provider,
        table: Table,
        client: Option<Client>,
        plain_loopback: bool,
    ) -> Result<Self, String> {
        if !is_id(id) {
            return Err(format!("[{id}]: use small letters, digits and hyphens"));
        }
        let device_client = table.device_client();
        let built_in = !provider.issuer.is_empty();
        let issuer = match (built_in, table.issuer) {
            (true, None) => provider.issuer.to_owned(),
            (true, Some(_)) => {
                return Err(format!("[{id}] issuer: belongs to kind = \"oidc\" only"));
            }
            (false, Some(issuer)) => {
                check(id, "issuer", &issuer, plain_loopback)?;
                issuer
            }
            (false, None) => return Err(format!("[{id}] has no issuer")),
        };
        let bounce = table.redirect_uri.as_deref();
        let bounce = bounce.map(|text| page(id, text, plain_loopback)).transpose()?;
        let mut overrides = Vec::new();
        let defaults = &provider.endpoints;
        let mut endpoint = |key: &'static str, given: Option<String>, default: &str| {
            let text = given.inspect(|_| overrides.push(key)).unwrap_or_else(|| default.to_owned());
            match text.is_empty() {
                true => Ok(None),
                false => self::endpoint(id, key, &text, plain_loopback).map(Some),
            }
        };
        let endpoints = EntryEndpoints {
            authorization: endpoint(
                "authorization_endpoint",
                table.authorization_endpoint,
                defaults.authorization,
            )?,
            token: endpoint("token_endpoint", table.token_endpoint, defaults.token)?,
            userinfo: endpoint("userinfo_endpoint", table.userinfo_endpoint, defaults.userinfo)?,
            jwks: endpoint("jwks_uri", table.jwks_uri, defaults.jwks)?,
            people: endpoint("people_endpoint", table.people_endpoint, defaults.people)?,
            revocation: endpoint(
                "revocation_endpoint",
                table.revocation_endpoint,
                defaults.revocation,
            )?,
            device_authorization: endpoint(
                "device_authorization_endpoint",
                table.device_authorization_endpoint,
                defaults.device_authorization,
            )?,
            emails: endpoint("emails_endpoint", table.emails_endpoint, defaults.emails)?,
            photo: endpoint("photo_endpoint", table.photo_endpoint, defaults.photo)?,
            avatar_base: endpoint("avatar_base", table.avatar_base, defaults.avatar_base)?,
        };
        let ports = table.redirect_ports.or_else(|| provider.loopback.ports.map(<[u16]>::to_vec));
        if ports.as_ref().is_some_and(Vec::is_empty) {
            return Err(format!("[{id}] redirect_ports is empty"));
        }
        // 0 is no port, and the ones below 1024 belong to the system.
        if let Some(port) = ports.iter().flatten().find(|port| **port < 1024) {
            return Err(format!(
                "[{id}] redirect_ports: {port} cannot be used; choose 1024 or more"
            ));
        }
        let trusts_email = overrides.is_empty() && (built_in || table.email_trusted == Some(true));
        Ok(Self {
            channels: channels(id, provider, bounce.is_some(), table.channel)?,
            names_scopes: table.scopes.is_some(),
            prompts: None,
            has_refresh_token: false,
            scopes: table
                .scopes
                .unwrap_or_else(|| provider.scopes.iter().map(|&s| s.to_owned()).collect()),
            label: table
                .label
                .map(|label| shown(&label))
                .filter(|label| !label.is_empty())
                .unwrap_or_else(|| if built_in { provider.label } else { id }.to_owned()),
            client_auth: table.client_auth,
            iss: table.iss.unwrap_or_default(),
            id: id.to_owned(),
            provider,
            issuer,
            client,
            fixed_by: None,
            device_client,
            endpoints,
            bounce,
            ports,
            id_token_algorithms: None,
            trusted_audiences: table.trusted_audiences.unwrap_or_default(),
            unsupported: None,
            overrides,
            trusts_email,
            asks_for_account: false,
            plain_loopback,
            bot_permissions: table.bot_permissions,
        })
    }

    /// Every channel that a person can choose: what ends at a port can be pasted as well.
    pub fn ways_back(&self) -> Vec<Channel> {
        let paste = self.channels.contains(&Channel::Loopback).then_some(Channel::Paste);
        let known = self.channels.contains(&Channel::Device);
        let device = (self.takes_device() && !known).then_some(Channel::Device);
        self.channels.iter().copied().chain(paste).chain(device).collect()
    }

    /// Whether it can be signed in with: it has a client, or needs none.
    pub fn is_ready(&self) -> bool {
        self.client.is_some() || self.is_local()
    }

    /// Whether it is a profile of this device alone.
    pub fn is_local(&self) -> bool {
        self.issuer == LOCAL
    }

    /// The client.
    ///
    /// # Errors
    /// [`Code::NotSetUp`].
    pub fn client(&self) -> Result<&Client> {
        self.client.as_ref().ok_or_else(|| Error::new(Code::NotSetUp).at(&self.id))
    }

    /// Whether the endpoints come from the issuer's metadata.
    pub fn is_discovered(&self) -> bool {
        self.provider.issuer.is_empty()
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

    /// An issuer ignores `offline_access`, or refuses it, where nobody is asked to agree to it
    /// (OpenID Connect Core, section 11). Microsoft Entra gives a refresh token for the scope alone,
    /// and at `prompt=consent` asks for an administrator where people may not consent themselves.
    fn needs_consent(&self) -> bool {
        let offline = self.scopes.iter().any(|scope| scope == "offline_access");
        let entra = self.issuer.starts_with("https://login.microsoftonline.com/");
        self.is_discovered() && offline && !self.has_refresh_token && !entra
    }

    /// Whether the request asks for an id_token, and so wants a nonce.
    pub fn wants_nonce(&self) -> bool {
        self.provider.id_token != IdToken::Never
    }

    /// Every spelling of this entry's issuer.
    pub fn issuers(&self) -> Vec<&str> {
        let aliases = self.provider.issuer_aliases.iter().copied();
        std::iter::once(self.issuer.as_str()).chain(aliases).collect()
    }

    /// Whether an `iss` names this entry's issuer, in any of its spellings.
    pub fn is_issuer(&self, iss: &str) -> bool {
        self.issuers().iter().any(|known| self.provider.is_issuer(known, iss))
    }

    /// Where a kind of profile request goes.
    pub fn endpoint(&self, endpoint: Endpoint) -> Option<&Url> {
        match endpoint {
            Endpoint::Userinfo => self.endpoints.userinfo.as_ref(),
            Endpoint::People => self.endpoints.people.as_ref(),
            Endpoint::Emails => self.endpoints.emails.as_ref(),
        }
    }

    /// The token endpoint.
    ///
    /// # Errors
    /// [`Code::DiscoveryFailed`] where it is neither configured nor discovered.
    pub fn token_endpoint(&self) -> Result<&Url> {
        self.endpoints
            .token
            .as_ref()
            .ok_or_else(|| Error::new(Code::DiscoveryFailed).detail("token_endpoint"))
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

    fn named_by_provider(&self, url: Result<Url, String>) -> Result<Url> {
        url.map_err(|words| Error::new(Code::DiscoveryFailed).at(&self.id).detail(words))
    }
}

fn is_id(id: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    id.starts_with(|c: char| c.is_ascii_lowercase()) && id.len() <= 40 && id.chars().all(allowed)
}

/// An issuer as it is known, from whatever a person pastes: with or without the path of its
/// metadata (OpenID Connect Discovery, section 4; RFC 8414, section 3.1), https where no scheme is.
pub(crate) fn normal_issuer(pasted: &str) -> String {
    const WELL_KNOWN: &str = "/.well-known/";
    let pasted = pasted.trim();
    let pasted = pasted.split(['?', '#']).next().unwrap_or_default();
    let issuer = match pasted.split_once(WELL_KNOWN) {
        // What stands behind the document's name is the issuer's path (RFC 8414).
        Some((before, document)) => match document.split_once('/') {
            Some((_, path)) if !path.is_empty() => format!("{before}/{path}"),
            Some(_) | None => before.to_owned(),
        },
        None => pasted.to_owned(),
    };
    if issuer.contains("://") { issuer } else { format!("https://{issuer}") }
}

/// The chosen channel first; one that the provider refuses is a mistake in the file. A page of
/// one's own goes before what the provider takes by itself, for nobody sets one up without need.
fn channels(
    id: &str,
    provider: &Provider,
    bounces: bool,
    chosen: Option<Channel>,
) -> Result<Vec<Channel>, String> {
    let bounce = bounces.then_some(Channel::Bounce);
    // Of an issuer, the metadata will tell.
    let device = chosen.filter(|chosen| *chosen == Channel::Device && may_give_codes(provider));
    let mut channels: Vec<_> =
        bounce.into_iter().chain(provider.channels.iter().copied()).chain(device).collect();
    let Some(chosen) = chosen else { return Ok(channels) };
    let at = channels.iter().position(|channel| *channel == chosen);
    let at = at.ok_or_else(|| format!("[{id}] channel: {} does not allow it", provider.label))?;
    channels[..=at].rotate_right(1);
    Ok(channels)
}

fn may_give_codes(provider: &Provider) -> bool {
    provider.issuer.is_empty() || !provider.endpoints.device_authorization.is_empty()
}

/// The address of a page that hands over. It names the entry last, so that page and deep link are
/// about the same one, and has no query, which belongs to the answer.
fn page(id: &str, text: &str, plain_loopback: bool) -> Result<Url, String> {
    let url = check(id, "redirect_uri", text, plain_loopback)?;
    if url.query().is_some() {
        return Err(format!("[{id}] redirect_uri: has a query"));
    }
    if url.path().rsplit('/').next() != Some(id) {
        return Err(format!("[{id}] redirect_uri: must end with /{id}"));
    }
    Ok(url)
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
fn endpoint(id: &str, key: &str, text: &str, plain_loopback: bool) -> Result<Url, String> {
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

/// https, or http to a loopback host where that is allowed; no user name, no fragment (S9).
fn check(id: &str, key: &str, text: &str, plain_loopback: bool) -> Result<Url, String> {
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

    fn entry(table: &str) -> Result<Entry, String> {
        let config =
            crate::config::Config::of_text_alone(table).map_err(|error| error.to_string())?;
        let id = table.trim_start_matches('[').split(']').next().unwrap_or_default();
        match config.problem.as_ref().and_then(Error::words) {
            Some(words) => Err(words.to_owned()),
            None => config.entry(id).cloned().map_err(|error| error.to_string()),
        }
    }

    /// The name of a table is part of redirect URIs and of deep links.
    #[test]
    fn an_id_is_letters_digits_and_hyphens() {
        let longest = "a".repeat(40);
        for id in ["x", "my-company-2", &longest] {
            assert!(is_id(id), "{id}");
        }
        for id in ["", "2x", "-x", "X", "a_b", "a/b", "a.b", &format!("{longest}a")] {
            assert!(!is_id(id), "{id}");
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

    /// What leads to a document without a path behind it is the issuer itself.
    #[test]
    fn a_path_behind_the_document_may_be_empty() {
        assert_eq!(
            normal_issuer("https://id.example.com/.well-known/oauth-authorization-server/"),
            "https://id.example.com"
        );
    }

    /// A code is a channel where the provider gives codes, or may turn out to.
    #[test]
    fn a_channel_is_one_that_the_provider_has() {
        let chosen = |id: &str, more: &str| entry(&format!("[{id}]\nclient_id = \"c\"\n{more}"));
        let oidc = "kind = \"oidc\"\nissuer = \"https://id.example.com\"\nchannel = \"device\"";
        assert_eq!(chosen("company", oidc).unwrap().channels[0], Channel::Device);
        let github = chosen("github", "channel = \"device\"").unwrap();
        assert_eq!(github.channels[0], Channel::Device);
        assert_eq!(github.ways_back().iter().filter(|way| **way == Channel::Device).count(), 1);
        assert!(chosen("kakao", "channel = \"device\"").unwrap_err().contains("does not allow it"));
        let discord = chosen("discord", "channel = \"loopback\"").unwrap();
        assert_eq!(discord.channels, [Channel::Loopback, Channel::DeepLink]);
        assert_eq!(
            discord.ways_back(),
            [Channel::Loopback, Channel::DeepLink, Channel::Paste, Channel::Device]
                [..discord.ways_back().len()]
        );
    }

    /// What an entry is, read from its table.
    #[test]
    fn an_entry_says_what_it_is() {
        let google = entry("[google]\nclient_id = \"g\"").unwrap();
        assert!(google.is_ready() && google.wants_nonce() && !google.is_discovered());
        assert!(!google.is_local() && !google.is_on_this_machine());
        assert!(
            google.is_issuer("accounts.google.com") && !google.is_issuer("https://evil.example")
        );
        assert!(google.token_endpoint().is_ok());
        let empty = entry("[discord]").unwrap();
        assert!(!empty.is_ready() && !empty.wants_nonce());
        assert_eq!(empty.client().unwrap_err().code(), Code::NotSetUp);
        let company =
            "[company]\nkind = \"oidc\"\nissuer = \"https://id.example.com\"\nclient_id = \"c\"\n";
        let oidc = entry(company).unwrap();
        assert!(oidc.is_discovered() && !oidc.trusts_email);
        assert_eq!(oidc.token_endpoint().unwrap_err().code(), Code::DiscoveryFailed);
        assert!(entry(&format!("{company}email_trusted = true")).unwrap().trusts_email);
        let overridden = "email_trusted = true\ntoken_endpoint = \"https://x.example/t\"";
        assert!(!entry(&format!("{company}{overridden}")).unwrap().trusts_email);
        assert!(entry(&format!("{company}redirect_ports = []")).unwrap_err().contains("is empty"));
        assert!(entry(&format!("{company}redirect_ports = [1023]")).unwrap_err().contains("1023"));
        assert!(entry(&format!("{company}redirect_ports = [1024]")).is_ok());
    }
}
