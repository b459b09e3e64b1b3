//! The client of the device flow, which need not be the one of the other channels.

use super::{Client, Entry};
use crate::error::{Code, Error, Result};
use crate::provider::{ClientAuth, DeviceClient};

impl Entry {
    /// As the device flow has it.
    ///
    /// # Errors
    /// [`Code::ChannelRefused`] where a code can be asked for nowhere, or by nobody.
    pub(crate) fn for_device(&self) -> Result<Self> {
        let client =
            self.client_of_device().filter(|_| self.endpoints.device_authorization.is_some());
        let client = client.ok_or_else(|| Error::new(Code::ChannelRefused).at(&self.id))?;
        let shows_nothing = self.provider.device == DeviceClient::WithoutSecret;
        Ok(Self {
            client_auth: if shows_nothing { Some(ClientAuth::None) } else { self.client_auth },
            client: Some(client.clone()),
            ..self.clone()
        })
    }

    /// Whether a code for another device can be asked for, as far as is known before discovery.
    pub(super) fn takes_device(&self) -> bool {
        self.endpoints.device_authorization.is_some() && self.client_of_device().is_some()
    }

    /// For the client that tokens were given to, if it is one of ours: a session goes on with the
    /// one that it began with.
    pub(crate) fn of_client(self, id: &str) -> Self {
        match self.device_client.as_ref().filter(|client| client.id == id) {
            Some(client) => Self { client: Some(client.clone()), ..self },
            None => self,
        }
    }

    fn client_of_device(&self) -> Option<&Client> {
        match self.provider.device {
            DeviceClient::Same | DeviceClient::WithoutSecret => {
                self.device_client.as_ref().or(self.client.as_ref())
            }
            DeviceClient::Apart => self.device_client.as_ref(),
        }
    }
}
