//! Signing in on another device (RFC 8628): a code for the person, polls for us. What a poll's
//! answer means for the next one is decided here, purely.

use std::pin::Pin;
use std::time::Duration;

use oauth2::{AsyncHttpClient, DeviceAuthorizationUrl, Scope, StandardDeviceAuthorizationResponse};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::client::Client;
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
    /// What the person is shown.
    pub prompt: UserCodePrompt,
}

impl DeviceAuthorization {
    /// Reads what [`DeviceAuthorization::text`] wrote.
    pub fn parse(text: &SecretString) -> Option<Self> {
        serde_json::from_str(text.expose_secret()).ok()
    }

    /// As it stands in the vault.
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
    /// It goes on.
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
    /// As the provider refuses; [`ErrorKind::ChannelRefused`] where it has no such endpoint.
    pub async fn device_authorization(&self) -> Result<(DeviceAuthorization, u64)> {
        let endpoint = self.config.endpoints.device_authorization.clone();
        let endpoint = endpoint.ok_or(Error::new(ErrorKind::ChannelRefused))?;
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
        Ok((authorization(&self.config, &answer)?, answer.expires_in().as_secs()))
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
        let asked = SentRequest::of_form(form.iter().copied(), basic.is_some());
        let answer = self.http.post_form(endpoint, &form, basic.as_ref()).await?;
        let success = answer.status.is_success();
        match self.config.provider.dialect.read(success, &answer.body) {
            Ok(ParsedResponse::Tokens(body)) => {
                let response: WireResponse = serde_json::from_value(body)
                    .map_err(|_| Error::new(ErrorKind::AnswerMalformed))?;
                Ok(PollResult::Granted(self.tokens(&response)?))
            }
            // A proxy on the way, that says something of its own.
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
        prompt: UserCodePrompt {
            user_code: user_code.to_owned(),
            verification_uri: page(answer.verification_uri().as_str())?,
            verification_uri_complete: complete
                .map(|address| page(address.secret()))
                .transpose()?,
        },
    })
}

/// Sends for `oauth2` what is response by no tokens, so that no dialect is read in it.
struct Plain<'a>(&'a Client);

impl<'c> AsyncHttpClient<'c> for Plain<'_> {
    type Error = RequestError;
    type Future =
        Pin<Box<dyn Future<Output = Result<oauth2::HttpResponse, RequestError>> + Send + 'c>>;

    fn call(&'c self, request: oauth2::HttpRequest) -> Self::Future {
        Box::pin(async move {
            let asked = SentRequest::of(&request);
            let answer = self.0.http.token_request(request).await?;
            match error_in(answer.status.is_success(), &answer.body) {
                Some(refusal) => Err(asked.refused(&answer, refusal)),
                None => json_response(&answer.json()?),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wiremock::matchers::{body_string_contains, method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::http::Http;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn asked(answer: serde_json::Value) -> StandardDeviceAuthorizationResponse {
        serde_json::from_value(answer).unwrap()
    }

    fn codes() -> serde_json::Value {
        json!({
            "device_code": "d-1", "user_code": "WDJB-MJHT", "expires_in": 900,
            "verification_uri": "https://id.example.com/device"
        })
    }

    fn with(more: serde_json::Value) -> serde_json::Value {
        let mut codes = codes();
        codes.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
        codes
    }

    fn config() -> ProviderConfig {
        ProviderConfig::issuer("company", "https://id.example.com").with_client("c", None)
    }

    async fn poll(token_endpoint: &str) -> PollResult {
        let mut config = config();
        config.endpoints.token = Some(token_endpoint.parse().unwrap());
        let client = Client::new(Http::new("test", std::sync::Arc::new(|| 0)).unwrap(), config);
        client.poll(&kept(codes()).unwrap()).await
    }

    fn kept(answer: serde_json::Value) -> Result<DeviceAuthorization> {
        authorization(&config(), &asked(answer))
    }

    /// S47: five seconds where the answer names no interval; its own where it does.
    #[test]
    fn the_interval_is_the_answers_else_five_seconds() {
        for (more, wait) in [
            (json!({}), seconds(5)),
            (json!({ "interval": null }), seconds(5)),
            (json!({ "interval": 12 }), seconds(12)),
            (json!({ "interval": 0 }), SHORTEST),
        ] {
            assert_eq!(PollInterval::new(&kept(with(more)).unwrap()).wait, wait);
        }
    }

    /// S47: `slow_down` adds five seconds for good; a provider that is silent is asked half as
    /// often each time, and as often as before once it answers; no poll finds a dead code.
    #[test]
    fn the_pace_follows_what_was_heard() {
        use PollPending::{SlowDown, Undecided, Unreachable};
        let waits = |result: &[PollPending]| {
            let mut pace = PollInterval::new(&kept(codes()).unwrap());
            let next = |result: &PollPending| {
                pace = pace.after(*result, seconds(900)).unwrap();
                pace.wait.as_secs()
            };
            result.iter().map(next).collect::<Vec<_>>()
        };
        assert_eq!(waits(&[Undecided, Undecided]), [5, 5]);
        assert_eq!(waits(&[SlowDown, Undecided, SlowDown, Undecided]), [10, 10, 15, 15]);
        assert_eq!(
            waits(&[Unreachable, Unreachable, Unreachable, Unreachable, Unreachable]),
            [10, 20, 40, 60, 60]
        );
        assert_eq!(
            waits(&[Unreachable, Unreachable, Undecided, SlowDown, Unreachable]),
            [10, 20, 5, 10, 20]
        );
        let pace = PollInterval::new(&kept(codes()).unwrap());
        assert!(pace.after(Undecided, seconds(6)).is_some());
        for result in [Undecided, SlowDown, Unreachable] {
            assert_eq!(pace.after(result, seconds(5)), None, "{result:?}");
        }
    }

    /// RFC 8628, section 3.2: any number of seconds is survived, as a lifetime and as an interval; no
    /// poll is waited for that would find a dead code.
    #[tokio::test(start_paused = true)]
    async fn no_number_of_seconds_is_too_large() {
        let client = Client::new(Http::new("test", std::sync::Arc::new(|| 0)).unwrap(), config());
        let waited = async |interval: u64, lifetime: u64| {
            let authorization = kept(with(json!({ "interval": interval }))).unwrap();
            let waited = client.wait_for_token(&authorization, seconds(lifetime));
            let waited = tokio::time::timeout(seconds(3600), waited).await.expect("an end");
            waited.unwrap_err().kind()
        };
        // Without a token endpoint the first poll is refused.
        assert_eq!(waited(5, u64::MAX).await, ErrorKind::DiscoveryFailed);
        assert_eq!(waited(900, 900).await, ErrorKind::TimedOut);
        assert_eq!(waited(u64::MAX, u64::MAX).await, ErrorKind::TimedOut);
        assert_eq!(waited(u64::MAX, 900).await, ErrorKind::TimedOut);
        let longest = PollInterval::new(&kept(with(json!({ "interval": u64::MAX }))).unwrap());
        for pending in [PollPending::SlowDown, PollPending::Unreachable] {
            assert_eq!(longest.after(pending, seconds(900)), None);
        }
    }

    /// S57: the person is sent to secure addresses alone, by the code that is shown and no other.
    #[test]
    fn what_is_shown_can_be_shown() {
        let complete = json!({ "verification_uri_complete": "https://id.example.com/device?c=W" });
        let device = kept(with(complete)).unwrap().prompt;
        assert_eq!(device.address(), "https://id.example.com/device?c=W");
        assert_eq!(kept(codes()).unwrap().prompt.address(), "https://id.example.com/device");
        for more in [
            json!({ "verification_uri": "http://id.example.com/device" }),
            json!({ "verification_uri": "file:///etc/passwd" }),
            json!({ "verification_uri_complete": "http://id.example.com/device?c=W" }),
            json!({ "verification_uri_complete": "javascript:alert(1)" }),
            json!({ "user_code": "" }),
            json!({ "user_code": "W\u{1b}[2J" }),
            json!({ "user_code": "W\u{202e}JD" }),
            json!({ "user_code": "W\u{200b}JD" }),
            json!({ "user_code": "W".repeat(65) }),
            json!({ "device_code": "d".repeat((64 << 10) + 1) }),
        ] {
            let refused = kept(with(more.clone())).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::AnswerMalformed, "{more}");
        }
    }

    /// Google's answer is older than the RFC, and names the address otherwise.
    #[test]
    fn google_spells_the_address_in_its_own_way() {
        let answer = json!({
            "device_code": "d", "user_code": "GQVQ-JKEC", "expires_in": 1800, "interval": 5,
            "verification_url": "https://www.google.com/device"
        });
        let device = kept(answer).unwrap().prompt;
        assert_eq!(device.verification_uri, "https://www.google.com/device");
    }

    /// S48: what is secret does not show.
    #[test]
    fn a_waiting_authorization_does_not_show_its_code() {
        assert_eq!(format!("{:?}", kept(codes()).unwrap()), "DeviceAuthorization([redacted])");
    }

    /// What a poll comes to when the token endpoint answers so.
    async fn polled(answer: ResponseTemplate) -> PollResult {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .and(path("/token"))
            .and(body_string_contains("device_code=d-1"))
            .and(body_string_contains("client_id=c"))
            .respond_with(answer)
            .expect(1)
            .mount(&server)
            .await;
        poll(&format!("{}/token", server.uri())).await
    }

    async fn refusal(status: u16, error: &str) -> String {
        let body = json!({ "error": error, "error_description": "about d-1" });
        match polled(ResponseTemplate::new(status).set_body_json(body)).await {
            PollResult::Granted(_) => "granted".to_owned(),
            PollResult::Pending(pending) => format!("{pending:?}"),
            PollResult::Refused(error) => {
                assert!(!error.to_string().contains("d-1"), "{error}");
                error.kind().to_string()
            }
        }
    }

    /// S47: what each provider says to a poll: RFC 8628 with 400, Google with 428 and 403,
    /// GitHub with 200, Microsoft with a word of its own.
    #[tokio::test]
    async fn every_refusal_is_told_apart() {
        for (status, error, result) in [
            (400, "authorization_pending", "Undecided"),
            (428, "authorization_pending", "Undecided"),
            (200, "authorization_pending", "Undecided"),
            (400, "slow_down", "SlowDown"),
            (403, "slow_down", "SlowDown"),
            (400, "access_denied", "access_denied"),
            (403, "access_denied", "access_denied"),
            (400, "authorization_declined", "access_denied"),
            (400, "expired_token", "timed_out"),
            (400, "invalid_grant", "code_refused"),
            (401, "invalid_client", "client_refused"),
        ] {
            assert_eq!(refusal(status, error).await, result, "{status} {error}");
        }
    }

    /// S47: whoever is busy, out of reach or not the provider at all has not decided anything.
    #[tokio::test]
    async fn silence_is_no_end() {
        for answer in [
            ResponseTemplate::new(503),
            ResponseTemplate::new(429),
            ResponseTemplate::new(403).set_body_string("<html>log in to this network</html>"),
        ] {
            assert!(matches!(polled(answer).await, PollResult::Pending(PollPending::Unreachable)));
        }
        let nobody = poll("http://127.0.0.1:9/token").await;
        assert!(matches!(nobody, PollResult::Pending(PollPending::Unreachable)));
    }
}
