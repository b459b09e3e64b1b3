//! The stage itself is real: its keychain keeps, its browser reaches the registered handler, and nothing is left.

use crate::stand_in;
use anyhow::Result;
use serde_json::json;
use xtask::stage::browser::SCHEME;
use xtask::stage::{Cast, Stage};

#[tokio::test]
async fn the_keychain_is_a_secret_service_of_its_own() -> Result<()> {
    let stage = Stage::open(Cast::Usual).await?;
    let keychain = stage.keychain()?;
    let attributes = [("service", "stage"), ("account", "one")];
    assert_eq!(keychain.search(&attributes).await?, "");
    keychain.store("Stage", &attributes, "kept").await?;
    assert!(keychain.search(&attributes).await?.contains("secret = kept"));
    assert_eq!(stage.close().await, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn a_link_of_another_scheme_reaches_its_registered_handler() -> Result<()> {
    let mut stage = Stage::open(Cast::Usual).await?;
    stand_in::register(&mut stage).await?;

    // A page of the demo provider's origin may open the scheme; ask the desktop for one, as a program does.
    let mut open = stage.surroundings().command("xdg-open");
    let link = format!("{}/demo/users/haneul.png", stage.demo().base());
    assert!(open.arg(&link).status().await?.success());
    assert_eq!(stage.follow().await?, link);
    let browser = stage.browser()?.page();
    browser.client().execute(ADD_LINK, vec![json!(format!("{SCHEME}:/open"))]).await?;
    browser.click("#link").await?;
    assert_eq!(stage.link().await?, stand_in::heard(&format!("{SCHEME}:/open")));
    stage.close().await;
    Ok(())
}

const ADD_LINK: &str = r"
const link = document.createElement('a');
[link.id, link.href, link.textContent] = ['link', arguments[0], 'open'];
document.body.append(link);
";
