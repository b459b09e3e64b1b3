//! The start link: every user of the machine can read it in the arguments of a launcher, and it
//! leads to the provider once.

use std::process::Stdio;

use demo_provider::DemoProvider;
use nameplate::{Code, PendingSignIn, RedirectMethod};
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::browser::{Shown, parameters};
use crate::fixture::{Fixture, ask, complete, notice, outcome, response_of};

/// Where the start link led.
async fn open(fixture: &Fixture, begun: &PendingSignIn) -> String {
    let led = fixture.browser.get(&begun.start_url).await;
    assert_eq!(led.status, StatusCode::SEE_OTHER, "{}", led.text);
    led.headers["location"].to_str().unwrap().to_owned()
}

fn authority(address: &str) -> &str {
    address.split('/').nth(2).unwrap()
}

fn assert_stopped(shown: &Shown, begun: &PendingSignIn) {
    assert_eq!(shown.status, StatusCode::GONE);
    assert!(shown.text.contains("<h1>") && !shown.headers.contains_key("location"));
    assert!(!shown.text.contains(&begun.url));
}

/// The user is warned, and no response of the attempt counts.
async fn assert_warned(fixture: &Fixture, begun: &PendingSignIn) {
    let told = fixture.nameplate.sign_ins().outcome(&begun.id).await.unwrap_err();
    assert_eq!(told.code(), Code::StartLinkReused);
    let shown = fixture.state();
    assert_eq!(shown.signing_in, None);
    let problem = shown.problem.unwrap();
    assert_eq!(problem.code, Code::StartLinkReused);
    assert!(problem.message.contains("twice") || problem.message.contains("두 번"), "{problem:?}");
    assert!(!problem.next.is_empty());
    fixture.nameplate.close().await;
    assert!(!fixture.browser.connects(&begun.start_url).await, "the port is still open");
    fixture.assert_nothing_kept_once_cleared().await;
}

/// S4: a launcher's arguments have no state and no challenge, for every method whose response
/// comes by itself; the browser gets to the provider once.
#[tokio::test]
async fn what_is_opened_shows_no_state() {
    let fixture = Fixture::with(DemoProvider::providers_toml).await;
    for (provider, method, host) in [
        ("discord", RedirectMethod::Loopback, "127.0.0.1"),
        ("kakao", RedirectMethod::Loopback, "localhost"),
        ("discord", RedirectMethod::DeepLink, "localhost"),
        ("facebook", RedirectMethod::HttpsPage, "localhost"),
    ] {
        let begun = fixture.begin(provider, method).await;
        let opened: url::Url = begun.start_url.parse().unwrap();
        assert_eq!(opened.host_str(), Some(host), "{provider}");
        assert_eq!(opened.query(), None);
        let nonce = opened.path().strip_prefix("/start/").unwrap();
        assert!(nonce.len() >= 32);
        for secret in ["state", "code_challenge"] {
            let secret = &parameters(&begun.url)[secret];
            assert!(!begun.start_url.contains(secret.as_str()) && !secret.contains(nonce));
        }
        assert_eq!(open(&fixture, &begun).await, begun.url, "{provider}");
        let shown = fixture.state().signing_in.unwrap();
        assert_eq!(shown.url, Some(begun.url), "what is copied is the provider's own");
        fixture.nameplate.sign_ins().cancel().await.unwrap();
        fixture.nameplate.close().await;
        assert!(!fixture.browser.connects(&begun.start_url).await, "{provider}");
    }
    // Only the user brings a response here.
    let pasted = fixture.begin("google", RedirectMethod::Manual).await;
    assert_eq!(pasted.start_url, pasted.url);
}

/// S12: a whole sign-in by the link.
#[tokio::test]
async fn the_link_leads_to_a_sign_in() {
    for method in [RedirectMethod::Loopback, RedirectMethod::DeepLink] {
        let fixture = Fixture::new().await;
        let begun = fixture.begin("discord", method).await;
        let authorize = open(&fixture, &begun).await;
        let response = fixture.browser.decide(&authorize, "haneul", "allow").await;
        if method == RedirectMethod::Loopback {
            assert_eq!(fixture.browser.follow(&response).await.status, 200);
        } else {
            complete(&fixture.nameplate, &response).await.unwrap();
        }
        let user = outcome(&fixture.nameplate, &begun).await.unwrap();
        assert_eq!(user.nickname, "하늘");
        assert_eq!(fixture.state().problem, None);
    }
}

/// S59: another user opens the link first, consents with another account and sends the response.
/// The browser's attempt reveals it, and the response does not count.
#[tokio::test]
async fn a_neighbour_who_opens_the_link_first_is_noticed() {
    for method in [RedirectMethod::Loopback, RedirectMethod::DeepLink] {
        let fixture = Fixture::new().await;
        let begun = fixture.begin("discord", method).await;
        let authorize = open(&fixture, &begun).await;
        let theirs = fixture.browser.decide(&authorize, "no-avatar", "allow").await;
        assert_stopped(&fixture.browser.get(&begun.start_url).await, &begun);
        assert_warned(&fixture, &begun).await;
        let refused = complete(&fixture.nameplate, &theirs).await.unwrap_err();
        assert_eq!(refused.code(), Code::StartLinkReused);
        assert!(fixture.demo.request_log().grants.is_empty(), "nothing was exchanged");
    }
}

/// The same after the browser: its response does not count either.
#[tokio::test]
async fn a_neighbour_who_opens_the_link_after_the_browser_is_noticed() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    let authorize = open(&fixture, &begun).await;
    assert_stopped(&fixture.browser.get(&begun.start_url).await, &begun);
    assert_warned(&fixture, &begun).await;
    let response = fixture.browser.decide(&authorize, "haneul", "allow").await;
    assert_eq!(
        complete(&fixture.nameplate, &response).await.unwrap_err().code(),
        Code::StartLinkReused
    );
}

/// If the other user was quicker in everything, a warning is shown.
#[tokio::test(flavor = "multi_thread")]
async fn a_neighbour_whose_response_was_taken_already_is_told() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    let authorize = open(&fixture, &begun).await;
    let theirs = fixture.browser.decide(&authorize, "no-avatar", "allow").await;
    let hold = fixture.vault.hold_next_put();
    assert_eq!(fixture.browser.get(&theirs).await.status, StatusCode::SEE_OTHER);
    fixture.vault.until_held().await;
    let mut news = fixture.nameplate.events();
    assert_stopped(&fixture.browser.get(&begun.start_url).await, &begun);
    let told = || fixture.state().problem.map(|problem| problem.code);
    while told() != Some(Code::StartLinkReused) {
        news.recv().await.unwrap();
    }
    drop(hold);
    fixture.nameplate.sign_ins().outcome(&begun.id).await.unwrap();
    assert_eq!(told(), Some(Code::StartLinkReused), "still, when the sign-in has ended");
    // The command line reports it once.
    assert_eq!(
        fixture.nameplate.notices().take_start_link_warning().unwrap().code(),
        Code::StartLinkReused
    );
    assert!(told().is_none() && fixture.nameplate.notices().take_start_link_warning().is_none());
}

/// N3: the other methods stay open, with a warning.
#[tokio::test]
async fn another_way_of_the_sign_in_goes_on() {
    let fixture = Fixture::new().await;
    let link = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let port = fixture.begin("discord", RedirectMethod::Loopback).await;
    open(&fixture, &port).await;
    assert_stopped(&fixture.browser.get(&port.start_url).await, &port);
    let mut news = fixture.nameplate.events();
    while notice(&fixture.nameplate).is_none() {
        news.recv().await.unwrap();
    }
    assert_eq!(notice(&fixture.nameplate).unwrap().code(), Code::StartLinkReused);
    let refused = complete(&fixture.nameplate, &response_of(&port, "code=c")).await.unwrap_err();
    assert_eq!(refused.code(), Code::StartLinkReused);
    let response = fixture.grant(&link).await;
    complete(&fixture.nameplate, &response).await.unwrap();
}

/// Opening the browser again is a new attempt with its own link. The former one ends, also on the
/// same fixed port, because its link may have been opened.
#[tokio::test]
async fn a_link_that_is_made_anew_ends_the_former_attempt() {
    let fixture = Fixture::new().await;
    for method in [RedirectMethod::Loopback, RedirectMethod::DeepLink] {
        let former = fixture.begin("discord", method).await;
        let theirs = open(&fixture, &former).await;
        let theirs = fixture.browser.decide(&theirs, "no-avatar", "allow").await;
        assert_eq!(
            fixture.nameplate.sign_ins().current().unwrap().request.method,
            Some(method.into())
        );
        let latter = fixture.begin("discord", method).await;
        assert_eq!(latter.id, former.id);
        assert_ne!(latter.start_url, former.start_url);
        // The former port closes later; its link leads nowhere.
        while fixture.browser.connects(&former.start_url).await {}
        assert_eq!(
            complete(&fixture.nameplate, &theirs).await.unwrap_err().code(),
            Code::Superseded
        );
        let authorize = open(&fixture, &latter).await;
        assert_eq!(authorize, latter.url);
        fixture.nameplate.sign_ins().cancel().await.unwrap();
    }
    assert!(fixture.demo.request_log().grants.is_empty());
}

/// N1: after a restart the port is bound again; a former link leads nowhere and ends nothing.
#[tokio::test]
async fn a_link_does_not_outlive_its_program() {
    let fixture = Fixture::new().await;
    let open = fixture.opener();
    let begun = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            open().sign_ins().begin(ask("discord", RedirectMethod::Loopback)).await.unwrap()
        })
    })
    .await
    .unwrap();
    let nameplate = fixture.another();
    nameplate.sign_ins().resume().await.unwrap();
    for _ in 0..2 {
        assert_eq!(fixture.browser.get(&begun.start_url).await.status, StatusCode::NOT_FOUND);
    }
    let response = fixture.grant(&begun).await;
    assert_eq!(fixture.browser.follow(&response).await.status, 200);
    nameplate.sign_ins().outcome(&begun.id).await.unwrap();
}

/// The response for another user of this machine; `None` if the test cannot become another user.
#[cfg(target_os = "linux")]
async fn as_another_user(address: &str) -> Option<String> {
    if std::fs::metadata("/proc/self").map(|own| std::os::unix::fs::MetadataExt::uid(&own)).ok()?
        != 0
    {
        return None;
    }
    let port = url::Url::parse(address).unwrap().port().unwrap();
    let path = address.splitn(4, '/').nth(3).unwrap();
    let request = format!("GET /{path} HTTP/1.1\\r\\nHost: {}\\r\\n\\r\\n", authority(address));
    let child = tokio::process::Command::new("bash")
        .args(["-c", "exec 3<>/dev/tcp/127.0.0.1/$PORT; printf \"$REQUEST\" >&3; cat <&3"])
        .env("PORT", port.to_string())
        .env("REQUEST", request.replace('%', "%%"))
        .uid(65_534)
        .current_dir("/")
        .stdin(Stdio::null())
        .output();
    Some(String::from_utf8(child.await.unwrap().stdout).unwrap())
}

/// S14, S59: on Linux another user is recognized by the socket: the link does not open, is not used
/// up, and no response is accepted; the sign-in continues.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn another_user_is_refused() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    let theirs = fixture.browser.decide(&begun.url, "no-avatar", "allow").await;
    for address in [&begun.start_url, &theirs, &begun.start_url] {
        let Some(got) = as_another_user(address).await else { return };
        assert!(got.starts_with("HTTP/1.1 403"), "{got}");
        assert!(!got.contains("location:"), "{got}");
    }
    let authorize = open(&fixture, &begun).await;
    let response = fixture.browser.decide(&authorize, "haneul", "allow").await;
    assert_eq!(fixture.browser.follow(&response).await.status, 200);
    let user = outcome(&fixture.nameplate, &begun).await.unwrap();
    assert_eq!(user.nickname, "하늘");
}

async fn speaks_tls(begun: &PendingSignIn) {
    let mut stream = TcpStream::connect(authority(&begun.redirect_uri)).await.unwrap();
    stream.write_all(&[0x16, 3, 1, 0, 200]).await.unwrap();
    // The port closes without a response, possibly with unread data.
    assert!(!matches!(stream.read(&mut [0]).await, Ok(1..)));
}

/// N8: a browser that tries https first causes no notice; one that insists does, until it uses
/// http.
#[tokio::test]
async fn https_is_told_only_of_a_browser_that_insists() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    speaks_tls(&begun).await;
    let authorize = open(&fixture, &begun).await;
    fixture.pass(60).await;
    assert_eq!(notice(&fixture.nameplate), None, "it came by http");
    speaks_tls(&begun).await;
    fixture.pass(1).await;
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert_eq!(notice(&fixture.nameplate), None, "it may still come by http");
    let mut news = fixture.nameplate.events();
    fixture.pass(2).await;
    while notice(&fixture.nameplate).is_none() {
        news.recv().await.unwrap();
    }
    assert_eq!(notice(&fixture.nameplate).unwrap().code(), Code::HttpsForced);
    let response = fixture.browser.decide(&authorize, "haneul", "allow").await;
    assert_eq!(fixture.browser.get(&response).await.status, StatusCode::SEE_OTHER);
    assert_eq!(notice(&fixture.nameplate), None, "it has come by http after all");
    fixture.nameplate.sign_ins().outcome(&begun.id).await.unwrap();
}
