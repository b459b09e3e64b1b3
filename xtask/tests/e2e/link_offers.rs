//! Accounts with the same address: the offer to link them, if both providers are trusted.

use crate::account_list::{account, users};
use crate::fixture::{App, NICKNAME, USER, run};
use anyhow::{Result, ensure};
use std::path::PathBuf;
use xtask::environment::{Environment, Services};

/// S39, N4: an accepted offer links the accounts; unlinking separates them again.
#[tokio::test]
async fn an_accepted_offer() -> Result<()> {
    run("an_accepted_offer", Services::Standard, async |env| {
        let app = offered(env).await?;
        app.click("[data-testid=link-account]").await?;
        app.window.page().shown("[data-testid=account] + [data-testid=account]").await?;
        ensure!(users(env, &app.home).await? == ["하늘 company:active partner:active"]);
        ensure!(!app.window.page().has("[data-testid=offer]").await?);

        app.choose("unlink", &account(env, &app.home, "partner").await?).await?;
        app.click("[data-testid=unlink-confirm]").await?;
        app.loses("[data-testid=account] + [data-testid=account]").await?;
        ensure!(users(env, &app.home).await? == ["하늘 company:active", "하늘 partner:active"]);
        Ok(())
    })
    .await
}

/// S39, N4: after a declined offer there are two users, and the offer is not made again.
#[tokio::test]
async fn a_declined_offer() -> Result<()> {
    run("a_declined_offer", Services::Standard, async |env| {
        let app = offered(env).await?;
        app.click("[data-testid=decline-link]").await?;
        app.window.page().shown("[data-testid=link-explanation]").await?;
        app.sign_in_beside(env, "partner", USER).await?;
        app.window.page().shown("[data-testid=link-explanation]").await?;
        ensure!(!app.window.page().has("[data-testid=offer]").await?);
        ensure!(users(env, &app.home).await? == ["하늘 company:active", "하늘 partner:active"]);
        Ok(())
    })
    .await
}

/// S39: without trust in both providers there is no offer, and the profile explains it.
#[tokio::test]
async fn an_untrusted_address_is_not_offered() -> Result<()> {
    run("an_untrusted_address_is_not_offered", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.sign_in(env, "discord").await?;
        app.sign_in_beside(env, "kakao", USER).await?;
        app.window.page().shown("[data-testid=link-explanation]").await?;
        ensure!(!app.window.page().has("[data-testid=offer]").await?);
        ensure!(users(env, &app.home).await? == ["하늘 discord:active", "하늘 kakao:active"]);
        Ok(())
    })
    .await
}

/// One user at two trusted issuers; the offer is shown, and the accounts are not linked.
async fn offered(env: &mut Environment) -> Result<App> {
    let home = trusting(env)?;
    let app = App::at(env, home).await?;
    app.sign_in(env, "company").await?;
    app.sign_in_beside(env, "partner", USER).await?;
    let said = app.window.page().text("[data-testid=offer]").await?;
    ensure!(said.contains(NICKNAME) && said.contains("haneul@example.com"), "{said}");
    ensure!(users(env, &app.home).await? == ["하늘 company:active", "하늘 partner:active"]);
    Ok(app)
}

/// A home that trusts the addresses of `company` and of one issuer more.
fn trusting(env: &Environment) -> Result<PathBuf> {
    let home = env.home()?;
    let base = env.demo().base();
    let providers = env.demo().providers()?;
    // The last table of the file is `company`.
    let client = providers.rsplit("client_id = ").next().unwrap_or_default().trim();
    let partner = format!(
        "[partner]\nkind = \"oidc\"\nlabel = \"Partner SSO\"\nissuer = \"{base}/oidc/rp/idtoken-sig-rs256\"\nclient_id = {client}\nemail_trusted = true\n"
    );
    env.configure(&home, &format!("{providers}email_trusted = true\n\n{partner}"))?;
    Ok(home)
}
