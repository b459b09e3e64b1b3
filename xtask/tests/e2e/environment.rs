//! The environment itself: its keychain stores items, its browser opens the registered handler, and no process is left.

use crate::fake_handler;
use anyhow::Result;
use serde_json::json;
use xtask::environment::browser::SCHEME;
use xtask::environment::{Environment, Services};

#[tokio::test]
async fn the_keychain_is_a_secret_service_of_its_own() -> Result<()> {
    let env = Environment::open(Services::Standard).await?;
    let keychain = env.keychain()?;
    let attributes = [("service", "env"), ("account", "one")];
    assert_eq!(keychain.search(&attributes).await?, "");
    keychain.store("Environment", &attributes, "kept").await?;
    assert!(keychain.search(&attributes).await?.contains("secret = kept"));
    assert_eq!(env.close().await, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn a_link_of_another_scheme_reaches_its_registered_handler() -> Result<()> {
    let mut env = Environment::open(Services::Standard).await?;
    fake_handler::register(&mut env).await?;

    // Pages of the demo provider's origin may open the scheme; a program opens one with xdg-open.
    let mut open = env.env_vars().command("xdg-open");
    let link = format!("{}/demo/users/haneul.png", env.demo().base());
    assert!(open.arg(&link).status().await?.success());
    assert_eq!(env.open_next_link().await?, link);
    let browser = env.browser()?.page();
    browser.client().execute(ADD_LINK, vec![json!(format!("{SCHEME}:/open"))]).await?;
    browser.click("#link").await?;
    assert_eq!(env.next_link().await?, fake_handler::received(&format!("{SCHEME}:/open")));
    env.close().await;
    Ok(())
}

const ADD_LINK: &str = r"
const link = document.createElement('a');
[link.id, link.href, link.textContent] = ['link', arguments[0], 'open'];
document.body.append(link);
";
