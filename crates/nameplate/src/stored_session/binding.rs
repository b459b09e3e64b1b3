//! Where the tokens of a session may be sent: to the client, the issuer and the origins of its
//! sign-in (S61).

use native_oauth::ProviderConfig;
use url::Url;

use super::Session;
use crate::config::Entry;
use crate::error::{Code, Error, Result};

/// A line of `providers.toml` with a value at sign-in.
fn setting(entry: &Entry, key: &str, value: &str) -> String {
    format!("[{}] {key} = \"{value}\"", entry.oauth.id)
}

impl Session {
    /// Whether the session may be sent to the token endpoint of a configuration.
    pub(super) fn belongs(&self, config: &ProviderConfig) -> bool {
        let is_client = || config.client().is_ok_and(|client| client.id == self.client_id);
        let token = || config.token_endpoint().is_ok_and(|url| self.knows("token_endpoint", url));
        self.issuer == config.issuer && is_client() && token()
    }

    /// Checks that the session may be sent to the token endpoint of the present configuration.
    ///
    /// # Errors
    /// [`Code::SessionForeign`]; the detail is the setting that differs, with its value at sign-in.
    pub(crate) fn check_belongs(&self, entry: &Entry) -> Result<()> {
        self.check_issuer(entry)?;
        self.check_client(entry)?;
        self.check_endpoint(entry, "token_endpoint", entry.oauth.token_endpoint()?)
    }

    /// The same check without the issuer's metadata. A token endpoint that was configured at sign-in
    /// has to be configured still: it may be another server's, whose tokens are not for the issuer.
    pub(crate) fn check_configured(&self, entry: &Entry) -> Result<()> {
        self.check_issuer(entry)?;
        self.check_client(entry)?;
        match &entry.oauth.endpoints.token {
            Some(url) => self.check_endpoint(entry, "token_endpoint", url),
            None if self.is_token_endpoint_configured => Err(self.moved(entry, "token_endpoint")),
            None => Ok(()),
        }
    }

    fn check_client(&self, entry: &Entry) -> Result<()> {
        if self.client_id != entry.oauth.client()?.id {
            let setting = match &entry.fixed_by {
                Some(variable) => format!("{variable}={}", self.client_id),
                None => setting(entry, "client_id", &self.client_id),
            };
            return Err(Error::new(Code::SessionForeign).with_detail(setting));
        }
        Ok(())
    }

    /// The same check for the issuer alone, before its metadata is read.
    pub(crate) fn check_issuer(&self, entry: &Entry) -> Result<()> {
        if self.issuer == entry.oauth.issuer {
            return Ok(());
        }
        Err(Error::new(Code::SessionForeign).with_detail(setting(entry, "issuer", &self.issuer)))
    }

    /// The configuration with only the endpoints that this session may be sent to: those on an
    /// origin that the sign-in had.
    ///
    /// # Errors
    /// [`Code::SessionForeign`] as [`Session::check_belongs`], and if one of the `needed` endpoints
    /// has moved to another origin since the sign-in.
    pub(crate) fn bound(&self, mut entry: Entry, needed: &[&str]) -> Result<Entry> {
        self.check_belongs(&entry)?;
        let mut endpoints = entry.oauth.endpoints.clone();
        for (key, endpoint) in endpoints.of_tokens() {
            let Some(url) = endpoint else { continue };
            match self.check_endpoint(&entry, key, url) {
                Ok(()) => {}
                Err(foreign) if needed.contains(&key) && self.endpoints.contains_key(key) => {
                    return Err(foreign);
                }
                Err(_) => *endpoint = None,
            }
        }
        entry.oauth.endpoints = endpoints;
        Ok(entry)
    }

    /// Checks that an endpoint is on its origin at sign-in, or on that of the token endpoint.
    fn check_endpoint(&self, entry: &Entry, key: &str, url: &Url) -> Result<()> {
        match self.knows(key, url) {
            true => Ok(()),
            false => Err(self.moved(entry, key)),
        }
    }

    fn moved(&self, entry: &Entry, key: &str) -> Error {
        let was = self.endpoints.get(key).map_or("", Url::as_str);
        Error::new(Code::SessionForeign).with_detail(setting(entry, key, was))
    }

    fn knows(&self, key: &str, url: &Url) -> bool {
        let known = [key, "token_endpoint"].into_iter().filter_map(|key| self.endpoints.get(key));
        known.into_iter().any(|known| known.origin() == url.origin())
    }
}
