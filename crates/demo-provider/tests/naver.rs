//! Naver: happy paths, and every refusal met by a client that is wrong on purpose.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod common;

use common::apps::NAVER;
use common::{Heard, VERIFIER, location, params, text, verified, with, world};
use demo_provider::{Fault, Rotation, clients};
use reqwest::StatusCode;
use serde_json::json;

const ME: &str = "/naver/openapi/v1/nid/me";
const REVOKE: &str = "/naver/oauth2.0/revoke";

/// Errors of the token endpoint come with HTTP 200.
fn refused(heard: &Heard, error: &str, description: &str) {
    assert_eq!(heard.status, StatusCode::OK);
    assert_eq!(heard.body, json!({ "error": error, "error_description": description }));
}

#[tokio::test]
async fn a_person_signs_in_on_a_registered_port() {
    let world = world().await;
    let answer = params(&world.decide(NAVER.authorize, NAVER.ask, "haneul", "allow").await);
    assert_eq!(answer.keys().map(String::as_str).collect::<Vec<_>>(), ["code", "state"]);
    let body = NAVER.exchange(&world, &answer["code"], &[]).await.body;
    assert_eq!((text(&body, "token_type"), &body["expires_in"]), ("bearer", &json!(3600)));
    let jwks = world.json("/naver/oauth2/jwks").await;
    let claims = verified(&jwks, text(&body, "id_token"), clients::NAVER);
    assert_eq!(text(&claims, "iss"), "https://nid.naver.com");

    let me = world.read(ME, text(&body, "access_token")).await.body;
    assert_eq!((text(&me, "resultcode"), text(&me, "message")), ("00", "success"));
    let profile = &me["response"];
    assert_eq!(profile["id"], claims["sub"]);
    assert_eq!((text(profile, "nickname"), text(profile, "email")), ("하늘", "haneul@example.com"));
    assert_eq!((text(profile, "birthday"), text(profile, "birthyear")), ("03-14", "1997"));
    assert_eq!((text(profile, "gender"), text(profile, "age")), ("F", "20-29"));
    assert_eq!(text(profile, "mobile"), "010-1234-5678");
    let picture =
        text(profile, "profile_image").strip_prefix(world.demo.base()).unwrap().to_owned();
    assert_eq!(world.get(&picture, &[]).await.headers()["content-type"], "image/jpeg");
}

#[tokio::test]
async fn nicknames_may_be_stars_and_items_may_be_left_out() {
    let world = world().await;
    let body = NAVER.tokens(&world, &[], "no-nickname").await;
    let me = world.read(ME, text(&body, "access_token")).await.body;
    assert_eq!(
        (text(&me["response"], "nickname"), text(&me["response"], "gender")),
        ("sol***", "U")
    );
    let withheld = ["email", "profile_image"];
    let url = world.decide_without(NAVER.authorize, NAVER.ask, "haneul", "allow", &withheld).await;
    let body = NAVER.exchange(&world, &params(&url)["code"], &[]).await.body;
    let me = world.read(ME, text(&body, "access_token")).await.body;
    assert!(withheld.iter().all(|item| me["response"].get(item).is_none()), "{me}");
}

#[tokio::test]
async fn a_denial_comes_in_navers_words() {
    let world = world().await;
    let url = world.decide(NAVER.authorize, NAVER.ask, "haneul", "deny").await;
    let wanted = "error=access_denied&error_description=Canceled%20By%20User&state=st";
    assert_eq!(url.query(), Some(wanted));
}

#[tokio::test]
async fn wrong_requests_are_refused_on_the_page_or_at_the_application() {
    let world = world().await;
    for change in [
        ("client_id", "nobody"),
        ("redirect_uri", "http://127.0.0.1:53685/callback/naver"),
        ("redirect_uri", "http://localhost:53682/callback/naver"),
        ("redirect_uri", "app.nameplate.desktop.dev:/callback/naver"),
        ("redirect_uri", ""),
    ] {
        let (status, page) = world.page(NAVER.authorize, &with(NAVER.ask, &[change])).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{change:?}");
        assert!(page.contains("invalid_request"), "{change:?}");
    }
    for (change, error) in [
        (("state", ""), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("scope", ""), "invalid_scope"),
        (("scope", "profile"), "invalid_scope"),
        (("code_challenge_method", "plain"), "invalid_request"),
    ] {
        let url = location(&world.get(NAVER.authorize, &with(NAVER.ask, &[change])).await);
        assert_eq!(params(&url)["error"], error, "{change:?}");
    }
}

#[tokio::test]
async fn the_token_request_wants_the_secret_the_state_and_the_verifier() {
    let world = world().await;
    let code = NAVER.code(&world, &[], "haneul").await;
    for change in [("client_secret", ""), ("client_secret", "wrong"), ("client_id", "nobody")] {
        let heard = NAVER.exchange(&world, &code, &[change]).await;
        refused(&heard, "invalid_client", "wrong client id / client secret pair");
    }
    for state in ["", "other"] {
        let heard = NAVER.exchange(&world, &code, &[("state", state)]).await;
        let words = "state is missing or not that of the request";
        refused(&heard, "invalid_request", words);
    }
    for verifier in ["", "too-short", &VERIFIER.replace('d', "e")] {
        let heard = NAVER.exchange(&world, &code, &[("code_verifier", verifier)]).await;
        refused(&heard, "invalid_grant", "code_verifier does not match");
    }
    let other = NAVER.exchange(&world, &code, &[("grant_type", "delete")]).await;
    refused(&other, "unsupported_grant_type", "grant_type is not supported");
    assert!(NAVER.exchange(&world, &code, &[]).await.body["access_token"].is_string());
    let again = NAVER.exchange(&world, &code, &[]).await;
    refused(&again, "invalid_request", "no valid data in session");
    let late = NAVER.code(&world, &[], "haneul").await;
    world.demo.advance_clock(601);
    let late = NAVER.exchange(&world, &late, &[]).await;
    refused(&late, "invalid_request", "no valid data in session");
    let unasked = [("code_challenge", ""), ("code_challenge_method", "")];
    let unasked = NAVER.code(&world, &unasked, "haneul").await;
    let heard = NAVER.exchange(&world, &unasked, &[]).await;
    refused(&heard, "invalid_grant", "code_verifier does not match");
}

#[tokio::test]
async fn a_refresh_brings_no_refresh_token_and_a_string() {
    let world = world().await;
    let body = NAVER.tokens(&world, &[], "haneul").await;
    let old = text(&body, "refresh_token");
    world.demo.advance_clock(3600);
    let expired = world.read(ME, text(&body, "access_token")).await;
    assert_eq!((expired.status.as_u16(), text(&expired.body, "resultcode")), (401, "024"));
    let new = NAVER.refresh(&world, old, &[]).await.body;
    assert_eq!(new["expires_in"], "3600");
    assert!(new.get("refresh_token").is_none());
    assert_eq!(world.read(ME, text(&new, "access_token")).await.status, StatusCode::OK);
    let secretless = NAVER.refresh(&world, old, &[("client_secret", "")]).await;
    refused(&secretless, "invalid_client", "wrong client id / client secret pair");
    refused(&NAVER.refresh(&world, "x", &[]).await, "invalid_request", "invalid refresh_token");
    world.demo.set_rotation("naver", Rotation::AtOnce);
    assert!(NAVER.refresh(&world, old, &[]).await.body["refresh_token"].is_string());
}

#[tokio::test]
async fn revoking_ends_the_pair_and_says_so_by_its_status() {
    let world = world().await;
    let body = NAVER.tokens(&world, &[], "haneul").await;
    let (access, refresh) = (text(&body, "access_token"), text(&body, "refresh_token"));
    let form = [
        ("client_id", clients::NAVER),
        ("client_secret", clients::NAVER_SECRET),
        ("token", access),
    ];
    let wrong = world.post(REVOKE, &with(&form, &[("client_secret", "wrong")])).await;
    let words = json!({ "error": "unauthorized_client", "error_description": "Client authentication failed." });
    assert_eq!((wrong.status.as_u16(), wrong.body), (401, words));
    let nothing = world.post(REVOKE, &with(&form, &[("token", "")])).await;
    assert_eq!((nothing.status.as_u16(), text(&nothing.body, "error")), (400, "invalid_request"));
    world.demo.set_faults("naver", [Fault::Revoke503]);
    let busy = world.post(REVOKE, &form).await;
    assert_eq!((busy.status.as_u16(), text(&busy.body, "error")), (503, "temporarily_unavailable"));
    world.demo.set_faults("naver", []);
    let done = world.post(REVOKE, &form).await;
    assert_eq!((done.status, done.text.as_str()), (StatusCode::OK, ""));
    assert_eq!(world.post(REVOKE, &form).await.status, StatusCode::OK, "dead already");
    assert_eq!(world.read(ME, access).await.status, StatusCode::UNAUTHORIZED);
    refused(&NAVER.refresh(&world, refresh, &[]).await, "invalid_request", "invalid refresh_token");
    assert_eq!(world.demo.ledger().grants["naver"].revocations, 1);
}

#[tokio::test]
async fn a_bearer_must_stand_there() {
    let world = world().await;
    let nameless = world.json(ME).await;
    assert_eq!(text(&nameless, "resultcode"), "028");
    assert_eq!(text(&world.read(ME, "stranger").await.body, "resultcode"), "024");
    world.demo.set_faults("naver", [Fault::ProfileWithoutId]);
    let body = NAVER.tokens(&world, &[], "haneul").await;
    let me = world.read(ME, text(&body, "access_token")).await.body;
    assert!(me["response"].get("id").is_none() && me["resultcode"] == "00", "inside the envelope");
}
