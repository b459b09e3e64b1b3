//! Signing in on another device (RFC 8628): a code for the person, polls for us. What a poll's
//! answer means for the next one is decided here, purely.

use std::pin::Pin;
use std::time::Duration;

use oauth2::{AsyncHttpClient, DeviceAuthorizationUrl, Scope, StandardDeviceAuthorizationResponse};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::client::Client;
use crate::dpop::DpopKey;
use crate::error::{Error, ErrorKind, Result};
use crate::provider_config::ProviderConfig;
use crate::request_error::{RequestError, SentRequest};
use crate::text;
use crate::token_request::{TokenResponse, WireResponse, failed, json_response, unreadable};
use crate::token_response::{ParsedResponse, error_in};

/// RFC 8628, section 3.4.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// What `slow_down` adds to the interval (RFC 8628, section 3.5).
const SLOWER: Duration = Duration::from_secs(5);
/// A server that names no least interval at all is still not asked without a breath.
const SHORTEST: Duration = Duration::from_millis(200);
/// The longest that a network out of reach is left alone.
const LONGEST: Duration = Duration::from_secs(60);
/// No code for people is longer.
const LONGEST_CODE: usize = 64;
/// Of a device code, in bytes.
const LONGEST_DEVICE_CODE: usize = 64 << 10;

/// What the person enters elsewhere, and where.
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
    /// What the person is shown.
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

impl std::fmt::Debug for DeviceAuthorization {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceAuthorization([redacted])")
    }
}

/// What came of one poll.
pub enum PollResult {
    /// The person agreed.
    Granted(TokenResponse),
    /// It is over.
    Refused(Error),
    /// The device authorization is pending; poll again.
    Pending(PollPending),
}

/// Why a poll brought nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollPending {
    /// The person has not decided.
    Undecided,
    /// The polls come too fast.
    SlowDown,
    /// The provider gave no answer: out of reach, or busy.
    Unreachable,
}

/// The rhythm of the polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollInterval {
    interval: Duration,
    /// How long to wait before the next poll.
    pub wait: Duration,
}

impl PollInterval {
    /// Before the first poll.
    pub fn new(authorization: &DeviceAuthorization) -> Self {
        let interval = Duration::from_secs(authorization.interval).max(SHORTEST);
        Self { interval, wait: interval }
    }

    /// After a poll that brought nothing, when the code is good for another `left`; `None` where
    /// no poll would find it so (RFC 8628, section 3.5).
    pub fn after(self, result: PollPending, left: Duration) -> Option<Self> {
        let interval = match result {
            PollPending::Undecided | PollPending::Unreachable => self.interval,
            // For this poll and all that follow.
            PollPending::SlowDown => self.interval.saturating_add(SLOWER),
        };
        let wait = match result {
            PollPending::Undecided | PollPending::SlowDown => interval,
            PollPending::Unreachable => self.wait.saturating_mul(2).min(LONGEST.max(interval)),
        };
        (wait < left).then_some(Self { interval, wait })
    }
}

impl Client {
    /// Asks for a code (RFC 8628, section 3.1), and how many seconds it is good for.
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
        let answer: StandardDeviceAuthorizationResponse = request
            .request_async(&Plain(self))
            .await
            .map_err(|error| failed(error).explain(self.config.provider))?;
        let dpop_key = self.config.uses_dpop().then(DpopKey::generate).transpose()?;
        let authorization = authorization(&self.config, &answer)?;
        Ok((DeviceAuthorization { dpop_key, ..authorization }, answer.expires_in().as_secs()))
    }

    /// Asks once whether the person has agreed (RFC 8628, section 3.4).
    pub async fn poll(&self, authorization: &DeviceAuthorization) -> PollResult {
        match self.try_poll(authorization).await {
            Ok(result) => result,
            Err(error) => match error.kind() {
                ErrorKind::Unreachable | ErrorKind::ProviderBusy | ErrorKind::WaitAsked => {
                    PollResult::Pending(PollPending::Unreachable)
                }
                _ => PollResult::Refused(error),
            },
        }
    }

    /// Polls until the person has decided or the code expires, `lifetime` from now.
    ///
    /// # Errors
    /// As the provider refuses; [`ErrorKind::TimedOut`] where the code expires.
    pub async fn wait_for_token(
        &self,
        authorization: &DeviceAuthorization,
        lifetime: Duration,
    ) -> Result<TokenResponse> {
        let begun = Instant::now();
        let mut interval = PollInterval::new(authorization);
        if interval.wait >= lifetime {
            return Err(Error::new(ErrorKind::TimedOut));
        }
        loop {
            tokio::time::sleep(interval.wait).await;
            let pending = match self.poll(authorization).await {
                PollResult::Granted(tokens) => return Ok(tokens),
                PollResult::Refused(error) => return Err(error),
                PollResult::Pending(pending) => pending,
            };
            let left = lifetime.saturating_sub(begun.elapsed());
            interval = interval.after(pending, left).ok_or(Error::new(ErrorKind::TimedOut))?;
        }
    }

    async fn try_poll(&self, authorization: &DeviceAuthorization) -> Result<PollResult> {
        let endpoint = self.config.token_endpoint()?;
        let mut form = vec![("grant_type", GRANT), ("device_code", &*authorization.device_code)];
        let basic = self.authenticate(&mut form)?;
        let key = authorization.dpop_key.as_ref();
        let asked = SentRequest {
            proof: key.is_some(),
            ..SentRequest::of_form(form.iter().copied(), basic.is_some())
        };
        let answer = self.http.post_form(endpoint, &form, basic.as_ref(), key).await?;
        let success = answer.status.is_success();
        match self.config.provider.dialect.read(success, &answer.body) {
            Ok(ParsedResponse::Tokens(body)) => {
                let response: WireResponse = serde_json::from_value(body)
                    .map_err(|_| Error::new(ErrorKind::AnswerMalformed))?;
                Ok(PollResult::Granted(self.tokens(&response, key)?))
            }
            // A response of a proxy.
            Ok(ParsedResponse::Error(_)) if !success && !answer.is_of_an_api() => {
                Ok(PollResult::Pending(PollPending::Unreachable))
            }
            Ok(ParsedResponse::Error(refusal)) => Ok(self.result(asked.refused(&answer, refusal))),
            Err(error) => Err(unreadable(&answer, error)),
        }
    }

    /// A refusal, told apart as RFC 8628, section 3.5 does. The status says nothing more: Google
    /// sends 428 for a decision that is pending and 403 for polls that come too fast.
    fn result(&self, failed: RequestError) -> PollResult {
        match failed.error() {
            "authorization_pending" => PollResult::Pending(PollPending::Undecided),
            "slow_down" => PollResult::Pending(PollPending::SlowDown),
            _ => PollResult::Refused(failed.explain(self.config.provider)),
        }
    }
}

/// What is kept of an answer. The person is sent to secure addresses only, and what is shown has
/// nothing in it that steers a terminal.
fn authorization(
    entry: &ProviderConfig,
    answer: &StandardDeviceAuthorizationResponse,
) -> Result<DeviceAuthorization> {
    let page = |text: &str| {
        let checked = entry.discovered("verification_uri", text);
        checked.map(String::from).map_err(|error| {
            Error::new(ErrorKind::AnswerMalformed)
                .detail(error.words().unwrap_or("verification_uri"))
        })
    };
    let complete = answer.verification_uri_complete();
    let user_code = answer.user_code().secret().trim();
    let showable = !user_code.is_empty() && !user_code.chars().any(text::is_hidden);
    if !showable || user_code.chars().count() > LONGEST_CODE {
        return Err(Error::new(ErrorKind::AnswerMalformed).detail("user_code"));
    }
    if answer.device_code().secret().len() > LONGEST_DEVICE_CODE {
        return Err(Error::new(ErrorKind::AnswerMalformed).detail("device_code"));
    }
    Ok(DeviceAuthorization {
        device_code: answer.device_code().secret().clone(),
        interval: answer.interval().as_secs(),
        dpop_key: None,
        prompt: UserCodePrompt {
            user_code: user_code.to_owned(),
            verification_uri: page(answer.verification_uri().as_str())?,
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
            let answer = self.0.http.token_request(request, None).await?;
            match error_in(answer.status.is_success(), &answer.body) {
                Some(refusal) => Err(asked.refused(&answer, refusal)),
                None => json_response(&answer.json()?),
            }
        })
    }
}

#[cfg(test)]
mod tests;
