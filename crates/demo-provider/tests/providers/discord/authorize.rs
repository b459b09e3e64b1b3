//! The authorization endpoint and the responses at the redirect URI.

use super::{APP, DEEP, LOOPBACK, ME};
use crate::common::{VERIFIER, demo, location, params, text};
use demo_provider::Fault;
use reqwest::StatusCode;
use serde_json::json;

#[tokio::test]
async fn a_person_signs_in_by_loopback() {
    let demo = demo(APP).await;
    let url = demo.decide(&[], "haneul", "allow").await;
    assert!(url.as_str().starts_with(LOOPBACK));
    let response = params(&url);
    assert_eq!(response["state"], "s t/a");
    assert!(!response.contains_key("iss"), "announced, never seen");

    let body = demo.redeem(&response["code"]).await;
    assert_eq!((text(&body, "token_type"), &body["expires_in"]), ("Bearer", &json!(604_800)));
    assert_eq!(text(&body, "scope"), "identify email");
    let access = text(&body, "access_token");

    let me = demo.read(ME, access).await.body;
    assert_eq!((text(&me, "id"), text(&me, "global_name")), ("1150283746501836801", "하늘"));
    assert!(me["email"] == "haneul@example.com" && me["verified"] == true);

    let path = format!("/discord/cdn/avatars/{}/{}.png", text(&me, "id"), text(&me, "avatar"));
    let avatar = demo.get(&path, &[("size", "128")]).await;
    assert_eq!(avatar.headers()["content-type"], "image/png");
    assert_eq!(&avatar.bytes().await.unwrap()[..4], b"\x89PNG");

    let log = demo.server.request_log();
    assert!(log.codes.contains(&response["code"]) && log.access_tokens.contains(access));
    assert!(log.verifiers.contains(VERIFIER));
    assert_eq!((demo.counts().authorization_code, demo.counts().refusals), (1, 0));
}

#[tokio::test]
async fn a_person_signs_in_by_deep_link_and_the_old_authorize_path_redirects() {
    let demo = demo(APP).await;
    let url = demo.decide(&[("redirect_uri", DEEP)], "haneul", "allow").await;
    assert!(url.as_str().starts_with(&format!("{DEEP}?code=")), "{url}");
    let reply = demo.exchange(&params(&url)["code"], &[("redirect_uri", DEEP)]).await;
    assert_eq!(reply.status, StatusCode::OK);

    let moved = demo.get("/discord/api/oauth2/authorize", &APP.ask()).await;
    assert!(location(&moved).path().ends_with("/discord/oauth2/authorize"));
}

#[tokio::test]
async fn the_first_registered_uri_is_taken_where_none_is_named() {
    let url = demo(APP).await.decide(&[("redirect_uri", "")], "haneul", "allow").await;
    assert!(url.as_str().starts_with(&format!("{DEEP}?")), "{url}");
}

#[tokio::test]
async fn a_denial_goes_to_the_application_with_the_state() {
    let response = params(&demo(APP).await.decide(&[], "haneul", "deny").await);
    assert!(response["error"] == "access_denied" && response["state"] == "s t/a");
    assert!(!response.contains_key("code"));
}

#[tokio::test]
async fn a_redirect_uri_that_is_not_registered_stays_on_the_page() {
    let demo = demo(APP).await;
    for wrong in [
        "http://127.0.0.1:42149/callback/discord/",
        "http://localhost:42149/callback/discord",
        "http://127.0.0.1:42149/callback/another",
        "app.nameplate.desktop.dev:///callback/discord",
        "app.nameplate.desktop:/callback/discord",
        "https://evil.example/callback/discord",
    ] {
        let (status, page) = demo.page(&[("redirect_uri", wrong)]).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
        assert!(page.contains("Invalid OAuth2 redirect_uri"), "{page}");
    }
    assert_eq!(demo.counts().refusals, 6);
}

#[tokio::test]
async fn an_unknown_application_stays_on_the_page() {
    let (status, page) = demo(APP).await.page(&[("client_id", "1234")]).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(page.contains("Unknown Application"));
}

#[tokio::test]
async fn a_wrong_request_comes_back_as_an_error() {
    let demo = demo(APP).await;
    let method = r#"Unsupported "code_challenge_method""#;
    let scope = "The requested scope is invalid, unknown, or malformed.";
    let connections = "role_connections.write cannot be combined with PKCE";
    let flow = "Only the authorization code is supported";
    for (change, error, description) in [
        (("response_type", "token"), "unsupported_response_type", flow),
        (("code_challenge_method", "plain"), "invalid_request", method),
        (("code_challenge_method", ""), "invalid_request", method),
        (("scope", "identify everything"), "invalid_scope", scope),
        (("scope", ""), "invalid_scope", scope),
        (("scope", "identify role_connections.write"), "invalid_scope", connections),
    ] {
        let response = demo.error(&[change]).await;
        assert_eq!((&*response["error"], &*response["error_description"]), (error, description));
        assert_eq!(response["state"], "s t/a");
    }
}

const BOT: [(&str, &str); 2] = [("scope", "identify bot"), ("permissions", "8")];
const ALONE: [(&str, &str); 6] = [
    ("scope", "bot"),
    ("permissions", "8"),
    ("response_type", ""),
    ("redirect_uri", ""),
    ("code_challenge", ""),
    ("code_challenge_method", ""),
];
const LIBRARY: &str = "81384788765712384";
const DEMO: &str = "613425648685547541";

#[tokio::test]
async fn a_bot_is_added_to_the_server_that_the_person_chose() {
    let demo = demo(APP).await;
    let chosen = [("decision", "allow"), ("guild", LIBRARY)];
    let response = params(&location(&demo.submit(&BOT, "haneul", &chosen).await));
    assert!(response["guild_id"] == LIBRARY && response["permissions"] == "8");
    let guild = &demo.redeem(&response["code"]).await["guild"];
    assert_eq!((text(guild, "id"), text(guild, "name")), (LIBRARY, "하늘의 서재"));
    assert!(guild["icon"].is_string() && guild["owner_id"].is_string(), "{guild}");
    assert_eq!(demo.allow(&BOT, "haneul").await["guild_id"], DEMO, "the first of the list");
    let denied = demo.decide(&BOT, "haneul", "deny").await;
    assert!(!params(&denied).contains_key("guild_id"));
    let plain = demo.tokens(&[], "haneul").await;
    assert!(plain.get("guild").is_none(), "no bot, no server");
}

#[tokio::test]
async fn a_server_can_be_named_beforehand_and_none_that_is_not_there() {
    let demo = demo(APP).await;
    let named = [BOT[0], BOT[1], ("guild_id", LIBRARY)];
    assert_eq!(demo.allow(&named, "haneul").await["guild_id"], LIBRARY, "it is the first");
    let other = [("decision", "allow"), ("guild", DEMO)];
    let response = demo.submit(&named, "haneul", &other).await;
    assert_eq!(params(&location(&response))["guild_id"], DEMO, "and can be changed");
    let fixed = [BOT[0], BOT[1], named[2], ("disable_guild_select", "true")];
    let response = demo.submit(&fixed, "haneul", &other).await;
    assert_eq!(params(&location(&response))["guild_id"], LIBRARY, "unless it is fixed");
    let stranger = [("decision", "allow"), ("guild", "1")];
    let response = demo.submit(&named, "haneul", &stranger).await;
    assert_eq!(response.status(), StatusCode::OK, "the page again");
    assert!(response.text().await.unwrap().contains("name=\"guild\""));
}

#[tokio::test]
async fn a_bot_alone_has_no_callback_and_prompt_none_skips_nothing() {
    let demo = demo(APP).await;
    for (decision, words) in [("allow", "Done"), ("deny", "Nothing was changed")] {
        let fields = [("decision", decision), ("guild", DEMO)];
        let end = demo.submit(&ALONE, "haneul", &fields).await;
        assert_eq!(end.status(), StatusCode::OK);
        assert!(end.headers().get("location").is_none(), "no redirect");
        assert!(end.text().await.unwrap().contains(words));
    }
    demo.decide(&BOT, "haneul", "allow").await;
    let (status, page) = demo.page(&[BOT[0], BOT[1], ("prompt", "none")]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("name=\"user\""), "a bot is always asked about");
}

#[tokio::test]
async fn iss_is_sent_only_where_a_test_wants_it() {
    let demo = demo(APP).await;
    demo.set_faults([Fault::IssSent]);
    for decision in ["allow", "deny"] {
        let response = params(&demo.decide(&[], "haneul", decision).await);
        assert_eq!(response["iss"], "https://discord.com");
    }
}

#[tokio::test]
async fn metadata_says_s256_and_no_secret_and_announces_iss() {
    let metadata = demo(APP).await.json("/discord/.well-known/oauth-authorization-server").await;
    assert_eq!(metadata["issuer"], "https://discord.com");
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    let methods = json!(["client_secret_basic", "client_secret_post", "none"]);
    assert_eq!(metadata["token_endpoint_auth_methods_supported"], methods);
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
}
