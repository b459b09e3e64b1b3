//! Device authorization (RFC 8628, sections 3.1 and 3.2): a code that the user enters on another
//! device.

mod poll;

use std::pin::Pin;

use oauth2::{AsyncHttpClient, DeviceAuthorizationUrl, Scope, StandardDeviceAuthorizationResponse};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::dialect::error_in;
use crate::dpop::DpopKey;
use crate::error::{Error, ErrorKind, Result};
use crate::provider_config::ProviderConfig;
use crate::request_error::{RequestError, SentRequest};
use crate::text;
use crate::token_request::{failed, json_response};
pub use poll::{PollInterval, PollPending, PollResult};

/// Longest user code, in characters.
const LONGEST_CODE: usize = 64;
/// Longest device code, in bytes.
const LONGEST_DEVICE_CODE: usize = 64 << 10;

/// The code that the user enters, and the address to enter it at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct UserCodePrompt {
    /// The code to enter.
    pub user_code: String,
    /// Where to enter it.
    pub verification_uri: String,
    /// Where it is entered already.
    pub verification_uri_complete: Option<String>,
}

impl UserCodePrompt {
    /// The address to open on this device: with the code in it, where there is such a one.
    pub fn address(&self) -> &str {
        self.verification_uri_complete.as_ref().unwrap_or(&self.verification_uri)
    }
}

/// A device authorization that waits (RFC 8628, section 3.2), as the vault keeps it.
#[derive(Serialize, Deserialize)]
pub struct DeviceAuthorization {
    device_code: String,
    /// The least time between two polls, in seconds.
    interval: u64,
    /// The key of the session to be, where its tokens are to be bound to one (RFC 9449, section 5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dpop_key: Option<DpopKey>,
    /// What the user is shown.
    pub prompt: UserCodePrompt,
}

impl DeviceAuthorization {
    /// Reads what [`DeviceAuthorization::text`] wrote.
    pub fn parse(text: &SecretString) -> Option<Self> {
        serde_json::from_str(text.expose_secret()).ok()
    }

    /// The form in which it is stored in the vault.
    pub fn text(&self) -> SecretString {
        serde_json::json!(self).to_string().into()
    }
}

redacted!(DeviceAuthorization);

impl Client {
    /// Asks for a code (RFC 8628, section 3.1); returns it with its lifetime in seconds.
    ///
    /// # Errors
    /// As the provider refuses; [`ErrorKind::MethodRefused`] where it has no such endpoint.
    pub async fn device_authorization(&self) -> Result<(DeviceAuthorization, u64)> {
        let endpoint = self.config.endpoints.device_authorization.clone();
        let endpoint = endpoint.ok_or(Error::new(ErrorKind::MethodRefused))?;
        let client =
            self.oauth2()?.set_device_authorization_url(DeviceAuthorizationUrl::from_url(endpoint));
        let mut request = client.exchange_device_code();
        let scopes = self.config.requested_scopes();
        if !scopes.is_empty() {
            let separator = self.config.provider.dialect.request_separator.as_char().to_string();
            request = request.add_scope(Scope::new(scopes.join(&separator)));
        }
        // The request has no such parameter, and yet some issuers ask for consent by it alone.
        if let Some(prompt) = self.config.prompt(None) {
            request = request.add_extra_param("prompt", prompt);
        }
        let response: StandardDeviceAuthorizationResponse = request
            .request_async(&Plain(self))
            .await
            .map_err(|error| failed(error).explain(self.config.provider))?;
        let dpop_key = self.config.uses_dpop().then(DpopKey::generate).transpose()?;
        let authorization = authorization(&self.config, &response)?;
        Ok((DeviceAuthorization { dpop_key, ..authorization }, response.expires_in().as_secs()))
    }
}

/// The checked response. Its addresses are https, and the user code has no control or hidden
/// characters.
fn authorization(
    entry: &ProviderConfig,
    response: &StandardDeviceAuthorizationResponse,
) -> Result<DeviceAuthorization> {
    let page = |text: &str| {
        let checked = entry.discovered("verification_uri", text);
        checked.map(String::from).map_err(|error| {
            Error::new(ErrorKind::ResponseMalformed)
                .with_detail(error.detail().unwrap_or("verification_uri"))
        })
    };
    let complete = response.verification_uri_complete();
    let user_code = response.user_code().secret().trim();
    let showable = !user_code.is_empty() && !user_code.chars().any(text::is_hidden);
    if !showable || user_code.chars().count() > LONGEST_CODE {
        return Err(Error::new(ErrorKind::ResponseMalformed).with_detail("user_code"));
    }
    if response.device_code().secret().len() > LONGEST_DEVICE_CODE {
        return Err(Error::new(ErrorKind::ResponseMalformed).with_detail("device_code"));
    }
    Ok(DeviceAuthorization {
        device_code: response.device_code().secret().clone(),
        interval: response.interval().as_secs(),
        dpop_key: None,
        prompt: UserCodePrompt {
            user_code: user_code.to_owned(),
            verification_uri: page(response.verification_uri().as_str())?,
            verification_uri_complete: complete
                .map(|address| page(address.secret()))
                .transpose()?,
        },
    })
}

/// Sends the requests of `oauth2` whose responses contain no tokens: no token dialect is applied.
struct Plain<'a>(&'a Client);

impl<'c> AsyncHttpClient<'c> for Plain<'_> {
    type Error = RequestError;
    type Future =
        Pin<Box<dyn Future<Output = Result<oauth2::HttpResponse, RequestError>> + Send + 'c>>;

    fn call(&'c self, request: oauth2::HttpRequest) -> Self::Future {
        Box::pin(async move {
            let asked = SentRequest::of(&request);
            let response = self.0.http.token_request(request, None).await?;
            match error_in(response.status.is_success(), &response.body) {
                Some(refusal) => Err(asked.refused(&response, refusal)),
                None => json_response(&response.json()?),
            }
        })
    }
}

#[cfg(test)]
mod tests;
