//! Two accounts of one address: offered to be joined where both providers vouch for it, and joined by nobody else.

use crate::listed::{account, people};
use crate::scene::{App, NICKNAME, PERSON, play};
use anyhow::{Result, ensure};
use std::path::PathBuf;
use xtask::stage::{Cast, Stage};

/// S39, N4: the offer is explained, agreed to, and undone again; what is shown follows.
#[tokio::test]
async fn an_offer_that_is_agreed_to() -> Result<()> {
    play("an_offer_that_is_agreed_to", Cast::Usual, async |stage| {
        let app = offered(stage).await?;
        app.click("[data-testid=link-account]").await?;
        app.window.page().shown("[data-testid=account] + [data-testid=account]").await?;
        ensure!(people(stage, &app.home).await? == ["하늘 company:active partner:active"]);
        ensure!(!app.window.page().has("[data-testid=offer]").await?);

        app.choose("unlink", &account(stage, &app.home, "partner").await?).await?;
        app.click("[data-testid=unlink-confirm]").await?;
        app.loses("[data-testid=account] + [data-testid=account]").await?;
        ensure!(people(stage, &app.home).await? == ["하늘 company:active", "하늘 partner:active"]);
        Ok(())
    })
    .await
}

/// S39, N4: an offer that is refused leaves two people, says so, and is not made again.
#[tokio::test]
async fn an_offer_that_is_refused() -> Result<()> {
    play("an_offer_that_is_refused", Cast::Usual, async |stage| {
        let app = offered(stage).await?;
        app.click("[data-testid=decline-link]").await?;
        app.window.page().shown("[data-testid=link-explanation]").await?;
        app.sign_in_beside(stage, "partner", PERSON).await?;
        app.window.page().shown("[data-testid=link-explanation]").await?;
        ensure!(!app.window.page().has("[data-testid=offer]").await?);
        ensure!(people(stage, &app.home).await? == ["하늘 company:active", "하늘 partner:active"]);
        Ok(())
    })
    .await
}

/// S39: an address that not both providers vouch for joins nobody, and the profile says why.
#[tokio::test]
async fn an_untrusted_address_joins_nobody() -> Result<()> {
    play("an_untrusted_address_joins_nobody", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "discord").await?;
        app.sign_in_beside(stage, "kakao", PERSON).await?;
        app.window.page().shown("[data-testid=link-explanation]").await?;
        ensure!(!app.window.page().has("[data-testid=offer]").await?);
        ensure!(people(stage, &app.home).await? == ["하늘 discord:active", "하늘 kakao:active"]);
        Ok(())
    })
    .await
}

/// One person at two issuers whose addresses are trusted; the offer is shown, and nobody is joined unasked.
async fn offered(stage: &mut Stage) -> Result<App> {
    let home = trusting(stage)?;
    let app = App::at(stage, home).await?;
    app.sign_in(stage, "company").await?;
    app.sign_in_beside(stage, "partner", PERSON).await?;
    let said = app.window.page().text("[data-testid=offer]").await?;
    ensure!(said.contains(NICKNAME) && said.contains("haneul@example.com"), "{said}");
    ensure!(people(stage, &app.home).await? == ["하늘 company:active", "하늘 partner:active"]);
    Ok(app)
}

/// A home that trusts the addresses of `company` and of one issuer more.
fn trusting(stage: &Stage) -> Result<PathBuf> {
    let home = stage.home()?;
    let base = stage.demo().base();
    let providers = stage.demo().providers()?;
    // The last entry of the demo's file is `company`.
    let client = providers.rsplit("client_id = ").next().unwrap_or_default().trim();
    let partner = format!(
        "[partner]\nkind = \"oidc\"\nlabel = \"Partner SSO\"\nissuer = \"{base}/oidc/rp/idtoken-sig-rs256\"\nclient_id = {client}\nemail_trusted = true\n"
    );
    stage.configure(&home, &format!("{providers}email_trusted = true\n\n{partner}"))?;
    Ok(home)
}
