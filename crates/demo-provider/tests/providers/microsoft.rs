//! Microsoft: sign-ins, and each refusal for a client with one mistake.

use crate::common::{App, Reply, VERIFIER, demo, params, send, text, verified, with};
use demo_provider::providers::microsoft::CLIENT_ID;
use demo_provider::{Fault, Rotation};
use reqwest::StatusCode;
use serde_json::json;

const APP: App = App {
    provider: "microsoft",
    authorize: "/microsoft/common/oauth2/v2.0/authorize",
    token: "/microsoft/common/oauth2/v2.0/token",
    client: &[("client_id", CLIENT_ID)],
    redirect_uri: "http://localhost:42149/callback/microsoft",
    ask: &[("scope", "openid profile email offline_access User.Read"), ("nonce", "n-1")],
    exchange: &[],
};
const USERINFO: &str = "/microsoft/graph/oidc/userinfo";
const PHOTO: &str = "/microsoft/graph/v1.0/me/photo/$value";
const CODES: &str = "/microsoft/common/oauth2/v2.0/devicecode";
const KEYS: &str = "/microsoft/common/discovery/v2.0/keys";
const DEVICE: &[(&str, &str)] =
    &[("client_id", CLIENT_ID), ("scope", "openid profile offline_access User.Read")];

fn refused(reply: &Reply, status: u16, error: &str, code: u32) {
    let found = (reply.status.as_u16(), text(&reply.body, "error"));
    assert_eq!(found, (status, error), "{}", reply.text);
    assert_eq!(reply.body["error_codes"], json!([code]));
    assert!(text(&reply.body, "error_description").starts_with(&format!("AADSTS{code}: ")));
    for name in ["timestamp", "trace_id", "correlation_id", "error_uri"] {
        assert!(reply.body[name].is_string(), "{name}");
    }
}

#[tokio::test]
async fn a_person_signs_in_on_any_port_of_localhost_and_by_deep_link() {
    let demo = demo(APP).await;
    let response = demo.allow(&[], "haneul").await;
    assert!(response["state"] == "st" && !response["session_state"].is_empty());
    assert!(!response.contains_key("iss"));
    let body = demo.redeem(&response["code"]).await;
    assert_eq!((text(&body, "token_type"), &body["expires_in"]), ("Bearer", &json!(3599)));
    assert_eq!(text(&body, "scope"), "openid profile email User.Read");

    let claims = verified(&demo.json(KEYS).await, text(&body, "id_token"), CLIENT_ID);
    let tenant = text(&claims, "tid");
    assert_eq!(text(&claims, "iss"), format!("https://login.microsoftonline.com/{tenant}/v2.0"));
    assert_eq!((text(&claims, "nonce"), text(&claims, "email")), ("n-1", "haneul@example.com"));
    assert!(claims.get("email_verified").is_none());

    let access = text(&body, "access_token");
    let info = demo.read(USERINFO, access).await.body;
    assert_eq!((&info["sub"], text(&info, "givenname")), (&claims["sub"], "하늘"));
    assert!(info.get("name").is_none() && text(&claims, "name") == "하늘");
    assert!(info.get("email_verified").is_none());
    assert_eq!(text(&info, "picture"), demo.url(PHOTO));
    let photo = demo.http.get(demo.url(PHOTO)).bearer_auth(access).send().await.unwrap();
    assert_eq!(photo.headers()["content-type"], "image/jpeg");

    let deep = ("redirect_uri", "app.nameplate.desktop.dev:/callback/microsoft");
    let code = demo.code(&[deep], "no-avatar").await;
    let other = demo.exchange(&code, &[deep]).await.body;
    let other = verified(&demo.json(KEYS).await, text(&other, "id_token"), CLIENT_ID);
    assert_ne!(text(&other, "tid"), tenant, "an organisation has its own issuer");
}

#[tokio::test]
async fn a_denial_comes_with_session_state_too() {
    let response = params(&demo(APP).await.decide(&[], "haneul", "deny").await);
    assert_eq!(response["error"], "access_denied");
    assert_eq!(response["error_description"], "the user canceled the authentication");
    assert!(response["state"] == "st" && response.contains_key("session_state"));
}

#[tokio::test]
async fn registration_errors_stay_on_microsofts_page() {
    let demo = demo(APP).await;
    demo.refused_on_the_page(&[
        (("client_id", "nobody"), "AADSTS700016"),
        (("redirect_uri", "http://127.0.0.1:42149/callback/microsoft"), "AADSTS50011"),
        (("redirect_uri", "http://[::1]:42149/callback/microsoft"), "AADSTS50011"),
        (("redirect_uri", "http://localhost:42149/Callback/microsoft"), "AADSTS50011"),
        (("redirect_uri", "http://localhost:42149/callback/microsoft/"), "AADSTS50011"),
        (("redirect_uri", "http://localhost:5000@evil.example/callback/microsoft"), "AADSTS50011"),
        (("redirect_uri", "http://localhost.evil.example/callback/microsoft"), "AADSTS50011"),
        (("redirect_uri", "http://localhost:0x50/callback/microsoft"), "AADSTS50011"),
        (("redirect_uri", ""), "AADSTS50011"),
        (("response_type", ""), "AADSTS900144"),
        (("scope", ""), "AADSTS900144"),
    ])
    .await;
    for (change, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("code_challenge_method", "S512"), "invalid_request"),
        (("scope", "openid Everything.Read"), "invalid_scope"),
        (("prompt", "none"), "login_required"),
    ] {
        let response = demo.error(&[change]).await;
        assert_eq!(response["error"], error);
        assert!(response["error_description"].starts_with("AADSTS"), "{response:?}");
    }
}

#[tokio::test]
async fn a_public_client_sends_neither_a_secret_nor_an_origin() {
    let demo = demo(APP).await;
    let code = demo.code(&[], "haneul").await;
    let secret = demo.exchange(&code, &[("client_secret", "x")]).await;
    refused(&secret, 401, "invalid_client", 700_025);
    let basic = demo.exchange_with_basic(&code, CLIENT_ID, "").await;
    refused(&basic, 401, "invalid_client", 700_025);
    let form = with(&APP.exchange(), &[("code", &code)]);
    let origin = demo.http.post(demo.url(APP.token)).header("origin", "tauri://localhost");
    refused(&send(origin.form(&form)).await, 400, "invalid_request", 9_002_326);
    let nobody = demo.exchange(&code, &[("client_id", "nobody")]).await;
    refused(&nobody, 400, "unauthorized_client", 700_016);
    let nameless = demo.exchange(&code, &[("client_id", "")]).await;
    refused(&nameless, 400, "invalid_request", 900_144);
    demo.redeem(&code).await;
    assert_eq!(demo.counts().refusals, 5);
}

#[tokio::test]
async fn codes_verifiers_and_redirect_uris_are_checked() {
    let demo = demo(APP).await;
    let code = demo.code(&[], "haneul").await;
    let elsewhere = "http://localhost:1/callback/microsoft";
    for (change, error, number) in [
        (("code_verifier", ""), "invalid_grant", 501_481),
        (("code_verifier", "too-short"), "invalid_grant", 501_481),
        (("code_verifier", &VERIFIER.replace('d', "e")), "invalid_grant", 501_481),
        (("redirect_uri", elsewhere), "invalid_client", 500_112),
        (("grant_type", "password"), "unsupported_grant_type", 70_003),
        (("grant_type", ""), "invalid_request", 900_144),
    ] {
        refused(&demo.exchange(&code, &[change]).await, 400, error, number);
    }
    let [used, late, unasked] = demo.unusable_codes(&code, 600).await;
    refused(&used, 400, "invalid_grant", 70_000);
    refused(&late, 400, "invalid_grant", 70_000);
    refused(&unasked, 400, "invalid_grant", 501_481);
    let plain = [("code_challenge", VERIFIER), ("code_challenge_method", "")];
    demo.redeem(&demo.code(&plain, "haneul").await).await;
}

#[tokio::test]
async fn a_refresh_brings_a_new_token_and_leaves_the_old_one_good() {
    let demo = demo(APP).await;
    let body = demo.tokens(&[], "haneul").await;
    let old = text(&body, "refresh_token");
    let new = demo.refresh(old, &[]).await.body;
    assert!(text(&new, "refresh_token") != old && new["id_token"].is_string());
    assert_eq!(demo.refresh(old, &[]).await.status, StatusCode::OK, "still valid");
    let newest = demo.refresh(text(&new, "refresh_token"), &[]).await;
    assert_eq!(newest.status, StatusCode::OK);
    refused(&demo.refresh("x", &[]).await, 400, "invalid_grant", 70_000);
    refused(&demo.refresh("", &[]).await, 400, "invalid_request", 900_144);
    demo.set_rotation(Rotation::AtOnce);
    assert_eq!(demo.refresh(old, &[]).await.status, StatusCode::OK);
    refused(&demo.refresh(old, &[]).await, 400, "invalid_grant", 70_000);
    let once = demo.tokens(&[("scope", "openid User.Read")], "haneul").await;
    assert!(once.get("refresh_token").is_none(), "only with offline_access");
}

#[tokio::test]
async fn the_photo_wants_a_bearer_with_the_scope_and_may_be_missing() {
    let demo = demo(APP).await;
    let stranger = demo.read(PHOTO, "stranger").await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    assert_eq!(stranger.body["error"]["code"], "InvalidAuthenticationToken");
    assert_eq!(demo.read(USERINFO, "stranger").await.status, StatusCode::UNAUTHORIZED);
    let work = demo.tokens(&[], "no-avatar").await;
    let none = demo.read(PHOTO, text(&work, "access_token")).await;
    assert_eq!((none.status.as_u16(), &none.body["error"]["code"]), (404, &json!("ImageNotFound")));
    let info = demo.read(USERINFO, text(&work, "access_token")).await.body;
    assert_eq!((text(&info, "name"), text(&info, "family_name")), ("Mira Novak", "Novak"));
    let narrow = demo.tokens(&[("scope", "openid")], "haneul").await;
    let access = text(&narrow, "access_token");
    assert_eq!(demo.read(PHOTO, access).await.status, StatusCode::FORBIDDEN);
    let info = demo.read(USERINFO, access).await.body;
    assert!(info.get("givenname").is_none() && info.get("email").is_none());
    let full = demo.tokens(&[], "no-email").await;
    let access = text(&full, "access_token");
    let info = demo.read(USERINFO, access).await.body;
    assert!(info.get("email").is_none() && text(&info, "givenname") == "Noor");
    demo.set_faults([Fault::Photo401]);
    assert_eq!(demo.read(PHOTO, access).await.status.as_u16(), 401);
    demo.advance(3599);
    assert_eq!(demo.read(USERINFO, access).await.status.as_u16(), 401);
}

#[tokio::test]
async fn a_device_code_is_typed_and_allowed() {
    let demo = demo(APP).await;
    let codes = demo.post(CODES, DEVICE).await.body;
    assert_eq!((&codes["interval"], &codes["expires_in"]), (&json!(5), &json!(900)));
    assert!(text(&codes, "message").contains(text(&codes, "user_code")));
    let device = text(&codes, "device_code");
    refused(&demo.poll(device).await, 400, "authorization_pending", 70_016);
    assert_eq!(text(&demo.poll(device).await.body, "error"), "slow_down");
    let page = demo.path(text(&codes, "verification_uri"));
    demo.decide_device(&page, text(&codes, "user_code"), "allow").await;
    demo.advance(10);
    let body = demo.poll(device).await.body;
    assert!(body["refresh_token"].is_string() && body["id_token"].is_string());
    assert_eq!(demo.counts().device_code, 1);
    demo.advance(10);
    refused(&demo.poll(device).await, 400, "bad_verification_code", 70_018);
}

#[tokio::test]
async fn a_device_code_is_declined_or_expires_in_microsofts_words() {
    let demo = demo(APP).await;
    let codes = demo.post(CODES, DEVICE).await.body;
    demo.decide_device("/microsoft/devicelogin", text(&codes, "user_code"), "deny").await;
    let declined = demo.poll(text(&codes, "device_code")).await;
    refused(&declined, 400, "authorization_declined", 65_004);
    let late = demo.post(CODES, DEVICE).await.body;
    demo.advance(900);
    refused(&demo.poll(text(&late, "device_code")).await, 400, "expired_token", 70_019);
    for (change, status, error, code) in [
        (("scope", ""), 400, "invalid_scope", 70_011),
        (("client_id", "nobody"), 400, "unauthorized_client", 700_016),
        (("client_secret", "x"), 401, "invalid_client", 700_025),
    ] {
        refused(&demo.post(CODES, &with(DEVICE, &[change])).await, status, error, code);
    }
}

#[tokio::test]
async fn the_issuer_of_the_metadata_is_a_template_and_nothing_revokes() {
    let path = "/microsoft/common/v2.0/.well-known/openid-configuration";
    let metadata = demo(APP).await.json(path).await;
    assert_eq!(text(&metadata, "issuer"), "https://login.microsoftonline.com/{tenantid}/v2.0");
    assert!(metadata.get("revocation_endpoint").is_none());
}
