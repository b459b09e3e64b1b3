//! Microsoft: happy paths, and every refusal met by a client that is wrong on purpose.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod common;

use common::apps::MICROSOFT;
use common::{Heard, VERIFIER, World, heard, location, params, text, verified, with, world};
use demo_provider::{Fault, Rotation, clients};
use reqwest::StatusCode;
use serde_json::json;

const USERINFO: &str = "/microsoft/graph/oidc/userinfo";
const PHOTO: &str = "/microsoft/graph/v1.0/me/photo/$value";
const CODES: &str = "/microsoft/common/oauth2/v2.0/devicecode";
const KEYS: &str = "/microsoft/common/discovery/v2.0/keys";
const DEVICE: &[(&str, &str)] =
    &[("client_id", clients::MICROSOFT), ("scope", "openid profile offline_access User.Read")];

fn refused(heard: &Heard, status: u16, error: &str, code: u32) {
    assert_eq!(
        (heard.status.as_u16(), text(&heard.body, "error")),
        (status, error),
        "{}",
        heard.text
    );
    assert_eq!(heard.body["error_codes"], json!([code]));
    assert!(text(&heard.body, "error_description").starts_with(&format!("AADSTS{code}: ")));
    for name in ["timestamp", "trace_id", "correlation_id", "error_uri"] {
        assert!(heard.body[name].is_string(), "{name}");
    }
}

async fn poll(world: &World, device_code: &str) -> Heard {
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", clients::MICROSOFT),
        ("device_code", device_code),
    ];
    world.post(MICROSOFT.token, &form).await
}

#[tokio::test]
async fn a_person_signs_in_on_any_port_of_localhost_and_by_deep_link() {
    let world = world().await;
    let url = world.decide(MICROSOFT.authorize, MICROSOFT.ask, "haneul", "allow").await;
    let answer = params(&url);
    assert!(answer["state"] == "st" && !answer["session_state"].is_empty());
    assert!(!answer.contains_key("iss"));
    let body = MICROSOFT.exchange(&world, &answer["code"], &[]).await.body;
    assert_eq!((text(&body, "token_type"), &body["expires_in"]), ("Bearer", &json!(3599)));
    assert_eq!(text(&body, "scope"), "openid profile email User.Read");

    let claims = verified(&world.json(KEYS).await, text(&body, "id_token"), clients::MICROSOFT);
    let tenant = text(&claims, "tid");
    assert_eq!(text(&claims, "iss"), format!("https://login.microsoftonline.com/{tenant}/v2.0"));
    assert_eq!((text(&claims, "nonce"), text(&claims, "email")), ("n-1", "haneul@example.com"));
    assert!(claims.get("email_verified").is_none());

    let access = text(&body, "access_token");
    let info = world.read(USERINFO, access).await.body;
    assert_eq!((&info["sub"], text(&info, "givenname")), (&claims["sub"], "하늘"));
    assert!(info.get("name").is_none() && text(&claims, "name") == "하늘");
    assert!(info.get("email_verified").is_none());
    assert_eq!(text(&info, "picture"), world.url(PHOTO));
    let photo = world.http.get(world.url(PHOTO)).bearer_auth(access).send().await.unwrap();
    assert_eq!(photo.headers()["content-type"], "image/jpeg");

    let deep = ("redirect_uri", "app.nameplate.desktop.dev:/callback/microsoft");
    let code = MICROSOFT.code(&world, &[deep], "no-avatar").await;
    let other = MICROSOFT.exchange(&world, &code, &[deep]).await.body;
    let other = verified(&world.json(KEYS).await, text(&other, "id_token"), clients::MICROSOFT);
    assert_ne!(text(&other, "tid"), tenant, "an organisation has its own issuer");
}

#[tokio::test]
async fn a_denial_comes_with_session_state_too() {
    let world = world().await;
    let url = world.decide(MICROSOFT.authorize, MICROSOFT.ask, "haneul", "deny").await;
    let answer = params(&url);
    assert_eq!(answer["error"], "access_denied");
    assert_eq!(answer["error_description"], "the user canceled the authentication");
    assert!(answer["state"] == "st" && answer.contains_key("session_state"));
}

#[tokio::test]
async fn registration_errors_stay_on_microsofts_page() {
    let world = world().await;
    for (change, code) in [
        (("client_id", "nobody"), "AADSTS700016"),
        (("redirect_uri", "http://127.0.0.1:42149/callback/microsoft"), "AADSTS50011"),
        (("redirect_uri", "http://localhost:42149/Callback/microsoft"), "AADSTS50011"),
        (("redirect_uri", ""), "AADSTS50011"),
        (("response_type", ""), "AADSTS900144"),
        (("scope", ""), "AADSTS900144"),
    ] {
        let (status, page) = world.page(MICROSOFT.authorize, &with(MICROSOFT.ask, &[change])).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{change:?}");
        assert!(page.contains(&format!("<code>{code}</code>")), "{change:?}");
    }
    for (change, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("code_challenge_method", "S512"), "invalid_request"),
        (("scope", "openid Everything.Read"), "invalid_scope"),
        (("prompt", "none"), "login_required"),
    ] {
        let ask = with(MICROSOFT.ask, &[change]);
        let url = location(&world.get(MICROSOFT.authorize, &ask).await);
        assert_eq!(params(&url)["error"], error);
        assert!(params(&url)["error_description"].starts_with("AADSTS"), "{url}");
    }
}

#[tokio::test]
async fn a_public_client_sends_neither_a_secret_nor_an_origin() {
    let world = world().await;
    let code = MICROSOFT.code(&world, &[], "haneul").await;
    let secret = MICROSOFT.exchange(&world, &code, &[("client_secret", "x")]).await;
    refused(&secret, 401, "invalid_client", 700_025);
    let form = with(MICROSOFT.exchange, &[("code", &code)]);
    let basic =
        world.http.post(world.url(MICROSOFT.token)).basic_auth(clients::MICROSOFT, Some(""));
    refused(&heard(basic.form(&form).send().await.unwrap()).await, 401, "invalid_client", 700_025);
    let origin = world.http.post(world.url(MICROSOFT.token)).header("origin", "tauri://localhost");
    let origin = heard(origin.form(&form).send().await.unwrap()).await;
    refused(&origin, 400, "invalid_request", 9_002_326);
    let nobody = MICROSOFT.exchange(&world, &code, &[("client_id", "nobody")]).await;
    refused(&nobody, 400, "unauthorized_client", 700_016);
    let nameless = MICROSOFT.exchange(&world, &code, &[("client_id", "")]).await;
    refused(&nameless, 400, "invalid_request", 900_144);
    assert_eq!(MICROSOFT.exchange(&world, &code, &[]).await.status, StatusCode::OK);
    assert_eq!(world.demo.ledger().grants["microsoft"].refusals, 5);
}

#[tokio::test]
async fn codes_verifiers_and_redirect_uris_are_checked() {
    let world = world().await;
    let code = MICROSOFT.code(&world, &[], "haneul").await;
    for wrong in ["", "too-short", &VERIFIER.replace('d', "e")] {
        let heard = MICROSOFT.exchange(&world, &code, &[("code_verifier", wrong)]).await;
        refused(&heard, 400, "invalid_grant", 501_481);
    }
    let port = ("redirect_uri", "http://localhost:1/callback/microsoft");
    refused(&MICROSOFT.exchange(&world, &code, &[port]).await, 400, "invalid_client", 500_112);
    assert_eq!(MICROSOFT.exchange(&world, &code, &[]).await.status, StatusCode::OK);
    refused(&MICROSOFT.exchange(&world, &code, &[]).await, 400, "invalid_grant", 70_000);
    let late = MICROSOFT.code(&world, &[], "haneul").await;
    world.demo.advance_clock(601);
    refused(&MICROSOFT.exchange(&world, &late, &[]).await, 400, "invalid_grant", 70_000);
    let plain = [("code_challenge", VERIFIER), ("code_challenge_method", "")];
    let plain = MICROSOFT.code(&world, &plain, "haneul").await;
    assert_eq!(MICROSOFT.exchange(&world, &plain, &[]).await.status, StatusCode::OK, "plain");
    let unasked = [("code_challenge", ""), ("code_challenge_method", "")];
    let unasked = MICROSOFT.code(&world, &unasked, "haneul").await;
    refused(&MICROSOFT.exchange(&world, &unasked, &[]).await, 400, "invalid_grant", 501_481);
    let other = MICROSOFT.exchange(&world, "x", &[("grant_type", "password")]).await;
    refused(&other, 400, "unsupported_grant_type", 70_003);
    let none = MICROSOFT.exchange(&world, "x", &[("grant_type", "")]).await;
    refused(&none, 400, "invalid_request", 900_144);
}

#[tokio::test]
async fn a_refresh_brings_a_new_token_and_leaves_the_old_one_good() {
    let world = world().await;
    let body = MICROSOFT.tokens(&world, &[], "haneul").await;
    let old = text(&body, "refresh_token");
    let new = MICROSOFT.refresh(&world, old, &[]).await.body;
    assert!(text(&new, "refresh_token") != old && new["id_token"].is_string());
    assert_eq!(MICROSOFT.refresh(&world, old, &[]).await.status, StatusCode::OK, "still good");
    let newest = MICROSOFT.refresh(&world, text(&new, "refresh_token"), &[]).await;
    assert_eq!(newest.status, StatusCode::OK);
    refused(&MICROSOFT.refresh(&world, "x", &[]).await, 400, "invalid_grant", 70_000);
    refused(&MICROSOFT.refresh(&world, "", &[]).await, 400, "invalid_request", 900_144);
    world.demo.set_rotation("microsoft", Rotation::AtOnce);
    assert_eq!(MICROSOFT.refresh(&world, old, &[]).await.status, StatusCode::OK);
    refused(&MICROSOFT.refresh(&world, old, &[]).await, 400, "invalid_grant", 70_000);
    let once = MICROSOFT.tokens(&world, &[("scope", "openid User.Read")], "haneul").await;
    assert!(once.get("refresh_token").is_none(), "only with offline_access");
}

#[tokio::test]
async fn the_photo_wants_a_bearer_with_the_scope_and_may_be_missing() {
    let world = world().await;
    let stranger = world.read(PHOTO, "stranger").await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    assert_eq!(stranger.body["error"]["code"], "InvalidAuthenticationToken");
    assert_eq!(world.read(USERINFO, "stranger").await.status, StatusCode::UNAUTHORIZED);
    let body = MICROSOFT.tokens(&world, &[], "no-avatar").await;
    let none = world.read(PHOTO, text(&body, "access_token")).await;
    assert_eq!((none.status.as_u16(), &none.body["error"]["code"]), (404, &json!("ImageNotFound")));
    let narrow = MICROSOFT.tokens(&world, &[("scope", "openid")], "haneul").await;
    let access = text(&narrow, "access_token");
    assert_eq!(world.read(PHOTO, access).await.status, StatusCode::FORBIDDEN);
    let info = world.read(USERINFO, access).await.body;
    assert!(info.get("givenname").is_none() && info.get("email").is_none());
    let full = MICROSOFT.tokens(&world, &[], "no-email").await;
    let info = world.read(USERINFO, text(&full, "access_token")).await.body;
    assert!(info.get("email").is_none() && text(&info, "givenname") == "Noor");
    let work = MICROSOFT.tokens(&world, &[], "no-avatar").await;
    let info = world.read(USERINFO, text(&work, "access_token")).await.body;
    assert_eq!((text(&info, "name"), text(&info, "family_name")), ("Mira Novak", "Novak"));
    world.demo.set_faults("microsoft", [Fault::Photo401]);
    assert_eq!(world.read(PHOTO, text(&full, "access_token")).await.status.as_u16(), 401);
    world.demo.advance_clock(3599);
    assert_eq!(world.read(USERINFO, text(&full, "access_token")).await.status.as_u16(), 401);
}

#[tokio::test]
async fn a_device_code_is_typed_and_allowed() {
    let world = world().await;
    let codes = world.post(CODES, DEVICE).await.body;
    assert_eq!((&codes["interval"], &codes["expires_in"]), (&json!(5), &json!(900)));
    assert!(text(&codes, "message").contains(text(&codes, "user_code")));
    let device = text(&codes, "device_code");
    refused(&poll(&world, device).await, 400, "authorization_pending", 70_016);
    assert_eq!(text(&poll(&world, device).await.body, "error"), "slow_down");
    let page = text(&codes, "verification_uri").strip_prefix(world.demo.base()).unwrap().to_owned();
    world.enter(&page, text(&codes, "user_code"), "haneul", "allow").await;
    world.demo.advance_clock(10);
    let body = poll(&world, device).await.body;
    assert!(body["refresh_token"].is_string() && body["id_token"].is_string());
    assert_eq!(world.demo.ledger().grants["microsoft"].device_code, 1);
    world.demo.advance_clock(10);
    refused(&poll(&world, device).await, 400, "bad_verification_code", 70_018);
}

#[tokio::test]
async fn a_device_code_is_declined_or_expires_in_microsofts_words() {
    let world = world().await;
    let codes = world.post(CODES, DEVICE).await.body;
    world.enter("/microsoft/devicelogin", text(&codes, "user_code"), "haneul", "deny").await;
    let device = text(&codes, "device_code");
    refused(&poll(&world, device).await, 400, "authorization_declined", 65_004);
    let late = world.post(CODES, DEVICE).await.body;
    world.demo.advance_clock(900);
    refused(&poll(&world, text(&late, "device_code")).await, 400, "expired_token", 70_019);
    let scope = world.post(CODES, &with(DEVICE, &[("scope", "")])).await;
    refused(&scope, 400, "invalid_scope", 70_011);
    let nobody = world.post(CODES, &with(DEVICE, &[("client_id", "nobody")])).await;
    refused(&nobody, 400, "unauthorized_client", 700_016);
    let secret = world.post(CODES, &with(DEVICE, &[("client_secret", "x")])).await;
    refused(&secret, 401, "invalid_client", 700_025);
}

#[tokio::test]
async fn the_issuer_of_the_metadata_is_a_template_and_nothing_revokes() {
    let world = world().await;
    let path = "/microsoft/common/v2.0/.well-known/openid-configuration";
    let metadata = world.json(path).await;
    assert_eq!(text(&metadata, "issuer"), "https://login.microsoftonline.com/{tenantid}/v2.0");
    assert!(metadata.get("revocation_endpoint").is_none());
}
