//! Facebook and the bounce page: happy paths, and every refusal met by a client that is wrong on purpose.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod common;

use common::apps::FACEBOOK;
use common::{Heard, VERIFIER, World, heard, params, text, verified, with, world};
use demo_provider::{Fault, clients};
use reqwest::StatusCode;
use serde_json::{Value, json};

const ME: &str = "/facebook/graph/v24.0/me";
const ALL: &str =
    "/facebook/graph/v24.0/me?fields=id,name,first_name,last_name,email,picture.type(large)";
const PERMISSIONS: &str = "/facebook/graph/v24.0/me/permissions";
const KEYS: &str = "/facebook/.well-known/oauth/openid/jwks/";
const SECRET: (&str, &str) = ("client_secret", clients::FACEBOOK_SECRET);

/// The error is an object.
fn refused(heard: &Heard, code: u16, words: &str) {
    assert_eq!(heard.status, StatusCode::BAD_REQUEST, "{}", heard.text);
    let error = &heard.body["error"];
    assert_eq!((&error["code"], text(error, "type")), (&json!(code), "OAuthException"));
    assert!(text(error, "message").contains(words) && error["fbtrace_id"].is_string(), "{error}");
}

async fn me(world: &World, person: &str) -> Value {
    let body = FACEBOOK.tokens(world, &[], person).await;
    world.read(ALL, text(&body, "access_token")).await.body
}

async fn end(world: &World, bearer: &str) -> Heard {
    let request = world.http.delete(world.url(PERMISSIONS)).bearer_auth(bearer);
    heard(request.send().await.unwrap()).await
}

#[tokio::test]
async fn an_app_in_development_signs_in_by_localhost_with_a_verifier_alone() {
    let world = world().await;
    let url = world.decide(FACEBOOK.authorize, FACEBOOK.ask, "haneul", "allow").await;
    assert_eq!((url.fragment(), params(&url)["state"].as_str()), (Some("_=_"), "st"));
    assert!(!params(&url).contains_key("iss"));
    let body = FACEBOOK.exchange(&world, &params(&url)["code"], &[]).await.body;
    assert_eq!(text(&body, "token_type"), "bearer");
    assert!(body.get("refresh_token").is_none() && body["expires_in"].is_u64());
    let jwks = world.json(KEYS).await;
    let claims = verified(&jwks, text(&body, "id_token"), clients::FACEBOOK_DEVELOPMENT);
    assert_eq!((text(&claims, "iss"), text(&claims, "nonce")), ("https://www.facebook.com", "n-1"));
    assert!(claims.get("email_verified").is_none());

    let me = world.read(ALL, text(&body, "access_token")).await.body;
    assert_eq!((&me["id"], text(&me, "name")), (&claims["sub"], "하늘"));
    assert_eq!(text(&me, "email"), "haneul@example.com");
    assert_eq!(me["picture"]["data"]["is_silhouette"], false);
    let short = world.read(ME, text(&body, "access_token")).await.body;
    assert_eq!(short, json!({ "id": claims["sub"], "name": "하늘" }), "nothing else unasked");
}

#[tokio::test]
async fn a_live_app_is_answered_at_its_bounce_page_alone() {
    let world = world().await;
    let page = format!("{}/bounce/facebook", world.demo.bounce());
    let app = [("client_id", clients::FACEBOOK), ("redirect_uri", page.as_str())];
    let ask = with(FACEBOOK.ask, &app);
    let url = world.decide(FACEBOOK.authorize, &ask, "haneul", "allow").await;
    assert!(url.as_str().starts_with(&format!("{page}?code=")), "{url}");
    let body = FACEBOOK.exchange(&world, &params(&url)["code"], &app).await.body;
    assert!(body["access_token"].is_string());
    let naver = format!("{}/bounce/naver", world.demo.bounce());
    for wrong in [
        naver.as_str(),
        "https://localhost/bounce/facebook",
        "http://localhost:42149/callback/facebook",
        "app.nameplate.desktop.dev:/callback/facebook",
        &format!("{page}/"),
    ] {
        let (status, text) =
            world.page(FACEBOOK.authorize, &with(&ask, &[("redirect_uri", wrong)])).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
        assert!(text.contains("<code>URL Blocked</code>"), "{wrong}");
    }
    let ask = with(common::apps::NAVER.ask, &[("redirect_uri", &naver)]);
    let url = world.decide(common::apps::NAVER.authorize, &ask, "haneul", "allow").await;
    assert!(url.as_str().starts_with(&naver), "registered at Naver as well");
}

#[tokio::test]
async fn the_page_is_hosted_by_https_with_the_scheme_of_development() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let world = world().await;
    // A certificate of its own: only its key says that it is this host.
    let client = reqwest::Client::builder().no_proxy().tls_info(true);
    let client = client.tls_danger_accept_invalid_certs(true).build().unwrap();
    let url = format!("{}/bounce/facebook?code=x&state=y", world.demo.bounce());
    let response = client.get(&url).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let info = response.extensions().get::<reqwest::tls::TlsInfo>().unwrap();
    let certificate = info.peer_certificate().unwrap().to_vec();
    let start = certificate.windows(4).position(|part| part == [0x30, 0x59, 0x30, 0x13]).unwrap();
    let key = sha2::Sha256::digest(&certificate[start..start + 91]);
    let key = base64::engine::general_purpose::STANDARD.encode(key);
    assert_eq!(key, world.demo.bounce_spki());
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("script-src 'sha256-") && policy.contains("frame-ancestors 'none'"));
    assert_eq!(response.headers()["referrer-policy"], "no-referrer");
    let page = response.text().await.unwrap();
    let line = r#"<meta name="nameplate-scheme" content="app.nameplate.desktop.dev">"#;
    assert_eq!(page.matches(line).count(), 1);
    let elsewhere =
        client.get(format!("{}/demo/ledger", world.demo.bounce())).send().await.unwrap();
    assert_eq!(elsewhere.status(), StatusCode::NOT_FOUND, "the page and nothing else");
}

#[tokio::test]
async fn a_denial_comes_in_facebooks_words() {
    let world = world().await;
    let url = world.decide(FACEBOOK.authorize, FACEBOOK.ask, "haneul", "deny").await;
    let wanted = "error=access_denied&error_code=200&error_description=Permissions%20error.&error_reason=user_denied&state=st";
    assert_eq!((url.query(), url.fragment()), (Some(wanted), Some("_=_")));
}

#[tokio::test]
async fn a_wrong_request_stays_on_facebooks_page() {
    let world = world().await;
    for (change, code) in [
        (("client_id", "nobody"), "Invalid App ID"),
        (("redirect_uri", "http://127.0.0.1:42149/callback/facebook"), "URL Blocked"),
        (("redirect_uri", ""), "URL Blocked"),
        (("response_type", "token"), "Invalid response_type"),
        (("scope", "openid,everything"), "Invalid Scopes"),
        (("scope", "public_profile"), "Invalid parameter"),
        (("nonce", ""), "Invalid parameter"),
        (("code_challenge_method", ""), "Invalid parameter"),
    ] {
        let (status, page) = world.page(FACEBOOK.authorize, &with(FACEBOOK.ask, &[change])).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{change:?}");
        assert!(page.contains(&format!("<code>{code}</code>")), "{change:?}");
    }
}

#[tokio::test]
async fn the_exchange_wants_the_secret_or_a_verifier_that_fits() {
    let world = world().await;
    let code = FACEBOOK.code(&world, &[], "haneul").await;
    let wrong = &VERIFIER.replace('d', "e");
    for (changes, number, words) in [
        (vec![("client_id", "nobody")], 101, "Error validating application."),
        (vec![("code_verifier", "")], 101, "Missing client_secret parameter."),
        (vec![("client_secret", "wrong")], 1, "Error validating client secret."),
        (vec![("code_verifier", wrong.as_str())], 100, "Invalid code_verifier."),
        (vec![("code_verifier", wrong.as_str()), SECRET], 100, "Invalid code_verifier."),
        (vec![("redirect_uri", "")], 191, "Missing redirect_uri parameter."),
        (vec![("redirect_uri", "http://localhost:1/callback/facebook")], 100, "identical"),
    ] {
        refused(&FACEBOOK.exchange(&world, &code, &changes).await, number, words);
    }
    refused(&FACEBOOK.exchange(&world, "x", &[]).await, 100, "This authorization code");
    let heard = FACEBOOK.exchange(&world, &code, &[SECRET, ("code_verifier", "")]).await;
    assert_eq!(heard.status, StatusCode::OK, "the secret alone");
    refused(&FACEBOOK.exchange(&world, &code, &[]).await, 100, "This authorization code");
    let late = FACEBOOK.code(&world, &[], "haneul").await;
    world.demo.advance_clock(601);
    refused(&FACEBOOK.exchange(&world, &late, &[]).await, 100, "This authorization code");

    let plain = [("code_challenge", ""), ("code_challenge_method", ""), ("scope", "email")];
    let plain = FACEBOOK.code(&world, &plain, "haneul").await;
    refused(&FACEBOOK.exchange(&world, &plain, &[]).await, 100, "Invalid code_verifier.");
    let body = FACEBOOK.exchange(&world, &plain, &[SECRET, ("code_verifier", "")]).await.body;
    assert!(body["access_token"].is_string() && body.get("id_token").is_none());
}

#[tokio::test]
async fn the_exchange_goes_by_get_too() {
    let world = world().await;
    let code = FACEBOOK.code(&world, &[], "haneul").await;
    let query = with(FACEBOOK.exchange, &[("code", &code)]);
    let body = heard(world.get(FACEBOOK.token, &query).await).await.body;
    assert!(body["access_token"].is_string());
    assert!(world.demo.ledger().verifiers.contains(VERIFIER), "known to the ledger all the same");
}

#[tokio::test]
async fn what_is_missing_is_absent_and_a_silhouette_says_so() {
    let world = world().await;
    assert!(me(&world, "no-email").await.get("email").is_none());
    let faceless = me(&world, "no-avatar").await;
    assert_eq!(faceless["picture"]["data"]["is_silhouette"], true);
    assert_eq!(text(&faceless, "last_name"), "Novak");
    let withheld =
        world.decide_without(FACEBOOK.authorize, FACEBOOK.ask, "haneul", "allow", &["email"]);
    let body = FACEBOOK.exchange(&world, &params(&withheld.await)["code"], &[]).await.body;
    let access = text(&body, "access_token");
    assert!(world.read(ALL, access).await.body.get("email").is_none());
    let birthday = format!("{ME}?fields=birthday,gender,age_range");
    assert_eq!(world.read(&birthday, access).await.body.as_object().unwrap().len(), 1, "the id");
    let more = [("scope", "openid,user_birthday,user_gender,user_age_range")];
    let more = FACEBOOK.tokens(&world, &more, "haneul").await;
    let more = world.read(&birthday, text(&more, "access_token")).await.body;
    assert_eq!((text(&more, "birthday"), text(&more, "gender")), ("03/14/1997", "female"));
    let unknown = world.read(&format!("{ME}?fields=id,shoe_size"), access).await;
    refused(&unknown, 100, "nonexisting field (shoe_size)");
}

#[tokio::test]
async fn the_address_of_a_picture_ends() {
    let world = world().await;
    let me = me(&world, "haneul").await;
    let url = text(&me["picture"]["data"], "url").to_owned();
    let get = async |url: &str| world.http.get(url).send().await.unwrap().status();
    assert_eq!(get(&url).await, StatusCode::OK);
    assert_eq!(get(&url.replace("ext=1", "ext=9")).await, StatusCode::FORBIDDEN, "sealed");
    world.demo.advance_clock(14 * 86_400);
    assert_eq!(get(&url).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_dead_token_and_the_end_of_the_permissions() {
    let world = world().await;
    let body = FACEBOOK.tokens(&world, &[], "haneul").await;
    let access = text(&body, "access_token");
    refused(&world.read(ME, "stranger").await, 190, "Error validating access token");
    refused(&heard(world.get(ME, &[]).await).await, 2500, "An active access token must be used");
    let by_query = heard(world.get(ME, &[("access_token", access)]).await).await;
    assert_eq!(by_query.status, StatusCode::OK);
    refused(&end(&world, "stranger").await, 190, "Error validating access token");
    world.demo.set_faults("facebook", [Fault::Revoke503]);
    assert_eq!(end(&world, access).await.status, StatusCode::SERVICE_UNAVAILABLE);
    world.demo.set_faults("facebook", []);
    assert_eq!(end(&world, access).await.body, json!({ "success": true }));
    refused(&world.read(ME, access).await, 190, "Error validating access token");
    assert_eq!(world.demo.ledger().grants["facebook"].revocations, 1);
    let other = FACEBOOK.tokens(&world, &[], "haneul").await;
    world.demo.advance_clock(5183);
    refused(&world.read(ME, text(&other, "access_token")).await, 190, "expired");
}

#[tokio::test]
async fn the_metadata_lacks_what_generic_discovery_needs() {
    let world = world().await;
    let metadata = world.json("/facebook/.well-known/openid-configuration/").await;
    assert_eq!(text(&metadata, "issuer"), "https://www.facebook.com");
    for absent in ["token_endpoint", "userinfo_endpoint", "code_challenge_methods_supported"] {
        assert!(metadata.get(absent).is_none(), "{absent}");
    }
}
