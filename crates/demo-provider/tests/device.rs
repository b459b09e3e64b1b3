//! The device flows of Google and of the generic issuer; GitHub's and Microsoft's stand with the rest of theirs.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod common;

use common::apps::{GOOGLE, OIDC};
use common::{Heard, World, text, with, world};
use demo_provider::{Fault, clients};
use reqwest::StatusCode;
use serde_json::json;

const GRANT_TYPE: (&str, &str) = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
const TV: &[(&str, &str)] =
    &[("client_id", clients::GOOGLE_DEVICE), ("scope", "openid email profile")];
const OPENID: &[(&str, &str)] =
    &[("client_id", clients::OIDC), ("scope", "openid profile offline_access")];

fn refused(heard: &Heard, status: u16, error: &str, description: &str) {
    assert_eq!(heard.status.as_u16(), status, "{}", heard.text);
    assert_eq!(heard.body, json!({ "error": error, "error_description": description }));
}

async fn google(world: &World, device_code: &str, secret: &str) -> Heard {
    let form = [
        GRANT_TYPE,
        ("client_id", clients::GOOGLE_DEVICE),
        ("client_secret", secret),
        ("device_code", device_code),
    ];
    world.post(GOOGLE.token, &with(&form, &[])).await
}

async fn oidc(world: &World, device_code: &str) -> Heard {
    let form = [GRANT_TYPE, ("client_id", clients::OIDC), ("device_code", device_code)];
    world.post(OIDC.token, &form).await
}

#[tokio::test]
async fn google_answers_a_tv_with_a_verification_url_and_its_own_statuses() {
    let world = world().await;
    let codes = world.post("/google/device/code", TV).await.body;
    assert!(codes.get("verification_uri").is_none(), "it has another name there");
    assert_eq!((&codes["expires_in"], &codes["interval"]), (&json!(1800), &json!(5)));
    let (device, secret) = (text(&codes, "device_code"), clients::GOOGLE_DEVICE_SECRET);
    let pending = google(&world, device, secret).await;
    refused(&pending, 428, "authorization_pending", "Precondition Required");
    refused(&google(&world, device, secret).await, 403, "slow_down", "Forbidden");
    let page = text(&codes, "verification_url").strip_prefix(world.demo.base()).unwrap().to_owned();
    world.enter(&page, text(&codes, "user_code"), "haneul", "allow").await;
    world.demo.advance_clock(10);
    let missing = google(&world, device, "").await;
    refused(&missing, 400, "invalid_request", "client_secret is missing.");
    let body = google(&world, device, secret).await.body;
    assert!(body["refresh_token"].is_string() && body["id_token"].is_string(), "{body}");
    let info = world.read("/google/v1/userinfo", text(&body, "access_token")).await.body;
    assert_eq!(text(&info, "email"), "haneul@gmail.com");
    world.demo.advance_clock(10);
    refused(&google(&world, device, secret).await, 400, "invalid_grant", "Malformed device code.");
    assert_eq!(world.demo.ledger().grants["google"].device_code, 1);
}

#[tokio::test]
async fn google_refuses_other_scopes_other_clients_and_late_or_denied_codes() {
    let world = world().await;
    let birthday = "https://www.googleapis.com/auth/user.birthday.read";
    let heard = world.post("/google/device/code", &with(TV, &[("scope", birthday)])).await;
    refused(&heard, 400, "invalid_scope", &format!("Invalid device flow scope: {birthday}"));
    let heard = world.post("/google/device/code", &with(TV, &[("scope", "")])).await;
    refused(&heard, 400, "invalid_request", "Missing required parameter: scope");
    let desktop = ("client_id", clients::GOOGLE);
    let heard = world.post("/google/device/code", &with(TV, &[desktop])).await;
    refused(&heard, 401, "invalid_client", "Invalid client type.");
    let nobody = ("client_id", "nobody");
    let heard = world.post("/google/device/code", &with(TV, &[nobody])).await;
    refused(&heard, 401, "invalid_client", "The OAuth client was not found.");
    let tv = ("client_id", clients::GOOGLE_DEVICE);
    let (status, page) = world.page(GOOGLE.authorize, &with(GOOGLE.ask, &[tv])).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(page.contains("redirect_uri_mismatch"), "a TV has no browser");

    let secret = clients::GOOGLE_DEVICE_SECRET;
    let codes = world.post("/google/device/code", TV).await.body;
    world.enter("/google/device", text(&codes, "user_code"), "haneul", "deny").await;
    let denied = google(&world, text(&codes, "device_code"), secret).await;
    refused(&denied, 403, "access_denied", "Forbidden");
    let codes = world.post("/google/device/code", TV).await.body;
    world.demo.advance_clock(1800);
    let late = google(&world, text(&codes, "device_code"), secret).await;
    refused(&late, 400, "expired_token", "Token expired");
    let other = [("provider", "oidc"), ("user_code", text(&codes, "user_code"))];
    assert_eq!(world.post("/device", &other).await.status, StatusCode::NOT_FOUND);
    world.demo.set_faults("google", [Fault::Device5xx]);
    assert_eq!(world.post("/google/device/code", TV).await.status.as_u16(), 503);
}

#[tokio::test]
async fn the_generic_issuer_announces_it_and_fills_the_code_in() {
    let world = world().await;
    let document = world.json("/oidc/.well-known/openid-configuration").await;
    let endpoint = text(&document, "device_authorization_endpoint");
    let endpoint = endpoint.strip_prefix(world.demo.base()).unwrap().to_owned();
    assert!(document["grant_types_supported"].as_array().unwrap().contains(&json!(GRANT_TYPE.1)));
    let codes = world.post(&endpoint, OPENID).await.body;
    let (device, user) = (text(&codes, "device_code"), text(&codes, "user_code"));
    let complete = text(&codes, "verification_uri_complete");
    assert_eq!(complete, format!("{}?user_code={user}", text(&codes, "verification_uri")));
    let complete = complete.strip_prefix(world.demo.base()).unwrap().to_owned();
    let page = world.page(&complete, &[]).await.1;
    assert!(page.contains(&format!("value=\"{user}\"")), "filled in, and still to be confirmed");
    refused(&oidc(&world, device).await, 400, "authorization_pending", "nobody has decided yet");
    let soon = oidc(&world, device).await;
    refused(&soon, 400, "slow_down", "wait five seconds longer between two polls");
    world.enter("/oidc/device", user, "haneul", "allow").await;
    world.demo.advance_clock(10);
    let body = oidc(&world, device).await.body;
    assert!(body["refresh_token"].is_string() && body["id_token"].is_string(), "{body}");
    world.demo.advance_clock(10);
    let again = oidc(&world, device).await;
    refused(&again, 400, "invalid_grant", "the device code is unknown or used");
    let module = world.json("/oidc/rp/invalid-iss/.well-known/openid-configuration").await;
    assert!(module.get("device_authorization_endpoint").is_none());
}

#[tokio::test]
async fn the_generic_issuer_refuses_by_rfc_8628() {
    let world = world().await;
    let nobody = world.post("/oidc/device_authorization", &[("client_id", "nobody")]).await;
    refused(&nobody, 401, "invalid_client", "client authentication failed");
    let codes = world.post("/oidc/device_authorization", OPENID).await.body;
    world.enter("/oidc/device", text(&codes, "user_code"), "haneul", "deny").await;
    let denied = oidc(&world, text(&codes, "device_code")).await;
    refused(&denied, 400, "access_denied", "the person said no");
    let codes = world.post("/oidc/device_authorization", OPENID).await.body;
    world.demo.advance_clock(600);
    let late = oidc(&world, text(&codes, "device_code")).await;
    refused(&late, 400, "expired_token", "the device code is over");
}

#[tokio::test]
async fn a_code_may_live_for_a_day() {
    let world = world().await;
    world.demo.set_faults("oidc", [Fault::DeviceLivesADay]);
    let codes = world.post("/oidc/device_authorization", OPENID).await.body;
    assert_eq!(codes["expires_in"], json!(86_400));
    world.demo.advance_clock(86_000);
    let pending = oidc(&world, text(&codes, "device_code")).await;
    assert_eq!(pending.body["error"], "authorization_pending");
}
