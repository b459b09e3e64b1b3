//! Generic OpenID Connect against the certified `oidc-provider`, so that we do not only agree with ourselves.

use crate::scene::{App, play};
use anyhow::Result;
use std::fs;
use xtask::picture::Colour;
use xtask::stage::Cast;

/// S3, O30, O31: an issuer that insists on S256 and answers userinfo to a bearer header; discovery, `iss` and id_token beside.
#[tokio::test]
async fn signs_in_at_an_issuer_that_is_not_ours() -> Result<()> {
    play("signs_in_at_an_issuer_that_is_not_ours", Cast::WithPeer, async |stage| {
        let home = stage.home()?;
        let providers =
            fs::read_to_string(home.join("providers.toml"))? + "\n" + &stage.peer()?.providers();
        stage.configure(&home, &providers)?;
        let app = App::at(stage, home).await?;
        app.click("button[data-provider=peer]").await?;
        // The issuer leads on to a page of its own, whose URL names no redirect URI.
        stage.follow().await?;
        let page = stage.browser()?.page();
        page.shown("input[name=login]").await?.send_keys("someone").await?;
        page.shown("input[name=password]").await?.send_keys("anything").await?;
        page.click("form:has(input[value=login]) button[type=submit]").await?;
        page.click("form:has(input[value=consent]) button[type=submit]").await?;
        app.sees("Certified Person").await?;
        app.paints(Colour([0, 122, 204])).await
    })
    .await
}
