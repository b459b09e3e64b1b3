//! Kakao: happy paths, and every refusal met by a client that is wrong on purpose.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod common;

use common::apps::KAKAO;
use common::{Heard, VERIFIER, World, heard, location, params, text, verified, with, world};
use demo_provider::{Rotation, clients};
use reqwest::StatusCode;
use serde_json::{Value, json};

const ME: &str = "/kakao/v2/user/me";
const MONTH: u32 = 30 * 86_400;

async fn account(world: &World, person: &str) -> Value {
    let body = KAKAO.tokens(world, &[], person).await;
    world.read(ME, text(&body, "access_token")).await.body["kakao_account"].clone()
}

fn refused(heard: &Heard, status: u16, error: &str, description: &str, code: &str) {
    assert_eq!(heard.status.as_u16(), status, "{}", heard.text);
    assert_eq!(
        heard.body,
        json!({ "error": error, "error_description": description, "error_code": code })
    );
}

fn bad_credentials(heard: &Heard) {
    refused(heard, 401, "invalid_client", "Bad client credentials", "KOE010");
}

#[tokio::test]
async fn a_person_signs_in_on_a_registered_port() {
    let world = world().await;
    let answer = params(&world.decide(KAKAO.authorize, KAKAO.ask, "haneul", "allow").await);
    assert_eq!(answer.keys().map(String::as_str).collect::<Vec<_>>(), ["code", "state"], "no iss");
    let body = KAKAO.exchange(&world, &answer["code"], &[]).await.body;
    assert_eq!((text(&body, "token_type"), &body["expires_in"]), ("bearer", &json!(43_199)));
    assert_eq!(body["refresh_token_expires_in"], 5_184_000);
    assert!(text(&body, "scope").contains("account_email ") && !text(&body, "scope").contains(','));

    let jwks = world.json("/kakao/.well-known/jwks.json").await;
    let claims = verified(&jwks, text(&body, "id_token"), clients::KAKAO);
    assert_eq!(
        (text(&claims, "iss"), text(&claims, "nonce"), text(&claims, "email")),
        ("https://kauth.kakao.com", "n-1", "haneul@example.com")
    );
    assert!(claims.get("email_verified").is_none() && claims["auth_time"].is_i64());

    let me = world.read(ME, text(&body, "access_token")).await.body;
    assert!(me["id"].is_u64(), "a JSON number");
    assert_eq!(claims["sub"], me["id"].to_string());
    let account = &me["kakao_account"];
    assert_eq!(
        (text(&account["profile"], "nickname"), &account["profile"]["is_default_nickname"]),
        ("하늘", &json!(false))
    );
    assert_eq!(
        (text(account, "birthyear"), text(account, "birthday"), text(account, "birthday_type")),
        ("1997", "0314", "SOLAR")
    );
    assert_eq!((text(account, "age_range"), text(account, "gender")), ("20~29", "female"));
    assert_eq!(text(account, "phone_number"), "+82 10-1234-5678");
    assert_eq!(
        (&account["is_email_valid"], &account["is_email_verified"]),
        (&json!(true), &json!(true))
    );
    let info =
        world.read("/kakao/v1/user/access_token_info", text(&body, "access_token")).await.body;
    assert_eq!(info["id"], me["id"]);
}

#[tokio::test]
async fn a_denial_comes_in_kakaos_words() {
    let world = world().await;
    let url = world.decide(KAKAO.authorize, KAKAO.ask, "haneul", "deny").await;
    assert_eq!(
        url.query(),
        Some("error=access_denied&error_description=User%20denied%20access&state=st")
    );
}

#[tokio::test]
async fn prompt_none_wants_a_consent_that_nobody_has_given() {
    let world = world().await;
    let url = location(&world.get(KAKAO.authorize, &with(KAKAO.ask, &[("prompt", "none")])).await);
    assert_eq!(
        url.query(),
        Some("error=consent_required&error_description=user%20consent%20required&state=st")
    );
}

#[tokio::test]
async fn registration_errors_stay_on_kakaos_page() {
    let world = world().await;
    for (changes, code) in [
        (("redirect_uri", "http://localhost:53685/callback/kakao"), "KOE006"),
        (("redirect_uri", "http://127.0.0.1:53682/callback/kakao"), "KOE006"),
        (("redirect_uri", "http://localhost:53682/callback/kakao/"), "KOE006"),
        (("redirect_uri", "app.nameplate.desktop.dev:/callback/kakao"), "KOE006"),
        (("redirect_uri", ""), "KOE006"),
        (("client_id", "nobody"), "KOE101"),
        (("response_type", "token"), "KOE201"),
        (("scope", "profile_nickname,friends"), "KOE205"),
        (("code_challenge_method", "plain"), "KOE001"),
    ] {
        let (status, page) = world.page(KAKAO.authorize, &with(KAKAO.ask, &[changes])).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{changes:?}");
        assert!(page.contains(&format!("<code>{code}</code>")), "{changes:?}: {page}");
    }
}

#[tokio::test]
async fn the_secret_is_on_and_goes_in_the_body() {
    let world = world().await;
    let code = KAKAO.code(&world, &[], "haneul").await;
    bad_credentials(&KAKAO.exchange(&world, &code, &[("client_secret", "")]).await);
    bad_credentials(&KAKAO.exchange(&world, &code, &[("client_secret", "wrong")]).await);
    let nobody = KAKAO.exchange(&world, &code, &[("client_id", "nobody")]).await;
    refused(&nobody, 401, "invalid_client", "Not exist client_id [nobody]", "KOE101");

    let form = with(KAKAO.exchange, &[("client_id", ""), ("client_secret", ""), ("code", &code)]);
    let basic = world
        .http
        .post(world.url(KAKAO.token))
        .basic_auth(clients::KAKAO, Some(clients::KAKAO_SECRET))
        .form(&form);
    let basic = heard(basic.send().await.unwrap()).await;
    refused(&basic, 401, "invalid_client", "Not exist client_id [null]", "KOE101");

    let body = KAKAO.exchange(&world, &code, &[]).await.body;
    bad_credentials(
        &KAKAO.refresh(&world, text(&body, "refresh_token"), &[("client_secret", "")]).await,
    );
}

#[tokio::test]
async fn a_secret_that_is_off_must_not_be_sent() {
    let world = world().await;
    let off = ("client_id", clients::KAKAO_NO_SECRET);
    let code = KAKAO.code(&world, &[off], "haneul").await;
    bad_credentials(&KAKAO.exchange(&world, &code, &[off]).await);
    assert_eq!(
        KAKAO.exchange(&world, &code, &[off, ("client_secret", "")]).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn codes_verifiers_and_redirect_uris_are_checked() {
    let world = world().await;
    let unknown = KAKAO.exchange(&world, "x", &[]).await;
    refused(&unknown, 400, "invalid_grant", "authorization code not found for code=x", "KOE320");
    let grant = KAKAO.exchange(&world, "x", &[("grant_type", "password")]).await;
    assert_eq!((grant.status.as_u16(), text(&grant.body, "error_code")), (400, "KOE310"));
    let json = world
        .http
        .post(world.url(KAKAO.token))
        .json(&json!({ "grant_type": "authorization_code" }))
        .send()
        .await;
    assert_eq!(heard(json.unwrap()).await.body["error_code"], "KOE310");

    let once = KAKAO.code(&world, &[], "haneul").await;
    let elsewhere = KAKAO
        .exchange(&world, &once, &[("redirect_uri", "http://localhost:53683/callback/kakao")])
        .await;
    refused(&elsewhere, 400, "invalid_grant", "Redirect URI mismatch.", "KOE303");
    for wrong in ["", "too-short", &VERIFIER.replace('d', "e")] {
        let heard = KAKAO.exchange(&world, &once, &[("code_verifier", wrong)]).await;
        assert_eq!(
            (heard.status.as_u16(), text(&heard.body, "error")),
            (400, "invalid_grant"),
            "{wrong}"
        );
    }
    assert_eq!(KAKAO.exchange(&world, &once, &[]).await.status, StatusCode::OK);
    assert_eq!(KAKAO.exchange(&world, &once, &[]).await.body["error_code"], "KOE320");

    let unasked = KAKAO
        .code(&world, &[("code_challenge", ""), ("code_challenge_method", "")], "haneul")
        .await;
    assert_eq!(KAKAO.exchange(&world, &unasked, &[]).await.status, StatusCode::BAD_REQUEST);
    let late = KAKAO.code(&world, &[], "haneul").await;
    world.demo.advance_clock(601);
    assert_eq!(KAKAO.exchange(&world, &late, &[]).await.body["error_code"], "KOE320");
}

#[tokio::test]
async fn a_new_refresh_token_comes_in_the_last_month_only() {
    let world = world().await;
    let body = KAKAO.tokens(&world, &[], "haneul").await;
    let old = text(&body, "refresh_token");
    world.demo.advance_clock(MONTH - 60);
    let early = KAKAO.refresh(&world, old, &[]).await.body;
    assert!(
        early.get("refresh_token").is_none() && early.get("refresh_token_expires_in").is_none()
    );
    assert!(early["id_token"].is_string(), "renewed where it was issued");
    world.demo.advance_clock(120);
    let late = KAKAO.refresh(&world, old, &[]).await.body;
    assert_eq!(late["refresh_token_expires_in"], 5_184_000);
    let dead = ("invalid_grant", "expired_or_invalid_refresh_token", "KOE322");
    refused(&KAKAO.refresh(&world, old, &[]).await, 400, dead.0, dead.1, dead.2);
    world.demo.advance_clock(3 * MONTH);
    refused(
        &KAKAO.refresh(&world, text(&late, "refresh_token"), &[]).await,
        400,
        dead.0,
        dead.1,
        dead.2,
    );
    let missing = KAKAO.refresh(&world, "", &[]).await;
    assert_eq!((missing.status.as_u16(), text(&missing.body, "error_code")), (400, "KOE319"));
}

#[tokio::test]
async fn a_test_can_make_it_rotate() {
    let world = world().await;
    world.demo.set_rotation("kakao", Rotation::OnUse);
    let body = KAKAO.tokens(&world, &[], "haneul").await;
    assert!(
        KAKAO.refresh(&world, text(&body, "refresh_token"), &[]).await.body["refresh_token"]
            .is_string()
    );
}

#[tokio::test]
async fn what_was_not_agreed_to_is_absent_and_said_to_be() {
    let world = world().await;
    let withhold = ["account_email", "profile_image", "birthday", "profile_nickname"];
    let answer =
        world.decide_without(KAKAO.authorize, KAKAO.ask, "haneul", "allow", &withhold).await;
    let body = KAKAO.exchange(&world, &params(&answer)["code"], &[]).await.body;
    let me = world.read(ME, text(&body, "access_token")).await.body;
    let account = &me["kakao_account"];
    assert_eq!(
        (&account["email_needs_agreement"], account.get("email"), account.get("is_email_valid")),
        (&json!(true), None, None)
    );
    assert_eq!(
        (&account["birthday_needs_agreement"], account.get("birthday")),
        (&json!(true), None)
    );
    assert_eq!(
        account["profile"],
        json!({ "nickname": "하늘", "is_default_nickname": false }),
        "the nickname is required"
    );
    assert_eq!(account["profile_image_needs_agreement"], true);

    // Consent belongs to the person: a later, narrower request does not take it back.
    let later = KAKAO.tokens(&world, &[("scope", "account_email,openid")], "haneul").await;
    let account = &world.read(ME, text(&later, "access_token")).await.body["kakao_account"];
    assert_eq!((text(account, "email"), text(account, "gender")), ("haneul@example.com", "female"));
}

#[tokio::test]
async fn scopes_with_commas_and_no_openid_bring_no_id_token() {
    let world = world().await;
    let body = KAKAO.tokens(&world, &[("scope", "profile_nickname,account_email")], "haneul").await;
    assert_eq!(text(&body, "scope"), "account_email profile_nickname");
    assert!(body.get("id_token").is_none());
    let heard = world.read("/kakao/v1/oidc/userinfo", text(&body, "access_token")).await;
    assert_eq!(
        (heard.status.as_u16(), &heard.body["code"], &heard.body["required_scopes"]),
        (403, &json!(-402), &json!(["openid"]))
    );
}

#[tokio::test]
async fn profiles_have_the_documented_oddities() {
    let world = world().await;
    let unnamed = account(&world, "no-nickname").await;
    assert_eq!(
        (text(&unnamed["profile"], "nickname"), &unnamed["profile"]["is_default_nickname"]),
        ("닉네임을 등록해주세요", &json!(true))
    );
    assert!(unnamed["birthyear"] == "1988" && unnamed.get("birthday").is_none());
    let faceless = account(&world, "no-avatar").await;
    assert_eq!(faceless["profile"]["is_default_image"], true);
    assert!(faceless["birthday"] == "1102" && faceless.get("birthyear").is_none());
    assert_eq!(account(&world, "long-name").await["birthday_type"], "LUNAR");
    assert_eq!(account(&world, "unverified").await["is_email_verified"], false);
    let old = account(&world, "old-account").await;
    assert_eq!((&old["is_email_valid"], text(&old, "age_range")), (&json!(false), "90~"));
    let addressless = account(&world, "no-email").await;
    assert_eq!(
        (&addressless["email_needs_agreement"], addressless.get("email")),
        (&json!(false), None)
    );

    let jwks = world.json("/kakao/.well-known/jwks.json").await;
    for person in ["unverified", "old-account", "no-email"] {
        let body = KAKAO.tokens(&world, &[], person).await;
        let claims = verified(&jwks, text(&body, "id_token"), clients::KAKAO);
        assert!(claims.get("email").is_none(), "{person}: only if valid and verified");
    }
}

#[tokio::test]
async fn property_keys_and_secure_resource_are_honoured() {
    let world = world().await;
    let body = KAKAO.tokens(&world, &[], "haneul").await;
    let access = text(&body, "access_token");
    let read = async |query: &str| world.read(&format!("{ME}?{query}"), access).await;

    let plain = read("").await.body;
    assert!(
        text(&plain["kakao_account"]["profile"], "profile_image_url")
            .starts_with("http://k.kakaocdn.net/")
    );
    let secure = read("secure_resource=true&property_keys=[\"kakao_account.profile\"]").await.body;
    let account = &secure["kakao_account"];
    assert!(account.get("email").is_none() && account.get("gender").is_none(), "{account}");
    assert!(secure.get("properties").is_none() && secure["id"].is_u64());
    let image =
        text(&account["profile"], "profile_image_url").strip_prefix(world.demo.base()).unwrap();
    assert_eq!(world.get(image, &[]).await.headers()["content-type"], "image/jpeg");

    let form = [("property_keys", r#"["kakao_account.email"]"#)];
    let posted =
        world.http.post(world.url(ME)).bearer_auth(access).form(&form).send().await.unwrap();
    let posted = heard(posted).await.body;
    assert_eq!(posted["kakao_account"]["email"], "haneul@example.com");
    assert!(posted["kakao_account"].get("profile").is_none());

    let wrong = read("property_keys=kakao_account.email").await;
    assert_eq!((wrong.status.as_u16(), &wrong.body["code"]), (400, &json!(-2)));
    let unknown = read("property_keys=[\"kakao_account.shoe_size\"]").await;
    assert_eq!((unknown.status.as_u16(), &unknown.body["code"]), (400, &json!(-201)));
}

#[tokio::test]
async fn logout_ends_one_token_and_unlink_all() {
    let world = world().await;
    let post = async |path: &str, bearer: &str| {
        heard(world.http.post(world.url(path)).bearer_auth(bearer).send().await.unwrap()).await
    };
    let (one, two) =
        (KAKAO.tokens(&world, &[], "haneul").await, KAKAO.tokens(&world, &[], "haneul").await);
    let out = post("/kakao/v1/user/logout", text(&one, "access_token")).await;
    assert!(out.status == StatusCode::OK && out.body["id"].is_u64());
    let dead = world.read(ME, text(&one, "access_token")).await;
    assert_eq!(
        (dead.status.as_u16(), dead.body),
        (401, json!({ "msg": "this access token does not exist", "code": -401 }))
    );
    assert_eq!(world.read(ME, text(&two, "access_token")).await.status, StatusCode::OK);

    assert_eq!(
        post("/kakao/v1/user/unlink", text(&two, "access_token")).await.status,
        StatusCode::OK
    );
    assert_eq!(
        KAKAO.refresh(&world, text(&one, "refresh_token"), &[]).await.body["error_code"],
        "KOE322"
    );
    let again = post("/kakao/v1/user/unlink", text(&two, "access_token")).await;
    assert_eq!((again.status.as_u16(), &again.body["code"]), (401, &json!(-401)));
}

#[tokio::test]
async fn a_bearer_must_be_there_known_and_running() {
    let world = world().await;
    assert_eq!(world.json(ME).await, json!({ "msg": "no authentication key!", "code": -401 }));
    assert_eq!(
        world.read(ME, "x").await.body,
        json!({ "msg": "this access token does not exist", "code": -401 })
    );
    let body = KAKAO.tokens(&world, &[], "haneul").await;
    world.demo.advance_clock(43_200);
    let heard = world.read(ME, text(&body, "access_token")).await;
    assert_eq!(heard.body, json!({ "msg": "this access token is already expired", "code": -401 }));
}
