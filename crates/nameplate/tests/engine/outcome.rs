//! The end of a sign-in: success, cancellation, timeout, and a newer sign-in.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

use nameplate::{Code, Grant, RedirectMethod};

use crate::fixture::{Fixture, ask, complete, state_of};

/// S12: the port opens with the attempt, and closes after the response was processed.
#[tokio::test]
async fn a_port_closes_after_its_response() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    assert!(fixture.browser.connects(&begun.redirect_uri).await);
    let response = fixture.grant(&begun).await;
    let page = fixture.browser.follow(&response).await;
    assert!(page.status == 200 && page.text.contains("<h1>"), "{}", page.text);
    fixture.nameplate.sign_ins().outcome(&begun.id).await.unwrap();
    fixture.nameplate.close().await;
    assert!(!fixture.browser.connects(&begun.redirect_uri).await);
}

/// S12, S48: pages in the browser have no code, state or token.
#[tokio::test]
async fn no_page_carries_a_secret() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    let response = fixture.grant(&begun).await;
    let received = fixture.browser.get(&response).await;
    let page = fixture.browser.get(&begun.redirect_uri.replace("callback/discord", "done")).await;
    let ledger = fixture.demo.request_log();
    let secrets = ledger.codes.iter().chain(&ledger.states).chain(&ledger.access_tokens);
    for secret in secrets {
        for shown in [&received, &page] {
            assert!(!shown.text.contains(secret.as_str()));
            assert!(!format!("{:?}", shown.headers).contains(secret.as_str()));
        }
    }
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
}

/// S12: cancelling closes the port, and a late response is refused.
#[tokio::test]
async fn cancelling_closes_the_port() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    let response = fixture.grant(&begun).await;
    fixture.nameplate.sign_ins().cancel().await.unwrap();
    fixture.nameplate.close().await;
    assert!(!fixture.browser.connects(&begun.redirect_uri).await);
    assert_eq!(complete(&fixture.nameplate, &response).await.unwrap_err().code(), Code::Cancelled);
    assert_eq!(
        fixture.nameplate.sign_ins().outcome(&begun.id).await.unwrap_err().code(),
        Code::Cancelled
    );
    assert_eq!(fixture.state().problem, None, "the person knows");
    fixture.vault.until(|entries| entries.is_empty()).await;
    fixture.assert_nothing_kept();
}

/// S12, S26: after ten minutes the attempt has expired: port closed, secrets deleted.
#[tokio::test]
async fn an_attempt_lives_ten_minutes() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    assert_eq!(begun.expires_at, fixture.now() + 600);
    // Lets the engine check the clock.
    fixture.advance(600);
    let ended = fixture.nameplate.sign_ins().outcome(&begun.id).await.unwrap_err();
    assert_eq!(ended.code(), Code::TimedOut);
    fixture.nameplate.close().await;
    assert!(!fixture.browser.connects(&begun.redirect_uri).await);
    fixture.vault.until(|entries| entries.is_empty()).await;
    fixture.assert_nothing_kept();
}

/// S26: exactly, whichever task checks the clock first.
#[tokio::test]
async fn a_response_in_time_counts_and_a_late_one_does_not() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let response = fixture.grant(&begun).await;
    let terminal = fixture.another();
    fixture.advance(600);
    assert_eq!(complete(&terminal, &response).await.unwrap_err().code(), Code::TimedOut);
    fixture.advance(-1);
    assert!(fixture.demo.request_log().grants.is_empty(), "the late response went nowhere");
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let response = fixture.grant(&begun).await;
    // The attempt's timer does not run between the clock and the response.
    let finish = complete(&terminal, &response);
    fixture.advance(599);
    finish.await.unwrap();
}

/// S26: a sign-in at another provider replaces the pending one, and closes its port.
#[tokio::test]
async fn a_new_sign_in_supersedes_the_former() {
    let fixture = Fixture::new().await;
    let former = fixture.begin("discord", RedirectMethod::Loopback).await;
    let response = fixture.grant(&former).await;
    let latter = fixture.begin("company", RedirectMethod::Manual).await;
    assert_ne!(former.id, latter.id);
    assert_eq!(
        fixture.nameplate.sign_ins().outcome(&former.id).await.unwrap_err().code(),
        Code::Superseded
    );
    assert_eq!(complete(&fixture.nameplate, &response).await.unwrap_err().code(), Code::Superseded);
    let response = fixture.grant(&latter).await;
    complete(&fixture.nameplate, &response).await.unwrap();
    fixture.nameplate.close().await;
    assert!(!fixture.browser.connects(&former.redirect_uri).await);
    assert_eq!(fixture.users().len(), 1);
}

/// S26: a sign-in in the terminal does not end that of the window.
#[tokio::test]
async fn another_program_supersedes_nothing() {
    let fixture = Fixture::new().await;
    let terminal = fixture.another();
    let here = fixture.begin("discord", RedirectMethod::DeepLink).await;
    terminal.sign_ins().begin(ask("company", RedirectMethod::Manual)).await.unwrap();
    let response = fixture.grant(&here).await;
    complete(&fixture.nameplate, &response).await.unwrap();
}

/// N3, S26: two methods of a sign-in are pending; the first response ends the other.
#[tokio::test]
async fn the_first_response_of_two_methods_wins() {
    for (wins, loses) in [(0, 1), (1, 0)] {
        let fixture = Fixture::new().await;
        let begun = [
            fixture.begin("discord", RedirectMethod::Loopback).await,
            fixture.begin("discord", RedirectMethod::DeepLink).await,
        ];
        assert_eq!(begun[0].id, begun[1].id);
        assert_ne!(state_of(&begun[0]), state_of(&begun[1]));
        let responses = [fixture.grant(&begun[0]).await, fixture.grant(&begun[1]).await];
        complete(&fixture.nameplate, &responses[wins]).await.unwrap();
        let late = complete(&fixture.nameplate, &responses[loses]).await.unwrap_err();
        assert_eq!(late.code(), Code::Superseded);
        fixture.nameplate.sign_ins().outcome(&begun[0].id).await.unwrap();
        fixture.nameplate.close().await;
        assert!(!fixture.browser.connects(&begun[0].redirect_uri).await);
        assert_eq!(fixture.demo.request_log().grants["discord"].authorization_code, 1);
        let user = &fixture.users()[0];
        assert_eq!(fixture.vault.names(), [user.accounts[0].id.as_str()]);
    }
}

/// N3: the newest method is shown.
#[tokio::test]
async fn changing_the_method_keeps_the_place() {
    let fixture = Fixture::new().await;
    fixture.begin("discord", RedirectMethod::DeepLink).await;
    let first = fixture.state().signing_in.unwrap();
    assert!(!first.paste, "a deep link has no address to paste");
    let second = fixture.begin("discord", RedirectMethod::Manual).await;
    let shown = fixture.state().signing_in.unwrap();
    assert_eq!(shown.url.as_deref(), Some(second.url.as_str()));
    assert!(shown.paste && shown.method == RedirectMethod::Manual.into());
    assert_eq!(
        shown.methods,
        [RedirectMethod::Loopback, RedirectMethod::DeepLink, RedirectMethod::Manual]
            .map(Grant::from)
    );
}

/// U7, S13: a new attempt can use the fixed port of the former.
#[tokio::test]
async fn a_fixed_port_is_free_for_the_next_try() {
    let (fixture, port) = with_one_port().await;
    let wanted = format!("http://127.0.0.1:{port}/callback/discord");
    for _ in 0..3 {
        assert_eq!(fixture.begin("discord", RedirectMethod::Loopback).await.redirect_uri, wanted);
    }
    fixture.nameplate.sign_ins().cancel().await.unwrap();
    let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
    assert_eq!(begun.redirect_uri, wanted);
    let response = fixture.browser.decide(&begun.url, "haneul", "deny").await;
    fixture.browser.follow(&response).await;
    assert_eq!(fixture.begin("discord", RedirectMethod::Loopback).await.redirect_uri, wanted);
}

/// U7: a port that is in use is named before a browser opens, and the pending sign-in stays.
#[tokio::test]
async fn a_port_that_is_taken_is_told() {
    let (fixture, port) = with_one_port().await;
    let squatter = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let refused = fixture
        .nameplate
        .sign_ins()
        .begin(ask("discord", RedirectMethod::Loopback))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::PortTaken);
    assert_eq!(refused.detail(), Some(port.to_string().as_str()));
    assert_eq!(fixture.rows("SELECT count(*) FROM attempts"), 0);
    fixture.assert_nothing_kept();
    drop(squatter);
    fixture.begin("discord", RedirectMethod::Loopback).await;
}

/// A Discord with one registered port that is free.
async fn with_one_port() -> (Fixture, u16) {
    // Below the ephemeral ports, so that no other test gets it.
    static NEXT: AtomicU16 = AtomicU16::new(21_000);
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let next = || NEXT.fetch_add(1, Ordering::Relaxed);
    let port = std::iter::repeat_with(next).find(is_free).unwrap();
    let fixture = Fixture::with(|demo| {
        let ports = format!("[discord]\nredirect_ports = [{port}]");
        demo.providers_toml().replace("[discord]", &ports)
    })
    .await;
    (fixture, port)
}

/// The browser gets a page, also if the sign-in ends at the response.
#[tokio::test(flavor = "multi_thread")]
async fn a_denial_reaches_the_browser_as_a_page() {
    let fixture = Fixture::new().await;
    for _ in 0..20 {
        let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
        let response = fixture.browser.decide(&begun.url, "haneul", "deny").await;
        assert_eq!(fixture.browser.follow(&response).await.status, 200);
    }
}
