//! Facts of docs/providers.md that no refusal shows: metadata, defaults, and how pictures are served.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod common;

use common::apps::{DISCORD, GOOGLE, KAKAO};
use common::{World, heard, text, with, world};
use demo_provider::Fault;
use reqwest::StatusCode;
use serde_json::{Value, json};

async fn discord_me(world: &World, person: &str) -> Value {
    let body = DISCORD.tokens(world, &[], person).await;
    world.read("/discord/api/users/@me", text(&body, "access_token")).await.body
}

async fn kakao_access(world: &World) -> String {
    text(&KAKAO.tokens(world, &[], "haneul").await, "access_token").to_owned()
}

#[tokio::test]
async fn discord_metadata_says_s256_and_no_secret_and_announces_iss() {
    let world = world().await;
    let metadata = world.json("/discord/.well-known/oauth-authorization-server").await;
    assert_eq!(metadata["issuer"], "https://discord.com");
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(
        metadata["token_endpoint_auth_methods_supported"],
        json!(["client_secret_basic", "client_secret_post", "none"])
    );
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
}

#[tokio::test]
async fn discord_takes_the_first_registered_uri_where_none_is_named() {
    let world = world().await;
    let ask = with(DISCORD.ask, &[("redirect_uri", "")]);
    let answer = world.decide("/discord/oauth2/authorize", &ask, "haneul", "allow").await;
    assert!(
        answer.as_str().starts_with("app.nameplate.desktop.dev:/callback/discord?"),
        "{answer}"
    );
}

#[tokio::test]
async fn discord_serves_a_still_of_a_moving_avatar_and_a_moving_one_only_of_those() {
    let world = world().await;
    for (person, moves) in [("long-name", true), ("haneul", false)] {
        let me = discord_me(&world, person).await;
        let (id, hash) = (me["id"].as_str().unwrap(), me["avatar"].as_str().unwrap());
        assert_eq!(hash.starts_with("a_"), moves, "{person}");
        let still =
            world.get(&format!("/discord/cdn/avatars/{id}/{hash}.png"), &[("size", "256")]).await;
        assert_eq!(still.headers()["content-type"], "image/png");
        let drawn = image::load_from_memory(&still.bytes().await.unwrap()).unwrap();
        assert_eq!(drawn.width(), 256, "{person}");
        let gif = world.get(&format!("/discord/cdn/avatars/{id}/{hash}.gif"), &[]).await;
        assert_eq!(gif.status() == StatusCode::OK, moves, "{person}");
        let jpeg = world.get(&format!("/discord/cdn/avatars/{id}/{hash}.jpg"), &[]).await;
        assert_eq!(jpeg.headers()["content-type"], "image/jpeg");
    }
}

#[tokio::test]
async fn discord_default_avatars_are_png_and_know_no_size() {
    let world = world().await;
    for index in 0..6 {
        let path = format!("/discord/cdn/embed/avatars/{index}.png");
        let (small, plain) =
            (world.get(&path, &[("size", "16")]).await, world.get(&path, &[]).await);
        assert_eq!(plain.headers()["content-type"], "image/png");
        assert_eq!(small.bytes().await.unwrap(), plain.bytes().await.unwrap());
    }
}

#[tokio::test]
async fn discord_rate_limits_come_with_headers_and_a_fraction_of_a_second() {
    let world = world().await;
    world.demo.set_faults("discord", [Fault::Token429]);
    let answer = world.http.post(world.url("/discord/api/oauth2/token")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.headers().contains_key("x-ratelimit-reset-after"));
    assert!(answer.headers().contains_key("retry-after"));
    let body = heard(answer).await.body;
    assert!(body["retry_after"].is_f64() && body["global"].is_boolean(), "{body}");
}

#[tokio::test]
async fn google_takes_every_loopback_host() {
    let world = world().await;
    for redirect in ["http://127.0.0.1:49152/a/b", "http://[::1]:49152", "http://localhost:49152/x"]
    {
        let ask = with(GOOGLE.ask, &[("redirect_uri", redirect)]);
        let answer = world.decide(GOOGLE.authorize, &ask, "haneul", "allow").await;
        assert!(answer.as_str().starts_with(redirect), "{answer}");
    }
}

#[tokio::test]
async fn google_metadata_knows_plain_and_says_nothing_of_iss() {
    let world = world().await;
    let metadata = world.json("/google/.well-known/openid-configuration").await;
    assert_eq!(metadata["issuer"], "https://accounts.google.com");
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["plain", "S256"]));
    assert!(metadata.get("authorization_response_iss_parameter_supported").is_none());
}

#[tokio::test]
async fn kakao_metadata_says_post_alone_and_has_neither_revocation_nor_iss() {
    let world = world().await;
    let metadata = world.json("/kakao/.well-known/openid-configuration").await;
    assert_eq!(metadata["issuer"], "https://kauth.kakao.com");
    assert_eq!(metadata["token_endpoint_auth_methods_supported"], json!(["client_secret_post"]));
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(metadata["response_modes_supported"], json!(["query"]));
    for absent in ["revocation_endpoint", "authorization_response_iss_parameter_supported"] {
        assert!(metadata.get(absent).is_none(), "{absent}");
    }
}

#[tokio::test]
async fn kakao_sends_the_deprecated_properties_only_where_nothing_was_chosen() {
    let world = world().await;
    let access = kakao_access(&world).await;
    let whole = world.read("/kakao/v2/user/me", &access).await.body;
    assert_eq!(whole["properties"]["nickname"], "하늘");
    let path =
        r#"/kakao/v2/user/me?property_keys=["kakao_account.birthday","kakao_account.birthyear"]"#;
    let chosen = world.read(path, &access).await.body;
    assert!(chosen.get("properties").is_none());
    assert_eq!(chosen["kakao_account"]["birthyear"], "1997");
}

#[tokio::test]
async fn kakao_quota_has_a_number_for_a_code() {
    let world = world().await;
    let access = kakao_access(&world).await;
    world.demo.set_faults("kakao", [Fault::Profile429]);
    let answer = world.read("/kakao/v2/user/me", &access).await;
    assert_eq!((answer.status.as_u16(), &answer.body["code"]), (429, &json!(-10)));
}
