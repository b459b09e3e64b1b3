//! Discord: one happy path, and every refusal met by a client that is wrong on purpose.

mod common;

use common::{CHALLENGE, Heard, VERIFIER, World, heard, location, params, with, world};
use demo_provider::{Fault, Rotation, clients};
use reqwest::StatusCode;
use serde_json::{Value, json};

const AUTHORIZE: &str = "/discord/oauth2/authorize";
const TOKEN: &str = "/discord/api/oauth2/token";
const ME: &str = "/discord/api/v10/users/@me";
const LOOPBACK: &str = "http://127.0.0.1:42149/callback/discord";
const DEEP: &str = "app.nameplate.desktop.dev:/callback/discord";
const ASK: &[(&str, &str)] = &[
    ("response_type", "code"),
    ("client_id", clients::DISCORD),
    ("redirect_uri", LOOPBACK),
    ("scope", "identify email"),
    ("state", "s t/a"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];
const EXCHANGE: &[(&str, &str)] = &[
    ("grant_type", "authorization_code"),
    ("client_id", clients::DISCORD),
    ("redirect_uri", LOOPBACK),
    ("code_verifier", VERIFIER),
];

async fn code(world: &World, changes: &[(&str, &str)], person: &str) -> String {
    params(
        &world
            .decide(AUTHORIZE, &with(ASK, changes), person, "allow")
            .await,
    )
    .remove("code")
    .unwrap()
}

async fn exchange(world: &World, code: &str, changes: &[(&str, &str)]) -> Heard {
    let form = with(EXCHANGE, changes);
    world.post(TOKEN, &with(&form, &[("code", code)])).await
}

async fn tokens(world: &World, person: &str) -> Value {
    let code = code(world, &[], person).await;
    let heard = exchange(world, &code, &[]).await;
    assert_eq!(heard.status, StatusCode::OK, "{}", heard.text);
    heard.body
}

async fn refresh(world: &World, token: &str) -> Heard {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", clients::DISCORD),
        ("refresh_token", token),
    ];
    world.post(TOKEN, &form).await
}

fn refused(heard: &Heard, status: u16, error: &str, description: Option<&str>) {
    assert_eq!(heard.status.as_u16(), status, "{}", heard.text);
    let mut body = json!({ "error": error });
    if let Some(description) = description {
        body["error_description"] = json!(description);
    }
    assert_eq!(heard.body, body);
}

#[tokio::test]
async fn a_person_signs_in_by_loopback() {
    let world = world().await;
    let answer = world.decide(AUTHORIZE, ASK, "haneul", "allow").await;
    assert!(answer.as_str().starts_with(LOOPBACK));
    let answer = params(&answer);
    assert_eq!(answer["state"], "s t/a");
    assert!(!answer.contains_key("iss"), "announced, never seen");

    let heard = exchange(&world, &answer["code"], &[]).await;
    assert_eq!(heard.body["token_type"], "Bearer");
    assert_eq!(heard.body["expires_in"], 604_800);
    assert_eq!(heard.body["scope"], "identify email");
    let access = heard.body["access_token"].as_str().unwrap();

    let me = world.read(ME, access).await.body;
    assert_eq!(me["id"], "1150283746501836801");
    assert_eq!(me["global_name"], "하늘");
    assert_eq!(
        (&me["email"], &me["verified"]),
        (&json!("haneul@example.com"), &json!(true))
    );

    let path = format!(
        "/discord/cdn/avatars/{}/{}.png",
        me["id"].as_str().unwrap(),
        me["avatar"].as_str().unwrap()
    );
    let avatar = world.get(&path, &[("size", "128")]).await;
    assert_eq!(avatar.headers()["content-type"], "image/png");
    assert_eq!(&avatar.bytes().await.unwrap()[..4], b"\x89PNG");

    let ledger = world.demo.ledger();
    assert!(ledger.codes.contains(&answer["code"]));
    assert!(ledger.access_tokens.contains(access));
    assert!(ledger.verifiers.contains(VERIFIER));
    assert_eq!(ledger.grants["discord"].authorization_code, 1);
    assert_eq!(ledger.grants["discord"].refusals, 0);
}
