//! LINE: happy paths, and every refusal met by a client that is wrong on purpose.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod common;

use common::apps::LINE;
use common::{Heard, VERIFIER, header, heard, location, params, text, verified, with, world};
use demo_provider::{Fault, Rotation, clients};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use reqwest::StatusCode;
use serde_json::{Value, json};

const PROFILE: &str = "/line/v2/profile";
const USERINFO: &str = "/line/oauth2/v2.1/userinfo";
const VERIFY: &str = "/line/oauth2/v2.1/verify";
const REVOKE: &str = "/line/oauth2/v2.1/revoke";

fn refused(heard: &Heard, error: &str, description: &str) {
    assert_eq!(heard.status, StatusCode::BAD_REQUEST, "{}", heard.text);
    assert_eq!(heard.body, json!({ "error": error, "error_description": description }));
}

/// The claims of an HS256 id_token, verified by a library that shares nothing with the demo provider.
fn with_secret(jwt: &str) -> Value {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&[clients::LINE]);
    let key = DecodingKey::from_secret(clients::LINE_SECRET.as_bytes());
    decode::<Value>(jwt, &key, &validation).unwrap().claims
}

#[tokio::test]
async fn a_person_signs_in_on_a_registered_port() {
    let world = world().await;
    let answer = params(&world.decide(LINE.authorize, LINE.ask, "haneul", "allow").await);
    assert_eq!(answer["state"], "0123456789abcdef");
    assert_eq!(answer["friendship_status_changed"], "false");
    assert!(!answer.contains_key("iss"));
    let body = LINE.exchange(&world, &answer["code"], &[]).await.body;
    assert_eq!((text(&body, "token_type"), &body["expires_in"]), ("Bearer", &json!(2_592_000)));
    assert_eq!(text(&body, "scope"), "profile openid", "never the address");
    let claims = with_secret(text(&body, "id_token"));
    assert_eq!((text(&claims, "iss"), text(&claims, "nonce")), ("https://access.line.me", "n-1"));
    assert_eq!((text(&claims, "name"), text(&claims, "email")), ("하늘", "haneul@example.com"));
    assert!(claims.get("email_verified").is_none());

    let access = text(&body, "access_token");
    let profile = world.read(PROFILE, access).await.body;
    assert_eq!((&profile["userId"], text(&profile, "displayName")), (&claims["sub"], "하늘"));
    assert!(text(&profile, "userId").starts_with('U') && text(&profile, "userId").len() == 33);
    let info = world.read(USERINFO, access).await.body;
    assert_eq!(info["sub"], claims["sub"]);
    assert!(info.get("email").is_none(), "the address stands in the id_token alone");
    let picture = text(&profile, "pictureUrl").strip_prefix(world.demo.base()).unwrap().to_owned();
    assert_eq!(world.get(&picture, &[]).await.headers()["content-type"], "image/jpeg");
}

#[tokio::test]
async fn the_key_set_fits_where_it_is_asked_for() {
    let world = world().await;
    let code = LINE.code(&world, &[], "haneul").await;
    let body = LINE.exchange(&world, &code, &[("id_token_key_type", "JWK")]).await.body;
    assert_eq!(header(text(&body, "id_token"))["alg"], "ES256");
    let certs = world.json("/line/oauth2/v2.1/certs").await;
    let claims = verified(&certs, text(&body, "id_token"), clients::LINE);
    assert_eq!(text(&claims, "email"), "haneul@example.com");
}

#[tokio::test]
async fn what_is_missing_is_absent() {
    let world = world().await;
    let body = LINE.tokens(&world, &[], "old-account").await;
    let profile = world.read(PROFILE, text(&body, "access_token")).await.body;
    assert!(profile.get("pictureUrl").is_none() && profile.get("statusMessage").is_none());
    let body = LINE.tokens(&world, &[], "no-email").await;
    assert!(with_secret(text(&body, "id_token")).get("email").is_none());
    let body = LINE.tokens(&world, &[("scope", "profile")], "haneul").await;
    assert!(body.get("id_token").is_none());
    let info = world.read(USERINFO, text(&body, "access_token")).await;
    assert_eq!(info.status, StatusCode::FORBIDDEN);
    let stranger = world.read(PROFILE, "stranger").await;
    assert_eq!(
        (stranger.status.as_u16(), text(&stranger.body, "message")),
        (401, "The access token expired")
    );
}

#[tokio::test]
async fn errors_at_the_application_are_in_capitals() {
    let world = world().await;
    let denied = params(&world.decide(LINE.authorize, LINE.ask, "haneul", "deny").await);
    assert_eq!(
        (denied["error"].as_str(), denied["state"].as_str()),
        ("ACCESS_DENIED", "0123456789abcdef")
    );
    for (change, error) in [
        (("response_type", "token"), "INVALID_REQUEST"),
        (("code_challenge_method", "plain"), "INVALID_REQUEST"),
        (("scope", "email"), "INVALID_SCOPE"),
        (("scope", "profile friends"), "INVALID_SCOPE"),
        (("scope", ""), "INVALID_SCOPE"),
        (("prompt", "none"), "LOGIN_REQUIRED"),
    ] {
        let url = location(&world.get(LINE.authorize, &with(LINE.ask, &[change])).await);
        assert_eq!(params(&url)["error"], error, "{change:?}");
    }
}

#[tokio::test]
async fn a_bad_state_or_address_stays_on_lines_page() {
    let world = world().await;
    for (change, word) in [
        (("state", ""), "state"),
        (("state", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"), "state"),
        (("state", "with-a-hyphen"), "state"),
        (("client_id", "nobody"), "client_id"),
        (("redirect_uri", "http://127.0.0.1:53685/callback/line"), "redirect_uri"),
        (("redirect_uri", "http://localhost:53682/callback/line"), "redirect_uri"),
        (("redirect_uri", "app.nameplate.desktop.dev:/callback/line"), "redirect_uri"),
        (("redirect_uri", ""), "redirect_uri"),
    ] {
        let (status, page) = world.page(LINE.authorize, &with(LINE.ask, &[change])).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{change:?}");
        assert!(page.contains(&format!("Invalid {word} value")), "{change:?}: {page}");
    }
    let more = ("redirect_uri", "http://127.0.0.1:53682/callback/line?from=test");
    let code = LINE.code(&world, &[more], "haneul").await;
    assert_eq!(LINE.exchange(&world, &code, &[more]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_token_request_is_checked() {
    let world = world().await;
    let code = LINE.code(&world, &[], "haneul").await;
    let missed = "some parameters missed or invalid";
    for (change, error, words) in [
        (("client_secret", ""), "invalid_request", missed),
        (("client_secret", "wrong"), "invalid_client", "invalid client_secret"),
        (("client_id", "nobody"), "invalid_client", "invalid client_id"),
        (("grant_type", ""), "invalid_request", missed),
        (("grant_type", "password"), "unsupported_grant_type", "unsupported grant_type"),
        (
            ("redirect_uri", "http://127.0.0.1:53683/callback/line"),
            "invalid_grant",
            "redirect_uri does not match",
        ),
        (("code_verifier", ""), "invalid_grant", "invalid code_verifier"),
        (("code_verifier", "too-short"), "invalid_grant", "invalid code_verifier"),
        (("code_verifier", &VERIFIER.replace('d', "e")), "invalid_grant", "invalid code_verifier"),
    ] {
        refused(&LINE.exchange(&world, &code, &[change]).await, error, words);
    }
    assert_eq!(LINE.exchange(&world, &code, &[]).await.status, StatusCode::OK);
    let dead = ("invalid_grant", "invalid authorization code");
    refused(&LINE.exchange(&world, &code, &[]).await, dead.0, dead.1);
    refused(&LINE.exchange(&world, "", &[]).await, "invalid_request", missed);
    let late = LINE.code(&world, &[], "haneul").await;
    world.demo.advance_clock(601);
    refused(&LINE.exchange(&world, &late, &[]).await, dead.0, dead.1);
    let unasked = [("code_challenge", ""), ("code_challenge_method", "")];
    let unasked = LINE.code(&world, &unasked, "haneul").await;
    refused(&LINE.exchange(&world, &unasked, &[]).await, "invalid_grant", "invalid code_verifier");
}

#[tokio::test]
async fn refreshing_neither_rotates_nor_extends() {
    let world = world().await;
    let body = LINE.tokens(&world, &[], "haneul").await;
    let old = text(&body, "refresh_token");
    world.demo.advance_clock(89 * 86_400);
    assert_eq!(world.read(PROFILE, text(&body, "access_token")).await.status.as_u16(), 401);
    let new = LINE.refresh(&world, old, &[]).await.body;
    assert_eq!((text(&new, "refresh_token"), text(&new, "scope")), (old, "profile openid"));
    assert!(new.get("id_token").is_none());
    let secretless = LINE.refresh(&world, old, &[("client_secret", "")]).await;
    refused(&secretless, "invalid_request", "some parameters missed or invalid");
    refused(&LINE.refresh(&world, "x", &[]).await, "invalid_grant", "invalid refresh token");
    world.demo.advance_clock(86_400);
    refused(&LINE.refresh(&world, old, &[]).await, "invalid_grant", "invalid refresh token");
    world.demo.set_rotation("line", Rotation::AtOnce);
    let body = LINE.tokens(&world, &[], "haneul").await;
    let new = LINE.refresh(&world, text(&body, "refresh_token"), &[]).await.body;
    assert_ne!(new["refresh_token"], body["refresh_token"]);
}

#[tokio::test]
async fn revoking_takes_the_access_token_by_that_name() {
    let world = world().await;
    let body = LINE.tokens(&world, &[], "haneul").await;
    let access = text(&body, "access_token");
    let form = [
        ("client_id", clients::LINE),
        ("client_secret", clients::LINE_SECRET),
        ("access_token", access),
    ];
    let misnamed = with(&form, &[("access_token", ""), ("token", access)]);
    let missed = "some parameters missed or invalid";
    refused(&world.post(REVOKE, &misnamed).await, "invalid_request", missed);
    let wrong = world.post(REVOKE, &with(&form, &[("client_secret", "wrong")])).await;
    refused(&wrong, "invalid_client", "invalid client_secret");
    world.demo.set_faults("line", [Fault::Revoke503]);
    assert_eq!(world.post(REVOKE, &form).await.status, StatusCode::SERVICE_UNAVAILABLE);
    world.demo.set_faults("line", []);
    let done = world.post(REVOKE, &form).await;
    assert_eq!((done.status, done.text.as_str()), (StatusCode::OK, ""));
    assert_eq!(world.read(PROFILE, access).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.demo.ledger().grants["line"].revocations, 1);
}

#[tokio::test]
async fn line_says_itself_whether_a_token_is_good() {
    let world = world().await;
    let body = LINE.tokens(&world, &[], "haneul").await;
    let (access, id_token) = (text(&body, "access_token"), text(&body, "id_token"));
    let known = heard(world.get(VERIFY, &[("access_token", access)]).await).await.body;
    assert_eq!(
        (text(&known, "client_id"), text(&known, "scope")),
        (clients::LINE, "profile openid")
    );
    let unknown = heard(world.get(VERIFY, &[("access_token", "x")]).await).await;
    refused(&unknown, "invalid_request", "access token expired");

    let form = [("id_token", id_token), ("client_id", clients::LINE), ("nonce", "n-1")];
    assert_eq!(text(&world.post(VERIFY, &form).await.body, "email"), "haneul@example.com");
    let forged = format!("{id_token}x");
    for (change, words) in [
        (("id_token", forged.as_str()), "Invalid IdToken."),
        (("client_id", "nobody"), "Invalid IdToken Audience."),
        (("nonce", "n-2"), "Invalid IdToken Nonce."),
    ] {
        refused(&world.post(VERIFY, &with(&form, &[change])).await, "invalid_request", words);
    }
    world.demo.advance_clock(3600);
    refused(&world.post(VERIFY, &form).await, "invalid_request", "IdToken expired.");
}

#[tokio::test]
async fn the_metadata_promises_es256() {
    let world = world().await;
    let metadata = world.json("/line/.well-known/openid-configuration").await;
    assert_eq!(metadata["id_token_signing_alg_values_supported"], json!(["ES256"]));
}
