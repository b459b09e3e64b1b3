//! Sessions in the Secret Service, and without one.

use crate::account_list::{account, accounts};
use crate::command_line::assert_no_user_data;
use crate::fixture::{App, NICKNAME, run};
use anyhow::{Result, ensure};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;
use xtask::environment::Services;

/// Keychain items exist while an account is signed in, and not after signing out.
#[tokio::test]
async fn keychain_items_exist_while_signed_in() -> Result<()> {
    run("keychain_items_exist_while_signed_in", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        let service = service(&app.home)?;
        app.sign_in(env, "discord").await?;
        let found = env.keychain()?.search(&[("service", &service)]).await?;
        let token = first(&env.demo().request_log().await?, "access_tokens")?;
        ensure!(found.contains(&token), "the keychain does not hold the session: {}", found.len());
        app.window.page().click("[data-testid=sign-out]").await?;
        app.window.page().click("[data-testid=sign-out-confirm]").await?;
        app.window.screen("welcome").await?;
        ensure!(
            env.keychain()?.search(&[("service", &service)]).await?.is_empty(),
            "something is left"
        );
        ensure!(accounts(env, &app.home).await?.is_empty());
        Ok(())
    })
    .await
}

/// S63: a damaged database is reported by the command line and in the window, and a reset deletes every keychain item, also parts
/// of long values and duplicates.
#[tokio::test]
async fn a_reset_after_a_damaged_database_empties_the_keychain() -> Result<()> {
    run("a_reset_after_a_damaged_database_empties_the_keychain", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.sign_in(env, "discord").await?;
        let id = account(env, &app.home, "discord").await?;
        let home = app.quit(env).await?;
        let service = service(&home)?;
        for (name, more) in [("0a1b.a.0", "part"), (id.as_str(), "twice")] {
            let attributes = [("service", service.as_str()), ("username", name), ("more", more)];
            env.keychain()?.store("Nameplate", &attributes, "s3cret").await?;
        }
        // The last process that closes the database empties the write-ahead log.
        ensure!(accounts(env, &home).await? == ["discord:active"]);
        fs::write(home.join("nameplate.db"), "this is no database")?;
        for command in ["accounts", "doctor", "providers"] {
            let output = env.command_line(&home).arg(command).output().await?;
            let said = String::from_utf8(output.stdout)?;
            ensure!(said.contains("store_set_aside"), "{command} says nothing: {said}");
        }

        let app = App::at(env, home).await?;
        app.complains("store_set_aside").await?;
        app.click("[data-testid=open-settings]").await?;
        app.click("[data-testid=reset]").await?;
        app.click("[data-testid=reset-confirm]").await?;
        app.window.screen("welcome").await?;
        assert_no_user_data(env, &app.home).await?;
        let output = env.command_line(&app.home).arg("accounts").output().await?;
        ensure!(!String::from_utf8(output.stdout)?.contains("store_set_aside"));
        Ok(())
    })
    .await
}

/// S50: without a keychain the window asks, before the browser opens, whether to keep the session for this run only.
#[tokio::test]
async fn without_a_keychain_the_window_asks_first() -> Result<()> {
    run("without_a_keychain_the_window_asks_first", Services::WithoutKeychain, async |env| {
        let app = App::fresh(env).await?;
        app.window.page().click("button[data-provider=discord]").await?;
        app.complains("keychain_absent").await?;
        ensure!(env.opened()?.is_empty(), "opened: {:?}", env.opened()?);
        app.window.page().click("[data-testid=problem-this_run]").await?;
        env.open_next_link().await?;
        env.browser()?.answer(crate::fixture::USER, "allow").await?;
        app.sees(NICKNAME).await
    })
    .await
}

/// The service name of a home's keychain items.
pub fn service(home: &Path) -> Result<String> {
    let digest = Sha256::digest(home.canonicalize()?.as_os_str().as_encoded_bytes());
    let name: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("app.nameplate.desktop.h{name}"))
}

fn first(request_log: &serde_json::Value, kind: &str) -> Result<String> {
    let value = request_log.get(kind).and_then(|all| all.get(0)).and_then(|one| one.as_str());
    value.map(str::to_owned).ok_or_else(|| anyhow::anyhow!("nothing in {kind}"))
}
