//! Mastodon: registrations, sign-ins, and each refusal for a client with one mistake.

use crate::common::{App, Demo, Reply, WITHOUT_PKCE, demo, text};
use serde_json::json;

const LOOPBACK: &str = "http://127.0.0.1/callback/mastodon";
const SCHEME: &str = "app.nameplate.desktop.dev:/callback/mastodon";
const CURRENT: App = App {
    provider: "mastodon",
    authorize: "/mastodon/oauth/authorize",
    token: "/mastodon/oauth/token",
    client: &[],
    redirect_uri: "http://127.0.0.1:49152/callback/mastodon",
    ask: &[("scope", "profile")],
    exchange: &[],
};
const OLDER: App = App {
    provider: "mastodon-older",
    authorize: "/mastodon-older/oauth/authorize",
    token: "/mastodon-older/oauth/token",
    ask: &[("scope", "read:accounts")],
    ..CURRENT
};

/// Registers an application with this scope.
async fn register(demo: &Demo, scopes: &str) -> Reply {
    let uris = format!("{LOOPBACK}\n{SCHEME}");
    let form = [("client_name", "Nameplate"), ("redirect_uris", &uris), ("scopes", scopes)];
    demo.post(&format!("/{}/api/v1/apps", demo.app.provider), &form).await
}

/// A demo provider with a registered application, which lives as long as the test program.
async fn registered(app: App) -> Demo {
    // The test application reads its client when a request is made.
    let mut demo = demo(App { client: &[("client_id", "")], ..app }).await;
    let scopes = app.ask[0].1;
    let body = register(&demo, scopes).await.body;
    let leak = |name: &str| -> &'static str { text(&body, name).to_owned().leak() };
    let client = vec![("client_id", leak("client_id")), ("client_secret", leak("client_secret"))];
    demo.app.client = client.leak();
    demo
}

#[tokio::test]
async fn an_application_registers_itself() {
    for app in [CURRENT, OLDER] {
        let demo = registered(app).await;
        let scope = app.ask[0].1;
        let body = register(&demo, scope).await.body;
        assert_eq!(text(&body, "name"), "Nameplate");
        let is_current = app.provider == CURRENT.provider;
        assert_eq!(body.get("redirect_uris").is_some(), is_current);
        let tokens = demo.tokens(&[], "haneul").await;
        assert_eq!(text(&tokens, "scope"), scope);
        assert!(tokens.get("expires_in").is_none() && tokens.get("refresh_token").is_none());
        assert!(
            demo.decide(&[("redirect_uri", SCHEME)], "haneul", "allow")
                .await
                .as_str()
                .starts_with(SCHEME)
        );
        let (status, page) = demo.page(&[("redirect_uri", "https://evil.example/")]).await;
        assert_eq!(status.as_u16(), 400);
        assert!(page.contains("The redirect URI included is not valid."), "{page}");
    }
    let demo = demo(CURRENT).await;
    let refused = demo.post("/mastodon/api/v1/apps", &[("client_name", "Nameplate")]).await;
    refused.is(422, &json!({"error": "Validation failed: Redirect URI must be an absolute URI."}));
    let refused = register(&demo, "admin:everything").await;
    assert_eq!(refused.status.as_u16(), 422);
}

#[tokio::test]
async fn a_scope_is_one_that_was_registered() {
    let demo = registered(CURRENT).await;
    assert_eq!(demo.error(&[("scope", "read")]).await["error"], "invalid_scope");
    let older = crate::common::demo(OLDER).await;
    assert_eq!(register(&older, "profile").await.status.as_u16(), 422);
    let metadata = demo.json("/.well-known/oauth-authorization-server/mastodon").await;
    assert!(metadata["scopes_supported"].as_array().unwrap().contains(&json!("profile")));
    let issuer = demo.url("/mastodon/");
    assert_eq!(text(&metadata, "issuer"), issuer);
    let none = older.get("/.well-known/oauth-authorization-server/mastodon-older", &[]).await;
    assert_eq!(none.status().as_u16(), 404);
}

#[tokio::test]
async fn a_verifier_counts_since_4_3() {
    let demo = registered(CURRENT).await;
    let code = demo.code(&[], "haneul").await;
    let refused = demo.exchange(&code, &[("code_verifier", "x")]).await;
    assert_eq!((refused.status.as_u16(), text(&refused.body, "error")), (400, "invalid_grant"));
    let older = registered(OLDER).await;
    let code = older.code(&[], "haneul").await;
    assert_eq!(older.exchange(&code, &[("code_verifier", "x")]).await.status.as_u16(), 200);
    let code = older.code(&WITHOUT_PKCE, "haneul").await;
    assert_eq!(older.exchange(&code, &[]).await.status.as_u16(), 200);
}

#[tokio::test]
async fn the_secret_is_needed() {
    let demo = registered(CURRENT).await;
    for secret in ["", "wrong"] {
        let code = demo.code(&[], "haneul").await;
        let refused = demo.exchange(&code, &[("client_secret", secret)]).await;
        assert_eq!(
            (refused.status.as_u16(), text(&refused.body, "error")),
            (401, "invalid_client")
        );
    }
}

#[tokio::test]
async fn the_account_is_opened_by_its_token() {
    let demo = registered(CURRENT).await;
    let path = "/mastodon/api/v1/accounts/verify_credentials";
    let account = demo.profile(path, &[], "haneul").await;
    assert_eq!(text(&account, "id"), "1150283746501836801");
    assert_eq!((text(&account, "username"), text(&account, "display_name")), ("haneul", "하늘"));
    assert_eq!(demo.content_type(text(&account, "avatar_static")).await, "image/png");
    demo.read(path, "nothing").await.is(401, &json!({"error": "The access token is invalid"}));
}

#[tokio::test]
async fn a_token_is_revoked_by_its_own_client() {
    let demo = registered(CURRENT).await;
    let revoke = "/mastodon/oauth/revoke";
    let tokens = demo.tokens(&[], "haneul").await;
    let access = text(&tokens, "access_token");
    let other = register(&demo, "profile").await.body;
    let foreign = [
        ("client_id", text(&other, "client_id")),
        ("client_secret", text(&other, "client_secret")),
        ("token", access),
    ];
    let refused = demo.post(revoke, &foreign).await;
    assert_eq!(text(&refused.body, "error"), "unauthorized_client");
    let form = [demo.app.client, &[("token", access)]].concat();
    demo.post(revoke, &form).await.is(200, &json!({}));
    demo.post(revoke, &form).await.is(200, &json!({}));
    let path = "/mastodon/api/v1/accounts/verify_credentials";
    assert_eq!(demo.read(path, access).await.status.as_u16(), 401);
}
