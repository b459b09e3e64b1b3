//! Facebook: sign-ins, and each refusal for a client with one mistake.

use crate::common::{App, Demo, Reply, VERIFIER, demo, params, reply, send, text, verified, with};
use demo_provider::Fault;
use demo_provider::providers::facebook::{CLIENT_ID, CLIENT_SECRET, DEVELOPMENT_CLIENT_ID};
use reqwest::StatusCode;
use serde_json::json;

/// The app in development, whose redirect URI needs no port of this run.
const APP: App = App {
    provider: "facebook",
    authorize: "/facebook/v24.0/dialog/oauth",
    token: "/facebook/graph/v24.0/oauth/access_token",
    client: &[("client_id", DEVELOPMENT_CLIENT_ID)],
    redirect_uri: "http://localhost:42149/callback/facebook",
    ask: &[("scope", "openid,public_profile,email"), ("nonce", "n-1")],
    exchange: &[("grant_type", "")],
};
const ME: &str = "/facebook/graph/v24.0/me";
const ALL: &str =
    "/facebook/graph/v24.0/me?fields=id,name,first_name,last_name,email,picture.type(large)";
const MORE: &str = "/facebook/graph/v24.0/me?fields=birthday,gender,age_range";
const SECRET: (&str, &str) = ("client_secret", CLIENT_SECRET);

/// The error is an object.
fn refused(reply: &Reply, code: u16, words: &str) {
    assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);
    let error = &reply.body["error"];
    assert_eq!((&error["code"], text(error, "type")), (&json!(code), "OAuthException"));
    assert!(text(error, "message").contains(words) && error["fbtrace_id"].is_string(), "{error}");
}

async fn end(demo: &Demo, bearer: &str) -> Reply {
    let permissions = demo.url("/facebook/graph/v24.0/me/permissions");
    send(demo.http.delete(permissions).bearer_auth(bearer)).await
}

#[tokio::test]
async fn an_app_in_development_signs_in_by_localhost_with_a_verifier_alone() {
    let demo = demo(APP).await;
    let url = demo.decide(&[], "haneul", "allow").await;
    let response = params(&url);
    assert_eq!((url.fragment(), response["state"].as_str()), (Some("_=_"), "st"));
    assert!(!response.contains_key("iss"));
    let body = demo.redeem(&response["code"]).await;
    assert_eq!(text(&body, "token_type"), "bearer");
    assert!(body.get("refresh_token").is_none() && body["expires_in"].is_u64());
    let jwks = demo.json("/facebook/.well-known/oauth/openid/jwks/").await;
    let claims = verified(&jwks, text(&body, "id_token"), DEVELOPMENT_CLIENT_ID);
    assert_eq!((text(&claims, "iss"), text(&claims, "nonce")), ("https://www.facebook.com", "n-1"));
    assert!(claims.get("email_verified").is_none());

    let me = demo.read(ALL, text(&body, "access_token")).await.body;
    assert_eq!((&me["id"], text(&me, "name")), (&claims["sub"], "하늘"));
    assert_eq!(text(&me, "email"), "haneul@example.com");
    assert_eq!(me["picture"]["data"]["is_silhouette"], false);
    let short = demo.read(ME, text(&body, "access_token")).await.body;
    assert_eq!(short, json!({ "id": claims["sub"], "name": "하늘" }), "nothing else unasked");
}

#[tokio::test]
async fn a_live_app_is_answered_at_its_https_redirect_page_alone() {
    let demo = demo(APP).await;
    let page = format!("{}/redirect/facebook", demo.server.https_redirect());
    let app = [("client_id", CLIENT_ID), ("redirect_uri", page.as_str())];
    let url = demo.decide(&app, "haneul", "allow").await;
    assert!(url.as_str().starts_with(&format!("{page}?code=")), "{url}");
    let body = demo.exchange(&params(&url)["code"], &app).await.body;
    assert!(body["access_token"].is_string());
    for wrong in [
        &page.replace("/redirect/facebook", "/redirect/another"),
        "https://localhost/redirect/facebook",
        "http://localhost:42149/callback/facebook",
        "app.nameplate.desktop.dev:/callback/facebook",
        &format!("{page}/"),
    ] {
        let (status, text) = demo.page(&[app[0], ("redirect_uri", wrong)]).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
        assert!(text.contains("<code>URL Blocked</code>"), "{wrong}");
    }
}

#[tokio::test]
async fn a_denial_comes_in_facebooks_words() {
    let url = demo(APP).await.decide(&[], "haneul", "deny").await;
    let wanted = "error=access_denied&error_code=200&error_description=Permissions%20error.&error_reason=user_denied&state=st";
    assert_eq!((url.query(), url.fragment()), (Some(wanted), Some("_=_")));
}

#[tokio::test]
async fn a_wrong_request_stays_on_facebooks_page() {
    let cases = [
        (("client_id", "nobody"), "Invalid App ID"),
        (("redirect_uri", "http://127.0.0.1:42149/callback/facebook"), "URL Blocked"),
        (("redirect_uri", "http://localhost.evil.example:5000/"), "URL Blocked"),
        (("redirect_uri", "https://localhost:5000/callback/facebook"), "URL Blocked"),
        (("redirect_uri", "app.nameplate.desktop.dev:/callback/facebook"), "URL Blocked"),
        (("redirect_uri", ""), "URL Blocked"),
        (("response_type", "token"), "Invalid response_type"),
        (("scope", "openid,everything"), "Invalid Scopes"),
        (("scope", "public_profile"), "Invalid parameter"),
        (("nonce", ""), "Invalid parameter"),
        (("code_challenge_method", ""), "Invalid parameter"),
    ];
    demo(APP).await.refused_on_the_page(&cases).await;
}

#[tokio::test]
async fn the_exchange_wants_the_secret_or_a_verifier_that_fits() {
    let demo = demo(APP).await;
    let code = demo.code(&[], "haneul").await;
    let used = "This authorization code";
    let wrong = ("code_verifier", &*VERIFIER.replace('d', "e"));
    for (changes, number, words) in [
        (vec![("client_id", "nobody")], 101, "Error validating application."),
        (vec![("code_verifier", "")], 101, "Missing client_secret parameter."),
        (vec![("client_secret", "wrong")], 1, "Error validating client secret."),
        (vec![wrong], 100, "Invalid code_verifier."),
        (vec![wrong, SECRET], 100, "Invalid code_verifier."),
        (vec![("redirect_uri", "")], 191, "Missing redirect_uri parameter."),
        (vec![("redirect_uri", "http://localhost:1/callback/facebook")], 100, "identical"),
        (vec![("code", "x")], 100, used),
    ] {
        refused(&demo.exchange(&code, &changes).await, number, words);
    }
    let by_secret = [SECRET, ("code_verifier", "")];
    let reply = demo.exchange(&code, &by_secret).await;
    assert_eq!(reply.status, StatusCode::OK, "the secret alone");
    refused(&demo.exchange(&code, &[]).await, 100, used);
    let late = demo.code(&[], "haneul").await;
    demo.advance(601);
    refused(&demo.exchange(&late, &[]).await, 100, used);

    let plain = [("code_challenge", ""), ("code_challenge_method", ""), ("scope", "email")];
    let plain = demo.code(&plain, "haneul").await;
    refused(&demo.exchange(&plain, &[]).await, 100, "Invalid code_verifier.");
    let body = demo.exchange(&plain, &by_secret).await.body;
    assert!(body["access_token"].is_string() && body.get("id_token").is_none());
}

#[tokio::test]
async fn the_exchange_goes_by_get_too() {
    let demo = demo(APP).await;
    let code = demo.code(&[], "haneul").await;
    let query = with(&APP.exchange(), &[("code", &code)]);
    let body = reply(demo.get(APP.token, &query).await).await.body;
    assert!(body["access_token"].is_string());
    assert!(demo.server.request_log().verifiers.contains(VERIFIER), "logged all the same");
}

#[tokio::test]
async fn what_is_missing_is_absent_and_a_silhouette_says_so() {
    let demo = demo(APP).await;
    assert!(demo.profile(ALL, &[], "no-email").await.get("email").is_none());
    let faceless = demo.profile(ALL, &[], "no-avatar").await;
    assert_eq!(faceless["picture"]["data"]["is_silhouette"], true);
    assert_eq!(text(&faceless, "last_name"), "Novak");
    let body = demo.redeem(&demo.code_without(&[], &["email"]).await).await;
    let access = text(&body, "access_token");
    assert!(demo.read(ALL, access).await.body.get("email").is_none());
    assert_eq!(demo.read(MORE, access).await.body.as_object().unwrap().len(), 1, "the id");
    let scope = [("scope", "openid,user_birthday,user_gender,user_age_range")];
    let more = demo.profile(MORE, &scope, "haneul").await;
    assert_eq!((text(&more, "birthday"), text(&more, "gender")), ("03/14/1997", "female"));
    let unknown = demo.read(&format!("{ME}?fields=id,shoe_size"), access).await;
    refused(&unknown, 100, "nonexisting field (shoe_size)");
}

#[tokio::test]
async fn the_address_of_a_picture_ends() {
    let demo = demo(APP).await;
    let me = demo.profile(ALL, &[], "haneul").await;
    let url = text(&me["picture"]["data"], "url");
    let get = async |url: &str| demo.http.get(url).send().await.unwrap().status();
    assert_eq!(get(url).await, StatusCode::OK);
    assert_eq!(get(&url.replace("ext=1", "ext=9")).await, StatusCode::FORBIDDEN, "signed");
    demo.advance(14 * 86_400);
    assert_eq!(get(url).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_dead_token_and_the_end_of_the_permissions() {
    let demo = demo(APP).await;
    let body = demo.tokens(&[], "haneul").await;
    let access = text(&body, "access_token");
    let invalid = "Error validating access token";
    refused(&demo.read(ME, "stranger").await, 190, invalid);
    let missing = reply(demo.get(ME, &[]).await).await;
    refused(&missing, 2500, "An active access token must be used");
    let by_query = demo.get(ME, &[("access_token", access)]).await;
    assert_eq!(by_query.status(), StatusCode::OK);
    refused(&end(&demo, "stranger").await, 190, invalid);
    demo.set_faults([Fault::Revoke503]);
    assert_eq!(end(&demo, access).await.status, StatusCode::SERVICE_UNAVAILABLE);
    demo.set_faults([]);
    assert_eq!(end(&demo, access).await.body, json!({ "success": true }));
    refused(&demo.read(ME, access).await, 190, invalid);
    assert_eq!(demo.counts().revocations, 1);
    let other = demo.tokens(&[], "haneul").await;
    demo.advance(5183);
    refused(&demo.read(ME, text(&other, "access_token")).await, 190, "expired");
}

#[tokio::test]
async fn the_metadata_lacks_what_generic_discovery_needs() {
    let metadata = demo(APP).await.json("/facebook/.well-known/openid-configuration/").await;
    assert_eq!(text(&metadata, "issuer"), "https://www.facebook.com");
    for absent in ["token_endpoint", "userinfo_endpoint", "code_challenge_methods_supported"] {
        assert!(metadata.get(absent).is_none(), "{absent}");
    }
}
