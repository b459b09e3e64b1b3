//! GitHub: happy paths, and every refusal met by a client that is wrong on purpose.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod common;

use common::apps::GITHUB;
use common::{Heard, VERIFIER, World, heard, location, params, text, with, world};
use demo_provider::{Fault, clients};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const ME: &str = "/github/api/user";
const EMAILS: &str = "/github/api/user/emails";
const GRANT: &str = "/github/api/applications/demo-github/grant";
const TOKEN: &str = "/github/api/applications/demo-github/token";
const PAGE: &str = "/github/login/device";
const DEVICE: &[(&str, &str)] =
    &[("client_id", clients::GITHUB), ("scope", "read:user user:email")];
const APP: &[(&str, &str)] =
    &[("client_id", clients::GITHUB_APP), ("client_secret", clients::GITHUB_APP_SECRET)];

/// Errors come with HTTP 200.
fn refused(heard: &Heard, error: &str, description: &str) {
    assert_eq!(heard.status, StatusCode::OK);
    assert_eq!(
        (text(&heard.body, "error"), text(&heard.body, "error_description")),
        (error, description)
    );
    assert!(heard.body["error_uri"].is_string() && heard.body.get("access_token").is_none());
}

async fn poll(world: &World, device_code: &str) -> Heard {
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", clients::GITHUB),
        ("device_code", device_code),
    ];
    world.post(GITHUB.token, &form).await
}

async fn end(world: &World, path: &str, basic: (&str, &str), body: &Value) -> Heard {
    let request = world.http.request(Method::DELETE, world.url(path)).json(body);
    let request = request.header("user-agent", "Nameplate").basic_auth(basic.0, Some(basic.1));
    heard(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_person_signs_in_by_loopback_and_by_deep_link() {
    let world = world().await;
    let answer = params(&world.decide(GITHUB.authorize, GITHUB.ask, "haneul", "allow").await);
    assert_eq!(
        (text(&json!(answer), "iss"), text(&json!(answer), "state")),
        ("https://github.com/login/oauth", "st")
    );
    let body = GITHUB.exchange(&world, &answer["code"], &[]).await.body;
    assert!(text(&body, "access_token").starts_with("gho_"));
    assert_eq!(
        (text(&body, "token_type"), text(&body, "scope")),
        ("bearer", "read:user,user:email")
    );
    assert!(body.get("expires_in").is_none() && body.get("refresh_token").is_none());

    let me = world.read(ME, text(&body, "access_token")).await.body;
    assert!(me["id"].is_u64() && me["email"].is_null());
    assert_eq!((text(&me, "login"), text(&me, "name")), ("haneul", "하늘"));
    let emails = world.read(EMAILS, text(&body, "access_token")).await.body;
    let primary = emails.as_array().unwrap().iter().find(|entry| entry["primary"] == true);
    assert_eq!(primary.unwrap()["email"], "haneul@example.com");
    assert_eq!(primary.unwrap()["verified"], true);
    let picture = text(&me, "avatar_url").strip_prefix(world.demo.base()).unwrap().to_owned();
    assert_eq!(world.get(&picture, &[]).await.headers()["content-type"], "image/png");

    let deep = ("redirect_uri", "app.nameplate.desktop.dev:/callback/github");
    let code = GITHUB.code(&world, &[deep], "haneul").await;
    assert!(GITHUB.exchange(&world, &code, &[deep]).await.body["access_token"].is_string());
    world.demo.advance_clock(365 * 86_400);
    assert_eq!(world.read(ME, text(&body, "access_token")).await.status, StatusCode::OK, "no end");
}

#[tokio::test]
async fn the_body_is_a_form_unless_json_is_asked_for() {
    let world = world().await;
    let code = GITHUB.code(&world, &[], "haneul").await;
    let plain = async |code: &str| {
        let form = with(GITHUB.exchange, &[("code", code)]);
        heard(world.http.post(world.url(GITHUB.token)).form(&form).send().await.unwrap()).await
    };
    let wrong = plain("x").await;
    assert!(
        wrong.text.starts_with("error=bad_verification_code&error_description=The+code+passed")
    );
    assert_eq!(wrong.status, StatusCode::OK);
    let right = plain(&code).await.text;
    assert!(right.starts_with("access_token=gho_"), "{right}");
    assert!(right.contains("&scope=read%3Auser%2Cuser%3Aemail&"), "{right}");
}

#[tokio::test]
async fn a_denial_comes_in_githubs_words() {
    let world = world().await;
    let answer = params(&world.decide(GITHUB.authorize, GITHUB.ask, "haneul", "deny").await);
    assert_eq!(answer["error"], "access_denied");
    assert_eq!(answer["error_description"], "The user has denied your application access.");
    assert!(answer["error_uri"].ends_with("#access-denied") && answer["state"] == "st");
}

#[tokio::test]
async fn an_address_that_is_not_registered_hears_nothing() {
    let world = world().await;
    for wrong in [
        "http://localhost:42149/callback/github",
        "http://127.0.0.1:42149/elsewhere",
        "app.nameplate.desktop.dev:/callback/other",
    ] {
        let ask = with(GITHUB.ask, &[("redirect_uri", wrong)]);
        let url = location(&world.get(GITHUB.authorize, &ask).await);
        assert!(url.as_str().starts_with("http://127.0.0.1/callback/github?"), "{url}");
        assert_eq!(params(&url)["error"], "redirect_uri_mismatch");
    }
    let sub = [("redirect_uri", "http://127.0.0.1:1/callback/github/sub")];
    let url = world.decide(GITHUB.authorize, &with(GITHUB.ask, &sub), "haneul", "allow").await;
    assert!(url.as_str().starts_with(sub[0].1), "a sub-directory may be asked for");
    let nobody = with(GITHUB.ask, &[("client_id", "nobody")]);
    assert_eq!(world.page(GITHUB.authorize, &nobody).await.0, StatusCode::NOT_FOUND);
    let plain = with(GITHUB.ask, &[("code_challenge_method", "plain")]);
    let url = location(&world.get(GITHUB.authorize, &plain).await);
    assert_eq!(params(&url)["error"], "invalid_request");
}

#[tokio::test]
async fn the_web_flow_wants_the_secret_and_the_verifier() {
    let world = world().await;
    let code = GITHUB.code(&world, &[], "haneul").await;
    let words = "The client_id and/or client_secret passed are incorrect.";
    for changes in [("client_secret", ""), ("client_secret", "wrong"), ("client_id", "nobody")] {
        let heard = GITHUB.exchange(&world, &code, &[changes]).await;
        refused(&heard, "incorrect_client_credentials", words);
    }
    let bad = "The code passed is incorrect or expired.";
    for verifier in ["", "too-short", &VERIFIER.replace('d', "e")] {
        let heard = GITHUB.exchange(&world, &code, &[("code_verifier", verifier)]).await;
        refused(&heard, "bad_verification_code", bad);
    }
    let elsewhere = ("redirect_uri", "http://127.0.0.1:1/callback/github");
    let heard = GITHUB.exchange(&world, &code, &[elsewhere]).await;
    let words = "The redirect_uri MUST match the registered callback URL for this application.";
    refused(&heard, "redirect_uri_mismatch", words);
    let left_out = GITHUB.exchange(&world, &code, &[("redirect_uri", "")]).await;
    assert!(left_out.body["access_token"].is_string(), "it may be left out");
    refused(&GITHUB.exchange(&world, &code, &[]).await, "bad_verification_code", bad);
    let late = GITHUB.code(&world, &[], "haneul").await;
    world.demo.advance_clock(601);
    refused(&GITHUB.exchange(&world, &late, &[]).await, "bad_verification_code", bad);
    let other = GITHUB.exchange(&world, "x", &[("grant_type", "password")]).await;
    assert_eq!(text(&other.body, "error"), "unsupported_grant_type");
    assert_eq!(world.demo.ledger().grants["github"].refusals, 10);
}

#[tokio::test]
async fn who_has_not_confirmed_the_address_gets_no_token() {
    let world = world().await;
    let code = GITHUB.code(&world, &[], "unverified").await;
    let heard = GITHUB.exchange(&world, &code, &[]).await;
    refused(&heard, "unverified_user_email", "The user must have a verified primary email.");
}

#[tokio::test]
async fn the_api_wants_a_name_a_bearer_and_the_scope() {
    let world = world().await;
    let body = GITHUB.tokens(&world, &[("scope", "read:user")], "no-nickname").await;
    let access = text(&body, "access_token");
    let request = world.http.get(world.url(ME)).bearer_auth(access);
    let nameless = heard(request.send().await.unwrap()).await;
    assert_eq!(nameless.status, StatusCode::FORBIDDEN);
    assert!(nameless.text.contains("make sure your request has a User-Agent header"));
    let stranger = world.read(ME, "gho_stranger").await;
    assert_eq!(
        (stranger.status.as_u16(), text(&stranger.body, "message")),
        (401, "Bad credentials")
    );
    let emails = world.read(EMAILS, access).await;
    assert_eq!((emails.status.as_u16(), text(&emails.body, "message")), (404, "Not Found"));
    let me = world.read(ME, access).await.body;
    assert!(me["name"].is_null(), "a name may be missing");
    assert_eq!(text(&me, "login"), "sol-park");

    let faceless = GITHUB.tokens(&world, &[], "no-avatar").await;
    let me = world.read(ME, text(&faceless, "access_token")).await.body;
    let picture = text(&me, "avatar_url").strip_prefix(world.demo.base()).unwrap().to_owned();
    assert_eq!(world.get(&picture, &[]).await.status(), StatusCode::OK, "a drawn one");
    let addressless = GITHUB.tokens(&world, &[], "no-email").await;
    assert_eq!(world.read(EMAILS, text(&addressless, "access_token")).await.body, json!([]));
}

#[tokio::test]
async fn a_github_app_refreshes_and_its_old_token_dies() {
    let world = world().await;
    let id = ("client_id", clients::GITHUB_APP);
    let code = GITHUB.code(&world, &[id], "haneul").await;
    let body = GITHUB.exchange(&world, &code, APP).await.body;
    assert!(text(&body, "access_token").starts_with("ghu_"));
    assert_eq!((&body["expires_in"], &body["scope"]), (&json!(28_800), &json!("")));
    let old = text(&body, "refresh_token");
    assert!(old.starts_with("ghr_") && body["refresh_token_expires_in"] == 15_897_600);
    assert_eq!(world.read(EMAILS, text(&body, "access_token")).await.status, StatusCode::OK);
    world.demo.advance_clock(28_800);
    assert_eq!(world.read(ME, text(&body, "access_token")).await.status.as_u16(), 401);

    let secretless = GITHUB.refresh(&world, old, &[("client_secret", "")]).await;
    assert_eq!(text(&secretless.body, "error"), "incorrect_client_credentials");
    let new = GITHUB.refresh(&world, old, &[]).await.body;
    assert!(text(&new, "refresh_token") != old);
    let words = "The refresh token passed is incorrect or expired.";
    refused(&GITHUB.refresh(&world, old, &[]).await, "bad_refresh_token", words);
    let disabled = world.post("/github/login/device/code", &[id]).await;
    assert_eq!(text(&disabled.body, "error"), "device_flow_disabled");
}

/// An OAuth app's tokens expire by its settings or by a scope, and are renewed with the secret; the
/// scopes stay.
#[tokio::test]
async fn an_oauth_apps_tokens_may_expire_and_be_renewed() {
    let world = world().await;
    let id = ("client_id", clients::GITHUB_EXPIRING);
    let offline = ("scope", "read:user user:email offline_access");
    for (ask, exchange) in [(id, id), (offline, ("client_id", clients::GITHUB))] {
        let code = GITHUB.code(&world, &[ask], "haneul").await;
        let body = GITHUB.exchange(&world, &code, &[exchange]).await.body;
        assert!(text(&body, "access_token").starts_with("gho_"));
        assert_eq!(body["expires_in"], 28_800);
        let old = text(&body, "refresh_token");
        world.demo.advance_clock(28_800);
        assert_eq!(world.read(ME, text(&body, "access_token")).await.status.as_u16(), 401);
        let secretless = GITHUB.refresh(&world, old, &[exchange, ("client_secret", "")]).await;
        assert_eq!(text(&secretless.body, "error"), "incorrect_client_credentials");
        let secret = ("client_secret", clients::GITHUB_SECRET);
        let new = GITHUB.refresh(&world, old, &[exchange, secret]).await.body;
        assert!(
            text(&new, "access_token").starts_with("gho_") && text(&new, "refresh_token") != old
        );
        assert_eq!(new["scope"], body["scope"]);
        let used = GITHUB.refresh(&world, old, &[exchange, secret]).await;
        refused(&used, "bad_refresh_token", "The refresh token passed is incorrect or expired.");
    }
}

#[tokio::test]
async fn a_device_code_is_typed_allowed_and_redeemed_once() {
    let world = world().await;
    let codes = world.post("/github/login/device/code", DEVICE).await.body;
    let (device, user) = (text(&codes, "device_code"), text(&codes, "user_code"));
    assert_eq!((device.len(), user.len(), &user[4..5]), (40, 9, "-"));
    assert_eq!((&codes["expires_in"], &codes["interval"]), (&json!(900), &json!(5)));
    assert_eq!(text(&codes, "verification_uri"), world.url(PAGE));
    let pending = "The authorization request is still pending.";
    refused(&poll(&world, device).await, "authorization_pending", pending);

    let soon = poll(&world, device).await;
    let words = "Too many requests have been made in the same timeframe.";
    refused(&soon, "slow_down", words);
    assert_eq!(soon.body["interval"], 10, "five seconds more");
    world.demo.advance_clock(5);
    assert_eq!(poll(&world, device).await.body["interval"], 15, "five are not enough any more");

    let typed = user.to_lowercase().replace('-', " ");
    let end = world.enter(PAGE, &typed, "haneul", "allow").await;
    assert!(end.contains("You are signed in"), "{end}");
    world.demo.advance_clock(15);
    let body = poll(&world, device).await.body;
    assert_eq!(text(&body, "scope"), "read:user,user:email");
    assert_eq!(world.read(ME, text(&body, "access_token")).await.body["login"], "haneul");
    world.demo.advance_clock(15);
    let again = poll(&world, device).await;
    refused(&again, "incorrect_device_code", "The device_code provided is not valid.");
    let ledger = world.demo.ledger();
    assert!(ledger.device_codes.contains(device));
    assert_eq!(ledger.grants["github"].device_code, 1);
}

#[tokio::test]
async fn a_device_code_can_be_denied_or_late_or_somebody_elses() {
    let world = world().await;
    let codes = world.post("/github/login/device/code", DEVICE).await.body;
    let end = world.enter(PAGE, text(&codes, "user_code"), "haneul", "deny").await;
    assert!(end.contains("Nothing was changed"));
    let denied = poll(&world, text(&codes, "device_code")).await;
    refused(&denied, "access_denied", "The authorization request was denied.");
    let form = [("provider", "github"), ("user_code", text(&codes, "user_code"))];
    let used = world.post("/device", &form).await;
    assert_eq!(used.status, StatusCode::NOT_FOUND, "a user code counts once");
    assert!(used.text.contains("No application waits for this code"));

    let late = world.post("/github/login/device/code", DEVICE).await.body;
    world.demo.advance_clock(900);
    let heard = poll(&world, text(&late, "device_code")).await;
    refused(&heard, "expired_token", "The device_code has expired.");
    let typed = [("provider", "github"), ("user_code", text(&late, "user_code"))];
    assert_eq!(world.post("/device", &typed).await.status, StatusCode::NOT_FOUND);

    let nobody = world.post("/github/login/device/code", &[("client_id", "nobody")]).await;
    let words = "The client_id and/or client_secret passed are incorrect.";
    refused(&nobody, "incorrect_client_credentials", words);
    let unknown = poll(&world, "x").await;
    refused(&unknown, "incorrect_device_code", "The device_code provided is not valid.");
}

#[tokio::test]
async fn faults_of_the_device_flow() {
    let world = world().await;
    world.demo.set_faults("github", [Fault::Device5xx]);
    let busy = world.post("/github/login/device/code", DEVICE).await;
    assert_eq!(busy.status, StatusCode::SERVICE_UNAVAILABLE);
    world.demo.set_faults("github", [Fault::SlowDown]);
    let codes = world.post("/github/login/device/code", DEVICE).await.body;
    let device = text(&codes, "device_code");
    assert_eq!(poll(&world, device).await.body["error"], "slow_down", "at the first poll");
    world.demo.advance_clock(10);
    assert_eq!(poll(&world, device).await.body["error"], "authorization_pending", "and once");
    world.demo.set_faults("github", [Fault::DeviceExpired, Fault::Emails404]);
    assert_eq!(poll(&world, device).await.body["error"], "expired_token");
    let body = GITHUB.tokens(&world, &[], "haneul").await;
    assert_eq!(world.read(EMAILS, text(&body, "access_token")).await.status.as_u16(), 404);
}

#[tokio::test]
async fn an_application_ends_one_token_or_the_whole_grant() {
    let world = world().await;
    let right = (clients::GITHUB, clients::GITHUB_SECRET);
    let first = GITHUB.tokens(&world, &[], "haneul").await;
    let second = GITHUB.tokens(&world, &[], "haneul").await;
    let (first, second) = (text(&first, "access_token"), text(&second, "access_token"));
    let body = json!({ "access_token": first });
    for basic in [(clients::GITHUB, "wrong"), (clients::GITHUB_APP, clients::GITHUB_APP_SECRET)] {
        assert_eq!(end(&world, GRANT, basic, &body).await.status, StatusCode::UNAUTHORIZED);
    }
    let nothing = end(&world, GRANT, right, &json!({})).await;
    assert_eq!(text(&nothing.body, "message"), "Validation Failed");
    let unknown = end(&world, TOKEN, right, &json!({ "access_token": "gho_x" })).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let request = world.http.delete(world.url(GRANT)).basic_auth(right.0, Some(right.1));
    let nameless = request.json(&body).send().await.unwrap();
    assert_eq!(nameless.status(), StatusCode::FORBIDDEN);

    assert_eq!(end(&world, TOKEN, right, &body).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.read(ME, first).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.read(ME, second).await.status, StatusCode::OK, "the other one lives");
    let third = GITHUB.tokens(&world, &[], "haneul").await;
    let body = json!({ "access_token": second });
    assert_eq!(end(&world, GRANT, right, &body).await.status, StatusCode::NO_CONTENT);
    let third = world.read(ME, text(&third, "access_token")).await;
    assert_eq!(third.status, StatusCode::UNAUTHORIZED, "the grant is all tokens");
    assert_eq!(world.demo.ledger().grants["github"].revocations, 2);
    world.demo.set_faults("github", [Fault::Revoke503]);
    assert_eq!(end(&world, GRANT, right, &body).await.status.as_u16(), 503);
}

#[tokio::test]
async fn anybody_may_give_up_a_token() {
    let world = world().await;
    let body = GITHUB.tokens(&world, &[], "haneul").await;
    let access = text(&body, "access_token");
    let revoke = async |body: Value| {
        let request = world.http.post(world.url("/github/api/credentials/revoke"));
        let request = request.header("user-agent", "Nameplate").json(&body);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(revoke(json!({ "credentials": [] })).await, 422);
    assert_eq!(revoke(json!({ "credentials": vec!["gho_x"; 1001] })).await, 422);
    assert_eq!(revoke(json!({ "credentials": [access, "gho_unknown"] })).await, 202);
    assert_eq!(world.read(ME, access).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_metadata_names_the_device_endpoint_and_iss() {
    let world = world().await;
    let path = "/github/.well-known/oauth-authorization-server/login/oauth";
    let metadata = world.json(path).await;
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    let device = world.url("/github/login/device/code");
    assert_eq!(metadata["device_authorization_endpoint"], device);
}
