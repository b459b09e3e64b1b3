//! The window by keyboard alone, and as a screen reader is told of it.

use crate::fixture::{App, NICKNAME, USER, run};
use anyhow::{Result, bail, ensure};
use fantoccini::key::Key;
use serde_json::Value;
use xtask::environment::Services;
use xtask::environment::accessibility::{Accessibility, Node};
use xtask::environment::window::Window;

/// U26: a user signs in, looks around and signs out without a mouse.
#[tokio::test]
async fn a_sign_in_by_keyboard_alone() -> Result<()> {
    run("a_sign_in_by_keyboard_alone", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        let window = &app.window;
        reach(window, "button[data-provider=discord]").await?;
        press(window, Key::Enter).await?;
        window.screen("waiting").await?;
        env.open_next_link().await?;

        // Esc cancels; the sign-in begins again.
        press(window, Key::Escape).await?;
        window.screen("welcome").await?;
        reach(window, "button[data-provider=discord]").await?;
        press(window, Key::Enter).await?;
        window.screen("waiting").await?;
        env.open_next_link().await?;

        // Arrows move in the radio group, and change nothing by themselves.
        reach(window, "[data-testid=trouble] summary").await?;
        press(window, Key::Enter).await?;
        reach(window, "input[type=radio]:checked").await?;
        press(window, Key::Down).await?;
        window.page().shown("[data-testid=method-deep_link]:checked").await?;
        ensure!(window.page().has("[data-testid=change-method]").await?);
        env.browser()?.answer(USER, "allow").await?;
        app.sees(NICKNAME).await?;

        reach(window, "[data-testid=open-account]").await?;
        press(window, Key::Enter).await?;
        window.screen("account").await?;
        press(window, Key::Escape).await?;
        window.screen("profile").await?;
        window.page().client().active_element().await?.send_keys(&(Key::Control + "/")).await?;
        window.screen("shortcuts").await?;
        press(window, Key::Escape).await?;
        reach(window, "[data-testid=sign-out]").await?;
        press(window, Key::Enter).await?;
        reach(window, "[data-testid=sign-out-confirm]").await?;
        press(window, Key::Enter).await?;
        window.screen("welcome").await
    })
    .await
}

/// U26: roles, names and what is told of changes, in the real window.
#[tokio::test]
async fn a_screen_reader_is_told_everything() -> Result<()> {
    run("a_screen_reader_is_told_everything", Services::Standard, async |env| {
        let reader = Accessibility::start(env)?;
        let app = App::fresh(env).await?;
        reader.shown(env, "the first heading", |node| is_heading(node, "Sign in")).await?;
        check(&reader.tree(env).await?)?;

        app.begin(env, "discord").await?;
        let title = "Continue in your browser";
        let heading = reader.shown(env, "the heading", |node| is_heading(node, title)).await?;
        ensure!(heading.is("focused"), "{heading:?}");
        app.help().await?;
        let way = "Return automatically (recommended)";
        reader
            .shown(env, "the way in use", |node| {
                node.role == "radio button" && node.name.starts_with(way) && node.is("checked")
            })
            .await?;
        let tree = reader.tree(env).await?;
        check(&tree)?;
        ensure!(tree.iter().any(|node| node.live == "polite"), "no change is told: {tree:#?}");

        env.browser()?.answer(USER, "deny").await?;
        app.complains("access_denied").await?;
        reader
            .shown(env, "what happened", |node| {
                node.name.contains("declined") || node.live == "polite"
            })
            .await?;
        app.sign_in(env, "discord").await?;
        check(&reader.tree(env).await?)?;
        app.click("[data-testid=open-account]").await?;
        reader.shown(env, "the account", |node| is_heading(node, NICKNAME)).await?;
        check(&reader.tree(env).await?)?;
        app.click("[data-testid=back]").await?;
        app.click("[data-testid=open-settings]").await?;
        reader.shown(env, "the settings", |node| is_heading(node, "Settings")).await?;
        check(&reader.tree(env).await?)
    })
    .await
}

fn is_heading(node: &Node, name: &str) -> bool {
    node.role == "heading" && node.name == name
}

/// What holds on every screen: one first heading, one main landmark, and a name for whatever takes the focus.
fn check(tree: &[Node]) -> Result<()> {
    let page = tree.iter().position(|node| node.role.starts_with("document"));
    let Some(page) = page else { bail!("there is no page: {tree:#?}") };
    let page = &tree[page + 1..];
    let first = page.iter().filter(|node| node.role == "heading" && node.level == "1").count();
    ensure!(first == 1, "{first} first headings: {page:#?}");
    for node in page.iter().filter(|node| node.is("focusable") && node.role != "scroll bar") {
        ensure!(!node.name.is_empty(), "{node:?} has no name");
    }
    Ok(())
}

/// Presses Tab until the focus is there.
async fn reach(window: &Window, selector: &str) -> Result<()> {
    window.page().shown(selector).await?;
    for _ in 0..60 {
        if window.page().script(FOCUSED, vec![selector.into()]).await? == Value::Bool(true) {
            return Ok(());
        }
        press(window, Key::Tab).await?;
    }
    bail!("Tab does not lead to {selector}")
}

async fn press(window: &Window, key: Key) -> Result<()> {
    let key = char::from(key).to_string();
    Ok(window.page().client().active_element().await?.send_keys(&key).await?)
}

/// Whether the focus is on what matches.
const FOCUSED: &str = r"
const [selector, done] = arguments;
done(document.activeElement?.matches(selector) ?? false);
";
