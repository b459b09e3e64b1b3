//! The token and revocation endpoints.

use super::{APP, DEEP, LOOPBACK, ME, invalid_client, refused};
use crate::common::{VERIFIER, WITHOUT_PKCE, demo, reply, send, text};
use demo_provider::providers::discord::{CLIENT_ID, CLIENT_SECRET, CONFIDENTIAL_CLIENT_ID};
use demo_provider::{Fault, Rotation};
use reqwest::StatusCode;
use serde_json::json;

const REVOKE: &str = "/discord/api/oauth2/token/revoke";
const CONFIDENTIAL: [(&str, &str); 2] =
    [("client_id", CONFIDENTIAL_CLIENT_ID), ("client_secret", CLIENT_SECRET)];
const BAD_REFRESH: &str = r#"Invalid "refresh_token" in request"#;

#[tokio::test]
async fn a_verifier_must_be_there_long_enough_and_fit() {
    let demo = demo(APP).await;
    let code = demo.code(&[], "haneul").await;
    let missing = demo.exchange(&code, &[("code_verifier", "")]).await;
    refused(&missing, "invalid_request", r#"Missing "code_verifier""#);
    for wrong in
        ["too-short", &VERIFIER[..42], &VERIFIER.replace('d', "e"), &format!("{VERIFIER} ")]
    {
        let replied = demo.exchange(&code, &[("code_verifier", wrong)]).await;
        refused(&replied, "invalid_request", r#"Invalid "code_verifier""#);
    }
    // A refusal does not spend the code.
    demo.redeem(&code).await;
}

#[tokio::test]
async fn a_verifier_that_was_never_announced_is_refused() {
    let demo = demo(APP).await;
    let code = demo.code(&WITHOUT_PKCE, "haneul").await;
    let replied = demo.exchange(&code, &[]).await;
    refused(&replied, "invalid_request", r#"Invalid "code_verifier""#);
    // Without PKCE a public client would need the secret that it does not have.
    invalid_client(&demo.exchange(&code, &[("code_verifier", "")]).await);
}

#[tokio::test]
async fn a_custom_scheme_without_pkce_gets_a_code_that_is_worth_nothing() {
    let demo = demo(APP).await;
    let deep = ("redirect_uri", DEEP);
    let code = demo.code(&[deep, WITHOUT_PKCE[0], WITHOUT_PKCE[1]], "haneul").await;
    let replied = demo.exchange(&code, &[deep, ("code_verifier", "")]).await;
    refused(&replied, "invalid_request", r#"Invalid "redirect_uri" in request."#);
}

#[tokio::test]
async fn the_redirect_uri_of_the_exchange_is_that_of_the_request() {
    let demo = demo(APP).await;
    let code = demo.code(&[], "haneul").await;
    for other in ["http://127.0.0.1:42150/callback/discord", ""] {
        let replied = demo.exchange(&code, &[("redirect_uri", other)]).await;
        refused(&replied, "invalid_request", r#"Invalid "redirect_uri" in request."#);
    }
}

#[tokio::test]
async fn a_code_is_good_once_for_its_client_and_not_for_long() {
    let demo = demo(APP).await;
    let bad_code = r#"Invalid "code" in request."#;
    refused(&demo.exchange("unknown", &[]).await, "invalid_grant", bad_code);
    let once = demo.code(&[], "haneul").await;
    refused(&demo.exchange(&once, &CONFIDENTIAL).await, "invalid_grant", bad_code);
    demo.redeem(&once).await;
    refused(&demo.exchange(&once, &[]).await, "invalid_grant", bad_code);
    let late = demo.code(&[], "haneul").await;
    demo.advance(101);
    refused(&demo.exchange(&late, &[]).await, "invalid_grant", bad_code);
}

#[tokio::test]
async fn the_secret_is_needed_where_the_client_is_not_public_and_only_there() {
    let demo = demo(APP).await;
    let id = CONFIDENTIAL[0];
    let code = demo.code(&[id], "haneul").await;
    invalid_client(&demo.exchange(&code, &[id]).await);
    invalid_client(&demo.exchange(&code, &[id, ("client_secret", "wrong")]).await);
    invalid_client(&demo.exchange(&code, &[("client_id", "nobody")]).await);
    let basic = demo.exchange_with_basic(&code, id.1, CLIENT_SECRET).await;
    assert_eq!(basic.status, StatusCode::OK, "Basic is as good as the body");

    // A public client has no secret to send.
    let code = demo.code(&[], "haneul").await;
    invalid_client(&demo.exchange(&code, &[("client_secret", "any")]).await);
    assert!(demo.server.request_log().client_secrets.contains("any"));
}

#[tokio::test]
async fn the_token_endpoint_takes_forms_only_and_two_grants() {
    let demo = demo(APP).await;
    let code = demo.code(&[], "haneul").await;
    let json = json!({
        "grant_type": "authorization_code", "client_id": CLIENT_ID, "code": code,
        "redirect_uri": LOOPBACK, "code_verifier": VERIFIER,
    });
    let replied = send(demo.http.post(demo.url(APP.token)).json(&json)).await;
    refused(&replied, "unsupported_grant_type", "Grant type None is not supported");
    let replied = demo.exchange(&code, &[("grant_type", "password")]).await;
    refused(&replied, "unsupported_grant_type", "Grant type password is not supported");
}

#[tokio::test]
async fn a_refresh_token_dies_at_once_by_default() {
    let demo = demo(APP).await;
    let first = demo.tokens(&[], "haneul").await;
    let old = text(&first, "refresh_token");
    let second = demo.refresh(old, &[]).await.body;
    let newer = text(&second, "refresh_token");
    assert!(newer != old && second["scope"] == "identify email");
    refused(&demo.refresh(old, &[]).await, "invalid_grant", BAD_REFRESH);
    assert_eq!(demo.refresh(newer, &[]).await.status, StatusCode::OK);
    assert_eq!(demo.counts().refresh_token, 2);
}

#[tokio::test]
async fn the_old_refresh_token_can_live_until_the_new_one_is_used() {
    let demo = demo(APP).await;
    demo.set_rotation(Rotation::OnUse);
    let first = demo.tokens(&[], "haneul").await;
    let old = text(&first, "refresh_token");
    let lost = demo.refresh(old, &[]).await;
    assert_eq!(lost.status, StatusCode::OK, "this response is lost");
    let second = demo.refresh(old, &[]).await.body;
    let newer = demo.refresh(text(&second, "refresh_token"), &[]).await;
    assert_eq!(newer.status, StatusCode::OK);
    refused(&demo.refresh(old, &[]).await, "invalid_grant", BAD_REFRESH);
}

#[tokio::test]
async fn revoking_any_token_ends_all_of_the_users_tokens() {
    let demo = demo(APP).await;
    let (one, two) = (demo.tokens(&[], "haneul").await, demo.tokens(&[], "haneul").await);
    let other = demo.tokens(&[], "no-email").await;
    let form = [("client_id", CLIENT_ID), ("token", text(&one, "refresh_token"))];
    assert_eq!(demo.post(REVOKE, &form).await.status, StatusCode::OK);

    let dead = demo.read(ME, text(&two, "access_token")).await;
    dead.is(401, &json!({ "message": "401: Unauthorized", "code": 0 }));
    let dead = demo.refresh(text(&two, "refresh_token"), &[]).await;
    refused(&dead, "invalid_grant", BAD_REFRESH);
    assert_eq!(demo.read(ME, text(&other, "access_token")).await.status, StatusCode::OK);

    assert_eq!(demo.post(REVOKE, &form).await.status, StatusCode::OK, "revoked already");
    invalid_client(&demo.post(REVOKE, &[("client_id", "nobody"), ("token", "x")]).await);
    let json = send(demo.http.post(demo.url(REVOKE)).json(&json!({ "token": "x" }))).await;
    assert_eq!(json.status, StatusCode::BAD_REQUEST);
    demo.set_faults([Fault::Revoke503]);
    assert_eq!(demo.post(REVOKE, &form).await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn refreshing_authenticates_the_client_and_minds_whose_token_it_is() {
    let demo = demo(APP).await;
    let public = demo.tokens(&[], "haneul").await;
    let token = text(&public, "refresh_token");
    invalid_client(&demo.refresh(token, &CONFIDENTIAL[..1]).await);
    refused(&demo.refresh(token, &CONFIDENTIAL).await, "invalid_grant", BAD_REFRESH);
    demo.advance(366 * 86_400);
    refused(&demo.refresh(token, &[]).await, "invalid_grant", BAD_REFRESH);
}

#[tokio::test]
async fn rate_limits_come_with_headers_and_a_fraction_of_a_second() {
    let demo = demo(APP).await;
    demo.set_faults([Fault::Token429]);
    let response = demo.http.post(demo.url(APP.token)).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    for name in ["x-ratelimit-reset-after", "retry-after"] {
        assert!(response.headers().contains_key(name));
    }
    let body = reply(response).await.body;
    assert!(body["retry_after"].is_f64() && body["global"].is_boolean(), "{body}");
}
