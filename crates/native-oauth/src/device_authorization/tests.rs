use std::time::Duration;

use serde_json::json;
use wiremock::matchers::{body_string_contains, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::poll::MIN_INTERVAL;
use super::*;
use crate::http::Http;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn asked(response: serde_json::Value) -> StandardDeviceAuthorizationResponse {
    serde_json::from_value(response).unwrap()
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
    kept(codes()).unwrap().poll(&client).await
}

fn kept(response: serde_json::Value) -> Result<DeviceAuthorization> {
    authorization(&config(), &asked(response))
}

/// S47: five seconds where the response names no interval; its own where it does.
#[test]
fn the_interval_is_the_responses_else_five_seconds() {
    for (more, wait) in [
        (json!({}), seconds(5)),
        (json!({ "interval": null }), seconds(5)),
        (json!({ "interval": 12 }), seconds(12)),
        (json!({ "interval": 0 }), MIN_INTERVAL),
    ] {
        assert_eq!(PollInterval::new(&kept(with(more)).unwrap()).wait, wait);
    }
}

/// S47: `slow_down` adds five seconds to all later intervals; while the provider is unreachable the
/// interval doubles, and then it is the former one again; no poll is sent after the code has expired.
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
/// poll is waited for that would be after the code expired.
#[tokio::test(start_paused = true)]
async fn no_number_of_seconds_is_too_large() {
    let client = Client::new(Http::new("test", std::sync::Arc::new(|| 0)).unwrap(), config());
    let waited = async |interval: u64, lifetime: u64| {
        let authorization = kept(with(json!({ "interval": interval }))).unwrap();
        let waited = authorization.wait_for_token(&client, seconds(lifetime));
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

/// S57: the user is sent to secure addresses alone, by the code that is shown and no other.
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
        assert_eq!(refused.kind(), ErrorKind::ResponseMalformed, "{more}");
    }
}

/// Google's response is older than the RFC, and names the address otherwise.
#[test]
fn google_spells_the_address_in_its_own_way() {
    let response = json!({
        "device_code": "d", "user_code": "GQVQ-JKEC", "expires_in": 1800, "interval": 5,
        "verification_url": "https://www.google.com/device"
    });
    let device = kept(response).unwrap().prompt;
    assert_eq!(device.verification_uri, "https://www.google.com/device");
}

/// S48: what is secret does not show.
#[test]
fn a_waiting_authorization_does_not_show_its_code() {
    assert_eq!(format!("{:?}", kept(codes()).unwrap()), "DeviceAuthorization([redacted])");
}

/// What a poll comes to when the token endpoint answers so.
async fn polled(response: ResponseTemplate) -> PollResult {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/token"))
        .and(body_string_contains("device_code=d-1"))
        .and(body_string_contains("client_id=c"))
        .respond_with(response)
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
/// GitHub with 200, Microsoft with an error of its own.
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

/// S47: a response of a busy server or of another server, or none, is no decision.
#[tokio::test]
async fn silence_is_no_end() {
    for response in [
        ResponseTemplate::new(503),
        ResponseTemplate::new(429),
        ResponseTemplate::new(403).set_body_string("<html>log in to this network</html>"),
    ] {
        assert!(matches!(polled(response).await, PollResult::Pending(PollPending::Unreachable)));
    }
    let unreachable = poll("http://127.0.0.1:9/token").await;
    assert!(matches!(unreachable, PollResult::Pending(PollPending::Unreachable)));
}
