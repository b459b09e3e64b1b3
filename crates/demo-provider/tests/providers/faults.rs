//! Every fault that all providers share, at the generic issuer.

use crate::common::{Demo, OIDC, Reply, demo, params, send, text, with};
use demo_provider::Fault;
use reqwest::StatusCode;
use serde_json::{Value, json};

const USERINFO: &str = "/oidc/userinfo";
const PICTURE: &str = "/oidc/img/haneul.png";

async fn decide(demo: &Demo, fault: Fault, decision: &str) -> url::Url {
    demo.set_faults([fault]);
    let url = demo.decide(&[], "haneul", decision).await;
    demo.set_faults([]);
    url
}

/// The token response under a fault, for a new code.
async fn token(demo: &Demo, fault: Fault) -> Reply {
    let code = demo.code(&[], "haneul").await;
    demo.set_faults([fault]);
    let reply = demo.exchange(&code, &[]).await;
    demo.set_faults([]);
    reply
}

#[tokio::test]
async fn faults_of_the_response() {
    let demo = demo(OIDC).await;
    let allow = async |fault| params(&decide(&demo, fault, "allow").await);
    assert_eq!(allow(Fault::IssWrong).await["iss"], "https://issuer.example");
    assert!(!allow(Fault::IssMissing).await.contains_key("iss"));
    assert!(allow(Fault::ExtraParameters).await.contains_key("session_state"));
    let twice = decide(&demo, Fault::DuplicateParameters, "allow").await;
    assert_eq!(twice.query_pairs().filter(|(name, _)| name == "state").count(), 2);
    let fragment = decide(&demo, Fault::CallbackFragment, "allow").await;
    assert_eq!(fragment.fragment(), Some("_=_"));
    let token = allow(Fault::CallbackToken).await;
    assert!(token.contains_key("access_token") && token.contains_key("code"));
    assert_eq!(allow(Fault::CallbackServerError).await["error"], "server_error");
    let denial = params(&decide(&demo, Fault::DenialWithMarkup, "deny").await);
    assert!(denial["error_description"].contains("<script>"));
}

#[tokio::test]
async fn token_faults_that_look_at_nothing_leave_the_code_good() {
    let demo = demo(OIDC).await;
    let code = demo.code(&[], "haneul").await;
    for (fault, status, word) in [
        (Fault::Token5xx, 503, "Checking your browser"),
        (Fault::Token429, 429, "too many requests"),
        (Fault::TokenProxy403, 403, "Checking your browser"),
        (Fault::TokenInvalidClient, 401, "invalid_client"),
        (Fault::TokenInvalidGrant, 400, "invalid_grant"),
        (Fault::TokenError200, 200, "invalid_grant"),
    ] {
        demo.set_faults([fault]);
        let reply = demo.exchange(&code, &[]).await;
        assert_eq!(reply.status.as_u16(), status, "{fault:?}");
        assert!(reply.text.contains(word), "{fault:?}: {}", reply.text);
        assert_eq!(reply.retry_after.is_some(), matches!(status, 429 | 503), "{fault:?}");
    }
    demo.set_faults([Fault::TokenRedirects]);
    let form = with(&OIDC.exchange(), &[("code", &code)]);
    let redirect = demo.http.post(demo.url(OIDC.token)).form(&form).send().await.unwrap();
    assert_eq!(redirect.status(), StatusCode::TEMPORARY_REDIRECT);
    let elsewhere = redirect.headers()["location"].to_str().unwrap();
    let bait = send(demo.http.post(elsewhere)).await;
    assert_eq!(bait.body["access_token"], "redirects-were-followed");
    demo.set_faults([]);
    demo.redeem(&code).await;
}

#[tokio::test]
async fn rate_limits_come_in_the_providers_words() {
    let demo = demo(OIDC).await;
    demo.set_faults([Fault::Token429]);
    let body =
        json!({ "error": "temporarily_unavailable", "error_description": "too many requests" });
    demo.post(OIDC.token, &[]).await.is(429, &body);
}

#[tokio::test]
async fn token_responses_are_bent() {
    let demo = demo(OIDC).await;
    for (fault, name) in [
        (Fault::TokenWithoutExpiresIn, "expires_in"),
        (Fault::TokenWithoutScope, "scope"),
        (Fault::TokenWithoutRefreshToken, "refresh_token"),
        (Fault::TokenWithoutAccessToken, "access_token"),
        (Fault::TokenWithoutType, "token_type"),
        (Fault::IdTokenMissing, "id_token"),
    ] {
        let reply = token(&demo, fault).await;
        assert!(reply.status == StatusCode::OK && reply.body.get(name).is_none(), "{fault:?}");
    }
    assert_eq!(token(&demo, Fault::TokenExpiresInString).await.body["expires_in"], "3600");
    assert_eq!(token(&demo, Fault::TokenTypeMac).await.body["token_type"], "mac");
    assert_eq!(token(&demo, Fault::TokenTypeUpper).await.body["token_type"], "BEARER");
    assert_eq!(token(&demo, Fault::TokenNotJson).await.body, Value::Null);
    let large = token(&demo, Fault::TokenTooLarge).await;
    assert!(large.text.len() > 4 << 20 && large.body["access_token"].is_string());
}

#[tokio::test]
async fn a_lost_response_was_carried_out() {
    let demo = demo(OIDC).await;
    let code = demo.code(&[], "haneul").await;
    demo.set_faults([Fault::TokenResponseLost]);
    assert_eq!(demo.exchange(&code, &[]).await.status, StatusCode::BAD_GATEWAY);
    demo.set_faults([]);
    assert_eq!(demo.exchange(&code, &[]).await.body["error"], "invalid_grant");
    assert_eq!(demo.server.request_log().access_tokens.len(), 1, "the lost token is logged");
}

#[tokio::test]
async fn profiles_are_bent() {
    let demo = demo(OIDC).await;
    let body = demo.tokens(&[], "haneul").await;
    let access = text(&body, "access_token");
    let sub = demo.read(USERINFO, access).await.body["sub"].clone();
    let read = async |fault: Fault| {
        demo.set_faults([fault]);
        demo.read(USERINFO, access).await
    };
    for (fault, status) in [
        (Fault::Profile5xx, 503),
        (Fault::Profile401, 401),
        (Fault::Profile429, 429),
        (Fault::ProfileProxy403, 403),
        (Fault::ProfileRedirects, 307),
    ] {
        assert_eq!(read(fault).await.status.as_u16(), status);
    }
    assert_eq!(read(Fault::ProfileNotJson).await.body, Value::Null);
    assert!(read(Fault::ProfileTooLarge).await.text.len() > 4 << 20);
    assert!(read(Fault::ProfileWrongShape).await.body.is_array());
    let wrong = read(Fault::ProfileWrongType).await.body;
    assert!(wrong["sub"].is_object() && wrong["name"].is_object());
    assert_eq!(read(Fault::ProfileFieldsMissing).await.body, json!({ "sub": sub }));
    let nulls = read(Fault::ProfileFieldsNull).await.body;
    assert!(nulls["sub"] == sub && nulls["name"].is_null() && nulls["picture"].is_null());
    let empty = read(Fault::ProfileFieldsEmpty).await.body;
    assert!(empty["sub"] == sub && empty["name"] == "" && empty["email_verified"] == true);
    assert!(read(Fault::ProfileWithoutId).await.body.get("sub").is_none());
    assert_eq!(read(Fault::ProfileSubMismatch).await.body["sub"], "4242424242");
    assert!(read(Fault::EmailMissing).await.body.get("email").is_none());
    assert_eq!(read(Fault::EmailUnverified).await.body["email_verified"], false);
    assert!(read(Fault::PictureMissing).await.body.get("picture").is_none());
}

#[tokio::test]
async fn avatars_are_bent() {
    let demo = demo(OIDC).await;
    let read = async |fault: Fault| {
        demo.set_faults([fault]);
        let response = demo.get(PICTURE, &[]).await;
        let header =
            |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (kind, location) = (header("content-type"), header("location"));
        let (kind, location) = (kind.unwrap_or_default(), location.unwrap_or_default());
        (response.status().as_u16(), kind, location, response.bytes().await.unwrap())
    };
    assert_eq!(read(Fault::Avatar404).await.0, 404);
    assert_eq!(read(Fault::Avatar5xx).await.0, 503);
    assert!(read(Fault::AvatarTooLarge).await.3.len() > 24 << 20);
    assert_eq!(read(Fault::AvatarSvg).await.1, "image/svg+xml");
    let html = read(Fault::AvatarHtml).await;
    assert!(html.1 == "image/png" && html.3.starts_with(b"<!doctype html>"));
    let plain = read(Fault::AvatarWrongContentType).await;
    assert!(plain.1 == "text/plain" && plain.3.starts_with(b"\x89PNG"));
    assert!(image::load_from_memory(&read(Fault::AvatarTruncated).await.3).is_err());
    assert_eq!(read(Fault::AvatarRedirectToPrivate).await.2, "http://10.255.255.1/avatar.png");
    assert_eq!(read(Fault::AvatarRedirectLoop).await.2, demo.url(PICTURE));
    let bomb = read(Fault::AvatarBomb).await.3;
    assert!(bomb.len() < 200_000 && bomb.starts_with(b"\x89PNG"));
    let once = read(Fault::AvatarRedirectOnce).await;
    assert_eq!(once.0, 302);
    assert_eq!(demo.content_type(&once.2).await, "image/png");
}

#[tokio::test]
async fn keys_and_metadata_fail_on_request() {
    let demo = demo(OIDC).await;
    let metadata = "/oidc/.well-known/openid-configuration";
    demo.set_faults([Fault::Jwks5xx, Fault::Discovery5xx]);
    for path in ["/oidc/jwks", metadata] {
        assert_eq!(demo.get(path, &[]).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
    demo.set_faults([Fault::JwksEmpty, Fault::DiscoveryNotJson]);
    assert_eq!(demo.json("/oidc/jwks").await, json!({ "keys": [] }));
    assert_eq!(demo.json(metadata).await, Value::Null);
    let module = demo.json("/oidc/rp/idtoken-sig-rs256/jwks").await;
    assert_eq!(module["keys"].as_array().unwrap().len(), 1);
}
