//! Several people and accounts on one device, in the window.

use crate::listed::{account, people, user};
use crate::scene::{App, NICKNAME, OTHER, OTHERS_NICKNAME, PERSON, play};
use anyhow::{Result, ensure};
use fantoccini::key::Key;
use xtask::stage::Cast;

/// U20: two people with three accounts; any of them can be shown, and stays so after a restart.
#[tokio::test]
async fn two_people_with_three_accounts() -> Result<()> {
    play("two_people_with_three_accounts", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "discord").await?;
        app.sign_in_beside(stage, "google", OTHER).await?;
        app.sees(OTHERS_NICKNAME).await?;

        let haneul = user(stage, &app.home, NICKNAME).await?;
        app.show(&haneul).await?;
        app.sees(NICKNAME).await?;
        app.add_account(stage, "company", OTHER).await?;
        app.window.page().shown("[data-testid=account] + [data-testid=account]").await?;
        // Whoever adds an account is called as before.
        app.sees(NICKNAME).await?;
        let all = ["하늘 discord:active company:active", "Mira Novak google:active"];
        ensure!(people(stage, &app.home).await? == all);

        let home = app.quit(stage).await?;
        let app = App::at(stage, home).await?;
        app.sees(NICKNAME).await?;
        let mira = user(stage, &app.home, OTHERS_NICKNAME).await?;
        app.show(&mira).await?;
        app.sees(OTHERS_NICKNAME).await
    })
    .await
}

/// U20: a sign-in to an account that is here already refreshes it, also where another person is shown.
#[tokio::test]
async fn signing_in_again_makes_no_second_account() -> Result<()> {
    play("signing_in_again_makes_no_second_account", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "discord").await?;
        app.sign_in_beside(stage, "discord", OTHER).await?;
        app.sees(OTHERS_NICKNAME).await?;
        app.sign_in_beside(stage, "discord", PERSON).await?;
        app.sees(NICKNAME).await?;
        let both = ["하늘 discord:active", "Mira Novak discord:active"];
        ensure!(people(stage, &app.home).await? == both);
        Ok(())
    })
    .await
}

/// An account of somebody who is here is not taken from them: the window names both.
#[tokio::test]
async fn an_account_is_not_taken_from_another_person() -> Result<()> {
    play("an_account_is_not_taken_from_another_person", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "discord").await?;
        app.sign_in_beside(stage, "company", OTHER).await?;
        app.sees(OTHERS_NICKNAME).await?;
        app.show(&user(stage, &app.home, NICKNAME).await?).await?;
        app.sees(NICKNAME).await?;
        app.add_account(stage, "company", OTHER).await?;
        app.complains("account_elsewhere").await?;
        let said = app.window.page().text("[data-testid=problem]").await?;
        ensure!(said.contains(OTHERS_NICKNAME), "{said}");
        let both = ["하늘 discord:active", "Mira Novak company:active"];
        ensure!(people(stage, &app.home).await? == both);
        Ok(())
    })
    .await
}

/// A name that was given here stays through a sign-in, and is the provider's again once emptied.
#[tokio::test]
async fn a_person_is_renamed_on_this_device() -> Result<()> {
    play("a_person_is_renamed_on_this_device", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "discord").await?;
        rename(&app, "나의 계정").await?;
        app.sees("나의 계정").await?;
        app.click("[data-testid=refresh]").await?;
        app.window.page().shown("[data-testid=refresh][aria-busy=false]").await?;
        app.sees("나의 계정").await?;
        rename(&app, "").await?;
        app.sees(NICKNAME).await
    })
    .await
}

/// More of the profile is asked for with a new sign-in, and is shown; the account is the same.
#[tokio::test]
async fn more_is_asked_for_and_shown() -> Result<()> {
    play("more_is_asked_for_and_shown", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.sign_in(stage, "google").await?;
        let google = account(stage, &app.home, "google").await?;
        ensure!(!app.window.page().has("[data-testid=birthday]").await?);
        app.choose("ask-for-more", &google).await?;
        stage.follow().await?;
        stage.browser()?.answer(PERSON, "allow").await?;
        app.window.page().shown("[data-testid=birthday]").await?;
        ensure!(account(stage, &app.home, "google").await? == google);
        ensure!(people(stage, &app.home).await? == ["하늘 google:active"]);
        Ok(())
    })
    .await
}

async fn rename(app: &App, name: &str) -> Result<()> {
    app.click("[data-testid=rename]").await?;
    let input = app.window.page().shown("[data-testid=rename-input]").await?;
    // The driver's own "clear" is nothing that a person could do, and the page hears nothing of it.
    input.send_keys(&(Key::Control + "a")).await?;
    input.send_keys(&(Key::Delete + name)).await?;
    app.click("[data-testid=rename-save]").await?;
    app.window.page().shown("[data-testid=rename]").await.map(drop)
}
