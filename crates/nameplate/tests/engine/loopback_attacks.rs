//! A hostile local process sends anything to the loopback port during a sign-in.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use nameplate::RedirectMethod;
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::fixture::{Fixture, outcome, state_of};

const REQUESTS: usize = 10_000;
const AT_ONCE: usize = 16;
const SLOW: usize = 64;
/// Requests before memory is measured.
const WARM: usize = 2_000;
/// Allowed growth of memory, in bytes: half a kibibyte per request would be more.
const LEFT: u64 = 3 << 20;
/// Shorter requests are incomplete, and their sender leaves without a response.
const COMPLETE: usize = 5;
/// Variable of the child: in its own process, memory is that of this test.
const CHILD: &str = "NAMEPLATE_TEST_NEIGHBOUR";

/// S14, S15, S25: with 10,000 requests of many kinds and 64 slow connections the sign-in succeeds;
/// memory does not grow, and nothing is exchanged for them.
#[tokio::test]
async fn a_flood_of_requests_disturbs_no_sign_in() {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "neighbour::child", "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .output();
    let output = child.await.unwrap();
    let said =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success(), "{}", said.concat());
}

/// The child process; otherwise does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let fixture = Fixture::new().await;
    let foreign = Fixture::new().await.begin("discord", RedirectMethod::DeepLink).await;
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    let authority = begun.redirect_uri.split('/').nth(2).unwrap().to_owned();
    let kinds = Arc::new(kinds(&authority, &state_of(&foreign)));
    let mut neighbours = JoinSet::new();
    for _ in 0..SLOW {
        neighbours.spawn(slow(authority.clone()));
    }
    let (sent, mut counted) = watch::channel(0);
    let (next, sent) = (Arc::new(AtomicUsize::new(0)), Arc::new(sent));
    for _ in 0..AT_ONCE {
        let (kinds, next, sent) = (Arc::clone(&kinds), Arc::clone(&next), Arc::clone(&sent));
        neighbours.spawn(flood(authority.clone(), kinds, next, sent));
    }
    counted.wait_for(|sent| *sent >= WARM).await.unwrap();
    let before = memory();
    counted.wait_for(|sent| *sent >= REQUESTS / 2).await.unwrap();
    let led = fixture.browser.get(&begun.start_url).await;
    assert_eq!(led.status, StatusCode::SEE_OTHER, "{}", led.text);
    let response = fixture.grant(&begun).await;
    counted.wait_for(|sent| *sent >= REQUESTS).await.unwrap();
    let left = memory().saturating_sub(before);
    assert!(left < LEFT, "{left} bytes are left of {} requests", REQUESTS - WARM);
    // They continue until the browser returns.
    let page = fixture.browser.follow(&response).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let user = outcome(&fixture.nameplate, &begun).await.unwrap();
    assert_eq!(user.nickname, "하늘");
    fixture.nameplate.close().await;
    // The port is closed, which ends every attacker.
    neighbours.join_all().await;
    assert_eq!(fixture.demo.request_log().grants["discord"].authorization_code, 1);
    assert_eq!(fixture.rows("SELECT count(*) FROM accounts"), 1);
    assert_eq!(fixture.state().problem, None);
}

/// Sends requests until the port is closed.
async fn flood(
    authority: String,
    kinds: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
    sent: Arc<watch::Sender<usize>>,
) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Ok(mut stream) = TcpStream::connect(&authority).await else { return };
        let kind = &kinds[number % kinds.len()];
        let mut response = Vec::new();
        if stream.write_all(kind).await.is_ok() && kind.len() >= COMPLETE {
            // It may be cut off; it is never accepted.
            let _ = stream.read_to_end(&mut response).await;
        }
        let status = response.get(9..12).unwrap_or_default();
        let refused = status.is_empty() || status[0] == b'4';
        // After the response, `/done` is open to everybody.
        assert!(
            refused || kind.starts_with(b"GET /done"),
            "{}",
            String::from_utf8_lossy(&response)
        );
        sent.send_modify(|sent| *sent += 1);
    }
}

/// Sends half a request and waits, again and again.
async fn slow(authority: String) {
    while let Ok(mut stream) = TcpStream::connect(&authority).await {
        let _ = stream.write_all(b"GET /callback/discord HTTP/1.1\r\nX: ").await;
        let _ = stream.read(&mut [0]).await;
    }
}

/// The requests, as bytes.
fn kinds(at: &str, foreign: &str) -> Vec<Vec<u8>> {
    let host = format!("Host: {at}\r\n\r\n");
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\n{host}").into_bytes();
    let other = |method: &str| {
        format!("{method} /callback/discord?code=c&state=s HTTP/1.1\r\n{host}").into_bytes()
    };
    let long = "x".repeat(9_000);
    let mut kinds: Vec<Vec<u8>> = [
        "/",
        "/favicon.ico",
        "/done",
        "/start",
        "/start/",
        "/start/0000000000000000000000000000000000000000000000000000000000000000",
        "/callback/discord",
        "/callback/discord/",
        "//callback/discord?code=c&state=s",
        "/callback/%64iscord?code=c&state=s",
        "/callback/google?code=c&state=s",
        "/callback/discord?code=c",
        "/callback/discord?code=c&state=",
        "/callback/discord?code=c&state=guess",
        "/callback/discord?error=access_denied&state=guess",
        "/callback/discord?code=c&code=d&state=guess",
        "/callback/discord?%ff%fe=%00&code=%&state=%e2%80%ae",
        "/callback/../../etc/passwd",
    ]
    .map(get)
    .to_vec();
    kinds.push(get(&format!("/callback/discord?code=c&state={foreign}")));
    kinds.push(get(&format!("/callback/discord?code=c&state={long}")));
    kinds.extend(["POST", "HEAD", "OPTIONS", "PUT", "CONNECT", "\u{1}"].map(other));
    kinds.extend(
        [
            "",
            "\r\n\r\n",
            "GET",
            "hello\r\n\r\n",
            "GET /callback/discord?code=c&state=s HTTP/1.1\r\n\r\n",
            "GET /callback/discord?code=c&state=s HTTP/1.0\r\n\r\n",
            "GET /callback/discord?code=c&state=s HTTP/1.1\r\nHost: evil.example\r\n\r\n",
            "GET /callback/discord?code=c&state=s HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ]
        .map(|bytes| bytes.as_bytes().to_vec()),
    );
    kinds.push(format!("GET http://{at}/callback/discord?code=c HTTP/1.1\r\n{host}").into_bytes());
    kinds.push(format!("GET / HTTP/1.1\r\nX: {long}{long}\r\n{host}").into_bytes());
    kinds.push([get("/"), get("/done"), get("/callback/discord?code=c&state=s")].concat());
    kinds.push(
        format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n{host}ffff\r\n{long}")
            .into_bytes(),
    );
    // A TLS handshake, and random bytes.
    kinds.push(vec![0x16, 3, 1, 0, 200]);
    kinds.push((0..=255).collect());
    kinds
}

/// The resident memory of this process, in bytes; 0 if unknown.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0) * 1024
}
