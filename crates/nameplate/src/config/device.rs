//! The client of the device flow, which may differ from that of the other methods.

use native_oauth::provider::{DeviceClient, TokenEndpointAuthMethod};
use native_oauth::provider_config::ClientCredentials;

use super::Entry;
use crate::error::{Code, Error, Result};

impl Entry {
    /// The configuration for the device flow.
    ///
    /// # Errors
    /// [`Code::MethodRefused`] without a device authorization endpoint or a client for it.
    pub(crate) fn for_device(&self) -> Result<Self> {
        let client =
            self.client_of_device().filter(|_| self.oauth.endpoints.device_authorization.is_some());
        let client = client.ok_or_else(|| Error::new(Code::MethodRefused).at(&self.oauth.id))?;
        let mut entry = self.clone();
        entry.oauth.client = Some(client.clone());
        if self.oauth.provider.device == DeviceClient::WithoutSecret {
            entry.oauth.client_auth = Some(TokenEndpointAuthMethod::None);
        }
        Ok(entry)
    }

    /// Whether a device authorization can be requested, as far as is known before discovery.
    pub(super) fn takes_device(&self) -> bool {
        self.oauth.endpoints.device_authorization.is_some() && self.client_of_device().is_some()
    }

    /// The configuration for the client that tokens were issued to, if it is one of the two: a
    /// session keeps its client.
    pub(crate) fn of_client(mut self, id: &str) -> Self {
        if let Some(client) = self.device_client.as_ref().filter(|client| client.id == id) {
            self.oauth.client = Some(client.clone());
        }
        self
    }

    fn client_of_device(&self) -> Option<&ClientCredentials> {
        match self.oauth.provider.device {
            DeviceClient::Same | DeviceClient::WithoutSecret => {
                self.device_client.as_ref().or(self.oauth.client.as_ref())
            }
            DeviceClient::Apart => self.device_client.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use native_oauth::provider::Grant;

    use super::*;
    use crate::config::Config;

    fn entry(table: &str) -> Entry {
        let config = Config::of_text_alone(table).unwrap();
        assert_eq!(config.problem, None);
        let id = table.trim_start_matches('[').split(']').next().unwrap();
        config.entry(id).unwrap().clone()
    }

    /// S47: the provider defines which client requests a device code, and whether it has a secret.
    #[test]
    fn the_client_of_a_code_is_the_providers_rule() {
        let secret = "client_id = \"c\"\nclient_secret = \"s\"";
        let apart = "device_client_id = \"d\"\ndevice_client_secret = \"t\"";
        for (table, client, auth) in [
            (format!("[github]\n{secret}"), Some("c"), Some(TokenEndpointAuthMethod::None)),
            (format!("[google]\n{secret}"), None, None),
            (format!("[google]\n{secret}\n{apart}"), Some("d"), None),
            (format!("[kakao]\n{secret}"), None, None),
            ("[github]".to_owned(), None, None),
        ] {
            let entry = entry(&table);
            let device = entry.for_device().ok();
            assert_eq!(
                device.as_ref().map(|of| of.oauth.client().unwrap().id.as_str()),
                client,
                "{table}"
            );
            assert_eq!(device.and_then(|of| of.oauth.client_auth), auth, "{table}");
            assert_eq!(
                entry.all_methods().contains(&Grant::DeviceCode),
                client.is_some(),
                "{table}"
            );
        }
    }

    /// A session keeps its client.
    #[test]
    fn a_session_keeps_its_client() {
        let entry = entry("[google]\nclient_id = \"c\"\ndevice_client_id = \"d\"");
        for (session, client) in [("d", "d"), ("c", "c"), ("another", "c")] {
            assert_eq!(entry.clone().of_client(session).oauth.client().unwrap().id, client);
        }
    }
}
