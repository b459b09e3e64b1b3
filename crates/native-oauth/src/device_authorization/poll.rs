//! Polls for the tokens of a device authorization (RFC 8628, sections 3.4 and 3.5), and the time
//! between them.

use std::time::Duration;

use tokio::time::Instant;

use super::DeviceAuthorization;
use crate::client::Client;
use crate::dialect::ParsedResponse;
use crate::error::{Error, ErrorKind, Result};
use crate::request_error::{RequestError, SentRequest};
use crate::token_request::unreadable;
use crate::token_response::{TokenResponse, WireResponse};

/// RFC 8628, section 3.4.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// Longest time between two polls while the provider is unreachable.
const MAX_BACKOFF: Duration = Duration::from_secs(60);
/// Shortest time between two polls, whatever interval the server requests.
pub(super) const MIN_INTERVAL: Duration = Duration::from_millis(200);
/// What `slow_down` adds to the interval (RFC 8628, section 3.5).
const SLOWER: Duration = Duration::from_secs(5);

/// The result of a poll.
pub enum PollResult {
    /// The user agreed.
    Granted(TokenResponse),
    /// The user denied, or the code cannot be redeemed; polling ends.
    Refused(Error),
    /// The device authorization is pending; poll again.
    Pending(PollPending),
}

/// Why a poll returned no tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollPending {
    /// The user has not decided.
    Undecided,
    /// The polls are too frequent.
    SlowDown,
    /// The provider is unreachable or busy.
    Unreachable,
}

/// The interval of the polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollInterval {
    interval: Duration,
    /// How long to wait before the next poll.
    pub wait: Duration,
}

impl PollInterval {
    /// The interval before the first poll.
    pub fn new(authorization: &DeviceAuthorization) -> Self {
        let interval = Duration::from_secs(authorization.interval).max(MIN_INTERVAL);
        Self { interval, wait: interval }
    }

    /// The interval after a poll that returned no tokens. `left` is the remaining lifetime of the
    /// code; `None` if the code expires before the next poll (RFC 8628, section 3.5).
    pub fn after(self, result: PollPending, left: Duration) -> Option<Self> {
        let interval = match result {
            PollPending::Undecided | PollPending::Unreachable => self.interval,
            // For all later polls.
            PollPending::SlowDown => self.interval.saturating_add(SLOWER),
        };
        let wait = match result {
            PollPending::Undecided | PollPending::SlowDown => interval,
            PollPending::Unreachable => self.wait.saturating_mul(2).min(MAX_BACKOFF.max(interval)),
        };
        (wait < left).then_some(Self { interval, wait })
    }
}

impl DeviceAuthorization {
    /// Asks once whether the user has agreed (RFC 8628, section 3.4).
    pub async fn poll(&self, client: &Client) -> PollResult {
        match client.try_poll(self).await {
            Ok(result) => result,
            Err(error) => match error.kind() {
                ErrorKind::Unreachable | ErrorKind::ProviderBusy | ErrorKind::WaitAsked => {
                    PollResult::Pending(PollPending::Unreachable)
                }
                _ => PollResult::Refused(error),
            },
        }
    }

    /// Makes the interval longer, as `slow_down` does for all later polls (RFC 8628, section 3.5).
    pub fn slow_down(&mut self) {
        self.interval = self.interval.saturating_add(SLOWER.as_secs());
    }

    /// Polls until the user has decided or the code expires, `lifetime` from now.
    ///
    /// # Errors
    /// The refusal of the provider; [`ErrorKind::TimedOut`] where the code expires.
    pub async fn wait_for_token(
        &self,
        client: &Client,
        lifetime: Duration,
    ) -> Result<TokenResponse> {
        let begun = Instant::now();
        let mut interval = PollInterval::new(self);
        if interval.wait >= lifetime {
            return Err(Error::new(ErrorKind::TimedOut));
        }
        loop {
            tokio::time::sleep(interval.wait).await;
            let pending = match self.poll(client).await {
                PollResult::Granted(tokens) => return Ok(tokens),
                PollResult::Refused(error) => return Err(error),
                PollResult::Pending(pending) => pending,
            };
            let left = lifetime.saturating_sub(begun.elapsed());
            interval = interval.after(pending, left).ok_or(Error::new(ErrorKind::TimedOut))?;
        }
    }
}

impl Client {
    async fn try_poll(&self, authorization: &DeviceAuthorization) -> Result<PollResult> {
        let endpoint = self.config.token_endpoint()?;
        let mut form = vec![("grant_type", GRANT), ("device_code", &*authorization.device_code)];
        let basic = self.authenticate(&mut form)?;
        let key = authorization.dpop_key.as_ref();
        let asked = SentRequest {
            proof: key.is_some(),
            ..SentRequest::of_form(form.iter().copied(), basic.is_some())
        };
        let response = self.http.post_form(endpoint, &form, basic.as_ref(), key).await?;
        let success = response.status.is_success();
        match self.config.provider.dialect.read(success, &response.body) {
            Ok(ParsedResponse::Tokens(body)) => {
                let response: WireResponse = serde_json::from_value(body)
                    .map_err(|_| Error::new(ErrorKind::ResponseMalformed))?;
                Ok(PollResult::Granted(self.tokens(&response, key)?))
            }
            // A response of a proxy.
            Ok(ParsedResponse::Error(_)) if !success && !response.is_of_an_api() => {
                Ok(PollResult::Pending(PollPending::Unreachable))
            }
            Ok(ParsedResponse::Error(refusal)) => {
                Ok(self.result(asked.refused(&response, refusal)))
            }
            Err(error) => Err(unreadable(&response, error)),
        }
    }

    /// The result of an error response (RFC 8628, section 3.5). The status is not read: Google sends 428
    /// for a pending decision and 403 for polls that are too frequent.
    fn result(&self, failed: RequestError) -> PollResult {
        match failed.error() {
            "authorization_pending" => PollResult::Pending(PollPending::Undecided),
            "slow_down" => PollResult::Pending(PollPending::SlowDown),
            _ => PollResult::Refused(failed.explain(self.config.provider)),
        }
    }
}
