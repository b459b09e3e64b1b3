//! LINE: sign-ins, and each refusal for a client with one mistake.

use crate::common::{App, Reply, VERIFIER, demo, header, reply, text, verified, with};
use demo_provider::providers::line::{CLIENT_ID, CLIENT_SECRET};
use demo_provider::{Fault, Rotation};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use reqwest::StatusCode;
use serde_json::{Value, json};

const APP: App = App {
    provider: "line",
    authorize: "/line/oauth2/v2.1/authorize",
    token: "/line/oauth2/v2.1/token",
    client: &[("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)],
    redirect_uri: "http://127.0.0.1:53682/callback/line",
    ask: &[("scope", "profile openid email"), ("state", "0123456789abcdef"), ("nonce", "n-1")],
    exchange: &[],
};
const PROFILE: &str = "/line/v2/profile";
const USERINFO: &str = "/line/oauth2/v2.1/userinfo";
const VERIFY: &str = "/line/oauth2/v2.1/verify";
const REVOKE: &str = "/line/oauth2/v2.1/revoke";
const MISSED: (&str, &str) = ("invalid_request", "some parameters missed or invalid");

fn refused(reply: &Reply, error: (&str, &str)) {
    reply.is(400, &json!({ "error": error.0, "error_description": error.1 }));
}

/// The claims of an HS256 id_token, verified by a library that shares nothing with the demo provider.
fn with_secret(jwt: &str) -> Value {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&[CLIENT_ID]);
    let key = DecodingKey::from_secret(CLIENT_SECRET.as_bytes());
    decode::<Value>(jwt, &key, &validation).unwrap().claims
}

#[tokio::test]
async fn a_person_signs_in_on_a_registered_port() {
    let demo = demo(APP).await;
    let response = demo.allow(&[], "haneul").await;
    assert_eq!(response["state"], "0123456789abcdef");
    assert_eq!(response["friendship_status_changed"], "false");
    assert!(!response.contains_key("iss"));
    let body = demo.redeem(&response["code"]).await;
    assert_eq!((text(&body, "token_type"), &body["expires_in"]), ("Bearer", &json!(2_592_000)));
    assert_eq!(text(&body, "scope"), "profile openid", "never the address");
    let claims = with_secret(text(&body, "id_token"));
    assert_eq!((text(&claims, "iss"), text(&claims, "nonce")), ("https://access.line.me", "n-1"));
    assert_eq!((text(&claims, "name"), text(&claims, "email")), ("하늘", "haneul@example.com"));
    assert!(claims.get("email_verified").is_none());

    let access = text(&body, "access_token");
    let profile = demo.read(PROFILE, access).await.body;
    assert_eq!((&profile["userId"], text(&profile, "displayName")), (&claims["sub"], "하늘"));
    assert!(text(&profile, "userId").starts_with('U') && text(&profile, "userId").len() == 33);
    let info = demo.read(USERINFO, access).await.body;
    assert_eq!(info["sub"], claims["sub"]);
    assert!(info.get("email").is_none(), "the address is in the id_token only");
    assert_eq!(demo.content_type(text(&profile, "pictureUrl")).await, "image/jpeg");
}

#[tokio::test]
async fn the_key_set_fits_where_it_is_asked_for() {
    let demo = demo(APP).await;
    let code = demo.code(&[], "haneul").await;
    let body = demo.exchange(&code, &[("id_token_key_type", "JWK")]).await.body;
    assert_eq!(header(text(&body, "id_token"))["alg"], "ES256");
    let certs = demo.json("/line/oauth2/v2.1/certs").await;
    let claims = verified(&certs, text(&body, "id_token"), CLIENT_ID);
    assert_eq!(text(&claims, "email"), "haneul@example.com");
}

#[tokio::test]
async fn what_is_missing_is_absent() {
    let demo = demo(APP).await;
    let profile = demo.profile(PROFILE, &[], "old-account").await;
    assert!(profile.get("pictureUrl").is_none() && profile.get("statusMessage").is_none());
    let body = demo.tokens(&[], "no-email").await;
    assert!(with_secret(text(&body, "id_token")).get("email").is_none());
    let body = demo.tokens(&[("scope", "profile")], "haneul").await;
    assert!(body.get("id_token").is_none());
    let info = demo.read(USERINFO, text(&body, "access_token")).await;
    assert_eq!(info.status, StatusCode::FORBIDDEN);
    demo.read(PROFILE, "stranger").await.is(401, &json!({ "message": "The access token expired" }));
}

#[tokio::test]
async fn errors_at_the_application_are_in_capitals() {
    let demo = demo(APP).await;
    let denied = demo.decide(&[], "haneul", "deny").await;
    let query = denied.query().unwrap();
    assert!(query.starts_with("error=ACCESS_DENIED&") && query.ends_with("state=0123456789abcdef"));
    for (change, error) in [
        (("response_type", "token"), "INVALID_REQUEST"),
        (("code_challenge_method", "plain"), "INVALID_REQUEST"),
        (("scope", "email"), "INVALID_SCOPE"),
        (("scope", "profile friends"), "INVALID_SCOPE"),
        (("scope", ""), "INVALID_SCOPE"),
        (("prompt", "none"), "LOGIN_REQUIRED"),
    ] {
        assert_eq!(demo.error(&[change]).await["error"], error, "{change:?}");
    }
}

#[tokio::test]
async fn a_bad_state_or_address_stays_on_lines_page() {
    let demo = demo(APP).await;
    for (change, word) in [
        (("state", ""), "state"),
        (("state", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"), "state"),
        (("state", "with-a-hyphen"), "state"),
        (("client_id", "nobody"), "client_id"),
        (("redirect_uri", "http://127.0.0.1:53685/callback/line"), "redirect_uri"),
        (("redirect_uri", "http://127.0.0.1:53682/callback/line/"), "redirect_uri"),
        (("redirect_uri", "http://127.0.0.1:53682/callback/line?a=b#c"), "redirect_uri"),
        (("redirect_uri", "http://localhost:53682/callback/line"), "redirect_uri"),
        (("redirect_uri", "app.nameplate.desktop.dev:/callback/line"), "redirect_uri"),
        (("redirect_uri", ""), "redirect_uri"),
    ] {
        let (status, page) = demo.page(&[change]).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{change:?}");
        assert!(page.contains(&format!("Invalid {word} value")), "{change:?}: {page}");
    }
    let more = ("redirect_uri", "http://127.0.0.1:53682/callback/line?from=test&a=b");
    let code = demo.code(&[more], "haneul").await;
    assert_eq!(demo.exchange(&code, &[more]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_token_request_is_checked() {
    let demo = demo(APP).await;
    let code = demo.code(&[], "haneul").await;
    let elsewhere = "http://127.0.0.1:53683/callback/line";
    let verifier = ("invalid_grant", "invalid code_verifier");
    for (change, error) in [
        (("client_secret", ""), MISSED),
        (("client_secret", "wrong"), ("invalid_client", "invalid client_secret")),
        (("client_id", "nobody"), ("invalid_client", "invalid client_id")),
        (("grant_type", ""), MISSED),
        (("grant_type", "password"), ("unsupported_grant_type", "unsupported grant_type")),
        (("redirect_uri", elsewhere), ("invalid_grant", "redirect_uri does not match")),
        (("code_verifier", ""), verifier),
        (("code_verifier", "too-short"), verifier),
        (("code_verifier", &VERIFIER.replace('d', "e")), verifier),
        (("code", ""), MISSED),
    ] {
        refused(&demo.exchange(&code, &[change]).await, error);
    }
    let [used, late, unasked] = demo.unusable_codes(&code, 600).await;
    refused(&used, ("invalid_grant", "invalid authorization code"));
    refused(&late, ("invalid_grant", "invalid authorization code"));
    refused(&unasked, verifier);
}

#[tokio::test]
async fn refreshing_neither_rotates_nor_extends() {
    let demo = demo(APP).await;
    let body = demo.tokens(&[], "haneul").await;
    let old = text(&body, "refresh_token");
    let dead = ("invalid_grant", "invalid refresh token");
    demo.advance(89 * 86_400);
    assert_eq!(demo.read(PROFILE, text(&body, "access_token")).await.status.as_u16(), 401);
    let new = demo.refresh(old, &[]).await.body;
    assert_eq!((text(&new, "refresh_token"), text(&new, "scope")), (old, "profile openid"));
    assert!(new.get("id_token").is_none());
    refused(&demo.refresh(old, &[("client_secret", "")]).await, MISSED);
    refused(&demo.refresh("x", &[]).await, dead);
    demo.advance(86_400);
    refused(&demo.refresh(old, &[]).await, dead);
    demo.set_rotation(Rotation::AtOnce);
    let body = demo.tokens(&[], "haneul").await;
    let new = demo.refresh(text(&body, "refresh_token"), &[]).await.body;
    assert_ne!(new["refresh_token"], body["refresh_token"]);
}

#[tokio::test]
async fn revoking_takes_the_access_token_by_that_name() {
    let demo = demo(APP).await;
    let body = demo.tokens(&[], "haneul").await;
    let access = text(&body, "access_token");
    let form =
        [("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET), ("access_token", access)];
    let misnamed = with(&form, &[("access_token", ""), ("token", access)]);
    refused(&demo.post(REVOKE, &misnamed).await, MISSED);
    let wrong = demo.post(REVOKE, &with(&form, &[("client_secret", "wrong")])).await;
    refused(&wrong, ("invalid_client", "invalid client_secret"));
    demo.set_faults([Fault::Revoke503]);
    assert_eq!(demo.post(REVOKE, &form).await.status, StatusCode::SERVICE_UNAVAILABLE);
    demo.set_faults([]);
    let done = demo.post(REVOKE, &form).await;
    assert_eq!((done.status, done.text.as_str()), (StatusCode::OK, ""));
    assert_eq!(demo.read(PROFILE, access).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(demo.counts().revocations, 1);
}

#[tokio::test]
async fn line_says_itself_whether_a_token_is_good() {
    let demo = demo(APP).await;
    let body = demo.tokens(&[], "haneul").await;
    let (access, id_token) = (text(&body, "access_token"), text(&body, "id_token"));
    let known = reply(demo.get(VERIFY, &[("access_token", access)]).await).await.body;
    assert_eq!((text(&known, "client_id"), text(&known, "scope")), (CLIENT_ID, "profile openid"));
    let unknown = reply(demo.get(VERIFY, &[("access_token", "x")]).await).await;
    refused(&unknown, ("invalid_request", "access token expired"));

    let form = [("id_token", id_token), ("client_id", CLIENT_ID), ("nonce", "n-1")];
    assert_eq!(text(&demo.post(VERIFY, &form).await.body, "email"), "haneul@example.com");
    let forged = format!("{id_token}x");
    for (change, words) in [
        (("id_token", forged.as_str()), "Invalid IdToken."),
        (("client_id", "nobody"), "Invalid IdToken Audience."),
        (("nonce", "n-2"), "Invalid IdToken Nonce."),
    ] {
        refused(&demo.post(VERIFY, &with(&form, &[change])).await, ("invalid_request", words));
    }
    demo.advance(3600);
    refused(&demo.post(VERIFY, &form).await, ("invalid_request", "IdToken expired."));
}

#[tokio::test]
async fn the_metadata_promises_es256() {
    let metadata = demo(APP).await.json("/line/.well-known/openid-configuration").await;
    assert_eq!(metadata["id_token_signing_alg_values_supported"], json!(["ES256"]));
}
