//! The generic issuer: happy path, and every refusal met by a client that is wrong on purpose.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod common;

use common::apps::OIDC;
use common::{Heard, VERIFIER, heard, location, params, text, verified, with, world};
use demo_provider::{Fault, Rotation, clients};
use reqwest::StatusCode;
use serde_json::json;

const USERINFO: &str = "/oidc/userinfo";

fn refused(heard: &Heard, status: u16, error: &str) {
    assert_eq!(
        (heard.status.as_u16(), text(&heard.body, "error")),
        (status, error),
        "{}",
        heard.text
    );
}

#[tokio::test]
async fn a_person_signs_in_by_what_discovery_says() {
    let world = world().await;
    let document = world.json("/oidc/.well-known/openid-configuration").await;
    let issuer = format!("{}/oidc", world.demo.base());
    assert_eq!(text(&document, "issuer"), issuer);
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);

    let answer = params(&world.decide(OIDC.authorize, OIDC.ask, "haneul", "allow").await);
    assert_eq!((answer["iss"].as_str(), answer["state"].as_str()), (issuer.as_str(), "st"));
    let body = OIDC.exchange(&world, &answer["code"], &[]).await.body;
    let claims = verified(&world.json("/oidc/jwks").await, text(&body, "id_token"), clients::OIDC);
    assert_eq!((text(&claims, "iss"), text(&claims, "nonce")), (issuer.as_str(), "n-1"));
    assert!(claims["auth_time"].is_i64() && claims["at_hash"].is_string());

    let info = world.read(USERINFO, text(&body, "access_token")).await.body;
    assert_eq!(info["sub"], claims["sub"]);
    assert_eq!(
        (text(&info, "nickname"), text(&info, "birthdate"), text(&info, "gender")),
        ("하늘", "1997-03-14", "female")
    );
    assert_eq!(
        (text(&info, "email"), &info["email_verified"]),
        ("haneul@example.com", &json!(true))
    );
    assert_eq!(text(&info, "phone_number"), "+821012345678");
    let picture = text(&info, "picture").strip_prefix(world.demo.base()).unwrap();
    assert_eq!(world.get(picture, &[]).await.headers()["content-type"], "image/webp");
}

#[tokio::test]
async fn absent_claims_are_absent_and_scopes_limit_them() {
    let world = world().await;
    let body = OIDC.tokens(&world, &[("scope", "openid profile email")], "no-nickname").await;
    let info = world.read(USERINFO, text(&body, "access_token")).await.body;
    assert!(info.get("nickname").is_none() && info.get("gender").is_none());
    assert_eq!((text(&info, "birthdate"), text(&info, "preferred_username")), ("1988", "sol.park"));
    assert!(body.get("refresh_token").is_none(), "only with offline_access");
    let body = OIDC.tokens(&world, &[("scope", "openid profile")], "no-avatar").await;
    let info = world.read(USERINFO, text(&body, "access_token")).await.body;
    assert!(info.get("picture").is_none() && info.get("email").is_none());
    assert_eq!(text(&info, "birthdate"), "0000-11-02");
    let body = OIDC.tokens(&world, &[("scope", "profile")], "haneul").await;
    assert!(body.get("id_token").is_none());
    refused(&world.read(USERINFO, text(&body, "access_token")).await, 403, "insufficient_scope");
}

#[tokio::test]
async fn deep_links_and_a_confidential_client_work_too() {
    let world = world().await;
    let deep = ("redirect_uri", "app.nameplate.desktop.dev:/callback/company");
    let once = OIDC.code(&world, &[deep], "haneul").await;
    assert_eq!(OIDC.exchange(&world, &once, &[deep]).await.status, StatusCode::OK);

    let id = ("client_id", clients::OIDC_CONFIDENTIAL);
    let code = OIDC.code(&world, &[id], "haneul").await;
    refused(&OIDC.exchange(&world, &code, &[id]).await, 401, "invalid_client");
    refused(
        &OIDC.exchange(&world, &code, &[id, ("client_secret", "wrong")]).await,
        401,
        "invalid_client",
    );
    let form = with(OIDC.exchange, &[("client_id", ""), ("code", &code)]);
    let post = |secret| {
        world.http.post(world.url(OIDC.token)).basic_auth(id.1, Some(secret)).form(&form).send()
    };
    let wrong = post("wrong").await.unwrap();
    assert_eq!(wrong.headers()["www-authenticate"], "Basic");
    refused(&heard(wrong).await, 401, "invalid_client");
    assert_eq!(post(clients::OIDC_SECRET).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_denial_names_the_issuer() {
    let world = world().await;
    let answer = params(&world.decide(OIDC.authorize, OIDC.ask, "haneul", "deny").await);
    assert_eq!((answer["error"].as_str(), answer["state"].as_str()), ("access_denied", "st"));
    assert_eq!(answer["iss"], format!("{}/oidc", world.demo.base()));
}

#[tokio::test]
async fn a_client_or_redirect_uri_that_is_not_registered_stays_on_the_page() {
    let world = world().await;
    for (changes, code) in [
        (("client_id", "nobody"), "unauthorized_client"),
        (("redirect_uri", "https://evil.example/"), "invalid_request"),
        (("redirect_uri", "app.nameplate.desktop.dev:///callback/company"), "invalid_request"),
        (("redirect_uri", "http://127.0.0.1:5000/#fragment"), "invalid_request"),
        (("redirect_uri", ""), "invalid_request"),
    ] {
        let (status, page) = world.page(OIDC.authorize, &with(OIDC.ask, &[changes])).await;
        assert!(status == StatusCode::BAD_REQUEST && page.contains(code), "{changes:?}: {page}");
    }
}

#[tokio::test]
async fn a_wrong_request_comes_back_as_an_error_with_iss() {
    let world = world().await;
    for (changes, error) in [
        (("response_type", "id_token"), "unsupported_response_type"),
        (("response_type", ""), "invalid_request"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("request", "e30.e30."), "request_not_supported"),
        (("prompt", "none"), "login_required"),
    ] {
        let answer =
            params(&location(&world.get(OIDC.authorize, &with(OIDC.ask, &[changes])).await));
        assert_eq!(answer["error"], error, "{changes:?}");
        assert!(answer["iss"].ends_with("/oidc") && answer["state"] == "st");
    }
    let twice = [OIDC.ask, &[("scope", "openid")]].concat();
    assert_eq!(
        params(&location(&world.get(OIDC.authorize, &twice).await))["error"],
        "invalid_request"
    );
}

#[tokio::test]
async fn codes_verifiers_and_redirect_uris_are_checked() {
    let world = world().await;
    refused(&OIDC.exchange(&world, "x", &[]).await, 400, "invalid_grant");
    refused(&OIDC.exchange(&world, "", &[]).await, 400, "invalid_request");
    refused(
        &OIDC.exchange(&world, "x", &[("grant_type", "password")]).await,
        400,
        "unsupported_grant_type",
    );
    refused(&OIDC.exchange(&world, "x", &[("grant_type", "")]).await, 400, "invalid_request");
    refused(&OIDC.exchange(&world, "x", &[("client_id", "nobody")]).await, 401, "invalid_client");
    refused(&OIDC.exchange(&world, "x", &[("client_secret", "any")]).await, 401, "invalid_client");
    let twice = [OIDC.exchange, &[("code", "x"), ("code", "y")]].concat();
    refused(&world.post(OIDC.token, &twice).await, 400, "invalid_request");
    let json = world.http.post(world.url(OIDC.token)).json(&json!({})).send().await.unwrap();
    refused(&heard(json).await, 400, "invalid_request");

    let once = OIDC.code(&world, &[], "haneul").await;
    for wrong in ["", "too-short", &VERIFIER.replace('d', "e")] {
        refused(
            &OIDC.exchange(&world, &once, &[("code_verifier", wrong)]).await,
            400,
            "invalid_grant",
        );
    }
    refused(
        &OIDC.exchange(&world, &once, &[("redirect_uri", "http://127.0.0.1:1/callback")]).await,
        400,
        "invalid_grant",
    );
    let confidential =
        [("client_id", clients::OIDC_CONFIDENTIAL), ("client_secret", clients::OIDC_SECRET)];
    refused(&OIDC.exchange(&world, &once, &confidential).await, 400, "invalid_grant");
    let unasked = [confidential[0], ("code_challenge", ""), ("code_challenge_method", "")];
    let unasked = OIDC.code(&world, &unasked, "haneul").await;
    refused(&OIDC.exchange(&world, &unasked, &confidential).await, 400, "invalid_grant");

    let late = OIDC.code(&world, &[], "haneul").await;
    world.demo.advance_clock(61);
    refused(&OIDC.exchange(&world, &late, &[]).await, 400, "invalid_grant");
}

#[tokio::test]
async fn a_code_that_comes_twice_ends_what_it_brought() {
    let world = world().await;
    let code = OIDC.code(&world, &[], "haneul").await;
    let body = OIDC.exchange(&world, &code, &[]).await.body;
    refused(&OIDC.exchange(&world, &code, &[]).await, 400, "invalid_grant");
    refused(&world.read(USERINFO, text(&body, "access_token")).await, 401, "invalid_token");
    refused(&OIDC.refresh(&world, text(&body, "refresh_token"), &[]).await, 400, "invalid_grant");
}

#[tokio::test]
async fn refresh_tokens_rotate_in_three_ways() {
    let world = world().await;
    for (rotation, old_is_good, brings_new) in [
        (Rotation::AtOnce, false, true),
        (Rotation::OnUse, true, true),
        (Rotation::Keep, true, false),
    ] {
        world.demo.set_rotation("oidc", rotation);
        let body = OIDC.tokens(&world, &[("scope", "openid offline_access")], "haneul").await;
        let old = text(&body, "refresh_token");
        let next = OIDC.refresh(&world, old, &[]).await.body;
        assert_eq!(next["refresh_token"].is_string(), brings_new, "{rotation:?}");
        assert!(next["id_token"].is_string());
        assert_eq!(
            OIDC.refresh(&world, old, &[]).await.status == StatusCode::OK,
            old_is_good,
            "{rotation:?}"
        );
    }
    let form = [("grant_type", "refresh_token"), ("client_id", clients::OIDC)];
    refused(&world.post(OIDC.token, &form).await, 400, "invalid_request");
}

/// OpenID Connect Core, section 11.
#[tokio::test]
async fn offline_access_wants_the_persons_consent() {
    let world = world().await;
    let ask = [("scope", "openid offline_access"), ("prompt", "login")];
    let body = OIDC.tokens(&world, &ask, "haneul").await;
    assert_eq!((&body["refresh_token"], &body["scope"]), (&json!(null), &json!("openid")));
    let both = [("scope", "openid offline_access"), ("prompt", "select_account consent")];
    assert!(OIDC.tokens(&world, &both, "haneul").await["refresh_token"].is_string());
    world.demo.set_faults("oidc", [Fault::OfflineAccessRefused]);
    let refusal = location(&world.get(OIDC.authorize, &with(OIDC.ask, &ask)).await);
    assert_eq!(params(&refusal)["error"], "invalid_request");
}

#[tokio::test]
async fn revoking_may_end_one_token_alone_or_none() {
    let world = world().await;
    let revoke = async |token: &str| {
        world.post("/oidc/revoke", &[("client_id", clients::OIDC), ("token", token)]).await
    };
    world.demo.set_faults("oidc", [Fault::RevokeOneToken]);
    let body = OIDC.tokens(&world, &[("scope", "openid offline_access")], "haneul").await;
    let [access, refresh] = ["access_token", "refresh_token"].map(|name| text(&body, name));
    assert_eq!(revoke(refresh).await.status, StatusCode::OK);
    refused(&OIDC.refresh(&world, refresh, &[]).await, 400, "invalid_grant");
    assert_eq!(world.read(USERINFO, access).await.status, StatusCode::OK);
    world.demo.set_faults("oidc", [Fault::RevokeNoAccessToken]);
    refused(&revoke(access).await, 400, "unsupported_token_type");
    world.demo.set_faults("oidc", [Fault::RevokeAccess503]);
    assert_eq!(revoke(access).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(revoke(refresh).await.status, StatusCode::OK);
    world.demo.set_faults("oidc", [Fault::Revoke401]);
    refused(&revoke(access).await, 401, "invalid_client");
}

#[tokio::test]
async fn metadata_may_stand_at_the_address_of_rfc_8414() {
    let world = world().await;
    let openid = "/oidc/.well-known/openid-configuration";
    let oauth = "/.well-known/oauth-authorization-server/oidc";
    let whole = world.json(openid).await;
    assert_eq!(world.get(oauth, &[]).await.status(), StatusCode::NOT_FOUND);
    world.demo.set_faults("oidc", [Fault::MetadataMoved]);
    assert_eq!(world.get(openid, &[]).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(world.json(oauth).await, whole);
    world.demo.set_faults("oidc", [Fault::RevocationElsewhere]);
    assert!(world.json(openid).await.get("revocation_endpoint").is_none());
    assert_eq!(world.json(oauth).await, whole);
    world.demo.set_faults("oidc", [Fault::RevocationNowhere]);
    assert!(world.json(openid).await.get("revocation_endpoint").is_none());
}

#[tokio::test]
async fn revoking_ends_the_grant_and_no_other() {
    let world = world().await;
    let one = OIDC.tokens(&world, &[("scope", "openid offline_access")], "haneul").await;
    let two = OIDC.tokens(&world, &[("scope", "openid offline_access")], "haneul").await;
    let form = [("client_id", clients::OIDC), ("token", text(&one, "refresh_token"))];
    assert_eq!(world.post("/oidc/revoke", &form).await.status, StatusCode::OK);
    assert_eq!(world.post("/oidc/revoke", &form).await.status, StatusCode::OK, "unknown is fine");
    refused(&world.read(USERINFO, text(&one, "access_token")).await, 401, "invalid_token");
    assert_eq!(world.read(USERINFO, text(&two, "access_token")).await.status, StatusCode::OK);
    refused(&world.post("/oidc/revoke", &[("token", "x")]).await, 401, "invalid_client");
}

#[tokio::test]
async fn userinfo_wants_a_running_bearer_in_the_header() {
    let world = world().await;
    let body = OIDC.tokens(&world, &[("scope", "openid")], "haneul").await;
    let access = text(&body, "access_token");
    let in_query = world.get(USERINFO, &[("access_token", access)]).await;
    assert_eq!(in_query.headers()["www-authenticate"], r#"Bearer error="invalid_token""#);
    refused(&heard(in_query).await, 401, "invalid_token");
    refused(&world.post(USERINFO, &[("access_token", access)]).await, 401, "invalid_token");
    assert_eq!(world.read(USERINFO, access).await.status, StatusCode::OK);
    world.demo.advance_clock(3601);
    refused(&world.read(USERINFO, access).await, 401, "invalid_token");
}
