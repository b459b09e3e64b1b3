//! A configured provider: its definition with the values of its table.

use crate::provider_table::Table;
use native_oauth::profile::shown;
use native_oauth::provider::{Grant, Provider, RedirectMethod, ServerInput};
use native_oauth::provider_config::{ClientCredentials, ProviderConfig};
use native_oauth::url_rules;
use url::Url;

/// A configured provider.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The configuration of the protocol.
    pub oauth: ProviderConfig,
    /// Display name.
    pub label: String,
    /// The client of the device flow, if it is another one.
    pub device_client: Option<ClientCredentials>,
    /// The environment variable of the client, if the environment or `.env` sets it.
    pub fixed_by: Option<String>,
    /// The methods, the preferred one first.
    pub methods: Vec<Grant>,
    /// The https redirect page, if there is one.
    pub https_page: Option<Url>,
    /// The registered loopback ports; `None` for any.
    pub ports: Option<Vec<u16>>,
    /// The keys of overridden endpoints; shown with the provider.
    pub overrides: Vec<&'static str>,
    /// Whether emails of this provider may link accounts: those of an issuer only if configured, and none
    /// with overridden endpoints. The provider decides about each email ([`Provider::trusts_email`]).
    pub links_by_email: bool,
    /// The configured permissions of an extra grant.
    pub bot_permissions: Option<u64>,
    /// The server that a user named, as it is shown and can be named again.
    pub server: Option<String>,
    /// The last segment of its redirect URIs.
    pub redirect_id: String,
    /// Whether it is a [`LoopbackProvider`](crate::LoopbackProvider).
    pub is_loopback_provider: bool,
}

impl Entry {
    /// Applies a table to a provider. An error is a sentence for the author of the file.
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
        let definition = ProviderConfig::new(provider);
        // The AT Protocol demands all of them.
        let is_optional = !provider.is_atproto();
        let mut oauth = ProviderConfig {
            id: id.to_owned(),
            client,
            client_auth: table.client_auth,
            names_scopes: table.scopes.is_some(),
            iss: table.iss.filter(|_| is_optional).unwrap_or(definition.iss),
            dpop: table.dpop.filter(|_| is_optional).unwrap_or(definition.dpop),
            par: table.par.filter(|_| is_optional).unwrap_or(definition.par),
            trusted_audiences: table.trusted_audiences.clone().unwrap_or_default(),
            plain_loopback,
            ..definition
        };
        match (built_in, &table.issuer) {
            (true, None) => {}
            (true, Some(_)) => {
                return Err(format!("[{id}] issuer: belongs to kind = \"oidc\" only"));
            }
            (false, Some(issuer)) => {
                url_rules::issuer(id, issuer, plain_loopback)?;
                oauth.issuer.clone_from(issuer);
            }
            (false, None) if table.kind.is_some() => return Err(format!("[{id}] has no issuer")),
            // A user names the server, and the client registers itself there.
            (false, None) if is_optional && client_is_given(&table) => {
                return Err(format!(
                    "[{id}] client_id: the client registers itself at each server"
                ));
            }
            (false, None) => {}
        }
        if let Some(scopes) = &table.scopes {
            oauth.scopes.clone_from(scopes);
        }
        if let Some(permissions) = table.bot_permissions
            && let Some(extra) = provider.extra_grant
            && oauth.scopes.iter().any(|scope| scope == extra.scope)
        {
            oauth.extra_parameters.push((extra.parameter, permissions.to_string()));
        }
        let overrides = override_endpoints(&mut oauth, &table)?;
        let https_page = table.redirect_uri.as_deref();
        let https_page = https_page.map(|text| page(id, text, plain_loopback)).transpose()?;
        let device_client = table.device_client();
        let ports = table.redirect_ports.or_else(|| provider.loopback.ports.map(<[u16]>::to_vec));
        if ports.as_ref().is_some_and(Vec::is_empty) {
            return Err(format!("[{id}] redirect_ports is empty"));
        }
        // 0 is not a port, and ports below 1024 are privileged.
        if let Some(port) = ports.iter().flatten().find(|port| **port < 1024) {
            return Err(format!(
                "[{id}] redirect_ports: {port} cannot be used; choose 1024 or more"
            ));
        }
        let label = table.label.map(|label| shown(&label)).filter(|label| !label.is_empty());
        Ok(Self {
            methods: methods(id, provider, https_page.is_some(), table.method)?,
            label: label.unwrap_or_else(|| {
                if oauth.issuer.is_empty() || built_in { provider.label } else { id }.to_owned()
            }),
            links_by_email: overrides.is_empty() && (built_in || table.email_trusted == Some(true)),
            fixed_by: None,
            device_client,
            https_page,
            ports,
            overrides,
            bot_permissions: table.bot_permissions,
            server: None,
            redirect_id: id.to_owned(),
            is_loopback_provider: false,
            oauth,
        })
    }

    /// Whether an email of a profile may link accounts. `email_trusted`: whether the provider's definition
    /// trusts it ([`Provider::trusts_email`]).
    pub(crate) fn trusts(&self, email_trusted: bool) -> bool {
        email_trusted && self.links_by_email
    }

    /// Every method to choose: what ends at a loopback port can be pasted as well.
    pub fn all_methods(&self) -> Vec<Grant> {
        let is_loopback = self.methods.contains(&RedirectMethod::Loopback.into());
        let manual = is_loopback.then_some(RedirectMethod::Manual.into());
        let is_listed = self.methods.contains(&Grant::DeviceCode);
        let device = (self.takes_device() && !is_listed).then_some(Grant::DeviceCode);
        self.methods.iter().copied().chain(manual).chain(device).collect()
    }

    /// What a user has to name to sign in.
    pub fn server_input(&self) -> ServerInput {
        match self.oauth.issuer.is_empty() {
            true => self.oauth.provider.server_input,
            false => ServerInput::None,
        }
    }

    /// Whether it is set up: it has a client, or registers one itself.
    pub fn is_ready(&self) -> bool {
        self.oauth.client.is_some() || self.server_input() != ServerInput::None
    }

    /// Whether its server was named by a user and not by a configuration. In a home of its own the
    /// servers are those of a test.
    pub(crate) fn is_untrusted(&self) -> bool {
        self.server.is_some() && !self.oauth.plain_loopback
    }
}

fn client_is_given(table: &Table) -> bool {
    table.client_id.is_some() || table.client_secret.is_some() || table.redirect_uri.is_some()
}

fn is_id(id: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    id.starts_with(|c: char| c.is_ascii_lowercase()) && id.len() <= 40 && id.chars().all(allowed)
}

/// Replaces endpoints of the provider by those of a table; returns their keys.
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
        (
            "pushed_authorization_request_endpoint",
            &table.pushed_authorization_request_endpoint,
            &mut endpoints.pushed_authorization_request,
        ),
        ("emails_endpoint", &table.emails_endpoint, &mut endpoints.emails),
        ("photo_endpoint", &table.photo_endpoint, &mut endpoints.photo),
        ("avatar_base", &table.avatar_base, &mut endpoints.avatar_base),
        ("plc_directory", &table.plc_directory, &mut oauth.lookup.directory),
        ("handle_resolver", &table.handle_resolver, &mut oauth.lookup.handle_resolver),
    ] {
        if let Some(text) = given {
            let url = url_rules::endpoint(id, key, text, plain_loopback);
            *endpoint = (!text.is_empty()).then_some(url).transpose()?;
            overrides.push(key);
        }
    }
    Ok(overrides)
}

/// The configured method first; one that the provider refuses is an error. A configured https
/// redirect page is preferred to the provider's methods.
fn methods(
    id: &str,
    provider: &Provider,
    has_page: bool,
    chosen: Option<Grant>,
) -> Result<Vec<Grant>, String> {
    let page = has_page.then_some(RedirectMethod::HttpsPage);
    let redirects = page.into_iter().chain(provider.redirect_methods.iter().copied());
    // Decided by the issuer's metadata.
    let device = chosen.filter(|chosen| *chosen == Grant::DeviceCode && may_give_codes(provider));
    let mut methods: Vec<_> = redirects.map(Grant::from).chain(device).collect();
    let Some(chosen) = chosen else { return Ok(methods) };
    let at = methods.iter().position(|method| *method == chosen);
    let at = at.ok_or_else(|| format!("[{id}] method: {} does not allow it", provider.label))?;
    methods[..=at].rotate_right(1);
    Ok(methods)
}

fn may_give_codes(provider: &Provider) -> bool {
    provider.issuer.is_empty() || !provider.endpoints.device_authorization.is_empty()
}

/// The URL of an https redirect page. Its last segment is the provider's id, so that page and deep
/// link belong together, and it has no query, which is the response's.
fn page(id: &str, text: &str, plain_loopback: bool) -> Result<Url, String> {
    let url = url_rules::check(id, "redirect_uri", text, plain_loopback)?;
    if url.query().is_some() {
        return Err(format!("[{id}] redirect_uri: has a query"));
    }
    if url.path().rsplit('/').next() != Some(id) {
        return Err(format!("[{id}] redirect_uri: must end with /{id}"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests;
