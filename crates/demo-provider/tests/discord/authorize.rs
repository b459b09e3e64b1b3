//! The authorization endpoint: what is let through, what comes back, what stays on the page.

use crate::common::apps::DISCORD;
use crate::common::{VERIFIER, location, params, with, world};
use crate::{DEEP, LOOPBACK, ME};
use demo_provider::{Fault, clients};
use reqwest::StatusCode;
use serde_json::json;

#[tokio::test]
async fn a_person_signs_in_by_loopback() {
    let world = world().await;
    let answer = world.decide(DISCORD.authorize, DISCORD.ask, "haneul", "allow").await;
    assert!(answer.as_str().starts_with(LOOPBACK));
    let answer = params(&answer);
    assert_eq!(answer["state"], "s t/a");
    assert!(!answer.contains_key("iss"), "announced, never seen");

    let heard = DISCORD.exchange(&world, &answer["code"], &[]).await;
    assert_eq!(heard.body["token_type"], "Bearer");
    assert_eq!(heard.body["expires_in"], 604_800);
    assert_eq!(heard.body["scope"], "identify email");
    let access = heard.body["access_token"].as_str().unwrap();

    let me = world.read(ME, access).await.body;
    assert_eq!(me["id"], "1150283746501836801");
    assert_eq!(me["global_name"], "하늘");
    assert_eq!((&me["email"], &me["verified"]), (&json!("haneul@example.com"), &json!(true)));

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

#[tokio::test]
async fn a_person_signs_in_by_deep_link_and_the_old_authorize_path_redirects() {
    let world = world().await;
    let answer = world
        .decide(DISCORD.authorize, &with(DISCORD.ask, &[("redirect_uri", DEEP)]), "haneul", "allow")
        .await;
    assert!(answer.as_str().starts_with(&format!("{DEEP}?code=")), "{answer}");
    let heard = DISCORD.exchange(&world, &params(&answer)["code"], &[("redirect_uri", DEEP)]).await;
    assert_eq!(heard.status, StatusCode::OK);

    let moved = world.get("/discord/api/oauth2/authorize", DISCORD.ask).await;
    assert!(location(&moved).path().ends_with("/discord/oauth2/authorize"));
}

#[tokio::test]
async fn a_denial_goes_to_the_application_with_the_state() {
    let world = world().await;
    let answer = params(&world.decide(DISCORD.authorize, DISCORD.ask, "haneul", "deny").await);
    assert_eq!((answer["error"].as_str(), answer["state"].as_str()), ("access_denied", "s t/a"));
    assert!(!answer.contains_key("code"));
}

#[tokio::test]
async fn a_redirect_uri_that_is_not_registered_stays_on_the_page() {
    let world = world().await;
    for wrong in [
        "http://127.0.0.1:42149/callback/discord/",
        "http://localhost:42149/callback/discord",
        "http://127.0.0.1:42149/callback/google",
        "app.nameplate.desktop.dev:///callback/discord",
        "app.nameplate.desktop:/callback/discord",
        "https://evil.example/callback/discord",
    ] {
        let (status, page) =
            world.page(DISCORD.authorize, &with(DISCORD.ask, &[("redirect_uri", wrong)])).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
        assert!(page.contains("Invalid OAuth2 redirect_uri"), "{page}");
    }
    assert_eq!(world.demo.ledger().grants["discord"].refusals, 6);
}

#[tokio::test]
async fn an_unknown_application_stays_on_the_page() {
    let world = world().await;
    let (status, page) =
        world.page(DISCORD.authorize, &with(DISCORD.ask, &[("client_id", "1234")])).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(page.contains("Unknown Application"));
}

#[tokio::test]
async fn a_wrong_request_comes_back_as_an_error() {
    let world = world().await;
    for (changes, error, description) in [
        (
            ("response_type", "token"),
            "unsupported_response_type",
            "Only the authorization code is played here",
        ),
        (
            ("code_challenge_method", "plain"),
            "invalid_request",
            r#"Unsupported "code_challenge_method""#,
        ),
        (
            ("code_challenge_method", ""),
            "invalid_request",
            r#"Unsupported "code_challenge_method""#,
        ),
        (
            ("scope", "identify everything"),
            "invalid_scope",
            "The requested scope is invalid, unknown, or malformed.",
        ),
        (("scope", ""), "invalid_scope", "The requested scope is invalid, unknown, or malformed."),
        (
            ("scope", "identify role_connections.write"),
            "invalid_scope",
            "role_connections.write cannot be combined with PKCE",
        ),
    ] {
        let answer =
            params(&location(&world.get(DISCORD.authorize, &with(DISCORD.ask, &[changes])).await));
        assert_eq!(
            (answer["error"].as_str(), answer["error_description"].as_str()),
            (error, description)
        );
        assert_eq!(answer["state"], "s t/a");
    }
}

const BOT: &[(&str, &str)] = &[("scope", "identify bot"), ("permissions", "8")];
const LIBRARY: &str = "81384788765712384";
const DEMO: &str = "613425648685547541";

#[tokio::test]
async fn a_bot_is_added_to_the_server_that_the_person_chose() {
    let world = world().await;
    let ask = with(DISCORD.ask, BOT);
    let fields = [("decision", "allow"), ("guild", LIBRARY)];
    let answer = world.answer(DISCORD.authorize, &ask, "haneul", &fields).await;
    let answer = params(&location(&answer));
    assert_eq!((answer["guild_id"].as_str(), answer["permissions"].as_str()), (LIBRARY, "8"));
    let body = DISCORD.exchange(&world, &answer["code"], &[]).await.body;
    let guild = &body["guild"];
    assert_eq!(
        (guild["id"].as_str(), guild["name"].as_str()),
        (Some(LIBRARY), Some("하늘의 서재"))
    );
    assert!(guild["icon"].is_string() && guild["owner_id"].is_string(), "{guild}");
    let first = world.decide(DISCORD.authorize, &ask, "haneul", "allow").await;
    assert_eq!(params(&first)["guild_id"], DEMO, "the first of the list");
    let denied = world.decide(DISCORD.authorize, &ask, "haneul", "deny").await;
    assert!(!params(&denied).contains_key("guild_id"));
    let plain = DISCORD.tokens(&world, &[], "haneul").await;
    assert!(plain.get("guild").is_none(), "no bot, no server");
}

#[tokio::test]
async fn a_server_can_be_named_beforehand_and_none_that_is_not_there() {
    let world = world().await;
    let named = with(DISCORD.ask, BOT);
    let named = with(&named, &[("guild_id", LIBRARY)]);
    let first = world.decide(DISCORD.authorize, &named, "haneul", "allow").await;
    assert_eq!(params(&first)["guild_id"], LIBRARY, "it stands first");
    let other = [("decision", "allow"), ("guild", DEMO)];
    let answer = world.answer(DISCORD.authorize, &named, "haneul", &other).await;
    assert_eq!(params(&location(&answer))["guild_id"], DEMO, "and can be changed");
    let fixed = with(&named, &[("disable_guild_select", "true")]);
    let answer = world.answer(DISCORD.authorize, &fixed, "haneul", &other).await;
    assert_eq!(params(&location(&answer))["guild_id"], LIBRARY, "unless that is switched off");
    let stranger = [("decision", "allow"), ("guild", "1")];
    let answer = world.answer(DISCORD.authorize, &named, "haneul", &stranger).await;
    assert_eq!(answer.status(), StatusCode::OK, "the page again");
    assert!(answer.text().await.unwrap().contains("name=\"guild\""));
}

#[tokio::test]
async fn a_bot_alone_has_no_callback_and_prompt_none_skips_nothing() {
    let world = world().await;
    let alone = [("client_id", clients::DISCORD), ("scope", "bot"), ("permissions", "8")];
    for (decision, words) in [("allow", "Done"), ("deny", "Nothing was changed")] {
        let fields = [("decision", decision), ("guild", DEMO)];
        let end = world.answer(DISCORD.authorize, &alone, "haneul", &fields).await;
        assert_eq!(end.status(), StatusCode::OK);
        assert!(end.headers().get("location").is_none(), "nobody is told");
        assert!(end.text().await.unwrap().contains(words));
    }
    world.decide(DISCORD.authorize, &with(DISCORD.ask, BOT), "haneul", "allow").await;
    let silent = with(DISCORD.ask, BOT);
    let silent = with(&silent, &[("prompt", "none")]);
    let (status, page) = world.page(DISCORD.authorize, &silent).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("name=\"person\""), "a bot is always asked about");
}

#[tokio::test]
async fn iss_is_sent_only_where_a_test_wants_it() {
    let world = world().await;
    world.demo.set_faults("discord", [Fault::IssSent]);
    for decision in ["allow", "deny"] {
        let answer =
            params(&world.decide(DISCORD.authorize, DISCORD.ask, "haneul", decision).await);
        assert_eq!(answer["iss"], "https://discord.com");
    }
}
