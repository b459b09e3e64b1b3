//! What is read with a bearer token, and the avatars.

use super::{APP, ME};
use crate::common::{demo, text, verified};
use demo_provider::providers::discord::CLIENT_ID;
use reqwest::StatusCode;
use serde_json::{Value, json};

#[tokio::test]
async fn a_bearer_must_be_known_running_and_for_identify() {
    let demo = demo(APP).await;
    let unauthorized = json!({ "message": "401: Unauthorized", "code": 0 });
    assert_eq!(demo.json(ME).await, unauthorized);
    demo.read(ME, "unknown").await.is(401, &unauthorized);
    assert_eq!(demo.profile(ME, &[("scope", "email")], "haneul").await, unauthorized);
    let body = demo.tokens(&[], "haneul").await;
    demo.advance(604_801);
    demo.read(ME, text(&body, "access_token")).await.is(401, &unauthorized);
}

#[tokio::test]
async fn profiles_have_the_documented_nulls() {
    let demo = demo(APP).await;
    let me = async |user: &str| demo.profile(ME, &[], user).await;
    let no_avatar = me("no-avatar").await;
    assert!(no_avatar["avatar"].is_null() && no_avatar["discriminator"] == "0");
    let no_nickname = me("no-nickname").await;
    assert!(no_nickname["global_name"].is_null() && no_nickname["username"] == "sol.park");
    let unverified = me("unverified").await;
    assert!(unverified["email"] == "jonas@example.com" && unverified["verified"] == false);
    assert_eq!(me("no-email").await["email"], Value::Null);
    let old = me("old-account").await;
    assert!(old["discriminator"] == "1337");
    assert!(old["global_name"].is_null() && old["avatar"].is_null());
    let animated = me("long-name").await;
    assert_eq!(text(&animated, "global_name").chars().count(), 40);

    let hash = text(&animated, "avatar");
    assert!(hash.starts_with("a_"));
    let path = format!("/discord/cdn/avatars/{}/{hash}.gif", text(&animated, "id"));
    assert_eq!(demo.content_type(&demo.url(&path)).await, "image/gif");
    assert_eq!(demo.get("/discord/cdn/embed/avatars/5.png", &[]).await.status(), StatusCode::OK);
    for missing in [
        "/discord/cdn/embed/avatars/6.png",
        "/discord/cdn/embed/avatars/0.webp",
        &path.replace(hash, "0"),
    ] {
        assert_eq!(demo.get(missing, &[]).await.status(), StatusCode::NOT_FOUND, "{missing}");
    }
}

#[tokio::test]
async fn a_still_of_an_animated_avatar_is_served_and_a_gif_only_of_those() {
    let demo = demo(APP).await;
    for (user, animated) in [("long-name", true), ("haneul", false)] {
        let me = demo.profile(ME, &[], user).await;
        let hash = text(&me, "avatar");
        assert_eq!(hash.starts_with("a_"), animated, "{user}");
        let path =
            |extension| format!("/discord/cdn/avatars/{}/{hash}.{extension}", text(&me, "id"));
        let still = demo.get(&path("png"), &[("size", "256")]).await;
        assert_eq!(still.headers()["content-type"], "image/png");
        let drawn = image::load_from_memory(&still.bytes().await.unwrap()).unwrap();
        assert_eq!(drawn.width(), 256, "{user}");
        let gif = demo.get(&path("gif"), &[]).await.status();
        assert_eq!(gif == StatusCode::OK, animated, "{user}");
        assert_eq!(demo.content_type(&demo.url(&path("jpg"))).await, "image/jpeg");
    }
}

#[tokio::test]
async fn default_avatars_are_png_and_know_no_size() {
    let demo = demo(APP).await;
    for index in 0..6 {
        let path = format!("/discord/cdn/embed/avatars/{index}.png");
        let small = demo.get(&path, &[("size", "16")]).await;
        let plain = demo.get(&path, &[]).await;
        assert_eq!(plain.headers()["content-type"], "image/png");
        assert_eq!(small.bytes().await.unwrap(), plain.bytes().await.unwrap());
    }
}

#[tokio::test]
async fn scopes_limit_what_is_told() {
    let demo = demo(APP).await;
    let body = demo.tokens(&[("scope", "identify")], "haneul").await;
    let access = text(&body, "access_token");
    let me = demo.read(ME, access).await.body;
    assert!(me.get("email").is_none() && me.get("verified").is_none());
    assert!(body.get("id_token").is_none());
    let userinfo = demo.read("/discord/api/oauth2/userinfo", access).await;
    assert_eq!(userinfo.status, StatusCode::UNAUTHORIZED);
    let authorization = demo.read("/discord/api/oauth2/@me", access).await.body;
    assert_eq!(authorization["scopes"], json!(["identify"]));
    assert_eq!(authorization["user"]["username"], "haneul");
}

#[tokio::test]
async fn openid_brings_an_id_token_and_userinfo() {
    let demo = demo(APP).await;
    let openid = [("scope", "openid identify email"), ("nonce", "n-1")];
    let body = demo.tokens(&openid, "haneul").await;
    let jwks = demo.json("/discord/api/oauth2/keys").await;
    let claims = verified(&jwks, text(&body, "id_token"), CLIENT_ID);
    assert_eq!((text(&claims, "iss"), text(&claims, "nonce")), ("https://discord.com", "n-1"));
    let userinfo = demo.read("/discord/api/oauth2/userinfo", text(&body, "access_token")).await;
    assert_eq!(userinfo.body["sub"], claims["sub"]);
}
