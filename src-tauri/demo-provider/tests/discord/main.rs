//! Discord: one happy path, and every refusal met by a client that is wrong on purpose.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

#[path = "../common/mod.rs"]
mod common;

mod authorize;
mod profile;
mod token;

use common::{CHALLENGE, Heard, VERIFIER, World, params, with};
use demo_provider::clients;
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
    params(&world.decide(AUTHORIZE, &with(ASK, changes), person, "allow").await)
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
