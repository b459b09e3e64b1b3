//! The token and revocation endpoints.

use crate::common::apps::DISCORD;
use crate::common::{VERIFIER, heard, with, world};
use crate::{DEEP, LOOPBACK, ME, refused};
use demo_provider::{Rotation, clients};
use reqwest::StatusCode;
use serde_json::json;

#[tokio::test]
async fn a_verifier_must_be_there_long_enough_and_fit() {
    let world = world().await;
    let code = DISCORD.code(&world, &[], "haneul").await;
    let missing = DISCORD.exchange(&world, &code, &[("code_verifier", "")]).await;
    refused(&missing, 400, "invalid_request", Some(r#"Missing "code_verifier""#));
    for wrong in
        ["too-short", &VERIFIER[..42], &VERIFIER.replace('d', "e"), &format!("{VERIFIER} ")]
    {
        let heard = DISCORD.exchange(&world, &code, &[("code_verifier", wrong)]).await;
        refused(&heard, 400, "invalid_request", Some(r#"Invalid "code_verifier""#));
    }
    assert_eq!(
        DISCORD.exchange(&world, &code, &[]).await.status,
        StatusCode::OK,
        "a refusal does not spend the code"
    );
}

#[tokio::test]
async fn a_verifier_that_was_never_announced_is_refused() {
    let world = world().await;
    let code = DISCORD
        .code(&world, &[("code_challenge", ""), ("code_challenge_method", "")], "haneul")
        .await;
    refused(
        &DISCORD.exchange(&world, &code, &[]).await,
        400,
        "invalid_request",
        Some(r#"Invalid "code_verifier""#),
    );
    // A public client without PKCE would need the secret that it does not have.
    refused(
        &DISCORD.exchange(&world, &code, &[("code_verifier", "")]).await,
        401,
        "invalid_client",
        None,
    );
}

#[tokio::test]
async fn a_custom_scheme_without_pkce_gets_a_code_that_is_worth_nothing() {
    let world = world().await;
    let deep = [("redirect_uri", DEEP), ("code_challenge", ""), ("code_challenge_method", "")];
    let code = DISCORD.code(&world, &deep, "haneul").await;
    let heard =
        DISCORD.exchange(&world, &code, &[("redirect_uri", DEEP), ("code_verifier", "")]).await;
    refused(&heard, 400, "invalid_request", Some(r#"Invalid "redirect_uri" in request."#));
}

#[tokio::test]
async fn the_redirect_uri_of_the_exchange_is_that_of_the_request() {
    let world = world().await;
    let code = DISCORD.code(&world, &[], "haneul").await;
    for other in ["http://127.0.0.1:42150/callback/discord", ""] {
        let heard = DISCORD.exchange(&world, &code, &[("redirect_uri", other)]).await;
        refused(&heard, 400, "invalid_request", Some(r#"Invalid "redirect_uri" in request."#));
    }
}

#[tokio::test]
async fn a_code_is_good_once_for_its_client_and_not_for_long() {
    let world = world().await;
    let bad_code = Some(r#"Invalid "code" in request."#);
    refused(&DISCORD.exchange(&world, "unknown", &[]).await, 400, "invalid_grant", bad_code);

    let once = DISCORD.code(&world, &[], "haneul").await;
    let confidential =
        [("client_id", clients::DISCORD_CONFIDENTIAL), ("client_secret", clients::DISCORD_SECRET)];
    refused(&DISCORD.exchange(&world, &once, &confidential).await, 400, "invalid_grant", bad_code);
    assert_eq!(DISCORD.exchange(&world, &once, &[]).await.status, StatusCode::OK);
    refused(&DISCORD.exchange(&world, &once, &[]).await, 400, "invalid_grant", bad_code);

    let late = DISCORD.code(&world, &[], "haneul").await;
    world.demo.advance_clock(101);
    refused(&DISCORD.exchange(&world, &late, &[]).await, 400, "invalid_grant", bad_code);
}

#[tokio::test]
async fn the_secret_is_needed_where_the_client_is_not_public_and_only_there() {
    let world = world().await;
    let id = clients::DISCORD_CONFIDENTIAL;
    let code = DISCORD.code(&world, &[("client_id", id)], "haneul").await;
    refused(
        &DISCORD.exchange(&world, &code, &[("client_id", id)]).await,
        401,
        "invalid_client",
        None,
    );
    let wrong = [("client_id", id), ("client_secret", "wrong")];
    refused(&DISCORD.exchange(&world, &code, &wrong).await, 401, "invalid_client", None);
    refused(
        &DISCORD.exchange(&world, &code, &[("client_id", "nobody")]).await,
        401,
        "invalid_client",
        None,
    );

    let form = with(DISCORD.exchange, &[("client_id", ""), ("code", &code)]);
    let basic = world
        .http
        .post(world.url(DISCORD.token))
        .basic_auth(id, Some(clients::DISCORD_SECRET))
        .form(&form);
    assert_eq!(
        heard(basic.send().await.unwrap()).await.status,
        StatusCode::OK,
        "Basic is as good as the body"
    );

    // A public client that sends a secret anyway sends one that does not exist.
    let code = self::DISCORD.code(&world, &[], "haneul").await;
    refused(
        &DISCORD.exchange(&world, &code, &[("client_secret", "any")]).await,
        401,
        "invalid_client",
        None,
    );
    assert!(world.demo.ledger().client_secrets.contains("any"));
}

#[tokio::test]
async fn the_token_endpoint_takes_forms_only_and_two_grants() {
    let world = world().await;
    let code = DISCORD.code(&world, &[], "haneul").await;
    let body = json!({ "grant_type": "authorization_code", "client_id": clients::DISCORD, "code": code,
        "redirect_uri": LOOPBACK, "code_verifier": VERIFIER });
    let sent = world.http.post(world.url(DISCORD.token)).json(&body).send().await.unwrap();
    refused(
        &heard(sent).await,
        400,
        "unsupported_grant_type",
        Some("Grant type None is not supported"),
    );
    let heard = DISCORD.exchange(&world, &code, &[("grant_type", "password")]).await;
    refused(&heard, 400, "unsupported_grant_type", Some("Grant type password is not supported"));
}

#[tokio::test]
async fn a_refresh_token_dies_at_once_by_default() {
    let world = world().await;
    let first = DISCORD.tokens(&world, &[], "haneul").await;
    let old = first["refresh_token"].as_str().unwrap();
    let second = DISCORD.refresh(&world, old, &[]).await.body;
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_eq!(second["scope"], "identify email");
    refused(
        &DISCORD.refresh(&world, old, &[]).await,
        400,
        "invalid_grant",
        Some(r#"Invalid "refresh_token" in request"#),
    );
    let newer = second["refresh_token"].as_str().unwrap();
    assert_eq!(DISCORD.refresh(&world, newer, &[]).await.status, StatusCode::OK);
    assert_eq!(world.demo.ledger().grants["discord"].refresh_token, 2);
}

#[tokio::test]
async fn the_old_refresh_token_can_live_until_the_new_one_is_used() {
    let world = world().await;
    world.demo.set_rotation("discord", Rotation::OnUse);
    let old =
        DISCORD.tokens(&world, &[], "haneul").await["refresh_token"].as_str().unwrap().to_owned();
    let lost = DISCORD.refresh(&world, &old, &[]).await;
    assert_eq!(lost.status, StatusCode::OK, "this answer is lost");
    let kept =
        DISCORD.refresh(&world, &old, &[]).await.body["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(DISCORD.refresh(&world, &kept, &[]).await.status, StatusCode::OK);
    refused(
        &DISCORD.refresh(&world, &old, &[]).await,
        400,
        "invalid_grant",
        Some(r#"Invalid "refresh_token" in request"#),
    );
}

#[tokio::test]
async fn of_many_refreshes_at_once_one_wins() {
    let world = world().await;
    let old =
        DISCORD.tokens(&world, &[], "haneul").await["refresh_token"].as_str().unwrap().to_owned();
    let tries = (0..8).map(|_| DISCORD.refresh(&world, &old, &[]));
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
    let (one, two) =
        (DISCORD.tokens(&world, &[], "haneul").await, DISCORD.tokens(&world, &[], "haneul").await);
    let other = DISCORD.tokens(&world, &[], "no-email").await;
    let revoke = "/discord/api/oauth2/token/revoke";
    let form = [("client_id", clients::DISCORD), ("token", one["refresh_token"].as_str().unwrap())];
    assert_eq!(world.post(revoke, &form).await.status, StatusCode::OK);

    let dead = world.read(ME, two["access_token"].as_str().unwrap()).await;
    assert_eq!(
        (dead.status, dead.body),
        (StatusCode::UNAUTHORIZED, json!({ "message": "401: Unauthorized", "code": 0 }))
    );
    let dead = DISCORD.refresh(&world, two["refresh_token"].as_str().unwrap(), &[]).await;
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
async fn refreshing_authenticates_the_client_and_minds_whose_token_it_is() {
    let world = world().await;
    let public = DISCORD.tokens(&world, &[], "haneul").await;
    let id = clients::DISCORD_CONFIDENTIAL;
    let token = public["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("client_id", id), ("refresh_token", token)];
    refused(&world.post(DISCORD.token, &form).await, 401, "invalid_client", None);
    let with_secret = with(&form, &[("client_secret", clients::DISCORD_SECRET)]);
    let description = Some(r#"Invalid "refresh_token" in request"#);
    refused(&world.post(DISCORD.token, &with_secret).await, 400, "invalid_grant", description);
    world.demo.advance_clock(366 * 86_400);
    refused(&DISCORD.refresh(&world, token, &[]).await, 400, "invalid_grant", description);
}
