//! Broken and hostile providers: any response of an endpoint costs one request at most.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nameplate::{Code, Grant, RedirectMethod, SignOutScope};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::fixture::{Fixture, ask, waiting_url};

/// More than the socket's buffers and every limit of the engine, in bytes.
const BOUND: u64 = 64 << 20;

/// What a server sends for any request.
#[derive(Debug, Clone)]
enum Sends {
    /// These bytes; then the connection ends.
    Bytes(Vec<u8>),
    /// The first bytes once, then the others without end.
    Endless(&'static str, &'static str),
}

/// A server that sends raw bytes.
struct Hostile {
    at: String,
    sends: Arc<Mutex<Sends>>,
    /// Bytes that were sent.
    sent: Arc<AtomicU64>,
    /// Number of requests.
    asked: Arc<AtomicU64>,
}

impl Hostile {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        let sends = Arc::new(Mutex::new(Sends::Bytes(Vec::new())));
        let hostile = Self { at, sends, sent: Arc::default(), asked: Arc::default() };
        let (sends, sent, asked) =
            (hostile.sends.clone(), hostile.sent.clone(), hostile.asked.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                asked.fetch_add(1, Ordering::SeqCst);
                let sends = sends.lock().unwrap().clone();
                tokio::spawn(serve(stream, sends, sent.clone()));
            }
        });
        hostile
    }

    fn set(&self, sends: Sends) {
        *self.sends.lock().unwrap() = sends;
        self.sent.store(0, Ordering::SeqCst);
        self.asked.store(0, Ordering::SeqCst);
    }
}

async fn serve(mut stream: TcpStream, sends: Sends, sent: Arc<AtomicU64>) {
    let mut request = Vec::new();
    // Reads the whole request, including a form.
    while !is_whole(&request) {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(read) if read > 0 => request.extend_from_slice(&chunk[..read]),
            _ => return,
        }
    }
    match sends {
        Sends::Bytes(bytes) => drop(stream.write_all(&bytes).await),
        Sends::Endless(first, then) => {
            let block = then.repeat(1 + (16 << 10) / then.len());
            let mut next = first.as_bytes();
            while stream.write_all(next).await.is_ok() {
                let total = sent.fetch_add(next.len() as u64, Ordering::SeqCst);
                if total > BOUND {
                    return;
                }
                next = block.as_bytes();
            }
        }
    }
    let _ = stream.shutdown().await;
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((header, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = header.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    body.len() >= length.unwrap_or(0)
}

fn bytes(text: &str) -> Sends {
    Sends::Bytes(text.as_bytes().to_vec())
}

/// Responses that are invalid, with the expected code of a request for JSON.
fn responses() -> Vec<(Sends, Code)> {
    let mut gzip = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n".to_vec();
    gzip.extend_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    vec![
        (
            Sends::Endless("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", "x"),
            Code::ResponseMalformed,
        ),
        (
            Sends::Endless(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "10\r\n{{{{{{{{{{{{{{{{\r\n",
            ),
            Code::ResponseMalformed,
        ),
        (bytes("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{"), Code::Unreachable),
        (Sends::Endless("HTTP/1.1 400 Bad Request\r\n\r\n", "no "), Code::ProviderRefused),
        (Sends::Endless("HTTP/1.1 503 Service Unavailable\r\n\r\n", "no "), Code::ProviderBusy),
        (Sends::Endless("HTTP/1.1 200 OK\r\n", "X-More: x\r\n"), Code::Unreachable),
        (Sends::Endless("HTTP/1.1 200 OK\r\nX-Long: ", "x"), Code::Unreachable),
        (Sends::Endless("", "x"), Code::Unreachable),
        (bytes(""), Code::Unreachable),
        (bytes("SSH-2.0-OpenSSH_9.6\r\n"), Code::Unreachable),
        (bytes("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"id\": \"1\""), Code::Unreachable),
        (
            bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"id\""),
            Code::Unreachable,
        ),
        (bytes("HTTP/1.1 400 Bad Request\r\nContent-Length: 20\r\n\r\nno"), Code::ProviderRefused),
        (Sends::Bytes(gzip), Code::ResponseMalformed),
        (bytes("HTTP/1.1 204 No Content\r\n\r\n"), Code::ResponseMalformed),
        (bytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), Code::ResponseMalformed),
        (
            bytes("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello"),
            Code::ResponseMalformed,
        ),
        (
            bytes("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n<html>log in"),
            Code::ResponseUnreadable,
        ),
        (
            bytes("HTTP/1.1 511 Network Authentication Required\r\n\r\nlog in"),
            Code::ResponseUnreadable,
        ),
        (
            bytes("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"),
            Code::Redirected,
        ),
        (
            bytes("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:9/\r\n\r\n"),
            Code::Redirected,
        ),
        (bytes("HTTP/1.1 404 Not Found\r\n\r\n"), Code::ProviderRefused),
    ]
}

/// The demo's configuration with another URL for one endpoint.
async fn fixture(provider: &str, line: &str) -> Fixture {
    let table = format!("[{provider}]");
    Fixture::with(|demo| {
        let name = line.split(' ').next().unwrap();
        let mut inside = false;
        let kept: Vec<_> = demo
            .providers_toml()
            .lines()
            .filter(|one| {
                if one.starts_with('[') {
                    inside = *one == table;
                }
                !(inside && one.starts_with(name))
            })
            .map(str::to_owned)
            .collect();
        kept.join("\n").replace(&table, &format!("{table}\n{line}"))
    })
    .await
}

/// A time limit for the whole test.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(25), what).await.unwrap()
}

/// S27, S30: any response of a token or profile endpoint ends the sign-in after one request, with
/// its own code, and nothing is stored.
#[tokio::test]
async fn an_endpoint_may_respond_with_anything() {
    let hostile = Hostile::start().await;
    for name in ["token_endpoint", "userinfo_endpoint"] {
        let fixture = fixture("discord", &format!("{name} = \"{}/x\"", hostile.at)).await;
        for (sends, code) in responses() {
            hostile.set(sends.clone());
            let refused = soon(fixture.sign_in("discord")).await.unwrap_err();
            assert_eq!(refused.code(), code, "{name} {sends:?}: {refused}");
            assert!(hostile.sent.load(Ordering::SeqCst) < BOUND, "{name} {sends:?}");
            assert_eq!(hostile.asked.load(Ordering::SeqCst), 1, "{name} {sends:?}");
            fixture.assert_nothing_kept();
        }
    }
}

/// S30: the same for metadata, keys and the device endpoint.
#[tokio::test]
async fn an_issuer_may_respond_with_anything() {
    let hostile = Hostile::start().await;
    let at = &hostile.at;
    for (line, method) in [
        (format!("issuer = \"{at}\""), RedirectMethod::Manual.into()),
        (format!("jwks_uri = \"{at}/keys\""), RedirectMethod::Manual.into()),
        (format!("device_authorization_endpoint = \"{at}/device\""), Grant::DeviceCode),
    ] {
        let fixture = fixture("company", &line).await;
        for (sends, code) in responses() {
            hostile.set(sends.clone());
            let of_metadata =
                [Code::ResponseMalformed, Code::ResponseUnreadable, Code::ProviderRefused];
            let expected = match line.split(' ').next().unwrap() {
                "issuer" if of_metadata.contains(&code) => Code::DiscoveryFailed,
                "jwks_uri" if code == Code::ProviderRefused => Code::DiscoveryFailed,
                _ => code,
            };
            let refused = match method {
                Grant::AuthorizationCode(_) => soon(fixture.sign_in("company")).await.unwrap_err(),
                Grant::DeviceCode => {
                    soon(fixture.nameplate.sign_ins().begin(ask("company", method)))
                        .await
                        .unwrap_err()
                }
            };
            assert_eq!(refused.code(), expected, "{line} {sends:?}: {refused}");
            assert!(hostile.sent.load(Ordering::SeqCst) < BOUND, "{line} {sends:?}");
            fixture.assert_nothing_kept();
        }
    }
}

/// S46, S54: any response of a revocation endpoint or picture costs only itself.
#[tokio::test]
async fn a_revocation_and_a_picture_may_respond_with_anything() {
    let hostile = Hostile::start().await;
    let revoking = fixture("company", &format!("revocation_endpoint = \"{}/x\"", hostile.at)).await;
    let picturing = fixture("discord", &format!("avatar_base = \"{}/x\"", hostile.at)).await;
    for (sends, _) in responses() {
        hostile.set(sends.clone());
        let account = revoking.sign_in("company").await.unwrap().accounts[0].id.to_string();
        let _ =
            soon(revoking.nameplate.accounts().sign_out(&account, SignOutScope::Everywhere)).await;
        assert!(revoking.nameplate.accounts().list().unwrap().is_empty(), "{sends:?}");
        hostile.set(sends.clone());
        let user = soon(picturing.sign_in("discord")).await.unwrap();
        assert_eq!(user.accounts[0].notes, [Code::PictureRefused.to_string()], "{sends:?}");
        assert!(hostile.sent.load(Ordering::SeqCst) < BOUND, "{sends:?}");
        let account = user.accounts[0].id.to_string();
        picturing.nameplate.accounts().sign_out(&account, SignOutScope::Here).await.unwrap();
    }
}

/// Unusual HTTP is accepted: HTTP/1.0, an interim response, chunks of one byte, and a wrong content
/// type (RFC 9112, sections 6.3 and 7.1; RFC 9110, section 15.2).
#[tokio::test]
async fn odd_answers_are_still_answers() {
    let hostile = Hostile::start().await;
    let fixture = fixture("discord", &format!("userinfo_endpoint = \"{}/x\"", hostile.at)).await;
    let me = r#"{"id": "1", "username": "mira"}"#;
    let chunks: String = me.chars().map(|c| format!("1;x=y\r\n{c}\r\n")).collect();
    for response in [
        format!("HTTP/1.0 200 OK\r\n\r\n{me}"),
        format!(
            "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{me}"
        ),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\nX: y\r\n\r\n"),
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{me}",
            me.len()
        ),
        format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: {}\r\n\r\n{me}",
            me.len()
        ),
    ] {
        hostile.set(bytes(&response));
        let user = soon(fixture.sign_in("discord")).await.unwrap();
        assert_eq!(user.nickname, "mira", "{response}");
    }
}

/// A 401 without JSON refreshes the token once, and ends nothing (RFC 6750, section 3.1). Other
/// statuses are reported.
#[tokio::test]
async fn a_status_counts_whatever_the_body() {
    let hostile = Hostile::start().await;
    let fixture = fixture("discord", &format!("userinfo_endpoint = \"{}/x\"", hostile.at)).await;
    hostile.set(bytes("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"id\": \"1\"}"));
    let account = fixture.sign_in("discord").await.unwrap().accounts[0].id.to_string();
    for (body, words) in [
        ("", "401 Unauthorized"),
        ("token expired", "401 Unauthorized token expired"),
        ("<html><h1>Log in</h1></html>", "401 Unauthorized Log in"),
        ("[\"no\"]", "401 Unauthorized no"),
    ] {
        let refreshes = || fixture.demo.request_log().grants["discord"].refresh_token;
        let before = refreshes();
        hostile
            .set(bytes(&format!("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n{body}")));
        let refused = fixture.nameplate.profiles().refresh(&account).await.unwrap_err();
        assert_eq!(
            (refused.code(), refused.detail()),
            (Code::ProfileRefused, Some(words)),
            "{body}"
        );
        assert_eq!(refreshes(), before + 1, "{body}");
    }
    for (status, code, words) in [
        ("403 Forbidden", Code::ProfileRefused, "403 Forbidden no"),
        ("400 Bad Request", Code::ProviderRefused, "400 Bad Request no"),
        ("404 Not Found", Code::ProviderRefused, "404 Not Found no"),
    ] {
        for body in ["no", "{\"message\": \"no\"}", "<p>no</p>"] {
            hostile.set(bytes(&format!("HTTP/1.1 {status}\r\nConnection: close\r\n\r\n{body}")));
            let refused = fixture.nameplate.profiles().refresh(&account).await.unwrap_err();
            assert_eq!((refused.code(), refused.detail()), (code, Some(words)), "{status} {body}");
        }
    }
    assert_eq!(fixture.users()[0].accounts[0].state, nameplate::AccountState::Active);
}

/// S48: no secret of a request is quoted, whatever an endpoint quotes.
#[tokio::test]
async fn what_was_sent_is_not_quoted() {
    let server = wiremock::MockServer::start().await;
    let echo = |request: &wiremock::Request| {
        let form = String::from_utf8_lossy(&request.body).into_owned();
        let bearer = request.headers.get("authorization").map(|value| value.to_str().unwrap());
        let decoded: Vec<_> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        let text = format!("no {form} nor {decoded:?} nor {}", bearer.unwrap_or_default());
        wiremock::ResponseTemplate::new(400).set_body_string(text)
    };
    wiremock::Mock::given(wiremock::matchers::any()).respond_with(echo).mount(&server).await;
    let secret = "client_secret = \"s3cret+and/more\"";
    for line in [
        format!("token_endpoint = \"{}/x\"\nclient_auth = \"post\"\n{secret}", server.uri()),
        format!("token_endpoint = \"{}/x\"\nclient_auth = \"basic\"\n{secret}", server.uri()),
        format!("userinfo_endpoint = \"{}/x\"", server.uri()),
    ] {
        let fixture = fixture("discord", &line).await;
        let refused = fixture.sign_in("discord").await.unwrap_err();
        let told = format!("{refused:?}");
        let ledger = fixture.demo.request_log();
        let sent = ledger.codes.iter().chain(&ledger.access_tokens).chain(&ledger.verifiers);
        for secret in sent.map(String::as_str).chain(["s3cret", "czNjcmV0"]) {
            assert!(!told.contains(secret), "{secret} in {told}");
        }
        assert!(told.contains("400 Bad Request no "), "{told}");
    }
}

/// S47: a poll that is refused without `error` ends, unless a proxy answered.
#[tokio::test]
async fn a_device_poll_may_be_answered_by_anything() {
    let hostile = Hostile::start().await;
    let fixture = fixture("company", &format!("token_endpoint = \"{}/token\"", hostile.at)).await;
    for (status, ends) in [
        ("400 Bad Request\r\n\r\n", true),
        ("401 Unauthorized\r\n\r\nno", true),
        ("403 Forbidden\r\n\r\n<html>log in to this network", false),
        ("404 Not Found\r\n\r\n", false),
    ] {
        hostile.set(bytes(&format!("HTTP/1.1 {status}")));
        let begun = fixture.begin("company", Grant::DeviceCode).await;
        fixture.pass(5).await;
        while hostile.asked.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        if ends {
            let refused = soon(fixture.nameplate.sign_ins().outcome(&begun.id)).await.unwrap_err();
            assert!(
                matches!(refused.code(), Code::ProviderRefused | Code::ClientRefused),
                "{status}: {refused}"
            );
        } else {
            assert!(waiting_url(&fixture.nameplate).is_some(), "{status}");
            fixture.nameplate.sign_ins().cancel().await.unwrap();
        }
    }
}
