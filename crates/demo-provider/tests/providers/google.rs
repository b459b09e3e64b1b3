//! Google: sign-ins, and each refusal for a client with one mistake.

use crate::common::{
    App, DEVICE_CODE, Demo, LOOPBACK, Reply, VERIFIER, claims, demo, text, verified, with,
};
use demo_provider::providers::google::{
    CLIENT_ID, CLIENT_SECRET, DEVICE_CLIENT_ID, DEVICE_CLIENT_SECRET,
};
use demo_provider::{Fault, Rotation};
use reqwest::StatusCode;
use serde_json::json;

const APP: App = App {
    provider: "google",
    authorize: "/google/o/oauth2/v2/auth",
    token: "/google/token",
    client: &[("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)],
    redirect_uri: LOOPBACK,
    ask: &[("scope", "openid email profile"), ("nonce", "n-1")],
    exchange: &[],
};
const USERINFO: &str = "/google/v1/userinfo";
const CODES: &str = "/google/device/code";
const PEOPLE: &str =
    "/google/v1/people/me?personFields=photos,birthdays,genders,phoneNumbers,names,nicknames";
const EXTRAS: (&str, &str) = (
    "scope",
    "openid email profile https://www.googleapis.com/auth/user.birthday.read https://www.googleapis.com/auth/user.gender.read https://www.googleapis.com/auth/user.phonenumbers.read",
);
const BIRTHDAY: &str = "https://www.googleapis.com/auth/user.birthday.read";
const TV: &[(&str, &str)] = &[("client_id", DEVICE_CLIENT_ID), ("scope", "openid email profile")];
const DEAD: &str = "Token has been expired or revoked.";

fn refused(reply: &Reply, status: u16, error: &str, description: &str) {
    reply.is(status, &json!({ "error": error, "error_description": description }));
}

async fn poll(demo: &Demo, device_code: &str, secret: &str) -> Reply {
    let client = [DEVICE_CODE, ("client_id", DEVICE_CLIENT_ID), ("client_secret", secret)];
    demo.post(APP.token, &with(&client, &[("device_code", device_code)])).await
}

#[tokio::test]
async fn a_person_signs_in_on_any_port_and_path() {
    let demo = demo(APP).await;
    let response = demo.allow(&[], "no-avatar").await;
    for (name, value) in [
        ("iss", "https://accounts.google.com"),
        ("authuser", "0"),
        ("prompt", "consent"),
        ("hd", "example.com"),
    ] {
        assert_eq!(response[name], value);
    }
    assert!(response["code"].starts_with("4/0A"), "a code with a slash");
    assert!(response["scope"].contains("https://www.googleapis.com/auth/userinfo.email"));

    let body = demo.redeem(&response["code"]).await;
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(3599)));
    assert!(text(&body, "refresh_token").starts_with("1//"));
    let jwks = demo.json("/google/oauth2/v3/certs").await;
    let claims = verified(&jwks, text(&body, "id_token"), CLIENT_ID);
    assert_eq!((text(&claims, "azp"), text(&claims, "nonce")), (CLIENT_ID, "n-1"));
    assert_eq!(text(&claims, "iss"), "https://accounts.google.com");
    assert!(claims["at_hash"].is_string());
    assert_eq!((text(&claims, "email"), text(&claims, "hd")), ("mira@example.com", "example.com"));

    let info = demo.read(USERINFO, text(&body, "access_token")).await.body;
    assert_eq!((&info["sub"], text(&info, "name")), (&claims["sub"], "Mira Novak"));
    assert_eq!((text(&info, "given_name"), text(&info, "family_name")), ("Mira", "Novak"));
    assert!(info.get("picture").is_none(), "an account without a picture has no such claim");
}

#[tokio::test]
async fn every_loopback_host_is_taken() {
    let demo = demo(APP).await;
    for redirect in ["http://127.0.0.1:49152/a/b", "http://[::1]:49152", "http://localhost:49152/x"]
    {
        let url = demo.decide(&[("redirect_uri", redirect)], "haneul", "allow").await;
        assert!(url.as_str().starts_with(redirect), "{url}");
    }
}

#[tokio::test]
async fn a_gmail_address_a_picture_and_an_empty_name() {
    let demo = demo(APP).await;
    let info = demo.profile(USERINFO, &[], "haneul").await;
    assert_eq!((text(&info, "email"), &info["email_verified"]), ("haneul@gmail.com", &json!(true)));
    assert_eq!(demo.content_type(text(&info, "picture")).await, "image/png");
    let info = demo.profile(USERINFO, &[], "no-nickname").await;
    assert_eq!(text(&info, "name"), "");
    let info = demo.profile(USERINFO, &[("scope", "openid")], "haneul").await;
    assert_eq!(info.as_object().unwrap().len(), 1, "only sub: {info}");
}

#[tokio::test]
async fn an_id_token_can_lack_the_picture_that_userinfo_has() {
    let demo = demo(APP).await;
    demo.set_faults([Fault::IdTokenWithoutPicture]);
    let body = demo.tokens(&[], "haneul").await;
    assert!(claims(text(&body, "id_token")).get("picture").is_none());
    let info = demo.read(USERINFO, text(&body, "access_token")).await.body;
    assert!(info["picture"].is_string());
}

#[tokio::test]
async fn a_denial_carries_iss_too() {
    let url = demo(APP).await.decide(&[], "haneul", "deny").await;
    let wanted = "error=access_denied&state=st&iss=https%3A%2F%2Faccounts.google.com";
    assert_eq!(url.query(), Some(wanted));
}

#[tokio::test]
async fn a_wrong_request_stays_on_googles_page() {
    let demo = demo(APP).await;
    let scheme = "app.nameplate.desktop.dev:/callback/google";
    let unsupported = "Custom URI schemes are no longer supported";
    for (change, status, code, words) in [
        (("redirect_uri", scheme), 400, "invalid_request", unsupported),
        (("redirect_uri", "http://192.168.0.7:5000/"), 400, "redirect_uri_mismatch", "not match"),
        (("redirect_uri", "https://example.com/"), 400, "redirect_uri_mismatch", "not match"),
        (("redirect_uri", ""), 400, "invalid_request", "redirect_uri"),
        (("client_id", "nobody"), 401, "invalid_client", "The OAuth client was not found."),
        (("response_type", "token"), 400, "invalid_request", "response_type"),
        (("scope", ""), 400, "invalid_request", "scope"),
        (("scope", "openid everything"), 400, "invalid_scope", "invalid"),
        (("code_challenge_method", "S512"), 400, "invalid_request", "code_challenge_method"),
        (("client_secret", CLIENT_SECRET), 400, "invalid_request", "client_secret"),
    ] {
        let (found, page) = demo.page(&[change]).await;
        assert_eq!(found.as_u16(), status, "{change:?}");
        assert!(page.contains(code) && page.contains(words), "{change:?}: {page}");
    }
    let (status, page) = demo.page(&[("scope", "openid"), ("scope", "openid")]).await;
    assert!(status == StatusCode::BAD_REQUEST && page.contains("single value"));
    assert_eq!(demo.counts().refusals, 11);
}

#[tokio::test]
async fn the_secret_of_a_desktop_client_is_enforced() {
    let demo = demo(APP).await;
    let code = demo.code(&[], "haneul").await;
    let nameless = "Could not determine client ID from request.";
    for (change, status, error, words) in [
        (("client_secret", ""), 400, "invalid_request", "client_secret is missing."),
        (("client_secret", "wrong"), 401, "invalid_client", "Unauthorized"),
        (("client_id", "nobody"), 401, "invalid_client", "The OAuth client was not found."),
        (("client_id", ""), 400, "invalid_request", nameless),
    ] {
        refused(&demo.exchange(&code, &[change]).await, status, error, words);
    }
    let body = demo.redeem(&code).await;
    let missing = demo.refresh(text(&body, "refresh_token"), &[("client_secret", "")]).await;
    refused(&missing, 400, "invalid_request", "client_secret is missing.");
}

#[tokio::test]
async fn codes_verifiers_and_redirect_uris_are_checked() {
    let demo = demo(APP).await;
    let once = demo.code(&[], "haneul").await;
    let no_grant = "Required parameter is missing: grant_type";
    let elsewhere = "http://127.0.0.1:49153/callback";
    for (change, error, words) in [
        (("code", "x"), "invalid_grant", "Malformed auth code."),
        (("code", "4/0Ax"), "invalid_grant", "Bad Request"),
        (("code", ""), "invalid_request", "Missing required parameter: code"),
        (("grant_type", "password"), "unsupported_grant_type", "Invalid grant_type: password"),
        (("grant_type", ""), "invalid_request", no_grant),
        (("code_verifier", ""), "invalid_grant", "Missing code verifier."),
        (("code_verifier", &VERIFIER.replace('d', "e")), "invalid_grant", "Invalid code verifier."),
        (("code_verifier", "too-short"), "invalid_grant", "Invalid code verifier."),
        (("redirect_uri", elsewhere), "redirect_uri_mismatch", "Bad Request"),
    ] {
        refused(&demo.exchange(&once, &[change]).await, 400, error, words);
    }
    let [used, late, unasked] = demo.unusable_codes(&once, 600).await;
    refused(&used, 400, "invalid_grant", "Bad Request");
    refused(&late, 400, "invalid_grant", "Bad Request");
    refused(&unasked, 400, "invalid_grant", "code_verifier or verifier is not needed.");
}

#[tokio::test]
async fn a_challenge_without_a_method_is_plain() {
    let demo = demo(APP).await;
    let plain = [("code_challenge", VERIFIER), ("code_challenge_method", "")];
    demo.redeem(&demo.code(&plain, "haneul").await).await;
}

#[tokio::test]
async fn refreshing_keeps_the_old_token_unless_a_test_wants_a_new_one() {
    let demo = demo(APP).await;
    let first = demo.tokens(&[], "haneul").await;
    let token = text(&first, "refresh_token");
    for _ in 0..2 {
        let reply = demo.refresh(token, &[]).await;
        assert!(reply.status == StatusCode::OK && reply.body.get("refresh_token").is_none());
        assert!(reply.body["id_token"].is_string());
    }
    demo.set_rotation(Rotation::AtOnce);
    assert!(demo.refresh(token, &[]).await.body["refresh_token"].is_string());
    refused(&demo.refresh(token, &[]).await, 400, "invalid_grant", DEAD);
    let missing = "Missing required parameter: refresh_token";
    refused(&demo.refresh("", &[]).await, 400, "invalid_request", missing);
}

#[tokio::test]
async fn the_hundred_and_first_refresh_token_ends_the_oldest() {
    let demo = demo(APP).await;
    let mut tokens = Vec::new();
    for _ in 0..101 {
        tokens.push(demo.tokens(&[("scope", "openid")], "haneul").await);
    }
    let dead = demo.refresh(text(&tokens[0], "refresh_token"), &[]).await;
    refused(&dead, 400, "invalid_grant", DEAD);
    let second = demo.refresh(text(&tokens[1], "refresh_token"), &[]).await;
    assert_eq!(second.status, StatusCode::OK);
}

#[tokio::test]
async fn revoking_ends_the_whole_grant() {
    let demo = demo(APP).await;
    let (one, two) = (demo.tokens(&[], "haneul").await, demo.tokens(&[], "haneul").await);
    let path = format!("/google/revoke?token={}", text(&one, "access_token"));
    assert_eq!(demo.post(&path, &[]).await.status, StatusCode::OK);
    let dead = demo.refresh(text(&two, "refresh_token"), &[]).await;
    refused(&dead, 400, "invalid_grant", DEAD);
    let reply = demo.read(USERINFO, text(&two, "access_token")).await;
    refused(&reply, 401, "invalid_request", "Invalid Credentials");
    refused(&demo.post(&path, &[]).await, 400, "invalid_token", "Token expired or revoked");
    demo.set_faults([Fault::Revoke503]);
    assert_eq!(demo.post(&path, &[]).await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn an_access_token_ends_after_an_hour() {
    let demo = demo(APP).await;
    let body = demo.tokens(&[], "haneul").await;
    demo.advance(3600);
    let reply = demo.read(USERINFO, text(&body, "access_token")).await;
    refused(&reply, 401, "invalid_request", "Invalid Credentials");
    let reply = demo.read(PEOPLE, text(&body, "access_token")).await;
    let found = (reply.status.as_u16(), text(&reply.body["error"], "status"));
    assert_eq!(found, (401, "UNAUTHENTICATED"));
}

#[tokio::test]
async fn people_tells_what_was_granted_with_primaries_marked() {
    let demo = demo(APP).await;
    let body = demo.tokens(&[EXTRAS], "haneul").await;
    let people = demo.read(PEOPLE, text(&body, "access_token")).await.body;
    let birthdays = people["birthdays"].as_array().unwrap();
    assert_eq!(birthdays.len(), 2, "one with a year and one without");
    assert!(birthdays[0]["date"].get("year").is_none());
    assert_eq!(birthdays[0]["metadata"]["primary"], true);
    assert_eq!(birthdays[1]["date"], json!({ "year": 1997, "month": 3, "day": 14 }));
    let phones = people["phoneNumbers"].as_array().unwrap();
    assert!(phones[0]["metadata"].get("primary").is_none());
    assert_eq!(phones[1]["canonicalForm"], "+821012345678");
    assert_eq!(people["genders"][0]["value"], "female");
    assert!(people["photos"][1].get("default").is_none());
    let info = demo.read(USERINFO, text(&body, "access_token")).await.body;
    assert_eq!(text(&people, "resourceName"), format!("people/{}", text(&info, "sub")));

    let people = demo.profile(PEOPLE, &[EXTRAS], "no-email").await;
    let absent = |name| people.get(name).is_none();
    assert!(absent("birthdays") && absent("genders"), "absent, not empty");
    let people = demo.profile(PEOPLE, &[EXTRAS], "no-avatar").await;
    assert_eq!(people["photos"][1]["default"], true);
}

#[tokio::test]
async fn a_person_may_leave_scopes_out() {
    let demo = demo(APP).await;
    let code = demo.code_without(&[EXTRAS], &[BIRTHDAY, "openid"]).await;
    let body = demo.redeem(&code).await;
    assert!(!text(&body, "scope").contains(BIRTHDAY), "left out");
    assert!(text(&body, "scope").contains("openid"), "cannot be left out");
    let people = demo.read(PEOPLE, text(&body, "access_token")).await.body;
    assert!(people.get("birthdays").is_none() && people["genders"].is_array());
}

#[tokio::test]
async fn people_refuses_in_googles_words() {
    let demo = demo(APP).await;
    let bare = demo.tokens(&[("scope", "openid email")], "haneul").await;
    let reply = demo.read(PEOPLE, text(&bare, "access_token")).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert_eq!(reply.body["error"]["details"][0]["reason"], "ACCESS_TOKEN_SCOPE_INSUFFICIENT");

    let body = demo.tokens(&[EXTRAS], "haneul").await;
    let access = text(&body, "access_token");
    for path in ["/google/v1/people/me", "/google/v1/people/me?personFields=everything"] {
        let reply = demo.read(path, access).await;
        let found = (reply.status.as_u16(), text(&reply.body["error"], "status"));
        assert_eq!(found, (400, "INVALID_ARGUMENT"));
    }
    demo.set_faults([Fault::People403]);
    let reply = demo.read(PEOPLE, access).await;
    let error = &reply.body["error"];
    assert_eq!((reply.status.as_u16(), &error["code"]), (403, &json!(403)));
    assert_eq!(text(error, "status"), "PERMISSION_DENIED");
    assert!(text(error, "message").starts_with("People API has not been used in project"));
    assert_eq!(error["details"][0]["reason"], "SERVICE_DISABLED");
}

#[tokio::test]
async fn a_tv_gets_a_verification_url_and_statuses_of_googles_own() {
    let demo = demo(APP).await;
    let codes = demo.post(CODES, TV).await.body;
    assert!(codes.get("verification_uri").is_none(), "it has another name there");
    assert_eq!((&codes["expires_in"], &codes["interval"]), (&json!(1800), &json!(5)));
    let (device, secret) = (text(&codes, "device_code"), DEVICE_CLIENT_SECRET);
    let pending = poll(&demo, device, secret).await;
    refused(&pending, 428, "authorization_pending", "Precondition Required");
    refused(&poll(&demo, device, secret).await, 403, "slow_down", "Forbidden");
    let page = demo.path(text(&codes, "verification_url"));
    demo.decide_device(&page, text(&codes, "user_code"), "allow").await;
    demo.advance(10);
    refused(&poll(&demo, device, "").await, 400, "invalid_request", "client_secret is missing.");
    let body = poll(&demo, device, secret).await.body;
    assert!(body["refresh_token"].is_string() && body["id_token"].is_string(), "{body}");
    let info = demo.read(USERINFO, text(&body, "access_token")).await.body;
    assert_eq!(text(&info, "email"), "haneul@gmail.com");
    demo.advance(10);
    let used = poll(&demo, device, secret).await;
    refused(&used, 400, "invalid_grant", "Malformed device code.");
    assert_eq!(demo.counts().device_code, 1);
}

#[tokio::test]
async fn a_tv_is_refused_other_scopes_other_clients_and_late_or_denied_codes() {
    let demo = demo(APP).await;
    let scope = format!("Invalid device flow scope: {BIRTHDAY}");
    for (change, status, error, words) in [
        (("scope", BIRTHDAY), 400, "invalid_scope", scope.as_str()),
        (("scope", ""), 400, "invalid_request", "Missing required parameter: scope"),
        (("client_id", CLIENT_ID), 401, "invalid_client", "Invalid client type."),
        (("client_id", "nobody"), 401, "invalid_client", "The OAuth client was not found."),
    ] {
        refused(&demo.post(CODES, &with(TV, &[change])).await, status, error, words);
    }
    let (status, page) = demo.page(&[("client_id", DEVICE_CLIENT_ID)]).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(page.contains("redirect_uri_mismatch"), "a TV has no browser");

    let codes = demo.post(CODES, TV).await.body;
    demo.decide_device("/google/device", text(&codes, "user_code"), "deny").await;
    let denied = poll(&demo, text(&codes, "device_code"), DEVICE_CLIENT_SECRET).await;
    refused(&denied, 403, "access_denied", "Forbidden");
    let codes = demo.post(CODES, TV).await.body;
    demo.advance(1800);
    let late = poll(&demo, text(&codes, "device_code"), DEVICE_CLIENT_SECRET).await;
    refused(&late, 400, "expired_token", "Token expired");
}

#[tokio::test]
async fn metadata_knows_plain_and_says_nothing_of_iss() {
    let metadata = demo(APP).await.json("/google/.well-known/openid-configuration").await;
    assert_eq!(metadata["issuer"], "https://accounts.google.com");
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["plain", "S256"]));
    assert!(metadata.get("authorization_response_iss_parameter_supported").is_none());
}

#[tokio::test]
async fn rate_limits_come_in_googles_words() {
    let demo = demo(APP).await;
    demo.set_faults([Fault::Token429]);
    let reply = demo.post(APP.token, &[]).await;
    refused(&reply, 429, "rate_limit_exceeded", "Rate Limit Exceeded");
    demo.set_faults([]);
    let tokens = demo.tokens(&[], "haneul").await;
    demo.set_faults([Fault::Profile429]);
    let reply = demo.read(USERINFO, text(&tokens, "access_token")).await;
    assert_eq!(reply.body["error"]["status"], "RESOURCE_EXHAUSTED");
}
