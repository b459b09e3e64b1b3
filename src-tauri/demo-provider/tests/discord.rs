//! Discord: one happy path, and every refusal met by a client that is wrong on purpose.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

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
    let answer =
        world.decide(AUTHORIZE, &with(ASK, &[("redirect_uri", DEEP)]), "haneul", "allow").await;
    assert!(answer.as_str().starts_with(&format!("{DEEP}?code=")), "{answer}");
    let heard = exchange(&world, &params(&answer)["code"], &[("redirect_uri", DEEP)]).await;
    assert_eq!(heard.status, StatusCode::OK);

    let moved = world.get("/discord/api/oauth2/authorize", ASK).await;
    assert!(location(&moved).path().ends_with("/discord/oauth2/authorize"));
}

#[tokio::test]
async fn a_denial_goes_to_the_application_with_the_state() {
    let world = world().await;
    let answer = params(&world.decide(AUTHORIZE, ASK, "haneul", "deny").await);
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
        let (status, page) = world.page(AUTHORIZE, &with(ASK, &[("redirect_uri", wrong)])).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
        assert!(page.contains("Invalid OAuth2 redirect_uri"), "{page}");
    }
    assert_eq!(world.demo.ledger().grants["discord"].refusals, 6);
}

#[tokio::test]
async fn an_unknown_application_stays_on_the_page() {
    let world = world().await;
    let (status, page) = world.page(AUTHORIZE, &with(ASK, &[("client_id", "1234")])).await;
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
        let answer = params(&location(&world.get(AUTHORIZE, &with(ASK, &[changes])).await));
        assert_eq!(
            (answer["error"].as_str(), answer["error_description"].as_str()),
            (error, description)
        );
        assert_eq!(answer["state"], "s t/a");
    }
}

#[tokio::test]
async fn a_verifier_must_be_there_long_enough_and_fit() {
    let world = world().await;
    let code = code(&world, &[], "haneul").await;
    let missing = exchange(&world, &code, &[("code_verifier", "")]).await;
    refused(&missing, 400, "invalid_request", Some(r#"Missing "code_verifier""#));
    for wrong in
        ["too-short", &VERIFIER[..42], &VERIFIER.replace('d', "e"), &format!("{VERIFIER} ")]
    {
        let heard = exchange(&world, &code, &[("code_verifier", wrong)]).await;
        refused(&heard, 400, "invalid_request", Some(r#"Invalid "code_verifier""#));
    }
    assert_eq!(
        exchange(&world, &code, &[]).await.status,
        StatusCode::OK,
        "a refusal does not spend the code"
    );
}

#[tokio::test]
async fn a_verifier_that_was_never_announced_is_refused() {
    let world = world().await;
    let code =
        code(&world, &[("code_challenge", ""), ("code_challenge_method", "")], "haneul").await;
    refused(
        &exchange(&world, &code, &[]).await,
        400,
        "invalid_request",
        Some(r#"Invalid "code_verifier""#),
    );
    // A public client without PKCE would need the secret that it does not have.
    refused(&exchange(&world, &code, &[("code_verifier", "")]).await, 401, "invalid_client", None);
}

#[tokio::test]
async fn a_custom_scheme_without_pkce_gets_a_code_that_is_worth_nothing() {
    let world = world().await;
    let deep = [("redirect_uri", DEEP), ("code_challenge", ""), ("code_challenge_method", "")];
    let code = code(&world, &deep, "haneul").await;
    let heard = exchange(&world, &code, &[("redirect_uri", DEEP), ("code_verifier", "")]).await;
    refused(&heard, 400, "invalid_request", Some(r#"Invalid "redirect_uri" in request."#));
}

#[tokio::test]
async fn the_redirect_uri_of_the_exchange_is_that_of_the_request() {
    let world = world().await;
    let code = code(&world, &[], "haneul").await;
    for other in ["http://127.0.0.1:42150/callback/discord", ""] {
        let heard = exchange(&world, &code, &[("redirect_uri", other)]).await;
        refused(&heard, 400, "invalid_request", Some(r#"Invalid "redirect_uri" in request."#));
    }
}

#[tokio::test]
async fn a_code_is_good_once_for_its_client_and_not_for_long() {
    let world = world().await;
    let bad_code = Some(r#"Invalid "code" in request."#);
    refused(&exchange(&world, "unknown", &[]).await, 400, "invalid_grant", bad_code);

    let once = code(&world, &[], "haneul").await;
    let confidential =
        [("client_id", clients::DISCORD_CONFIDENTIAL), ("client_secret", clients::DISCORD_SECRET)];
    refused(&exchange(&world, &once, &confidential).await, 400, "invalid_grant", bad_code);
    assert_eq!(exchange(&world, &once, &[]).await.status, StatusCode::OK);
    refused(&exchange(&world, &once, &[]).await, 400, "invalid_grant", bad_code);

    let late = code(&world, &[], "haneul").await;
    world.demo.advance_clock(101);
    refused(&exchange(&world, &late, &[]).await, 400, "invalid_grant", bad_code);
}

#[tokio::test]
async fn the_secret_is_needed_where_the_client_is_not_public_and_only_there() {
    let world = world().await;
    let id = clients::DISCORD_CONFIDENTIAL;
    let code = code(&world, &[("client_id", id)], "haneul").await;
    refused(&exchange(&world, &code, &[("client_id", id)]).await, 401, "invalid_client", None);
    let wrong = [("client_id", id), ("client_secret", "wrong")];
    refused(&exchange(&world, &code, &wrong).await, 401, "invalid_client", None);
    refused(
        &exchange(&world, &code, &[("client_id", "nobody")]).await,
        401,
        "invalid_client",
        None,
    );

    let form = with(EXCHANGE, &[("client_id", ""), ("code", &code)]);
    let basic =
        world.http.post(world.url(TOKEN)).basic_auth(id, Some(clients::DISCORD_SECRET)).form(&form);
    assert_eq!(
        heard(basic.send().await.unwrap()).await.status,
        StatusCode::OK,
        "Basic is as good as the body"
    );

    // A public client that sends a secret anyway sends one that does not exist.
    let code = self::code(&world, &[], "haneul").await;
    refused(
        &exchange(&world, &code, &[("client_secret", "any")]).await,
        401,
        "invalid_client",
        None,
    );
    assert!(world.demo.ledger().client_secrets.contains("any"));
}

#[tokio::test]
async fn the_token_endpoint_takes_forms_only_and_two_grants() {
    let world = world().await;
    let code = code(&world, &[], "haneul").await;
    let body = json!({ "grant_type": "authorization_code", "client_id": clients::DISCORD, "code": code,
        "redirect_uri": LOOPBACK, "code_verifier": VERIFIER });
    let sent = world.http.post(world.url(TOKEN)).json(&body).send().await.unwrap();
    refused(
        &heard(sent).await,
        400,
        "unsupported_grant_type",
        Some("Grant type None is not supported"),
    );
    let heard = exchange(&world, &code, &[("grant_type", "password")]).await;
    refused(&heard, 400, "unsupported_grant_type", Some("Grant type password is not supported"));
}

#[tokio::test]
async fn a_refresh_token_dies_at_once_by_default() {
    let world = world().await;
    let first = tokens(&world, "haneul").await;
    let old = first["refresh_token"].as_str().unwrap();
    let second = refresh(&world, old).await.body;
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_eq!(second["scope"], "identify email");
    refused(
        &refresh(&world, old).await,
        400,
        "invalid_grant",
        Some(r#"Invalid "refresh_token" in request"#),
    );
    let newer = second["refresh_token"].as_str().unwrap();
    assert_eq!(refresh(&world, newer).await.status, StatusCode::OK);
    assert_eq!(world.demo.ledger().grants["discord"].refresh_token, 2);
}

#[tokio::test]
async fn the_old_refresh_token_can_live_until_the_new_one_is_used() {
    let world = world().await;
    world.demo.set_rotation("discord", Rotation::OnUse);
    let old = tokens(&world, "haneul").await["refresh_token"].as_str().unwrap().to_owned();
    let lost = refresh(&world, &old).await;
    assert_eq!(lost.status, StatusCode::OK, "this answer is lost");
    let kept = refresh(&world, &old).await.body["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(refresh(&world, &kept).await.status, StatusCode::OK);
    refused(
        &refresh(&world, &old).await,
        400,
        "invalid_grant",
        Some(r#"Invalid "refresh_token" in request"#),
    );
}

#[tokio::test]
async fn of_many_refreshes_at_once_one_wins() {
    let world = world().await;
    let old = tokens(&world, "haneul").await["refresh_token"].as_str().unwrap().to_owned();
    let tries = (0..8).map(|_| refresh(&world, &old));
    let mut won = 0;
    for heard in futures_of(tries).await {
        won += usize::from(heard.status == StatusCode::OK);
    }
    assert_eq!((won, world.demo.ledger().grants["discord"].refresh_token), (1, 1));
}

/// All at once, without a library for it.
async fn futures_of<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut futures: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        for (future, done) in futures.iter_mut().filter(|(_, done)| done.is_none()) {
            if let std::task::Poll::Ready(value) = future.as_mut().poll(context) {
                *done = Some(value);
            }
        }
        if futures.iter().all(|(_, done)| done.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    futures.into_iter().filter_map(|(_, done)| done).collect()
}

#[tokio::test]
async fn revoking_any_token_ends_all_of_the_users_tokens() {
    let world = world().await;
    let (one, two) = (tokens(&world, "haneul").await, tokens(&world, "haneul").await);
    let other = tokens(&world, "no-email").await;
    let revoke = "/discord/api/oauth2/token/revoke";
    let form = [("client_id", clients::DISCORD), ("token", one["refresh_token"].as_str().unwrap())];
    assert_eq!(world.post(revoke, &form).await.status, StatusCode::OK);

    let dead = world.read(ME, two["access_token"].as_str().unwrap()).await;
    assert_eq!(
        (dead.status, dead.body),
        (StatusCode::UNAUTHORIZED, json!({ "message": "401: Unauthorized", "code": 0 }))
    );
    let dead = refresh(&world, two["refresh_token"].as_str().unwrap()).await;
    refused(&dead, 400, "invalid_grant", Some(r#"Invalid "refresh_token" in request"#));
    assert_eq!(
        world.read(ME, other["access_token"].as_str().unwrap()).await.status,
        StatusCode::OK
    );

    assert_eq!(
        world.post(revoke, &form).await.status,
        StatusCode::OK,
        "a token that is gone is gone"
    );
    let nobody = [("client_id", "nobody"), ("token", "x")];
    refused(&world.post(revoke, &nobody).await, 401, "invalid_client", None);
    let json =
        world.http.post(world.url(revoke)).json(&json!({ "token": "x" })).send().await.unwrap();
    assert_eq!(heard(json).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_bearer_must_be_known_running_and_for_identify() {
    let world = world().await;
    let unauthorized = json!({ "message": "401: Unauthorized", "code": 0 });
    assert_eq!(world.read(ME, "unknown").await.body, unauthorized);
    assert_eq!(world.json(ME).await, unauthorized);

    let code = code(&world, &[("scope", "email")], "haneul").await;
    let email_only = exchange(&world, &code, &[]).await.body;
    assert_eq!(
        world.read(ME, email_only["access_token"].as_str().unwrap()).await.body,
        unauthorized
    );

    let access = tokens(&world, "haneul").await["access_token"].as_str().unwrap().to_owned();
    world.demo.advance_clock(604_801);
    assert_eq!(world.read(ME, &access).await.body, unauthorized);
}

#[tokio::test]
async fn profiles_have_the_documented_nulls() {
    let world = world().await;
    let me = async |person: &str| {
        let access = tokens(&world, person).await["access_token"].as_str().unwrap().to_owned();
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
    let code = code(&world, &[("scope", "identify")], "haneul").await;
    let heard = exchange(&world, &code, &[]).await.body;
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
    let code =
        code(&world, &[("scope", "openid identify email"), ("nonce", "n-1")], "haneul").await;
    let heard = exchange(&world, &code, &[]).await.body;
    let jwks = world.json("/discord/api/oauth2/keys").await;
    let claims = common::verified(&jwks, heard["id_token"].as_str().unwrap(), clients::DISCORD);
    assert_eq!((&claims["iss"], &claims["nonce"]), (&json!("https://discord.com"), &json!("n-1")));
    let userinfo = world
        .read("/discord/api/oauth2/userinfo", heard["access_token"].as_str().unwrap())
        .await
        .body;
    assert_eq!(userinfo["sub"], claims["sub"]);
    let metadata = world.json("/discord/.well-known/oauth-authorization-server").await;
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
}

#[tokio::test]
async fn a_bot_is_added_without_a_callback_or_with_a_guild() {
    let world = world().await;
    let alone = [("client_id", clients::DISCORD), ("scope", "bot"), ("permissions", "8")];
    assert_eq!(world.get(AUTHORIZE, &alone).await.status(), StatusCode::OK);
    let changes = [("scope", "identify bot"), ("permissions", "0")];
    let answer = params(&world.decide(AUTHORIZE, &with(ASK, &changes), "haneul", "allow").await);
    assert!(answer.contains_key("guild_id") && answer["permissions"] == "0");
    let heard = exchange(&world, &answer["code"], &[]).await.body;
    assert_eq!(heard["guild"]["id"], answer["guild_id"]);
}

#[tokio::test]
async fn iss_is_sent_only_where_a_test_wants_it() {
    let world = world().await;
    world.demo.set_faults("discord", [Fault::IssSent]);
    for decision in ["allow", "deny"] {
        let answer = params(&world.decide(AUTHORIZE, ASK, "haneul", decision).await);
        assert_eq!(answer["iss"], "https://discord.com");
    }
}
