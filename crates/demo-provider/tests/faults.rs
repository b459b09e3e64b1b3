//! Every fault, seen from outside.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod common;

use common::apps::{DISCORD, GOOGLE, OIDC};
use common::{Heard, World, heard, params, with, world};
use demo_provider::Fault;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

/// With an id_token to take away.
const OPENID: &[(&str, &str)] = &[("scope", "identify email openid")];

async fn answer(world: &World, fault: Fault, decision: &str) -> url::Url {
    world.demo.set_faults("discord", [fault]);
    let url = world.decide(DISCORD.authorize, &with(DISCORD.ask, OPENID), "haneul", decision).await;
    world.demo.set_faults("discord", []);
    url
}

async fn code(world: &World) -> String {
    DISCORD.code(world, OPENID, "haneul").await
}

async fn exchange(world: &World, code: &str) -> Heard {
    DISCORD.exchange(world, code, &[]).await
}

async fn try_exchange(world: &World, code: &str) -> reqwest::Result<Response> {
    let form = with(DISCORD.exchange, &[("code", code)]);
    world.http.post(world.url(DISCORD.token)).form(&form).send().await
}

/// The token answer under a fault, with a fresh code.
async fn token(world: &World, fault: Fault) -> Heard {
    let code = code(world).await;
    world.demo.set_faults("discord", [fault]);
    let heard = exchange(world, &code).await;
    world.demo.set_faults("discord", []);
    heard
}

async fn access(world: &World) -> String {
    let body = exchange(world, &code(world).await).await.body;
    body["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn faults_of_the_answer() {
    let world = world().await;
    assert_eq!(
        params(&answer(&world, Fault::IssWrong, "allow").await)["iss"],
        "https://issuer.example"
    );
    assert_eq!(
        params(&answer(&world, Fault::IssSent, "allow").await)["iss"],
        "https://discord.com"
    );
    assert_ne!(params(&answer(&world, Fault::StateWrong, "allow").await)["state"], "st");
    assert!(!params(&answer(&world, Fault::StateMissing, "allow").await).contains_key("state"));
    assert!(
        params(&answer(&world, Fault::ExtraParameters, "allow").await)
            .contains_key("session_state")
    );
    let twice = answer(&world, Fault::DuplicateParameters, "allow").await;
    assert_eq!(twice.query_pairs().filter(|(name, _)| name == "state").count(), 2);
    assert_eq!(answer(&world, Fault::CallbackFragment, "allow").await.fragment(), Some("_=_"));
    let token = params(&answer(&world, Fault::CallbackToken, "allow").await);
    assert!(token.contains_key("access_token") && token.contains_key("code"));
    assert_eq!(
        params(&answer(&world, Fault::CallbackServerError, "allow").await)["error"],
        "server_error"
    );
    let denial = params(&answer(&world, Fault::DenialWithMarkup, "deny").await);
    assert!(denial["error_description"].contains("<script>"));

    world.demo.set_faults("oidc", [Fault::IssMissing]);
    let url = world.decide(OIDC.authorize, OIDC.ask, "haneul", "allow").await;
    assert!(!params(&url).contains_key("iss"));
}

#[tokio::test]
async fn token_faults_that_look_at_nothing_leave_the_code_good() {
    let world = world().await;
    let code = code(&world).await;
    for (fault, status, word) in [
        (Fault::Token5xx, 503, "Checking your browser"),
        (Fault::Token429, 429, "You are being rate limited."),
        (Fault::TokenProxy403, 403, "Checking your browser"),
        (Fault::TokenInvalidClient, 401, "invalid_client"),
        (Fault::TokenInvalidGrant, 400, "invalid_grant"),
        (Fault::TokenError200, 200, "invalid_grant"),
    ] {
        world.demo.set_faults("discord", [fault]);
        let heard = exchange(&world, &code).await;
        assert_eq!(heard.status.as_u16(), status, "{fault:?}");
        assert!(heard.text.contains(word), "{fault:?}: {}", heard.text);
        assert_eq!(heard.retry_after.is_some(), matches!(status, 429 | 503), "{fault:?}");
    }
    world.demo.set_faults("discord", [Fault::TokenRedirects]);
    let redirect = try_exchange(&world, &code).await.unwrap();
    assert_eq!(redirect.status(), StatusCode::TEMPORARY_REDIRECT);
    let elsewhere = redirect.headers()["location"].to_str().unwrap().to_owned();
    let bait = world.http.post(elsewhere).send().await.unwrap();
    assert_eq!(heard(bait).await.body["access_token"], "redirects-were-followed");
    world.demo.set_faults("discord", []);
    assert_eq!(exchange(&world, &code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn rate_limits_come_in_each_providers_words() {
    let world = world().await;
    for (provider, path, wanted) in [
        (
            "google",
            "/google/token",
            json!({ "error": "rate_limit_exceeded", "error_description": "Rate Limit Exceeded" }),
        ),
        (
            "oidc",
            "/oidc/token",
            json!({ "error": "temporarily_unavailable", "error_description": "too many requests" }),
        ),
    ] {
        world.demo.set_faults(provider, [Fault::Token429]);
        assert_eq!(world.post(path, &[]).await.body, wanted);
    }
    world.demo.set_faults("kakao", [Fault::Token429]);
    let heard = world.post("/kakao/oauth/token", &[]).await;
    assert_eq!((heard.status.as_u16(), &heard.body["error_code"]), (429, &json!("KOE237")));
}

#[tokio::test]
async fn token_answers_are_bent() {
    let world = world().await;
    for (fault, name) in [
        (Fault::TokenWithoutExpiresIn, "expires_in"),
        (Fault::TokenWithoutScope, "scope"),
        (Fault::TokenWithoutRefreshToken, "refresh_token"),
        (Fault::TokenWithoutAccessToken, "access_token"),
        (Fault::TokenWithoutType, "token_type"),
        (Fault::IdTokenMissing, "id_token"),
    ] {
        let heard = token(&world, fault).await;
        assert!(heard.status == StatusCode::OK && heard.body.get(name).is_none(), "{fault:?}");
    }
    assert_eq!(token(&world, Fault::TokenExpiresInString).await.body["expires_in"], "604800");
    assert_eq!(token(&world, Fault::TokenTypeMac).await.body["token_type"], "mac");
    assert_eq!(token(&world, Fault::TokenTypeUpper).await.body["token_type"], "BEARER");
    assert_eq!(token(&world, Fault::TokenNotJson).await.body, Value::Null);
    let large = token(&world, Fault::TokenTooLarge).await;
    assert!(large.text.len() > 4 << 20 && large.body["access_token"].is_string());
}

#[tokio::test]
async fn a_lost_answer_was_carried_out() {
    let world = world().await;
    let code = code(&world).await;
    world.demo.set_faults("discord", [Fault::TokenAnswerLost]);
    assert_eq!(exchange(&world, &code).await.status, StatusCode::BAD_GATEWAY);
    world.demo.set_faults("discord", []);
    assert_eq!(exchange(&world, &code).await.body["error"], "invalid_grant");
    assert_eq!(world.demo.ledger().access_tokens.len(), 1, "what was lost is in the ledger");
}

#[tokio::test]
async fn profiles_are_bent() {
    let world = world().await;
    let access = access(&world).await;
    let read = async |fault: Fault| {
        world.demo.set_faults("discord", [fault]);
        world.read("/discord/api/v10/users/@me", &access).await
    };
    for (fault, status) in [
        (Fault::Profile5xx, 503),
        (Fault::Profile401, 401),
        (Fault::Profile429, 429),
        (Fault::ProfileProxy403, 403),
        (Fault::ProfileRedirects, 307),
    ] {
        assert_eq!(read(fault).await.status.as_u16(), status);
    }
    assert_eq!(read(Fault::ProfileNotJson).await.body, Value::Null);
    assert!(read(Fault::ProfileTooLarge).await.text.len() > 4 << 20);
    assert!(read(Fault::ProfileWrongShape).await.body.is_array());
    let wrong = read(Fault::ProfileWrongType).await.body;
    assert!(wrong["id"].is_object() && wrong["username"].is_object());
    assert_eq!(
        read(Fault::ProfileFieldsMissing).await.body,
        json!({ "id": "1150283746501836801" })
    );
    let nulls = read(Fault::ProfileFieldsNull).await.body;
    assert!(nulls["id"].is_string() && nulls["username"].is_null() && nulls["avatar"].is_null());
    let empty = read(Fault::ProfileFieldsEmpty).await.body;
    assert_eq!(
        (&empty["id"], &empty["username"], &empty["verified"]),
        (&json!("1150283746501836801"), &json!(""), &json!(true))
    );
    assert!(read(Fault::ProfileWithoutId).await.body.get("id").is_none());
    assert_eq!(read(Fault::ProfileSubMismatch).await.body["id"], "4242424242");
    assert!(read(Fault::EmailMissing).await.body["email"].is_null());
    assert_eq!(read(Fault::EmailUnverified).await.body["verified"], false);
    assert!(read(Fault::PictureMissing).await.body["avatar"].is_null());
}

#[tokio::test]
async fn avatars_are_bent() {
    let world = world().await;
    let path = "/oidc/img/haneul.png";
    let read = async |fault: Fault| {
        world.demo.set_faults("oidc", [fault]);
        let response = world.get(path, &[]).await;
        let header =
            |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (kind, location) =
            (header("content-type").unwrap_or_default(), header("location").unwrap_or_default());
        (response.status().as_u16(), kind, location, response.bytes().await.unwrap())
    };
    assert_eq!(read(Fault::Avatar404).await.0, 404);
    assert_eq!(read(Fault::Avatar5xx).await.0, 503);
    assert!(read(Fault::AvatarTooLarge).await.3.len() > 24 << 20);
    assert_eq!(read(Fault::AvatarSvg).await.1, "image/svg+xml");
    let html = read(Fault::AvatarHtml).await;
    assert!(html.1 == "image/png" && html.3.starts_with(b"<!doctype html>"));
    let plain = read(Fault::AvatarWrongContentType).await;
    assert!(plain.1 == "text/plain" && plain.3.starts_with(b"\x89PNG"));
    assert!(image::load_from_memory(&read(Fault::AvatarTruncated).await.3).is_err());
    assert_eq!(read(Fault::AvatarRedirectToPrivate).await.2, "http://10.255.255.1/avatar.png");
    assert_eq!(read(Fault::AvatarRedirectLoop).await.2, world.url(path));
    let bomb = read(Fault::AvatarBomb).await.3;
    assert!(bomb.len() < 200_000 && bomb.starts_with(b"\x89PNG"));
    let once = read(Fault::AvatarRedirectOnce).await;
    assert_eq!(once.0, 302);
    let there = world.http.get(once.2).send().await.unwrap();
    assert_eq!(
        (there.status(), &there.headers()["content-type"]),
        (StatusCode::OK, &"image/png".parse().unwrap())
    );
}

#[tokio::test]
async fn keys_metadata_and_revocation_fail_on_request() {
    let world = world().await;
    world.demo.set_faults("oidc", [Fault::Jwks5xx, Fault::Discovery5xx, Fault::Revoke503]);
    for path in ["/oidc/jwks", "/oidc/.well-known/openid-configuration"] {
        assert_eq!(world.get(path, &[]).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
    world.demo.set_faults("oidc", [Fault::JwksEmpty, Fault::DiscoveryNotJson]);
    assert_eq!(world.json("/oidc/jwks").await, json!({ "keys": [] }));
    assert_eq!(world.json("/oidc/.well-known/openid-configuration").await, Value::Null);
    assert_eq!(
        world.json("/oidc/rp/idtoken-sig-rs256/jwks").await["keys"].as_array().unwrap().len(),
        1
    );
    for (provider, path) in [
        ("discord", "/discord/api/oauth2/token/revoke"),
        ("google", "/google/revoke"),
        ("kakao", "/kakao/v1/user/unlink"),
        ("oidc", "/oidc/revoke"),
    ] {
        world.demo.set_faults(provider, [Fault::Revoke503]);
        assert_eq!(world.post(path, &[]).await.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
    }
    for (provider, path) in
        [("google", "/google/oauth2/v3/certs"), ("kakao", "/kakao/.well-known/jwks.json")]
    {
        world.demo.set_faults(provider, [Fault::Jwks5xx]);
        assert_eq!(world.get(path, &[]).await.status(), StatusCode::SERVICE_UNAVAILABLE);
        world.demo.set_faults(provider, [Fault::JwksEmpty]);
        assert_eq!(world.json(path).await, json!({ "keys": [] }));
    }
}

#[tokio::test]
async fn a_google_id_token_can_lack_the_picture_that_userinfo_has() {
    let world = world().await;
    world.demo.set_faults("google", [Fault::IdTokenWithoutPicture]);
    let body = GOOGLE.tokens(&world, &[], "haneul").await;
    assert!(common::claims(body["id_token"].as_str().unwrap()).get("picture").is_none());
    let info = world.read("/google/v1/userinfo", body["access_token"].as_str().unwrap()).await.body;
    assert!(info["picture"].is_string());
}

#[tokio::test]
async fn what_hangs_is_cut_off_by_a_stop() {
    let World { demo, http } = world().await;
    demo.set_faults("discord", [Fault::TokenHangs]);
    demo.set_faults("oidc", [Fault::AvatarHangs]);
    demo.set_faults("kakao", [Fault::ProfileHangs]);
    let token = tokio::spawn(http.post(format!("{}/discord/api/oauth2/token", demo.base())).send());
    let avatar = tokio::spawn(http.get(format!("{}/oidc/img/haneul.png", demo.base())).send());
    while demo.ledger().paths.len() < 2 {
        tokio::task::yield_now().await;
    }
    assert!(!token.is_finished() && !avatar.is_finished());
    demo.stop().await;
    assert!(token.await.unwrap().is_err() && avatar.await.unwrap().is_err());
}
