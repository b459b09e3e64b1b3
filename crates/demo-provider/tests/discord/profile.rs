//! What is read with a bearer, and the pictures.

use crate::ME;
use crate::common::apps::DISCORD;
use crate::common::world;
use demo_provider::clients;
use reqwest::StatusCode;
use serde_json::{Value, json};

#[tokio::test]
async fn a_bearer_must_be_known_running_and_for_identify() {
    let world = world().await;
    let unauthorized = json!({ "message": "401: Unauthorized", "code": 0 });
    assert_eq!(world.read(ME, "unknown").await.body, unauthorized);
    assert_eq!(world.json(ME).await, unauthorized);

    let code = DISCORD.code(&world, &[("scope", "email")], "haneul").await;
    let email_only = DISCORD.exchange(&world, &code, &[]).await.body;
    assert_eq!(
        world.read(ME, email_only["access_token"].as_str().unwrap()).await.body,
        unauthorized
    );

    let access =
        DISCORD.tokens(&world, &[], "haneul").await["access_token"].as_str().unwrap().to_owned();
    world.demo.advance_clock(604_801);
    assert_eq!(world.read(ME, &access).await.body, unauthorized);
}

#[tokio::test]
async fn profiles_have_the_documented_nulls() {
    let world = world().await;
    let me = async |person: &str| {
        let access =
            DISCORD.tokens(&world, &[], person).await["access_token"].as_str().unwrap().to_owned();
        world.read(ME, &access).await.body
    };
    let no_avatar = me("no-avatar").await;
    assert_eq!((&no_avatar["avatar"], &no_avatar["discriminator"]), (&Value::Null, &json!("0")));
    let no_nickname = me("no-nickname").await;
    assert_eq!(
        (&no_nickname["global_name"], &no_nickname["username"]),
        (&Value::Null, &json!("sol.park"))
    );
    let unverified = me("unverified").await;
    assert_eq!(
        (&unverified["email"], &unverified["verified"]),
        (&json!("jonas@example.com"), &json!(false))
    );
    assert_eq!(me("no-email").await["email"], Value::Null);
    let old = me("old-account").await;
    assert_eq!(
        (&old["discriminator"], &old["global_name"], &old["avatar"]),
        (&json!("1337"), &Value::Null, &Value::Null)
    );
    let moving = me("long-name").await;
    assert_eq!(moving["global_name"].as_str().unwrap().chars().count(), 40);

    let hash = moving["avatar"].as_str().unwrap();
    assert!(hash.starts_with("a_"));
    let path = format!("/discord/cdn/avatars/{}/{hash}.gif", moving["id"].as_str().unwrap());
    assert_eq!(world.get(&path, &[]).await.headers()["content-type"], "image/gif");
    assert_eq!(world.get("/discord/cdn/embed/avatars/5.png", &[]).await.status(), StatusCode::OK);
    for missing in [
        "/discord/cdn/embed/avatars/6.png",
        "/discord/cdn/embed/avatars/0.webp",
        &path.replace(hash, "0"),
    ] {
        assert_eq!(world.get(missing, &[]).await.status(), StatusCode::NOT_FOUND, "{missing}");
    }
}

#[tokio::test]
async fn scopes_limit_what_is_told() {
    let world = world().await;
    let code = DISCORD.code(&world, &[("scope", "identify")], "haneul").await;
    let heard = DISCORD.exchange(&world, &code, &[]).await.body;
    let access = heard["access_token"].as_str().unwrap();
    let me = world.read(ME, access).await.body;
    assert!(me.get("email").is_none() && me.get("verified").is_none());
    assert!(heard.get("id_token").is_none());
    assert_eq!(
        world.read("/discord/api/oauth2/userinfo", access).await.status,
        StatusCode::UNAUTHORIZED
    );
    let authorization = world.read("/discord/api/oauth2/@me", access).await.body;
    assert_eq!(authorization["scopes"], json!(["identify"]));
    assert_eq!(authorization["user"]["username"], "haneul");
}

#[tokio::test]
async fn openid_brings_an_id_token_and_userinfo() {
    let world = world().await;
    let code = DISCORD
        .code(&world, &[("scope", "openid identify email"), ("nonce", "n-1")], "haneul")
        .await;
    let heard = DISCORD.exchange(&world, &code, &[]).await.body;
    let jwks = world.json("/discord/api/oauth2/keys").await;
    let claims =
        crate::common::verified(&jwks, heard["id_token"].as_str().unwrap(), clients::DISCORD);
    assert_eq!((&claims["iss"], &claims["nonce"]), (&json!("https://discord.com"), &json!("n-1")));
    let userinfo = world
        .read("/discord/api/oauth2/userinfo", heard["access_token"].as_str().unwrap())
        .await
        .body;
    assert_eq!(userinfo["sub"], claims["sub"]);
    let metadata = world.json("/discord/.well-known/oauth-authorization-server").await;
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
}
