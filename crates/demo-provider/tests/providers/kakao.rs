//! Kakao: sign-ins, and each refusal for a client with one mistake.

use crate::common::{App, Reply, VERIFIER, demo, send, text, verified};
use demo_provider::Fault;
use demo_provider::providers::kakao::{CLIENT_ID, CLIENT_SECRET, PUBLIC_CLIENT_ID};
use reqwest::StatusCode;
use serde_json::json;

const APP: App = App {
    provider: "kakao",
    authorize: "/kakao/oauth/authorize",
    token: "/kakao/oauth/token",
    client: &[("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)],
    redirect_uri: "http://localhost:53682/callback/kakao",
    ask: &[("nonce", "n-1")],
    exchange: &[],
};
const ME: &str = "/kakao/v2/user/me";
const KEYS: &str = "/kakao/.well-known/jwks.json";
const MONTH: u32 = 30 * 86_400;

fn refused(reply: &Reply, status: u16, error: &str, description: &str, code: &str) {
    let body = json!({ "error": error, "error_description": description, "error_code": code });
    reply.is(status, &body);
}

fn bad_credentials(reply: &Reply) {
    refused(reply, 401, "invalid_client", "Bad client credentials", "KOE010");
}

/// The error of the API.
fn is(reply: &Reply, message: &str) {
    reply.is(401, &json!({ "msg": message, "code": -401 }));
}

#[tokio::test]
async fn a_person_signs_in_on_a_registered_port() {
    let demo = demo(APP).await;
    let response = demo.allow(&[], "haneul").await;
    assert_eq!(
        response.keys().map(String::as_str).collect::<Vec<_>>(),
        ["code", "state"],
        "no iss"
    );
    let body = demo.redeem(&response["code"]).await;
    assert_eq!((text(&body, "token_type"), &body["expires_in"]), ("bearer", &json!(43_199)));
    assert_eq!(body["refresh_token_expires_in"], 5_184_000);
    assert!(text(&body, "scope").contains("account_email ") && !text(&body, "scope").contains(','));

    let claims = verified(&demo.json(KEYS).await, text(&body, "id_token"), CLIENT_ID);
    assert_eq!((text(&claims, "iss"), text(&claims, "nonce")), ("https://kauth.kakao.com", "n-1"));
    assert_eq!(text(&claims, "email"), "haneul@example.com");
    assert!(claims.get("email_verified").is_none() && claims["auth_time"].is_i64());

    let me = demo.read(ME, text(&body, "access_token")).await.body;
    assert!(me["id"].is_u64(), "a JSON number");
    assert_eq!(claims["sub"], me["id"].to_string());
    let account = &me["kakao_account"];
    assert_eq!(text(&account["profile"], "nickname"), "하늘");
    assert_eq!(account["profile"]["is_default_nickname"], false);
    assert_eq!((text(account, "birthyear"), text(account, "birthday")), ("1997", "0314"));
    assert_eq!(text(account, "birthday_type"), "SOLAR");
    assert_eq!((text(account, "age_range"), text(account, "gender")), ("20~29", "female"));
    assert_eq!(text(account, "phone_number"), "+82 10-1234-5678");
    assert!(account["is_email_valid"] == true && account["is_email_verified"] == true);
    let info = demo.read("/kakao/v1/user/access_token_info", text(&body, "access_token")).await;
    assert_eq!(info.body["id"], me["id"]);
}

#[tokio::test]
async fn a_denial_comes_in_kakaos_words() {
    let url = demo(APP).await.decide(&[], "haneul", "deny").await;
    let wanted = "error=access_denied&error_description=User%20denied%20access&state=st";
    assert_eq!(url.query(), Some(wanted));
}

#[tokio::test]
async fn prompt_none_without_consent_is_refused() {
    let error = demo(APP).await.error(&[("prompt", "none")]).await;
    let wanted = [("error", "consent_required"), ("error_description", "user consent required")];
    for (name, value) in wanted.into_iter().chain([("state", "st")]) {
        assert_eq!(error[name], value);
    }
}

#[tokio::test]
async fn registration_errors_stay_on_kakaos_page() {
    let cases = [
        (("redirect_uri", "http://localhost:53685/callback/kakao"), "KOE006"),
        (("redirect_uri", "http://127.0.0.1:53682/callback/kakao"), "KOE006"),
        (("redirect_uri", "http://localhost:53682/callback/kakao/"), "KOE006"),
        (("redirect_uri", "app.nameplate.desktop.dev:/callback/kakao"), "KOE006"),
        (("redirect_uri", ""), "KOE006"),
        (("client_id", "nobody"), "KOE101"),
        (("response_type", "token"), "KOE201"),
        (("scope", "profile_nickname,friends"), "KOE205"),
        (("code_challenge_method", "plain"), "KOE001"),
    ];
    demo(APP).await.refused_on_the_page(&cases).await;
}

#[tokio::test]
async fn the_secret_is_on_and_goes_in_the_body() {
    let demo = demo(APP).await;
    let code = demo.code(&[], "haneul").await;
    bad_credentials(&demo.exchange(&code, &[("client_secret", "")]).await);
    bad_credentials(&demo.exchange(&code, &[("client_secret", "wrong")]).await);
    let nobody = demo.exchange(&code, &[("client_id", "nobody")]).await;
    refused(&nobody, 401, "invalid_client", "Not exist client_id [nobody]", "KOE101");
    let basic = demo.exchange_with_basic(&code, CLIENT_ID, CLIENT_SECRET).await;
    refused(&basic, 401, "invalid_client", "Not exist client_id [null]", "KOE101");
    let body = demo.redeem(&code).await;
    let refresh = text(&body, "refresh_token");
    bad_credentials(&demo.refresh(refresh, &[("client_secret", "")]).await);
}

#[tokio::test]
async fn a_secret_that_is_off_must_not_be_sent() {
    let demo = demo(APP).await;
    let off = ("client_id", PUBLIC_CLIENT_ID);
    let code = demo.code(&[off], "haneul").await;
    bad_credentials(&demo.exchange(&code, &[off]).await);
    let secretless = demo.exchange(&code, &[off, ("client_secret", "")]).await;
    assert_eq!(secretless.status, StatusCode::OK);
}

#[tokio::test]
async fn codes_verifiers_and_redirect_uris_are_checked() {
    let demo = demo(APP).await;
    let unknown = demo.exchange("x", &[]).await;
    refused(&unknown, 400, "invalid_grant", "authorization code not found for code=x", "KOE320");
    let grant = demo.exchange("x", &[("grant_type", "password")]).await;
    assert_eq!((grant.status.as_u16(), text(&grant.body, "error_code")), (400, "KOE310"));
    let json = json!({ "grant_type": "authorization_code" });
    let json = send(demo.http.post(demo.url(APP.token)).json(&json)).await;
    assert_eq!(json.body["error_code"], "KOE310");

    let once = demo.code(&[], "haneul").await;
    let elsewhere = [("redirect_uri", "http://localhost:53683/callback/kakao")];
    let elsewhere = demo.exchange(&once, &elsewhere).await;
    refused(&elsewhere, 400, "invalid_grant", "Redirect URI mismatch.", "KOE303");
    for wrong in ["", "too-short", &VERIFIER.replace('d', "e")] {
        let reply = demo.exchange(&once, &[("code_verifier", wrong)]).await;
        assert_eq!((reply.status.as_u16(), text(&reply.body, "error")), (400, "invalid_grant"));
    }
    let [used, late, unasked] = demo.unusable_codes(&once, 600).await;
    assert!(used.body["error_code"] == "KOE320" && late.body["error_code"] == "KOE320");
    assert_eq!(unasked.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_new_refresh_token_comes_in_the_last_month_only() {
    let demo = demo(APP).await;
    let dead = |reply: &Reply| {
        refused(reply, 400, "invalid_grant", "expired_or_invalid_refresh_token", "KOE322");
    };
    let body = demo.tokens(&[], "haneul").await;
    let old = text(&body, "refresh_token");
    demo.advance(MONTH - 60);
    let early = demo.refresh(old, &[]).await.body;
    for absent in ["refresh_token", "refresh_token_expires_in"] {
        assert!(early.get(absent).is_none());
    }
    assert!(early["id_token"].is_string(), "renewed if it was issued");
    demo.advance(120);
    let late = demo.refresh(old, &[]).await.body;
    assert_eq!(late["refresh_token_expires_in"], 5_184_000);
    dead(&demo.refresh(old, &[]).await);
    demo.advance(3 * MONTH);
    dead(&demo.refresh(text(&late, "refresh_token"), &[]).await);
    let missing = demo.refresh("", &[]).await;
    assert_eq!((missing.status.as_u16(), text(&missing.body, "error_code")), (400, "KOE319"));
}

#[tokio::test]
async fn what_was_not_agreed_to_is_absent_and_said_to_be() {
    let demo = demo(APP).await;
    let withheld = ["account_email", "profile_image", "birthday", "profile_nickname"];
    let body = demo.redeem(&demo.code_without(&[], &withheld).await).await;
    let account = &demo.read(ME, text(&body, "access_token")).await.body["kakao_account"];
    assert_eq!(account["email_needs_agreement"], true);
    assert!(account.get("email").is_none() && account.get("is_email_valid").is_none());
    assert!(account["birthday_needs_agreement"] == true && account.get("birthday").is_none());
    let nickname = json!({ "nickname": "하늘", "is_default_nickname": false });
    assert_eq!(account["profile"], nickname, "the nickname is required");
    assert_eq!(account["profile_image_needs_agreement"], true);

    // Consent belongs to the user: a later, narrower request does not withdraw it.
    let later = demo.profile(ME, &[("scope", "account_email,openid")], "haneul").await;
    let account = &later["kakao_account"];
    assert_eq!((text(account, "email"), text(account, "gender")), ("haneul@example.com", "female"));
}

#[tokio::test]
async fn scopes_with_commas_and_no_openid_bring_no_id_token() {
    let demo = demo(APP).await;
    let body = demo.tokens(&[("scope", "profile_nickname,account_email")], "haneul").await;
    assert_eq!(text(&body, "scope"), "account_email profile_nickname");
    assert!(body.get("id_token").is_none());
    let reply = demo.read("/kakao/v1/oidc/userinfo", text(&body, "access_token")).await;
    assert_eq!((reply.status.as_u16(), &reply.body["code"]), (403, &json!(-402)));
    assert_eq!(reply.body["required_scopes"], json!(["openid"]));
}

#[tokio::test]
async fn profiles_have_the_documented_oddities() {
    let demo = demo(APP).await;
    let account = async |user: &str| demo.profile(ME, &[], user).await["kakao_account"].clone();
    let unnamed = account("no-nickname").await;
    assert_eq!(text(&unnamed["profile"], "nickname"), "닉네임을 등록해주세요");
    assert_eq!(unnamed["profile"]["is_default_nickname"], true);
    assert!(unnamed["birthyear"] == "1988" && unnamed.get("birthday").is_none());
    let faceless = account("no-avatar").await;
    assert_eq!(faceless["profile"]["is_default_image"], true);
    assert!(faceless["birthday"] == "1102" && faceless.get("birthyear").is_none());
    assert_eq!(account("long-name").await["birthday_type"], "LUNAR");
    assert_eq!(account("unverified").await["is_email_verified"], false);
    let old = account("old-account").await;
    assert!(old["is_email_valid"] == false && old["age_range"] == "90~");
    let addressless = account("no-email").await;
    assert!(addressless["email_needs_agreement"] == false && addressless.get("email").is_none());

    let jwks = demo.json(KEYS).await;
    for user in ["unverified", "old-account", "no-email"] {
        let body = demo.tokens(&[], user).await;
        let claims = verified(&jwks, text(&body, "id_token"), CLIENT_ID);
        assert!(claims.get("email").is_none(), "{user}: only if valid and verified");
    }
}

#[tokio::test]
async fn property_keys_and_secure_resource_are_honoured() {
    let demo = demo(APP).await;
    let body = demo.tokens(&[], "haneul").await;
    let access = text(&body, "access_token");
    let read = async |query: &str| demo.read(&format!("{ME}?{query}"), access).await;

    let plain = read("").await.body;
    let image = text(&plain["kakao_account"]["profile"], "profile_image_url");
    assert!(image.starts_with("http://k.kakaocdn.net/"));
    let secure = read("secure_resource=true&property_keys=[\"kakao_account.profile\"]").await.body;
    let account = &secure["kakao_account"];
    assert!(account.get("email").is_none() && account.get("gender").is_none(), "{account}");
    assert!(secure.get("properties").is_none() && secure["id"].is_u64());
    let image = text(&account["profile"], "profile_image_url");
    assert_eq!(demo.content_type(image).await, "image/jpeg");

    let form = [("property_keys", r#"["kakao_account.email"]"#)];
    let posted = send(demo.http.post(demo.url(ME)).bearer_auth(access).form(&form)).await.body;
    assert_eq!(posted["kakao_account"]["email"], "haneul@example.com");
    assert!(posted["kakao_account"].get("profile").is_none());

    let wrong = read("property_keys=kakao_account.email").await;
    assert_eq!((wrong.status.as_u16(), &wrong.body["code"]), (400, &json!(-2)));
    let unknown = read("property_keys=[\"kakao_account.shoe_size\"]").await;
    assert_eq!((unknown.status.as_u16(), &unknown.body["code"]), (400, &json!(-201)));
}

#[tokio::test]
async fn the_deprecated_properties_come_only_where_nothing_was_chosen() {
    let demo = demo(APP).await;
    let whole = demo.profile(ME, &[], "haneul").await;
    assert_eq!(whole["properties"]["nickname"], "하늘");
    let path =
        r#"/kakao/v2/user/me?property_keys=["kakao_account.birthday","kakao_account.birthyear"]"#;
    let chosen = demo.profile(path, &[], "haneul").await;
    assert!(chosen.get("properties").is_none());
    assert_eq!(chosen["kakao_account"]["birthyear"], "1997");
}

#[tokio::test]
async fn logout_ends_one_token_and_unlink_all() {
    let demo = demo(APP).await;
    let post = async |path: &str, bearer: &str| {
        send(demo.http.post(demo.url(path)).bearer_auth(bearer)).await
    };
    let (one, two) = (demo.tokens(&[], "haneul").await, demo.tokens(&[], "haneul").await);
    let [first, second] = [&one, &two].map(|body| text(body, "access_token"));
    let out = post("/kakao/v1/user/logout", first).await;
    assert!(out.status == StatusCode::OK && out.body["id"].is_u64());
    is(&demo.read(ME, first).await, "this access token does not exist");
    assert_eq!(demo.read(ME, second).await.status, StatusCode::OK);

    assert_eq!(post("/kakao/v1/user/unlink", second).await.status, StatusCode::OK);
    let dead = demo.refresh(text(&one, "refresh_token"), &[]).await;
    assert_eq!(dead.body["error_code"], "KOE322");
    is(&post("/kakao/v1/user/unlink", second).await, "this access token does not exist");
    demo.set_faults([Fault::Revoke503]);
    assert_eq!(post("/kakao/v1/user/unlink", second).await.status.as_u16(), 503);
}

#[tokio::test]
async fn a_bearer_must_be_there_known_and_running() {
    let demo = demo(APP).await;
    is(&crate::common::reply(demo.get(ME, &[]).await).await, "no authentication key!");
    is(&demo.read(ME, "x").await, "this access token does not exist");
    let body = demo.tokens(&[], "haneul").await;
    demo.advance(43_200);
    is(&demo.read(ME, text(&body, "access_token")).await, "this access token is already expired");
}

#[tokio::test]
async fn metadata_says_post_alone_and_has_neither_revocation_nor_iss() {
    let metadata = demo(APP).await.json("/kakao/.well-known/openid-configuration").await;
    assert_eq!(metadata["issuer"], "https://kauth.kakao.com");
    assert_eq!(metadata["token_endpoint_auth_methods_supported"], json!(["client_secret_post"]));
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(metadata["response_modes_supported"], json!(["query"]));
    for absent in ["revocation_endpoint", "authorization_response_iss_parameter_supported"] {
        assert!(metadata.get(absent).is_none(), "{absent}");
    }
}

#[tokio::test]
async fn rate_limits_have_codes_of_kakaos_own() {
    let demo = demo(APP).await;
    let body = demo.tokens(&[], "haneul").await;
    demo.set_faults([Fault::Profile429, Fault::Token429]);
    let quota = demo.read(ME, text(&body, "access_token")).await;
    assert_eq!((quota.status.as_u16(), &quota.body["code"]), (429, &json!(-10)));
    let reply = demo.post(APP.token, &[]).await;
    assert_eq!((reply.status.as_u16(), &reply.body["error_code"]), (429, &json!("KOE237")));
}
