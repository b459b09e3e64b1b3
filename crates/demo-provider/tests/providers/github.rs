//! GitHub: sign-ins, and each refusal for a client with one mistake.

use crate::common::{App, Demo, Reply, VERIFIER, demo, location, params, send, text, with};
use demo_provider::Fault;
use demo_provider::providers::github::{
    APP_CLIENT_ID, APP_CLIENT_SECRET, CLIENT_ID, CLIENT_SECRET, EXPIRING_CLIENT_ID,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const APP: App = App {
    provider: "github",
    authorize: "/github/login/oauth/authorize",
    token: "/github/login/oauth/access_token",
    client: &[("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)],
    redirect_uri: "http://127.0.0.1:42149/callback/github",
    ask: &[("response_type", ""), ("scope", "read:user user:email")],
    exchange: &[("grant_type", "")],
};
const ME: &str = "/github/api/user";
const EMAILS: &str = "/github/api/user/emails";
const GRANT: &str = "/github/api/applications/demo-github/grant";
const TOKEN: &str = "/github/api/applications/demo-github/token";
const CODES: &str = "/github/login/device/code";
const PAGE: &str = "/github/login/device";
const DEVICE: &[(&str, &str)] = &[("client_id", CLIENT_ID), ("scope", "read:user user:email")];
const BAD_CLIENT: (&str, &str) =
    ("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.");
const BAD_CODE: (&str, &str) =
    ("bad_verification_code", "The code passed is incorrect or expired.");
const BAD_REFRESH: (&str, &str) =
    ("bad_refresh_token", "The refresh token passed is incorrect or expired.");

/// Errors come with HTTP 200.
fn refused(reply: &Reply, error: (&str, &str)) {
    assert_eq!(reply.status, StatusCode::OK);
    let found = (text(&reply.body, "error"), text(&reply.body, "error_description"));
    assert_eq!(found, error);
    assert!(reply.body["error_uri"].is_string() && reply.body.get("access_token").is_none());
}

async fn end(demo: &Demo, path: &str, basic: (&str, &str), body: &Value) -> Reply {
    let request = demo.http.request(Method::DELETE, demo.url(path)).json(body);
    send(request.header("user-agent", "Nameplate").basic_auth(basic.0, Some(basic.1))).await
}

#[tokio::test]
async fn a_person_signs_in_by_loopback_and_by_deep_link() {
    let demo = demo(APP).await;
    let response = demo.allow(&[], "haneul").await;
    assert_eq!(response["iss"], "https://github.com/login/oauth");
    assert_eq!(response["state"], "st");
    let body = demo.redeem(&response["code"]).await;
    assert!(text(&body, "access_token").starts_with("gho_"));
    assert_eq!(
        (text(&body, "token_type"), text(&body, "scope")),
        ("bearer", "read:user,user:email")
    );
    assert!(body.get("expires_in").is_none() && body.get("refresh_token").is_none());

    let me = demo.read(ME, text(&body, "access_token")).await.body;
    assert!(me["id"].is_u64() && me["email"].is_null());
    assert_eq!((text(&me, "login"), text(&me, "name")), ("haneul", "하늘"));
    let emails = demo.read(EMAILS, text(&body, "access_token")).await.body;
    let primary = emails.as_array().unwrap().iter().find(|entry| entry["primary"] == true).unwrap();
    assert!(primary["email"] == "haneul@example.com" && primary["verified"] == true);
    assert_eq!(demo.content_type(text(&me, "avatar_url")).await, "image/png");

    let deep = ("redirect_uri", "app.nameplate.desktop.dev:/callback/github");
    let code = demo.code(&[deep], "haneul").await;
    assert!(demo.exchange(&code, &[deep]).await.body["access_token"].is_string());
    demo.advance(365 * 86_400);
    let me = demo.read(ME, text(&body, "access_token")).await;
    assert_eq!(me.status, StatusCode::OK, "it does not expire");
}

#[tokio::test]
async fn the_body_is_a_form_unless_json_is_asked_for() {
    let demo = demo(APP).await;
    let code = demo.code(&[], "haneul").await;
    let plain = async |code: &str| {
        let form = with(&APP.exchange(), &[("code", code)]);
        send(demo.http.post(demo.url(APP.token)).form(&form)).await
    };
    let wrong = plain("x").await;
    let words = "error=bad_verification_code&error_description=The+code+passed";
    assert!(wrong.status == StatusCode::OK && wrong.text.starts_with(words));
    let right = plain(&code).await.text;
    assert!(right.starts_with("access_token=gho_"), "{right}");
    assert!(right.contains("&scope=read%3Auser%2Cuser%3Aemail&"), "{right}");
}

#[tokio::test]
async fn a_denial_comes_in_githubs_words() {
    let response = demo(APP).await.decide(&[], "haneul", "deny").await;
    let response = params(&response);
    assert_eq!(response["error"], "access_denied");
    assert_eq!(response["error_description"], "The user has denied your application access.");
    assert!(response["error_uri"].ends_with("#access-denied") && response["state"] == "st");
}

#[tokio::test]
async fn an_address_that_is_not_registered_hears_nothing() {
    let demo = demo(APP).await;
    for wrong in [
        "http://localhost:42149/callback/github",
        "http://127.0.0.1:42149/elsewhere",
        "app.nameplate.desktop.dev:/callback/github/sub",
    ] {
        let ask = with(&APP.ask(), &[("redirect_uri", wrong)]);
        let url = location(&demo.get(APP.authorize, &ask).await);
        assert!(url.as_str().starts_with("http://127.0.0.1/callback/github?"), "{url}");
        assert_eq!(params(&url)["error"], "redirect_uri_mismatch");
    }
    let sub = ("redirect_uri", "http://127.0.0.1:1/callback/github/sub");
    let url = demo.decide(&[sub], "haneul", "allow").await;
    assert!(url.as_str().starts_with(sub.1), "a sub-directory may be asked for");
    assert_eq!(demo.page(&[("client_id", "nobody")]).await.0, StatusCode::NOT_FOUND);
    let plain = demo.error(&[("code_challenge_method", "plain")]).await;
    assert_eq!(plain["error"], "invalid_request");
}

#[tokio::test]
async fn the_web_flow_wants_the_secret_and_the_verifier() {
    let demo = demo(APP).await;
    let code = demo.code(&[], "haneul").await;
    let elsewhere = ("redirect_uri", "http://127.0.0.1:1/callback/github");
    let mismatch = (
        "redirect_uri_mismatch",
        "The redirect_uri MUST match the registered callback URL for this application.",
    );
    let unsupported = ("unsupported_grant_type", "The grant type is not supported.");
    for (change, error) in [
        (("client_secret", ""), BAD_CLIENT),
        (("client_secret", "wrong"), BAD_CLIENT),
        (("client_id", "nobody"), BAD_CLIENT),
        (("code_verifier", ""), BAD_CODE),
        (("code_verifier", "too-short"), BAD_CODE),
        (("code_verifier", &VERIFIER.replace('d', "e")), BAD_CODE),
        (elsewhere, mismatch),
        (("grant_type", "password"), unsupported),
    ] {
        refused(&demo.exchange(&code, &[change]).await, error);
    }
    let left_out = demo.exchange(&code, &[("redirect_uri", "")]).await;
    assert!(left_out.body["access_token"].is_string(), "it may be left out");
    refused(&demo.exchange(&code, &[]).await, BAD_CODE);
    let late = demo.code(&[], "haneul").await;
    demo.advance(601);
    refused(&demo.exchange(&late, &[]).await, BAD_CODE);
    assert_eq!(demo.counts().refusals, 10);
}

#[tokio::test]
async fn who_has_not_confirmed_the_address_gets_no_token() {
    let demo = demo(APP).await;
    let code = demo.code(&[], "unverified").await;
    let error = ("unverified_user_email", "The user must have a verified primary email.");
    refused(&demo.exchange(&code, &[]).await, error);
}

#[tokio::test]
async fn the_api_wants_a_name_a_bearer_and_the_scope() {
    let demo = demo(APP).await;
    let body = demo.tokens(&[("scope", "read:user")], "no-nickname").await;
    let access = text(&body, "access_token");
    let nameless = send(demo.http.get(demo.url(ME)).bearer_auth(access)).await;
    assert_eq!(nameless.status, StatusCode::FORBIDDEN);
    assert!(nameless.text.contains("make sure your request has a User-Agent header"));
    let stranger = demo.read(ME, "gho_stranger").await;
    let found = (stranger.status.as_u16(), text(&stranger.body, "message"));
    assert_eq!(found, (401, "Bad credentials"));
    let emails = demo.read(EMAILS, access).await;
    assert_eq!((emails.status.as_u16(), text(&emails.body, "message")), (404, "Not Found"));
    let me = demo.read(ME, access).await.body;
    assert!(me["name"].is_null(), "a name may be missing");
    assert_eq!(text(&me, "login"), "sol-park");

    let me = demo.profile(ME, &[], "no-avatar").await;
    assert_eq!(demo.content_type(text(&me, "avatar_url")).await, "image/png", "an identicon");
    assert_eq!(demo.profile(EMAILS, &[], "no-email").await, json!([]));
}

#[tokio::test]
async fn a_github_app_refreshes_and_its_old_token_dies() {
    let demo = demo(APP).await;
    let app = [("client_id", APP_CLIENT_ID), ("client_secret", APP_CLIENT_SECRET)];
    let code = demo.code(&app[..1], "haneul").await;
    let body = demo.exchange(&code, &app).await.body;
    assert!(text(&body, "access_token").starts_with("ghu_"));
    assert_eq!((&body["expires_in"], &body["scope"]), (&json!(28_800), &json!("")));
    let old = text(&body, "refresh_token");
    assert!(old.starts_with("ghr_") && body["refresh_token_expires_in"] == 15_897_600);
    assert_eq!(demo.read(EMAILS, text(&body, "access_token")).await.status, StatusCode::OK);
    demo.advance(28_800);
    assert_eq!(demo.read(ME, text(&body, "access_token")).await.status.as_u16(), 401);

    refused(&demo.refresh(old, &[app[0], ("client_secret", "")]).await, BAD_CLIENT);
    let new = demo.refresh(old, &app).await.body;
    assert!(text(&new, "refresh_token") != old);
    refused(&demo.refresh(old, &app).await, BAD_REFRESH);
    let disabled = demo.post(CODES, &app[..1]).await;
    assert_eq!(text(&disabled.body, "error"), "device_flow_disabled");
}

/// An OAuth app's tokens expire by its settings or by a scope, and are renewed with the secret; the
/// scopes stay.
#[tokio::test]
async fn an_oauth_apps_tokens_may_expire_and_be_renewed() {
    let demo = demo(APP).await;
    let id = ("client_id", EXPIRING_CLIENT_ID);
    let offline = ("scope", "read:user user:email offline_access");
    for (ask, client) in [(id, id), (offline, ("client_id", CLIENT_ID))] {
        let code = demo.code(&[ask], "haneul").await;
        let body = demo.exchange(&code, &[client]).await.body;
        assert!(text(&body, "access_token").starts_with("gho_"));
        assert_eq!(body["expires_in"], 28_800);
        let old = text(&body, "refresh_token");
        demo.advance(28_800);
        assert_eq!(demo.read(ME, text(&body, "access_token")).await.status.as_u16(), 401);
        refused(&demo.refresh(old, &[client, ("client_secret", "")]).await, BAD_CLIENT);
        let client = [client, ("client_secret", CLIENT_SECRET)];
        let new = demo.refresh(old, &client).await.body;
        assert!(text(&new, "access_token").starts_with("gho_"));
        assert!(text(&new, "refresh_token") != old && new["scope"] == body["scope"]);
        refused(&demo.refresh(old, &client).await, BAD_REFRESH);
    }
}

#[tokio::test]
async fn a_device_code_is_typed_allowed_and_redeemed_once() {
    let demo = demo(APP).await;
    let codes = demo.post(CODES, DEVICE).await.body;
    let (device, user) = (text(&codes, "device_code"), text(&codes, "user_code"));
    assert_eq!((device.len(), user.len(), &user[4..5]), (40, 9, "-"));
    assert_eq!((&codes["expires_in"], &codes["interval"]), (&json!(900), &json!(5)));
    assert_eq!(text(&codes, "verification_uri"), demo.url(PAGE));
    let pending = ("authorization_pending", "The authorization request is still pending.");
    refused(&demo.poll(device).await, pending);

    let soon = demo.poll(device).await;
    refused(&soon, ("slow_down", "Too many requests have been made in the same timeframe."));
    assert_eq!(soon.body["interval"], 10, "five seconds more");
    demo.advance(5);
    assert_eq!(demo.poll(device).await.body["interval"], 15, "five are not enough any more");

    let typed = user.to_lowercase().replace('-', " ");
    let end = demo.decide_device(PAGE, &typed, "allow").await;
    assert!(end.contains("You are signed in"), "{end}");
    demo.advance(15);
    let body = demo.poll(device).await.body;
    assert_eq!(text(&body, "scope"), "read:user,user:email");
    assert_eq!(demo.read(ME, text(&body, "access_token")).await.body["login"], "haneul");
    demo.advance(15);
    let used = ("incorrect_device_code", "The device_code provided is not valid.");
    refused(&demo.poll(device).await, used);
    assert!(demo.server.request_log().device_codes.contains(device));
    assert_eq!(demo.counts().device_code, 1);
}

#[tokio::test]
async fn a_device_code_can_be_denied_or_late_or_of_another_client() {
    let demo = demo(APP).await;
    let codes = demo.post(CODES, DEVICE).await.body;
    let end = demo.decide_device(PAGE, text(&codes, "user_code"), "deny").await;
    assert!(end.contains("Nothing was changed"));
    let denied = demo.poll(text(&codes, "device_code")).await;
    refused(&denied, ("access_denied", "The authorization request was denied."));
    let used = demo.enter(PAGE, text(&codes, "user_code")).await;
    assert_eq!(used.status(), StatusCode::NOT_FOUND, "a user code counts once");
    assert!(used.text().await.unwrap().contains("No application waits for this code"));

    let late = demo.post(CODES, DEVICE).await.body;
    demo.advance(900);
    let reply = demo.poll(text(&late, "device_code")).await;
    refused(&reply, ("expired_token", "The device_code has expired."));
    let entered = demo.enter(PAGE, text(&late, "user_code")).await;
    assert_eq!(entered.status(), StatusCode::NOT_FOUND);

    refused(&demo.post(CODES, &[("client_id", "nobody")]).await, BAD_CLIENT);
    let unknown = ("incorrect_device_code", "The device_code provided is not valid.");
    refused(&demo.poll("x").await, unknown);
}

#[tokio::test]
async fn faults_of_the_device_flow() {
    let demo = demo(APP).await;
    demo.set_faults([Fault::SlowDown]);
    let codes = demo.post(CODES, DEVICE).await.body;
    let device = text(&codes, "device_code");
    assert_eq!(demo.poll(device).await.body["error"], "slow_down", "at the first poll");
    demo.advance(10);
    assert_eq!(demo.poll(device).await.body["error"], "authorization_pending", "and once");
    demo.set_faults([Fault::DeviceExpired, Fault::Emails404]);
    assert_eq!(demo.poll(device).await.body["error"], "expired_token");
    let body = demo.tokens(&[], "haneul").await;
    assert_eq!(demo.read(EMAILS, text(&body, "access_token")).await.status.as_u16(), 404);
}

#[tokio::test]
async fn an_application_ends_one_token_or_the_whole_grant() {
    let demo = demo(APP).await;
    let right = (CLIENT_ID, CLIENT_SECRET);
    let [first, second] = [demo.tokens(&[], "haneul").await, demo.tokens(&[], "haneul").await];
    let (first, second) = (text(&first, "access_token"), text(&second, "access_token"));
    let body = json!({ "access_token": first });
    for basic in [(CLIENT_ID, "wrong"), (APP_CLIENT_ID, APP_CLIENT_SECRET)] {
        assert_eq!(end(&demo, GRANT, basic, &body).await.status, StatusCode::UNAUTHORIZED);
    }
    let nothing = end(&demo, GRANT, right, &json!({})).await;
    assert_eq!(text(&nothing.body, "message"), "Validation Failed");
    let unknown = end(&demo, TOKEN, right, &json!({ "access_token": "gho_x" })).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let nameless = demo.http.delete(demo.url(GRANT)).basic_auth(right.0, Some(right.1));
    assert_eq!(send(nameless.json(&body)).await.status, StatusCode::FORBIDDEN);

    assert_eq!(end(&demo, TOKEN, right, &body).await.status, StatusCode::NO_CONTENT);
    assert_eq!(demo.read(ME, first).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(demo.read(ME, second).await.status, StatusCode::OK, "the other one is valid");
    let third = demo.tokens(&[], "haneul").await;
    let body = json!({ "access_token": second });
    assert_eq!(end(&demo, GRANT, right, &body).await.status, StatusCode::NO_CONTENT);
    let third = demo.read(ME, text(&third, "access_token")).await;
    assert_eq!(third.status, StatusCode::UNAUTHORIZED, "the grant is all tokens");
    assert_eq!(demo.counts().revocations, 2);
    demo.set_faults([Fault::Revoke503]);
    assert_eq!(end(&demo, GRANT, right, &body).await.status.as_u16(), 503);
}

#[tokio::test]
async fn a_token_is_revoked_without_client_authentication() {
    let demo = demo(APP).await;
    let body = demo.tokens(&[], "haneul").await;
    let access = text(&body, "access_token");
    let revoke = async |body: Value| {
        let request = demo.http.post(demo.url("/github/api/credentials/revoke")).json(&body);
        send(request.header("user-agent", "Nameplate")).await.status.as_u16()
    };
    assert_eq!(revoke(json!({ "credentials": [] })).await, 422);
    assert_eq!(revoke(json!({ "credentials": vec!["gho_x"; 1001] })).await, 422);
    assert_eq!(revoke(json!({ "credentials": [access, "gho_unknown"] })).await, 202);
    assert_eq!(demo.read(ME, access).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_metadata_names_the_device_endpoint_and_iss() {
    let demo = demo(APP).await;
    let path = "/github/.well-known/oauth-authorization-server/login/oauth";
    let metadata = demo.json(path).await;
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    assert_eq!(metadata["device_authorization_endpoint"], demo.url(CODES));
}
