//! The generic issuer: sign-ins, and each refusal for a client with one mistake.

use crate::common::{
    App, DEVICE_CODE, Reply, VERIFIER, WITHOUT_PKCE, demo, params, reply, send, text, verified,
    with,
};
use demo_provider::providers::oidc::{CLIENT_ID, CLIENT_SECRET, CONFIDENTIAL_CLIENT_ID};
use demo_provider::{Fault, Rotation};
use reqwest::StatusCode;
use serde_json::json;

const APP: App = crate::common::OIDC;
const USERINFO: &str = "/oidc/userinfo";
const CODES: &str = "/oidc/device_authorization";
const METADATA: &str = "/oidc/.well-known/openid-configuration";
const OFFLINE: (&str, &str) = ("scope", "openid offline_access");
const CONFIDENTIAL: [(&str, &str); 2] =
    [("client_id", CONFIDENTIAL_CLIENT_ID), ("client_secret", CLIENT_SECRET)];
const DEVICE: &[(&str, &str)] =
    &[("client_id", CLIENT_ID), ("scope", "openid profile offline_access")];

fn refused(reply: &Reply, status: u16, error: &str) {
    let found = (reply.status.as_u16(), text(&reply.body, "error"));
    assert_eq!(found, (status, error), "{}", reply.text);
}

fn poll_refused(reply: &Reply, error: &str, description: &str) {
    reply.is(400, &json!({ "error": error, "error_description": description }));
}

#[tokio::test]
async fn a_person_signs_in_by_what_discovery_says() {
    let demo = demo(APP).await;
    let document = demo.json(METADATA).await;
    let issuer = demo.url("/oidc");
    assert_eq!(text(&document, "issuer"), issuer);
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);

    let response = demo.allow(&[], "haneul").await;
    assert!(response["iss"] == issuer && response["state"] == "st");
    let body = demo.redeem(&response["code"]).await;
    let claims = verified(&demo.json("/oidc/jwks").await, text(&body, "id_token"), CLIENT_ID);
    assert_eq!((text(&claims, "iss"), text(&claims, "nonce")), (issuer.as_str(), "n-1"));
    assert!(claims["auth_time"].is_i64() && claims["at_hash"].is_string());

    let info = demo.read(USERINFO, text(&body, "access_token")).await.body;
    assert_eq!((&info["sub"], text(&info, "nickname")), (&claims["sub"], "하늘"));
    assert_eq!((text(&info, "birthdate"), text(&info, "gender")), ("1997-03-14", "female"));
    assert!(info["email"] == "haneul@example.com" && info["email_verified"] == true);
    assert_eq!(text(&info, "phone_number"), "+821012345678");
    assert_eq!(demo.content_type(text(&info, "picture")).await, "image/webp");
}

#[tokio::test]
async fn absent_claims_are_absent_and_scopes_limit_them() {
    let demo = demo(APP).await;
    let body = demo.tokens(&[("scope", "openid profile email")], "no-nickname").await;
    let info = demo.read(USERINFO, text(&body, "access_token")).await.body;
    assert!(info.get("nickname").is_none() && info.get("gender").is_none());
    assert_eq!((text(&info, "birthdate"), text(&info, "preferred_username")), ("1988", "sol.park"));
    assert!(body.get("refresh_token").is_none(), "only with offline_access");
    let info = demo.profile(USERINFO, &[("scope", "openid profile")], "no-avatar").await;
    assert!(info.get("picture").is_none() && info.get("email").is_none());
    assert_eq!(text(&info, "birthdate"), "0000-11-02");
    let body = demo.tokens(&[("scope", "profile")], "haneul").await;
    assert!(body.get("id_token").is_none());
    refused(&demo.read(USERINFO, text(&body, "access_token")).await, 403, "insufficient_scope");
}

#[tokio::test]
async fn deep_links_and_a_confidential_client_work_too() {
    let demo = demo(APP).await;
    let deep = ("redirect_uri", "app.nameplate.desktop.dev:/callback/company");
    let once = demo.code(&[deep], "haneul").await;
    assert_eq!(demo.exchange(&once, &[deep]).await.status, StatusCode::OK);

    let id = CONFIDENTIAL[0];
    let code = demo.code(&[id], "haneul").await;
    refused(&demo.exchange(&code, &[id]).await, 401, "invalid_client");
    let wrong = demo.exchange(&code, &[id, ("client_secret", "wrong")]).await;
    refused(&wrong, 401, "invalid_client");
    let form = with(&APP.exchange(), &[("client_id", ""), ("code", &code)]);
    let basic = demo.http.post(demo.url(APP.token)).basic_auth(id.1, Some("wrong"));
    let wrong = basic.form(&form).send().await.unwrap();
    assert_eq!(wrong.headers()["www-authenticate"], "Basic");
    refused(&reply(wrong).await, 401, "invalid_client");
    let right = demo.exchange_with_basic(&code, id.1, CLIENT_SECRET).await;
    assert_eq!(right.status, StatusCode::OK);
}

#[tokio::test]
async fn a_denial_names_the_issuer() {
    let demo = demo(APP).await;
    let response = params(&demo.decide(&[], "haneul", "deny").await);
    assert!(response["error"] == "access_denied" && response["state"] == "st");
    assert_eq!(response["iss"], demo.url("/oidc"));
}

#[tokio::test]
async fn a_client_or_redirect_uri_that_is_not_registered_stays_on_the_page() {
    let cases = [
        (("client_id", "nobody"), "unauthorized_client"),
        (("redirect_uri", "https://evil.example/"), "invalid_request"),
        (("redirect_uri", "app.nameplate.desktop.dev:///callback/company"), "invalid_request"),
        (("redirect_uri", "http://127.0.0.1:5000/#fragment"), "invalid_request"),
        (("redirect_uri", ""), "invalid_request"),
    ];
    demo(APP).await.refused_on_the_page(&cases).await;
}

#[tokio::test]
async fn a_wrong_request_comes_back_as_an_error_with_iss() {
    let demo = demo(APP).await;
    for (change, error) in [
        (("response_type", "id_token"), "unsupported_response_type"),
        (("response_type", ""), "invalid_request"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("request", "e30.e30."), "request_not_supported"),
        (("prompt", "none"), "login_required"),
    ] {
        let response = demo.error(&[change]).await;
        assert_eq!(response["error"], error, "{change:?}");
        assert!(response["iss"].ends_with("/oidc") && response["state"] == "st");
    }
    let twice = demo.error(&[("scope", "openid"), ("scope", "openid")]).await;
    assert_eq!(twice["error"], "invalid_request");
}

#[tokio::test]
async fn codes_verifiers_and_redirect_uris_are_checked() {
    let demo = demo(APP).await;
    let once = demo.code(&[], "haneul").await;
    for (change, status, error) in [
        (("code", "x"), 400, "invalid_grant"),
        (("code", ""), 400, "invalid_request"),
        (("grant_type", "password"), 400, "unsupported_grant_type"),
        (("grant_type", ""), 400, "invalid_request"),
        (("client_id", "nobody"), 401, "invalid_client"),
        (("client_secret", "any"), 401, "invalid_client"),
        (("code_verifier", ""), 400, "invalid_grant"),
        (("code_verifier", "too-short"), 400, "invalid_grant"),
        (("code_verifier", &VERIFIER.replace('d', "e")), 400, "invalid_grant"),
        (("redirect_uri", "http://127.0.0.1:1/callback"), 400, "invalid_grant"),
    ] {
        refused(&demo.exchange(&once, &[change]).await, status, error);
    }
    let twice = demo.exchange(&once, &[("code", "x"), ("code", "y")]).await;
    refused(&twice, 400, "invalid_request");
    let json = send(demo.http.post(demo.url(APP.token)).json(&json!({}))).await;
    refused(&json, 400, "invalid_request");
    refused(&demo.exchange(&once, &CONFIDENTIAL).await, 400, "invalid_grant");
    let unasked = [CONFIDENTIAL[0], WITHOUT_PKCE[0], WITHOUT_PKCE[1]];
    let unasked = demo.code(&unasked, "haneul").await;
    refused(&demo.exchange(&unasked, &CONFIDENTIAL).await, 400, "invalid_grant");
    let late = demo.code(&[], "haneul").await;
    demo.advance(61);
    refused(&demo.exchange(&late, &[]).await, 400, "invalid_grant");
}

#[tokio::test]
async fn a_code_that_comes_twice_ends_what_it_brought() {
    let demo = demo(APP).await;
    let code = demo.code(&[], "haneul").await;
    let body = demo.redeem(&code).await;
    refused(&demo.exchange(&code, &[]).await, 400, "invalid_grant");
    refused(&demo.read(USERINFO, text(&body, "access_token")).await, 401, "invalid_token");
    refused(&demo.refresh(text(&body, "refresh_token"), &[]).await, 400, "invalid_grant");
}

#[tokio::test]
async fn refresh_tokens_rotate_in_three_ways() {
    let demo = demo(APP).await;
    for (rotation, old_is_valid, brings_new) in [
        (Rotation::AtOnce, false, true),
        (Rotation::OnUse, true, true),
        (Rotation::Keep, true, false),
    ] {
        demo.set_rotation(rotation);
        let body = demo.tokens(&[OFFLINE], "haneul").await;
        let old = text(&body, "refresh_token");
        let next = demo.refresh(old, &[]).await.body;
        assert_eq!(next["refresh_token"].is_string(), brings_new, "{rotation:?}");
        assert!(next["id_token"].is_string());
        let again = demo.refresh(old, &[]).await;
        assert_eq!(again.status == StatusCode::OK, old_is_valid, "{rotation:?}");
    }
    refused(&demo.refresh("", &[]).await, 400, "invalid_request");
}

#[tokio::test]
async fn of_many_refreshes_at_once_one_wins() {
    let demo = demo(APP).await;
    let body = demo.tokens(&[], "haneul").await;
    let form = with(&APP.refresh(), &[("refresh_token", text(&body, "refresh_token"))]);
    let request = || send(demo.http.post(demo.url(APP.token)).form(&form));
    let tries: Vec<_> = (0..8).map(|_| tokio::spawn(request())).collect();
    let mut won = 0;
    for refresh in tries {
        won += u64::from(refresh.await.unwrap().status == StatusCode::OK);
    }
    assert_eq!((won, demo.counts().refresh_token), (1, 1));
}

/// OpenID Connect Core, section 11.
#[tokio::test]
async fn offline_access_wants_the_persons_consent() {
    let demo = demo(APP).await;
    let ask = [OFFLINE, ("prompt", "login")];
    let body = demo.tokens(&ask, "haneul").await;
    assert!(body["refresh_token"].is_null() && body["scope"] == "openid");
    let both = [OFFLINE, ("prompt", "select_account consent")];
    assert!(demo.tokens(&both, "haneul").await["refresh_token"].is_string());
    demo.set_faults([Fault::OfflineAccessRefused]);
    assert_eq!(demo.error(&ask).await["error"], "invalid_request");
}

#[tokio::test]
async fn revoking_may_end_one_token_alone_or_none() {
    let demo = demo(APP).await;
    let revoke = async |token: &str| {
        demo.post("/oidc/revoke", &[("client_id", CLIENT_ID), ("token", token)]).await
    };
    demo.set_faults([Fault::RevokeOneToken]);
    let body = demo.tokens(&[OFFLINE], "haneul").await;
    let [access, refresh] = ["access_token", "refresh_token"].map(|name| text(&body, name));
    assert_eq!(revoke(refresh).await.status, StatusCode::OK);
    refused(&demo.refresh(refresh, &[]).await, 400, "invalid_grant");
    assert_eq!(demo.read(USERINFO, access).await.status, StatusCode::OK);
    demo.set_faults([Fault::RevokeNoAccessToken]);
    refused(&revoke(access).await, 400, "unsupported_token_type");
    demo.set_faults([Fault::RevokeAccess503]);
    assert_eq!(revoke(access).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(revoke(refresh).await.status, StatusCode::OK);
    demo.set_faults([Fault::Revoke401]);
    refused(&revoke(access).await, 401, "invalid_client");
    demo.set_faults([Fault::Revoke503]);
    assert_eq!(revoke(access).await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn metadata_may_stand_at_the_address_of_rfc_8414() {
    let demo = demo(APP).await;
    let oauth = "/.well-known/oauth-authorization-server/oidc";
    let whole = demo.json(METADATA).await;
    assert_eq!(demo.get(oauth, &[]).await.status(), StatusCode::NOT_FOUND);
    demo.set_faults([Fault::MetadataMoved]);
    assert_eq!(demo.get(METADATA, &[]).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(demo.json(oauth).await, whole);
    demo.set_faults([Fault::RevocationElsewhere]);
    assert!(demo.json(METADATA).await.get("revocation_endpoint").is_none());
    assert_eq!(demo.json(oauth).await, whole);
    demo.set_faults([Fault::RevocationNowhere]);
    assert!(demo.json(METADATA).await.get("revocation_endpoint").is_none());
}

#[tokio::test]
async fn revoking_ends_the_grant_and_no_other() {
    let demo = demo(APP).await;
    let [one, two] = [demo.tokens(&[], "haneul").await, demo.tokens(&[], "haneul").await];
    let form = [("client_id", CLIENT_ID), ("token", text(&one, "refresh_token"))];
    assert_eq!(demo.post("/oidc/revoke", &form).await.status, StatusCode::OK);
    assert_eq!(demo.post("/oidc/revoke", &form).await.status, StatusCode::OK, "revoked already");
    refused(&demo.read(USERINFO, text(&one, "access_token")).await, 401, "invalid_token");
    assert_eq!(demo.read(USERINFO, text(&two, "access_token")).await.status, StatusCode::OK);
    refused(&demo.post("/oidc/revoke", &[("token", "x")]).await, 401, "invalid_client");
}

#[tokio::test]
async fn userinfo_wants_a_running_bearer_in_the_header() {
    let demo = demo(APP).await;
    let body = demo.tokens(&[("scope", "openid")], "haneul").await;
    let access = text(&body, "access_token");
    let in_query = demo.get(USERINFO, &[("access_token", access)]).await;
    assert_eq!(in_query.headers()["www-authenticate"], r#"Bearer error="invalid_token""#);
    refused(&reply(in_query).await, 401, "invalid_token");
    refused(&demo.post(USERINFO, &[("access_token", access)]).await, 401, "invalid_token");
    assert_eq!(demo.read(USERINFO, access).await.status, StatusCode::OK);
    demo.advance(3601);
    refused(&demo.read(USERINFO, access).await, 401, "invalid_token");
}

#[tokio::test]
async fn the_device_grant_is_announced_and_fills_the_code_in() {
    let demo = demo(APP).await;
    let document = demo.json(METADATA).await;
    assert_eq!(document["device_authorization_endpoint"], demo.url(CODES));
    let grants = document["grant_types_supported"].as_array().unwrap();
    assert!(grants.contains(&json!(DEVICE_CODE.1)));
    let codes = demo.post(CODES, DEVICE).await.body;
    let (device, user) = (text(&codes, "device_code"), text(&codes, "user_code"));
    let complete = text(&codes, "verification_uri_complete");
    assert_eq!(complete, format!("{}?user_code={user}", text(&codes, "verification_uri")));
    let page = demo.http.get(complete).send().await.unwrap().text().await.unwrap();
    assert!(page.contains(&format!("value=\"{user}\"")), "filled in, and still to be confirmed");
    let pending = demo.poll(device).await;
    poll_refused(&pending, "authorization_pending", "the user has not decided yet");
    let soon = demo.poll(device).await;
    poll_refused(&soon, "slow_down", "wait five seconds longer between two polls");
    demo.decide_device("/oidc/device", user, "allow").await;
    demo.advance(10);
    let body = demo.poll(device).await.body;
    assert!(body["refresh_token"].is_string() && body["id_token"].is_string(), "{body}");
    demo.advance(10);
    let again = demo.poll(device).await;
    poll_refused(&again, "invalid_grant", "the device code is unknown or used");
    let module = demo.json("/oidc/rp/invalid-iss/.well-known/openid-configuration").await;
    assert!(module.get("device_authorization_endpoint").is_none());
}

#[tokio::test]
async fn the_device_grant_is_refused_by_rfc_8628() {
    let demo = demo(APP).await;
    refused(&demo.post(CODES, &[("client_id", "nobody")]).await, 401, "invalid_client");
    let codes = demo.post(CODES, DEVICE).await.body;
    demo.decide_device("/oidc/device", text(&codes, "user_code"), "deny").await;
    let denied = demo.poll(text(&codes, "device_code")).await;
    poll_refused(&denied, "access_denied", "the person said no");
    let codes = demo.post(CODES, DEVICE).await.body;
    demo.advance(600);
    let late = demo.poll(text(&codes, "device_code")).await;
    poll_refused(&late, "expired_token", "the device code is over");
}

#[tokio::test]
async fn a_device_code_may_live_for_a_day() {
    let demo = demo(APP).await;
    demo.set_faults([Fault::DeviceLivesADay]);
    let codes = demo.post(CODES, DEVICE).await.body;
    assert_eq!(codes["expires_in"], json!(86_400));
    demo.advance(86_000);
    let pending = demo.poll(text(&codes, "device_code")).await;
    assert_eq!(pending.body["error"], "authorization_pending");
}
