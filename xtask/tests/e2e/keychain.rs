//! The session lies in the real Secret Service, or nowhere.

use crate::command_line::assert_nobody_is_left;
use crate::listed::{account, accounts};
use crate::scene::{App, NICKNAME, play};
use anyhow::{Result, ensure};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;
use xtask::stage::Cast;

/// The entries are there while somebody is signed in, and gone after signing out.
#[tokio::test]
async fn entries_come_and_go_with_the_account() -> Result<()> {
    play("entries_come_and_go_with_the_account", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        let service = service(&app.home)?;
        app.sign_in(stage, "discord").await?;
        let found = stage.keychain()?.search(&[("service", &service)]).await?;
        let token = first(&stage.demo().ledger().await?, "access_tokens")?;
        ensure!(found.contains(&token), "the keychain does not hold the session: {}", found.len());
        app.window.page().click("[data-testid=sign-out]").await?;
        app.window.page().click("[data-testid=sign-out-confirm]").await?;
        app.window.screen("welcome").await?;
        ensure!(
            stage.keychain()?.search(&[("service", &service)]).await?.is_empty(),
            "something is left"
        );
        ensure!(accounts(stage, &app.home).await?.is_empty());
        Ok(())
    })
    .await
}

/// S63: after the database is damaged, the command line says so, the window shows what the command
/// line set aside, and forgetting empties the keychain, with parts of long values and with two
/// entries of one name.
#[tokio::test]
async fn a_damaged_database_leaves_no_entry_behind() -> Result<()> {
    play("a_damaged_database_leaves_no_entry_behind", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "discord").await?;
        let id = account(stage, &app.home, "discord").await?;
        let home = app.quit(stage).await?;
        let service = service(&home)?;
        for (name, more) in [("0a1b.a.0", "part"), (id.as_str(), "twice")] {
            let attributes = [("service", service.as_str()), ("username", name), ("more", more)];
            stage.keychain()?.store("Nameplate", &attributes, "s3cret").await?;
        }
        // It closes the database last, so that nothing is left in the write-ahead log.
        ensure!(accounts(stage, &home).await? == ["discord:active"]);
        fs::write(home.join("nameplate.db"), "this is no database")?;
        for command in ["accounts", "doctor", "providers"] {
            let output = stage.command_line(&home).arg(command).output().await?;
            let said = String::from_utf8(output.stdout)?;
            ensure!(said.contains("store_set_aside"), "{command} says nothing: {said}");
        }

        let app = App::at(stage, home).await?;
        app.complains("store_set_aside").await?;
        app.click("[data-testid=open-settings]").await?;
        app.click("[data-testid=reset]").await?;
        app.click("[data-testid=reset-confirm]").await?;
        app.window.screen("welcome").await?;
        assert_nobody_is_left(stage, &app.home).await?;
        let output = stage.command_line(&app.home).arg("accounts").output().await?;
        ensure!(!String::from_utf8(output.stdout)?.contains("store_set_aside"));
        Ok(())
    })
    .await
}

/// S50: without a keychain it is said before any browser opens, and kept for this run only where the person says so.
#[tokio::test]
async fn without_a_keychain_the_person_is_asked_first() -> Result<()> {
    play("without_a_keychain_the_person_is_asked_first", Cast::NoKeychain, async |stage| {
        let app = App::fresh(stage).await?;
        app.window.page().click("button[data-provider=discord]").await?;
        app.complains("keychain_absent").await?;
        ensure!(stage.opened()?.is_empty(), "opened: {:?}", stage.opened()?);
        app.window.page().click("[data-testid=problem-this_run]").await?;
        stage.follow().await?;
        stage.browser()?.answer(crate::scene::PERSON, "allow").await?;
        app.sees(NICKNAME).await
    })
    .await
}

/// The name that a home's entries are filed under.
pub fn service(home: &Path) -> Result<String> {
    let digest = Sha256::digest(home.canonicalize()?.as_os_str().as_encoded_bytes());
    let name: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("app.nameplate.desktop.h{name}"))
}

fn first(ledger: &serde_json::Value, kind: &str) -> Result<String> {
    let value = ledger.get(kind).and_then(|all| all.get(0)).and_then(|one| one.as_str());
    value.map(str::to_owned).ok_or_else(|| anyhow::anyhow!("nothing in {kind}"))
}
