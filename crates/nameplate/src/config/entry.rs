//! A provider as it is set up here: its definition, overlaid with the person's table.

use native_oauth::profile::shown;
use native_oauth::provider::{Channel, Provider};
use native_oauth::provider_config::{self, ClientCredentials, ProviderConfig};
use url::Url;

use super::file::Table;
use super::local::LOCAL;

/// A provider as it is set up here.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What the protocol needs to know.
    pub oauth: ProviderConfig,
    /// Its name for people.
    pub label: String,
    /// The client of the device flow, where it is another one.
    pub device_client: Option<ClientCredentials>,
    /// The variable that names the client, where the environment or `.env` decides.
    pub fixed_by: Option<String>,
    /// How its response can come back, the preferred one first.
    pub channels: Vec<Channel>,
    /// The https redirect page that hands a response over to the deep link, if there is one.
    pub bounce: Option<Url>,
    /// The loopback ports that are registered; `None` for any.
    pub ports: Option<Vec<u16>>,
    /// The endpoint keys that the configuration overrides; shown wherever the entry is.
    pub overrides: Vec<&'static str>,
    /// Whether its verified addresses may link accounts: of a built-in provider as it is known,
    /// of an issuer only where the configuration says so, of overridden endpoints never.
    pub trusts_email: bool,
    /// What a bot may do where it is added, where the configuration says so.
    pub bot_permissions: Option<u64>,
}

impl Entry {
    /// Overlays a provider with a table. An error is one sentence for whoever wrote the file.
    pub(super) fn new(
        id: &str,
        provider: &'static Provider,
        table: Table,
        client: Option<ClientCredentials>,
        plain_loopback: bool,
    ) -> Result<Self, String> {
        if !is_id(id) {
            return Err(format!("[{id}]: use small letters, digits and hyphens"));
        }
        let built_in = !provider.issuer.is_empty();
        let mut oauth = ProviderConfig {
            id: id.to_owned(),
            client,
            client_auth: table.client_auth,
            names_scopes: table.scopes.is_some(),
            iss: table.iss.unwrap_or_default(),
            trusted_audiences: table.trusted_audiences.clone().unwrap_or_default(),
            plain_loopback,
            ..ProviderConfig::new(provider)
        };
        match (built_in, &table.issuer) {
            (true, None) => {}
            (true, Some(_)) => {
                return Err(format!("[{id}] issuer: belongs to kind = \"oidc\" only"));
            }
            (false, Some(issuer)) => {
                provider_config::check(id, "issuer", issuer, plain_loopback)?;
                oauth.issuer.clone_from(issuer);
            }
            (false, None) => return Err(format!("[{id}] has no issuer")),
        }
        if let Some(scopes) = &table.scopes {
            oauth.scopes.clone_from(scopes);
        }
        if let Some(permissions) = table.bot_permissions
            && provider.has_bots
            && oauth.scopes.iter().any(|scope| scope == "bot")
        {
            oauth.extra_parameters.push(("permissions", permissions.to_string()));
        }
        let overrides = override_endpoints(&mut oauth, &table)?;
        let bounce = table.redirect_uri.as_deref();
        let bounce = bounce.map(|text| page(id, text, plain_loopback)).transpose()?;
        let device_client = table.device_client();
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
        let label = table.label.map(|label| shown(&label)).filter(|label| !label.is_empty());
        Ok(Self {
            channels: channels(id, provider, bounce.is_some(), table.channel)?,
            label: label.unwrap_or_else(|| if built_in { provider.label } else { id }.to_owned()),
            trusts_email: overrides.is_empty() && (built_in || table.email_trusted == Some(true)),
            fixed_by: None,
            device_client,
            bounce,
            ports,
            overrides,
            bot_permissions: table.bot_permissions,
            oauth,
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
        self.oauth.client.is_some() || self.is_local()
    }

    /// Whether it is a profile of this device alone.
    pub fn is_local(&self) -> bool {
        self.oauth.issuer == LOCAL
    }
}

fn is_id(id: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    id.starts_with(|c: char| c.is_ascii_lowercase()) && id.len() <= 40 && id.chars().all(allowed)
}

/// Puts the endpoints of a table in the place of the provider's; returns their keys.
fn override_endpoints(
    oauth: &mut ProviderConfig,
    table: &Table,
) -> Result<Vec<&'static str>, String> {
    let (id, plain_loopback) = (&oauth.id, oauth.plain_loopback);
    let endpoints = &mut oauth.endpoints;
    let mut overrides = Vec::new();
    for (key, given, endpoint) in [
        ("authorization_endpoint", &table.authorization_endpoint, &mut endpoints.authorization),
        ("token_endpoint", &table.token_endpoint, &mut endpoints.token),
        ("userinfo_endpoint", &table.userinfo_endpoint, &mut endpoints.userinfo),
        ("jwks_uri", &table.jwks_uri, &mut endpoints.jwks),
        ("people_endpoint", &table.people_endpoint, &mut endpoints.people),
        ("revocation_endpoint", &table.revocation_endpoint, &mut endpoints.revocation),
        (
            "device_authorization_endpoint",
            &table.device_authorization_endpoint,
            &mut endpoints.device_authorization,
        ),
        ("emails_endpoint", &table.emails_endpoint, &mut endpoints.emails),
        ("photo_endpoint", &table.photo_endpoint, &mut endpoints.photo),
        ("avatar_base", &table.avatar_base, &mut endpoints.avatar_base),
    ] {
        if let Some(text) = given {
            let url = provider_config::endpoint(id, key, text, plain_loopback);
            *endpoint = (!text.is_empty()).then_some(url).transpose()?;
            overrides.push(key);
        }
    }
    Ok(overrides)
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
    let url = provider_config::check(id, "redirect_uri", text, plain_loopback)?;
    if url.query().is_some() {
        return Err(format!("[{id}] redirect_uri: has a query"));
    }
    if url.path().rsplit('/').next() != Some(id) {
        return Err(format!("[{id}] redirect_uri: must end with /{id}"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use native_oauth::ErrorKind;

    use super::*;
    use crate::error::Error;

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
        assert!(google.is_ready() && google.oauth.wants_nonce() && !google.oauth.is_discovered());
        assert!(!google.is_local() && !google.oauth.is_on_this_machine());
        assert!(
            google.oauth.is_issuer("accounts.google.com")
                && !google.oauth.is_issuer("https://evil.example")
        );
        assert!(google.oauth.token_endpoint().is_ok());
        let empty = entry("[discord]").unwrap();
        assert!(!empty.is_ready() && !empty.oauth.wants_nonce());
        assert_eq!(empty.oauth.client().unwrap_err().kind(), ErrorKind::NotSetUp);
        let company =
            "[company]\nkind = \"oidc\"\nissuer = \"https://id.example.com\"\nclient_id = \"c\"\n";
        let oidc = entry(company).unwrap();
        assert!(oidc.oauth.is_discovered() && !oidc.trusts_email);
        assert_eq!(oidc.oauth.token_endpoint().unwrap_err().kind(), ErrorKind::DiscoveryFailed);
        assert!(entry(&format!("{company}email_trusted = true")).unwrap().trusts_email);
        let overridden = "email_trusted = true\ntoken_endpoint = \"https://x.example/t\"";
        assert!(!entry(&format!("{company}{overridden}")).unwrap().trusts_email);
        assert!(entry(&format!("{company}redirect_ports = []")).unwrap_err().contains("is empty"));
        assert!(entry(&format!("{company}redirect_ports = [1023]")).unwrap_err().contains("1023"));
        assert!(entry(&format!("{company}redirect_ports = [1024]")).is_ok());
    }
}
