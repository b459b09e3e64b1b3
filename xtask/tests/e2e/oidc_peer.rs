//! Generic OpenID Connect with the certified `oidc-provider` of npm.

use crate::fixture::{App, run};
use anyhow::Result;
use std::fs;
use xtask::colour::Colour;
use xtask::environment::{Environment, Services};

/// The name of the issuer's person.
pub const PERSON: &str = "Certified Person";

/// N13, S66: in a home without any configuration the first screen signs in at an issuer by its address
/// alone, and names it before the browser opens.
#[tokio::test]
async fn a_first_start_signs_in_by_an_address_alone() -> Result<()> {
    run("a_first_start_signs_in_by_an_address_alone", Services::WithOidcPeer, async |env| {
        let home = env.home()?;
        fs::remove_file(home.join("providers.toml"))?;
        let issuer = env.peer()?.base().to_owned();
        let app = App::at(env, home).await?;
        app.window.screen("welcome").await?;
        app.click("button[data-provider=oidc]").await?;
        let page = app.window.page();
        page.shown("[data-testid=server-name]").await?.send_keys(&issuer).await?;
        let host = issuer.trim_start_matches("http://").to_owned();
        let opens = "[data-testid=server-opens]";
        page.shown(opens).await?;
        assert!(page.text(opens).await?.contains(&host), "{}", page.text(opens).await?);
        app.click("[data-testid=server-go]").await?;
        env.open_next_link().await?;
        signed_in(env, &app).await
    })
    .await
}

/// S3, O30, O31: discovery, S256, `iss`, id_token, and userinfo with the bearer token in the header.
#[tokio::test]
async fn a_sign_in_at_a_certified_issuer() -> Result<()> {
    run("a_sign_in_at_a_certified_issuer", Services::WithOidcPeer, async |env| {
        let home = env.home()?;
        let providers =
            fs::read_to_string(home.join("providers.toml"))? + "\n" + &env.peer()?.providers();
        env.configure(&home, &providers)?;
        let app = App::at(env, home).await?;
        app.click("button[data-provider=peer]").await?;
        // The issuer redirects to its login page, whose address contains no redirect URI.
        env.open_next_link().await?;
        signed_in(env, &app).await
    })
    .await
}

/// Goes through the issuer's own pages.
pub async fn consents(env: &Environment) -> Result<()> {
    let page = env.browser()?.page();
    page.shown("input[name=login]").await?.send_keys("someone").await?;
    page.shown("input[name=password]").await?.send_keys("anything").await?;
    page.click("form:has(input[value=login]) button[type=submit]").await?;
    page.click("form:has(input[value=consent]) button[type=submit]").await
}

/// Goes through the issuer's own pages, until the window shows name and picture.
async fn signed_in(env: &Environment, app: &App) -> Result<()> {
    consents(env).await?;
    app.sees(PERSON).await?;
    app.paints(Colour([0, 122, 204])).await
}
