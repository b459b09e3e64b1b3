//! Setting up a provider in the window, up to a sign-in.

use crate::fixture::{App, NICKNAME, run};
use anyhow::{Context, Result, ensure};
use std::fs;
use xtask::environment::{Environment, Services};

/// U8: the redirect URI is shown; a client that the provider refuses is not stored; an accepted one works at once.
#[tokio::test]
async fn discord_is_set_up_in_the_window() -> Result<()> {
    run("discord_is_set_up_in_the_window", Services::Standard, async |env| {
        let app = unset(env, "client_id = \"demo-discord\"\n").await?;
        app.click("[data-testid=set-up-more] summary").await?;
        app.click("[data-set-up=discord]").await?;
        let uri = app.window.page().text("[data-testid=redirect-uri]").await?;
        ensure!(uri == "http://127.0.0.1/callback/discord", "{uri}");

        type_in(&app, "set-up-client-id", "nobody").await?;
        app.click("[data-testid=set-up-save]").await?;
        app.window.page().shown("[data-testid=set-up-report][data-checked=refused]").await?;
        ensure!(!written(&app)?.contains("nobody"), "a refused client was written");

        type_in(&app, "set-up-client-id", "demo-discord").await?;
        app.click("[data-testid=set-up-save]").await?;
        app.window.page().shown("[data-testid=set-up-report][data-checked=accepted]").await?;
        ensure!(written(&app)?.contains("client_id = \"demo-discord\""));
        app.click("[data-testid=back]").await?;
        app.sign_in(env, "discord").await.map(drop)
    })
    .await
}

/// S48: a secret that is entered in the window is stored in the keychain, not in the file.
#[tokio::test]
async fn an_entered_secret_is_stored_in_the_keychain() -> Result<()> {
    run("an_entered_secret_is_stored_in_the_keychain", Services::Standard, async |env| {
        let secret = "client_secret = \"demo-google-secret\"\n";
        let app = unset(env, &format!("client_id = \"demo-google\"\n{secret}")).await?;
        app.click("[data-testid=set-up-more] summary").await?;
        app.click("[data-set-up=google]").await?;
        type_in(&app, "set-up-client-id", "demo-google").await?;
        type_in(&app, "set-up-secret", "demo-google-secret").await?;
        app.click("[data-testid=set-up-save]").await?;
        app.window.page().shown("[data-testid=set-up-report][data-checked=accepted]").await?;
        ensure!(!written(&app)?.contains("demo-google-secret"));
        app.click("[data-testid=back]").await?;
        app.sign_in(env, "google").await.map(drop)
    })
    .await
}

/// An issuer needs only its address and a client id; the rest is discovered.
#[tokio::test]
async fn an_issuer_is_added_by_its_address() -> Result<()> {
    run("an_issuer_is_added_by_its_address", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.click("[data-testid=set-up-more] summary").await?;
        app.click("[data-testid=add-oidc]").await?;
        type_in(&app, "set-up-label", "Second").await?;
        let issuer = format!("{}/oidc/rp/idtoken-sig-rs256/", env.demo().base());
        type_in(&app, "set-up-issuer", &issuer).await?;
        type_in(&app, "set-up-client-id", "demo-oidc").await?;
        app.click("[data-testid=set-up-save]").await?;
        app.window.page().shown("[data-testid=set-up-report][data-saved=true]").await?;
        app.click("[data-testid=back]").await?;
        app.sign_in(env, "second").await?;
        app.sees(NICKNAME).await
    })
    .await
}

/// Starts with a `providers.toml` without these lines.
async fn unset(env: &mut Environment, lines: &str) -> Result<App> {
    let home = env.home()?;
    let providers = env.demo().providers()?;
    ensure!(providers.contains(lines), "{providers}");
    env.configure(&home, &providers.replace(lines, ""))?;
    let app = App::at(env, home).await?;
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
