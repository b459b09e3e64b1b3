//! Google: happy paths, and every refusal met by a client that is wrong on purpose.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod common;

use common::apps::GOOGLE;
use common::{Heard, VERIFIER, params, text, verified, with, world};
use demo_provider::{Fault, Rotation, clients};
use reqwest::StatusCode;
use serde_json::{Value, json};

const USERINFO: &str = "/google/v1/userinfo";
const PEOPLE: &str =
    "/google/v1/people/me?personFields=photos,birthdays,genders,phoneNumbers,names,nicknames";
const EXTRAS: &str = "openid email profile https://www.googleapis.com/auth/user.birthday.read \
    https://www.googleapis.com/auth/user.gender.read https://www.googleapis.com/auth/user.phonenumbers.read";
const BIRTHDAY: &str = "https://www.googleapis.com/auth/user.birthday.read";

fn refused(heard: &Heard, status: u16, error: &str, description: &str) {
    assert_eq!(heard.status.as_u16(), status, "{}", heard.text);
    assert_eq!(heard.body, json!({ "error": error, "error_description": description }));
}

#[tokio::test]
async fn a_person_signs_in_on_any_port_and_path() {
    let world = world().await;
    let answer = params(&world.decide(GOOGLE.authorize, GOOGLE.ask, "no-avatar", "allow").await);
    assert_eq!(answer["iss"], "https://accounts.google.com");
    assert_eq!(
        (answer["authuser"].as_str(), answer["prompt"].as_str(), answer["hd"].as_str()),
        ("0", "consent", "example.com")
    );
    assert!(answer["code"].starts_with("4/0A"), "a code with a slash in it");
    assert!(answer["scope"].contains("https://www.googleapis.com/auth/userinfo.email"));

    let body = GOOGLE.exchange(&world, &answer["code"], &[]).await.body;
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(3599)));
    assert!(text(&body, "refresh_token").starts_with("1//"));
    let jwks = world.json("/google/oauth2/v3/certs").await;
    let claims = verified(&jwks, text(&body, "id_token"), clients::GOOGLE);
    assert_eq!(
        (text(&claims, "iss"), text(&claims, "azp"), text(&claims, "nonce")),
        ("https://accounts.google.com", clients::GOOGLE, "n-1")
    );
    assert!(claims["at_hash"].is_string());
    assert_eq!((text(&claims, "email"), text(&claims, "hd")), ("mira@example.com", "example.com"));

    let info = world.read(USERINFO, text(&body, "access_token")).await.body;
    assert_eq!(info["sub"], claims["sub"]);
    assert_eq!(
        (text(&info, "name"), text(&info, "given_name"), text(&info, "family_name")),
        ("Mira Novak", "Mira", "Novak")
    );
    assert!(info.get("picture").is_none(), "who has no picture has no such claim");
}

#[tokio::test]
async fn a_gmail_address_a_picture_and_an_empty_name() {
    let world = world().await;
    let body = GOOGLE.tokens(&world, &[("scope", "openid email profile")], "haneul").await;
    let info = world.read(USERINFO, text(&body, "access_token")).await.body;
    assert_eq!((text(&info, "email"), &info["email_verified"]), ("haneul@gmail.com", &json!(true)));
    let picture = text(&info, "picture").strip_prefix(world.demo.base()).unwrap().to_owned();
    assert_eq!(world.get(&picture, &[]).await.headers()["content-type"], "image/png");

    let body = GOOGLE.tokens(&world, &[("scope", "openid email profile")], "no-nickname").await;
    let info = world.read(USERINFO, text(&body, "access_token")).await.body;
    assert_eq!(text(&info, "name"), "");

    let body = GOOGLE.tokens(&world, &[("scope", "openid")], "haneul").await;
    let info = world.read(USERINFO, text(&body, "access_token")).await.body;
    assert_eq!(info.as_object().unwrap().len(), 1, "only sub: {info}");
}

#[tokio::test]
async fn a_denial_carries_iss_too() {
    let world = world().await;
    let answer = params(&world.decide(GOOGLE.authorize, GOOGLE.ask, "haneul", "deny").await);
    assert_eq!((answer["error"].as_str(), answer["state"].as_str()), ("access_denied", "st"));
    assert_eq!(answer["iss"], "https://accounts.google.com");
}

#[tokio::test]
async fn a_wrong_request_stays_on_googles_page() {
    let world = world().await;
    for (changes, status, code, words) in [
        (
            ("redirect_uri", "app.nameplate.desktop.dev:/callback/google"),
            400,
            "invalid_request",
            "Custom URI schemes are no longer supported",
        ),
        (
            ("redirect_uri", "http://192.168.0.7:5000/callback"),
            400,
            "redirect_uri_mismatch",
            "does not match",
        ),
        (("redirect_uri", "https://example.com/"), 400, "redirect_uri_mismatch", "does not match"),
        (("redirect_uri", ""), 400, "invalid_request", "redirect_uri"),
        (("client_id", "nobody"), 401, "invalid_client", "The OAuth client was not found."),
        (("response_type", "token"), 400, "invalid_request", "response_type"),
        (("scope", ""), 400, "invalid_request", "scope"),
        (("scope", "openid everything"), 400, "invalid_scope", "invalid"),
        (("code_challenge_method", "S512"), 400, "invalid_request", "code_challenge_method"),
        (("client_secret", clients::GOOGLE_SECRET), 400, "invalid_request", "client_secret"),
    ] {
        let (heard, page) = world.page(GOOGLE.authorize, &with(GOOGLE.ask, &[changes])).await;
        assert_eq!(heard.as_u16(), status, "{changes:?}");
        assert!(page.contains(code) && page.contains(words), "{changes:?}: {page}");
    }
    let twice = [GOOGLE.ask, &[("scope", "openid")]].concat();
    let (status, page) = world.page(GOOGLE.authorize, &twice).await;
    assert!(status == StatusCode::BAD_REQUEST && page.contains("single value"));
    assert_eq!(world.demo.ledger().grants["google"].refusals, 11);
}

#[tokio::test]
async fn the_secret_of_a_desktop_client_is_enforced() {
    let world = world().await;
    let code = GOOGLE.code(&world, &[], "haneul").await;
    let missing = GOOGLE.exchange(&world, &code, &[("client_secret", "")]).await;
    refused(&missing, 400, "invalid_request", "client_secret is missing.");
    refused(
        &GOOGLE.exchange(&world, &code, &[("client_secret", "wrong")]).await,
        401,
        "invalid_client",
        "Unauthorized",
    );
    let nobody = GOOGLE.exchange(&world, &code, &[("client_id", "nobody")]).await;
    refused(&nobody, 401, "invalid_client", "The OAuth client was not found.");
    let nameless = GOOGLE.exchange(&world, &code, &[("client_id", "")]).await;
    refused(&nameless, 400, "invalid_request", "Could not determine client ID from request.");

    let body = GOOGLE.exchange(&world, &code, &[]).await.body;
    let missing =
        GOOGLE.refresh(&world, text(&body, "refresh_token"), &[("client_secret", "")]).await;
    refused(&missing, 400, "invalid_request", "client_secret is missing.");
}

#[tokio::test]
async fn codes_verifiers_and_redirect_uris_are_checked() {
    let world = world().await;
    refused(&GOOGLE.exchange(&world, "x", &[]).await, 400, "invalid_grant", "Malformed auth code.");
    refused(&GOOGLE.exchange(&world, "4/0Ax", &[]).await, 400, "invalid_grant", "Bad Request");
    refused(
        &GOOGLE.exchange(&world, "", &[]).await,
        400,
        "invalid_request",
        "Missing required parameter: code",
    );
    let other = GOOGLE.exchange(&world, "4/0Ax", &[("grant_type", "password")]).await;
    refused(&other, 400, "unsupported_grant_type", "Invalid grant_type: password");
    let none = GOOGLE.exchange(&world, "4/0Ax", &[("grant_type", "")]).await;
    refused(&none, 400, "invalid_request", "Required parameter is missing: grant_type");

    let once = GOOGLE.code(&world, &[], "haneul").await;
    let missing = GOOGLE.exchange(&world, &once, &[("code_verifier", "")]).await;
    refused(&missing, 400, "invalid_grant", "Missing code verifier.");
    for wrong in [&VERIFIER.replace('d', "e"), "too-short"] {
        let heard = GOOGLE.exchange(&world, &once, &[("code_verifier", wrong)]).await;
        refused(&heard, 400, "invalid_grant", "Invalid code verifier.");
    }
    let elsewhere = GOOGLE
        .exchange(&world, &once, &[("redirect_uri", "http://127.0.0.1:49153/callback")])
        .await;
    refused(&elsewhere, 400, "redirect_uri_mismatch", "Bad Request");
    assert_eq!(GOOGLE.exchange(&world, &once, &[]).await.status, StatusCode::OK);
    refused(&GOOGLE.exchange(&world, &once, &[]).await, 400, "invalid_grant", "Bad Request");

    let unasked = GOOGLE
        .code(&world, &[("code_challenge", ""), ("code_challenge_method", "")], "haneul")
        .await;
    let heard = GOOGLE.exchange(&world, &unasked, &[]).await;
    refused(&heard, 400, "invalid_grant", "code_verifier or verifier is not needed.");

    let late = GOOGLE.code(&world, &[], "haneul").await;
    world.demo.advance_clock(601);
    refused(&GOOGLE.exchange(&world, &late, &[]).await, 400, "invalid_grant", "Bad Request");
}

#[tokio::test]
async fn a_challenge_without_a_method_is_plain() {
    let world = world().await;
    let plain = [("code_challenge", VERIFIER), ("code_challenge_method", "")];
    let code = GOOGLE.code(&world, &plain, "haneul").await;
    assert_eq!(GOOGLE.exchange(&world, &code, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn refreshing_keeps_the_old_token_unless_a_test_wants_a_new_one() {
    let world = world().await;
    let first = GOOGLE.tokens(&world, &[("scope", "openid email profile")], "haneul").await;
    let token = text(&first, "refresh_token");
    for _ in 0..2 {
        let heard = GOOGLE.refresh(&world, token, &[]).await;
        assert!(heard.status == StatusCode::OK && heard.body.get("refresh_token").is_none());
        assert!(heard.body["id_token"].is_string());
    }
    world.demo.set_rotation("google", Rotation::AtOnce);
    assert!(GOOGLE.refresh(&world, token, &[]).await.body["refresh_token"].is_string());
    refused(
        &GOOGLE.refresh(&world, token, &[]).await,
        400,
        "invalid_grant",
        "Token has been expired or revoked.",
    );
    let none = GOOGLE.refresh(&world, "", &[]).await;
    refused(&none, 400, "invalid_request", "Missing required parameter: refresh_token");
}

#[tokio::test]
async fn the_hundred_and_first_refresh_token_ends_the_oldest() {
    let world = world().await;
    let first = GOOGLE.tokens(&world, &[("scope", "openid")], "haneul").await;
    let mut second = Value::Null;
    for at in 0..100 {
        let body = GOOGLE.tokens(&world, &[("scope", "openid")], "haneul").await;
        if at == 0 {
            second = body;
        }
    }
    let dead = GOOGLE.refresh(&world, text(&first, "refresh_token"), &[]).await;
    refused(&dead, 400, "invalid_grant", "Token has been expired or revoked.");
    assert_eq!(
        GOOGLE.refresh(&world, text(&second, "refresh_token"), &[]).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn revoking_ends_the_whole_grant() {
    let world = world().await;
    let one = GOOGLE.tokens(&world, &[("scope", "openid email")], "haneul").await;
    let two = GOOGLE.tokens(&world, &[("scope", "openid email")], "haneul").await;
    let path = format!("/google/revoke?token={}", text(&one, "access_token"));
    assert_eq!(world.post(&path, &[]).await.status, StatusCode::OK);
    let dead = GOOGLE.refresh(&world, text(&two, "refresh_token"), &[]).await;
    refused(&dead, 400, "invalid_grant", "Token has been expired or revoked.");
    let heard = world.read(USERINFO, text(&two, "access_token")).await;
    refused(&heard, 401, "invalid_request", "Invalid Credentials");
    refused(&world.post(&path, &[]).await, 400, "invalid_token", "Token expired or revoked");
}

#[tokio::test]
async fn an_access_token_ends_after_an_hour() {
    let world = world().await;
    let body = GOOGLE.tokens(&world, &[("scope", "openid")], "haneul").await;
    world.demo.advance_clock(3600);
    let heard = world.read(USERINFO, text(&body, "access_token")).await;
    refused(&heard, 401, "invalid_request", "Invalid Credentials");
    let heard = world.read(PEOPLE, text(&body, "access_token")).await;
    assert_eq!(
        (heard.status.as_u16(), text(&heard.body["error"], "status")),
        (401, "UNAUTHENTICATED")
    );
}

#[tokio::test]
async fn people_tells_what_was_granted_with_primaries_marked() {
    let world = world().await;
    let body = GOOGLE.tokens(&world, &[("scope", EXTRAS)], "haneul").await;
    let people = world.read(PEOPLE, text(&body, "access_token")).await.body;
    let birthdays = people["birthdays"].as_array().unwrap();
    assert_eq!(birthdays.len(), 2, "one with a year and one without");
    assert!(
        birthdays[0]["date"].get("year").is_none() && birthdays[0]["metadata"]["primary"] == true
    );
    assert_eq!(birthdays[1]["date"], json!({ "year": 1997, "month": 3, "day": 14 }));
    let phones = people["phoneNumbers"].as_array().unwrap();
    assert!(phones[0]["metadata"].get("primary").is_none());
    assert_eq!(phones[1]["canonicalForm"], "+821012345678");
    assert_eq!(people["genders"][0]["value"], "female");
    assert!(people["photos"][1].get("default").is_none());
    let info = world.read(USERINFO, text(&body, "access_token")).await.body;
    assert_eq!(text(&people, "resourceName"), format!("people/{}", text(&info, "sub")));

    let body = GOOGLE.tokens(&world, &[("scope", EXTRAS)], "no-email").await;
    let people = world.read(PEOPLE, text(&body, "access_token")).await.body;
    assert!(
        people.get("birthdays").is_none() && people.get("genders").is_none(),
        "absent, not empty"
    );
    let body = GOOGLE.tokens(&world, &[("scope", EXTRAS)], "no-avatar").await;
    let people = world.read(PEOPLE, text(&body, "access_token")).await.body;
    assert_eq!(people["photos"][1]["default"], true);
}

#[tokio::test]
async fn a_person_may_leave_scopes_out() {
    let world = world().await;
    let ask = with(GOOGLE.ask, &[("scope", EXTRAS)]);
    let answer = world
        .decide_without(GOOGLE.authorize, &ask, "haneul", "allow", &[BIRTHDAY, "openid"])
        .await;
    let body = GOOGLE.exchange(&world, &params(&answer)["code"], &[]).await.body;
    assert!(!text(&body, "scope").contains(BIRTHDAY), "left out");
    assert!(text(&body, "scope").contains("openid"), "cannot be left out");
    let people = world.read(PEOPLE, text(&body, "access_token")).await.body;
    assert!(people.get("birthdays").is_none() && people["genders"].is_array());
}

#[tokio::test]
async fn people_refuses_in_googles_words() {
    let world = world().await;
    let bare = GOOGLE.tokens(&world, &[("scope", "openid email")], "haneul").await;
    let heard = world.read(PEOPLE, text(&bare, "access_token")).await;
    assert_eq!(heard.status, StatusCode::FORBIDDEN);
    assert_eq!(heard.body["error"]["details"][0]["reason"], "ACCESS_TOKEN_SCOPE_INSUFFICIENT");

    let body = GOOGLE.tokens(&world, &[("scope", EXTRAS)], "haneul").await;
    let access = text(&body, "access_token");
    for path in ["/google/v1/people/me", "/google/v1/people/me?personFields=everything"] {
        let heard = world.read(path, access).await;
        assert_eq!(
            (heard.status.as_u16(), text(&heard.body["error"], "status")),
            (400, "INVALID_ARGUMENT")
        );
    }
    world.demo.set_faults("google", [Fault::People403]);
    let heard = world.read(PEOPLE, access).await;
    let error = &heard.body["error"];
    assert_eq!(
        (heard.status.as_u16(), &error["code"], text(error, "status")),
        (403, &json!(403), "PERMISSION_DENIED")
    );
    assert!(text(error, "message").starts_with("People API has not been used in project"));
    assert_eq!(error["details"][0]["reason"], "SERVICE_DISABLED");
    world.demo.set_faults("google", [Fault::PeopleEmpty]);
    assert_eq!(world.read(PEOPLE, access).await.body.as_object().unwrap().len(), 2);
}
