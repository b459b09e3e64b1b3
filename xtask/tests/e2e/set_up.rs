//! Setting a provider up in the window, from nothing to a sign-in.

use crate::scene::{App, NICKNAME, play};
use anyhow::{Context, Result, ensure};
use std::fs;
use xtask::stage::{Cast, Stage};

/// U8: the redirect URI to register is shown; a client that the provider refuses is not kept, and one
/// that it knows can be signed in with at once.
#[tokio::test]
async fn discord_is_set_up_in_the_window() -> Result<()> {
    play("discord_is_set_up_in_the_window", Cast::Usual, async |stage| {
        let app = unset(stage, "client_id = \"demo-discord\"\n").await?;
        app.click("[data-testid=set-up-more] summary").await?;
        app.click("[data-set-up=discord]").await?;
        let uri = app.window.page().text("[data-testid=redirect-uri]").await?;
        ensure!(uri.contains(":/callback/discord"), "{uri}");

        type_in(&app, "set-up-client-id", "nobody").await?;
        app.click("[data-testid=set-up-save]").await?;
        app.window.page().shown("[data-testid=set-up-report][data-checked=refused]").await?;
        ensure!(!written(&app)?.contains("nobody"), "a refused client was written");

        type_in(&app, "set-up-client-id", "demo-discord").await?;
        app.click("[data-testid=set-up-save]").await?;
        app.window.page().shown("[data-testid=set-up-report][data-checked=accepted]").await?;
        ensure!(written(&app)?.contains("client_id = \"demo-discord\""));
        app.click("[data-testid=back]").await?;
        app.sign_in(stage, "discord").await.map(drop)
    })
    .await
}

/// S48: a secret that is typed into the window goes to the keychain and never into the file.
#[tokio::test]
async fn a_secret_that_is_typed_is_kept_in_the_keychain() -> Result<()> {
    play("a_secret_that_is_typed_is_kept_in_the_keychain", Cast::Usual, async |stage| {
        let secret = "client_secret = \"demo-google-secret\"\n";
        let app = unset(stage, &format!("client_id = \"demo-google\"\n{secret}")).await?;
        app.click("[data-testid=set-up-more] summary").await?;
        app.click("[data-set-up=google]").await?;
        type_in(&app, "set-up-client-id", "demo-google").await?;
        type_in(&app, "set-up-secret", "demo-google-secret").await?;
        app.click("[data-testid=set-up-save]").await?;
        app.window.page().shown("[data-testid=set-up-report][data-checked=accepted]").await?;
        ensure!(!written(&app)?.contains("demo-google-secret"));
        app.click("[data-testid=back]").await?;
        app.sign_in(stage, "google").await.map(drop)
    })
    .await
}

/// An issuer is pasted; all the rest is discovered.
#[tokio::test]
async fn another_issuer_is_pasted() -> Result<()> {
    play("another_issuer_is_pasted", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.click("[data-testid=set-up-more] summary").await?;
        app.click("[data-testid=add-oidc]").await?;
        type_in(&app, "set-up-label", "Second").await?;
        let issuer = format!("{}/oidc/rp/idtoken-sig-rs256/", stage.demo().base());
        type_in(&app, "set-up-issuer", &issuer).await?;
        type_in(&app, "set-up-client-id", "demo-oidc").await?;
        app.click("[data-testid=set-up-save]").await?;
        app.window.page().shown("[data-testid=set-up-report][data-saved=true]").await?;
        app.click("[data-testid=back]").await?;
        app.sign_in(stage, "second").await?;
        app.sees(NICKNAME).await
    })
    .await
}

/// Starts where one provider's client is not named yet.
async fn unset(stage: &mut Stage, lines: &str) -> Result<App> {
    let home = stage.home()?;
    let providers = stage.demo().providers()?;
    ensure!(providers.contains(lines), "{providers}");
    stage.configure(&home, &providers.replace(lines, ""))?;
    let app = App::at(stage, home).await?;
    app.window.screen("welcome").await?;
    Ok(app)
}

async fn type_in(app: &App, field: &str, text: &str) -> Result<()> {
    let input = app.window.page().shown(&format!("[data-testid={field}]")).await?;
    input.clear().await?;
    input.send_keys(text).await.with_context(|| field.to_owned())
}

fn written(app: &App) -> Result<String> {
    Ok(fs::read_to_string(app.home.join("providers.toml"))?)
}
