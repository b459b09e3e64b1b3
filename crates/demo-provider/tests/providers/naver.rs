//! Naver: sign-ins, and each refusal for a client with one mistake.

use crate::common::{App, Reply, VERIFIER, demo, text, verified, with};
use demo_provider::providers::naver::{CLIENT_ID, CLIENT_SECRET};
use demo_provider::{Fault, Rotation};
use reqwest::StatusCode;
use serde_json::json;

const APP: App = App {
    provider: "naver",
    authorize: "/naver/oauth2/authorize",
    token: "/naver/oauth2/token",
    client: &[("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)],
    redirect_uri: "http://127.0.0.1:53682/callback/naver",
    ask: &[("scope", "openid")],
    exchange: &[("redirect_uri", ""), ("state", "st")],
};
const ME: &str = "/naver/openapi/v1/nid/me";
const REVOKE: &str = "/naver/oauth2.0/revoke";

/// Errors of the token endpoint come with HTTP 200.
fn refused(reply: &Reply, error: &str, description: &str) {
    reply.is(200, &json!({ "error": error, "error_description": description }));
}

#[tokio::test]
async fn a_person_signs_in_on_a_registered_port() {
    let demo = demo(APP).await;
    let response = demo.allow(&[], "haneul").await;
    assert_eq!(response.keys().map(String::as_str).collect::<Vec<_>>(), ["code", "state"]);
    let body = demo.redeem(&response["code"]).await;
    assert_eq!((text(&body, "token_type"), &body["expires_in"]), ("bearer", &json!(3600)));
    let claims =
        verified(&demo.json("/naver/oauth2/jwks").await, text(&body, "id_token"), CLIENT_ID);
    assert_eq!(text(&claims, "iss"), "https://nid.naver.com");

    let me = demo.read(ME, text(&body, "access_token")).await.body;
    assert_eq!((text(&me, "resultcode"), text(&me, "message")), ("00", "success"));
    let profile = &me["response"];
    assert_eq!(profile["id"], claims["sub"]);
    assert_eq!((text(profile, "nickname"), text(profile, "email")), ("하늘", "haneul@example.com"));
    assert_eq!((text(profile, "birthday"), text(profile, "birthyear")), ("03-14", "1997"));
    assert_eq!((text(profile, "gender"), text(profile, "age")), ("F", "20-29"));
    assert_eq!(text(profile, "mobile"), "010-1234-5678");
    assert_eq!(demo.content_type(text(profile, "profile_image")).await, "image/jpeg");
}

#[tokio::test]
async fn the_https_redirect_page_is_registered_too() {
    let demo = demo(APP).await;
    let page = format!("{}/redirect/naver", demo.server.https_redirect());
    let url = demo.decide(&[("redirect_uri", &page)], "haneul", "allow").await;
    assert!(url.as_str().starts_with(&page));
}

#[tokio::test]
async fn nicknames_may_be_stars_and_items_may_be_left_out() {
    let demo = demo(APP).await;
    let me = demo.profile(ME, &[], "no-nickname").await;
    assert_eq!(
        (text(&me["response"], "nickname"), text(&me["response"], "gender")),
        ("sol***", "U")
    );
    let withheld = ["email", "profile_image"];
    let body = demo.redeem(&demo.code_without(&[], &withheld).await).await;
    let me = demo.read(ME, text(&body, "access_token")).await.body;
    assert!(withheld.iter().all(|item| me["response"].get(item).is_none()), "{me}");
}

#[tokio::test]
async fn a_denial_comes_in_navers_words() {
    let url = demo(APP).await.decide(&[], "haneul", "deny").await;
    let wanted = "error=access_denied&error_description=Canceled%20By%20User&state=st";
    assert_eq!(url.query(), Some(wanted));
}

#[tokio::test]
async fn wrong_requests_are_refused_on_the_page_or_at_the_application() {
    let demo = demo(APP).await;
    demo.refused_on_the_page(&[
        (("client_id", "nobody"), "invalid_request"),
        (("redirect_uri", "http://127.0.0.1:53685/callback/naver"), "invalid_request"),
        (("redirect_uri", "http://localhost:53682/callback/naver"), "invalid_request"),
        (("redirect_uri", "app.nameplate.desktop.dev:/callback/naver"), "invalid_request"),
        (("redirect_uri", ""), "invalid_request"),
    ])
    .await;
    for (change, error) in [
        (("state", ""), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("scope", ""), "invalid_scope"),
        (("scope", "profile"), "invalid_scope"),
        (("code_challenge_method", "plain"), "invalid_request"),
    ] {
        assert_eq!(demo.error(&[change]).await["error"], error, "{change:?}");
    }
}

#[tokio::test]
async fn the_token_request_wants_the_secret_the_state_and_the_verifier() {
    let demo = demo(APP).await;
    let code = demo.code(&[], "haneul").await;
    let pair = ("invalid_client", "wrong client id / client secret pair");
    let state = ("invalid_request", "state is missing or not that of the request");
    let verifier = ("invalid_grant", "code_verifier does not match");
    for (change, error) in [
        (("client_secret", ""), pair),
        (("client_secret", "wrong"), pair),
        (("client_id", "nobody"), pair),
        (("state", ""), state),
        (("state", "other"), state),
        (("code_verifier", ""), verifier),
        (("code_verifier", "too-short"), verifier),
        (("code_verifier", &VERIFIER.replace('d', "e")), verifier),
        (("grant_type", "delete"), ("unsupported_grant_type", "grant_type is not supported")),
    ] {
        refused(&demo.exchange(&code, &[change]).await, error.0, error.1);
    }
    let [used, late, unasked] = demo.unusable_codes(&code, 600).await;
    refused(&used, "invalid_request", "no valid data in session");
    refused(&late, "invalid_request", "no valid data in session");
    refused(&unasked, verifier.0, verifier.1);
}

#[tokio::test]
async fn a_refresh_brings_no_refresh_token_and_a_string() {
    let demo = demo(APP).await;
    let body = demo.tokens(&[], "haneul").await;
    let old = text(&body, "refresh_token");
    demo.advance(3600);
    let expired = demo.read(ME, text(&body, "access_token")).await;
    assert_eq!((expired.status.as_u16(), text(&expired.body, "resultcode")), (401, "024"));
    let new = demo.refresh(old, &[]).await.body;
    assert_eq!(new["expires_in"], "3600");
    assert!(new.get("refresh_token").is_none());
    assert_eq!(demo.read(ME, text(&new, "access_token")).await.status, StatusCode::OK);
    let secretless = demo.refresh(old, &[("client_secret", "")]).await;
    refused(&secretless, "invalid_client", "wrong client id / client secret pair");
    refused(&demo.refresh("x", &[]).await, "invalid_request", "invalid refresh_token");
    demo.set_rotation(Rotation::AtOnce);
    assert!(demo.refresh(old, &[]).await.body["refresh_token"].is_string());
}

#[tokio::test]
async fn revoking_ends_the_pair_and_says_so_by_its_status() {
    let demo = demo(APP).await;
    let body = demo.tokens(&[], "haneul").await;
    let (access, refresh) = (text(&body, "access_token"), text(&body, "refresh_token"));
    let form = [("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET), ("token", access)];
    let wrong = demo.post(REVOKE, &with(&form, &[("client_secret", "wrong")])).await;
    wrong.is(401, &json!({ "error": "unauthorized_client", "error_description": "Client authentication failed." }));
    let nothing = demo.post(REVOKE, &with(&form, &[("token", "")])).await;
    assert_eq!((nothing.status.as_u16(), text(&nothing.body, "error")), (400, "invalid_request"));
    demo.set_faults([Fault::Revoke503]);
    let busy = demo.post(REVOKE, &form).await;
    assert_eq!((busy.status.as_u16(), text(&busy.body, "error")), (503, "temporarily_unavailable"));
    demo.set_faults([]);
    let done = demo.post(REVOKE, &form).await;
    assert_eq!((done.status, done.text.as_str()), (StatusCode::OK, ""));
    assert_eq!(demo.post(REVOKE, &form).await.status, StatusCode::OK, "revoked already");
    assert_eq!(demo.read(ME, access).await.status, StatusCode::UNAUTHORIZED);
    refused(&demo.refresh(refresh, &[]).await, "invalid_request", "invalid refresh_token");
    assert_eq!(demo.counts().revocations, 1);
}

#[tokio::test]
async fn a_bearer_must_stand_there() {
    let demo = demo(APP).await;
    assert_eq!(text(&demo.json(ME).await, "resultcode"), "028");
    assert_eq!(text(&demo.read(ME, "stranger").await.body, "resultcode"), "024");
    demo.set_faults([Fault::ProfileWithoutId]);
    let me = demo.profile(ME, &[], "haneul").await;
    assert!(me["response"].get("id").is_none() && me["resultcode"] == "00", "inside the envelope");
}
