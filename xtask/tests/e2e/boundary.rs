//! What the page in the window may do, and what anybody may do who can reach us from outside.

use crate::listed::accounts;
use crate::scene::{App, NICKNAME, PERSON, play};
use crate::secrets::spellings;
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::fs;
use xtask::stage::browser::SCHEME;
use xtask::stage::{Cast, Stage};

/// S56: the page reaches no host, evaluates no text, and finds no global Tauri; prototypes are frozen.
#[tokio::test]
async fn the_page_is_fenced_in() -> Result<()> {
    play("the_page_is_fenced_in", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        let before = stage.demo().ledger().await?;
        let seen = app.window.script(FENCES, vec![json!(stage.demo().base())]).await?;
        let fenced = json!({ "tauri": false, "frozen": true, "fetch": "blocked", "image": "blocked", "inline": false });
        ensure!(seen == fenced, "{seen}");
        ensure!(stage.demo().ledger().await? == before, "the page reached the network");
        Ok(())
    })
    .await
}

/// S55: other plugins' commands are refused, so that the page cannot read links, open addresses or close windows.
#[tokio::test]
async fn the_page_has_no_commands_of_other_plugins() -> Result<()> {
    play("the_page_has_no_commands_of_other_plugins", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        for (command, arguments) in [
            ("plugin:deep-link|get_current", json!({})),
            ("plugin:opener|open_url", json!({ "url": ELSEWHERE })),
            ("plugin:window|close", json!({ "label": "main" })),
            ("plugin:event|emit", json!({ "event": "overview", "payload": {} })),
        ] {
            let outcome = app.window.script(INVOKE, vec![json!(command), arguments]).await?;
            ensure!(outcome.get("refused").is_some(), "{command} was carried out: {outcome}");
        }
        ensure!(stage.opened()?.is_empty(), "opened: {:?}", stage.opened()?);
        app.window.screen("welcome").await
    })
    .await
}

/// S60: a script in the page can listen to no event, and whatever reaches the page holds neither
/// code nor state of a sign-in that comes back by a link, save the authorize URL for the person.
#[tokio::test]
async fn no_link_reaches_the_page() -> Result<()> {
    play("no_link_reaches_the_page", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        let heard = app.window.script(EAVESDROP, vec![json!(EVENTS)]).await?;
        ensure!(heard == json!([]), "the page listens to {heard}");
        app.click("button[data-provider=discord]").await?;
        let authorize = stage.follow().await?;
        stage.browser()?.answer(PERSON, "allow").await?;
        app.sees(NICKNAME).await?;

        let heard = app.window.script(HEARD, vec![]).await?.to_string();
        ensure!(heard.contains(NICKNAME), "nothing was overheard: {heard}");
        let heard = heard.replace(&authorize, "");
        for (kind, spelling) in spellings(&stage.demo().ledger().await?) {
            let secret = ["codes", "states", "access_tokens", "verifiers"].contains(&kind);
            ensure!(!secret || !heard.contains(&spelling), "the page heard one of {kind}");
        }
        Ok(())
    })
    .await
}

/// S57: what the page names must be on our lists; nothing is opened and nothing begins otherwise.
#[tokio::test]
async fn the_page_can_only_ask_for_what_is_known() -> Result<()> {
    play("the_page_can_only_ask_for_what_is_known", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        let answer = format!("{SCHEME}:/callback/discord?code=x&state=y");
        for (command, arguments) in [
            (
                "begin_sign_in",
                json!({ "provider": ELSEWHERE, "channel": null, "storage": "keychain" }),
            ),
            (
                "begin_sign_in",
                json!({ "provider": "discord", "channel": "carrier-pigeon", "storage": "keychain" }),
            ),
            (
                "begin_sign_in",
                json!({ "provider": "kakao", "channel": "deep_link", "storage": "keychain" }),
            ),
            ("open_register_page", json!({ "provider": ELSEWHERE })),
            ("sign_out", json!({ "account": "../../nobody" })),
            ("finish", json!({ "answer": answer })),
        ] {
            app.window.script(INVOKE, vec![json!(plugin(command)), arguments]).await?;
            let overview = vec![json!(plugin("overview")), json!({})];
            let now = app.window.script(INVOKE, overview).await?;
            ensure!(
                now.pointer("/answer/signing_in") == Some(&json!(null)),
                "{command} began a sign-in: {now}"
            );
            ensure!(
                now.pointer("/answer/users") == Some(&json!([])),
                "{command} signed somebody in: {now}"
            );
        }
        ensure!(stage.opened()?.is_empty(), "opened: {:?}", stage.opened()?);
        app.window.screen("welcome").await
    })
    .await
}

/// S21: a link that nobody asked for brings the window to the front and does nothing else.
#[tokio::test]
async fn a_fake_deep_link_is_ignored() -> Result<()> {
    play("a_fake_deep_link_is_ignored", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        let before = stage.demo().ledger().await?;
        for link in [
            "/callback/discord?code=x&state=y",
            "/callback/discord?error=access_denied&state=y",
            "//evil/open?x=%00",
        ] {
            stage.focus_leaves_nameplate()?;
            let opened = stage
                .surroundings()
                .command("xdg-open")
                .arg(format!("{SCHEME}:{link}"))
                .status()
                .await?;
            ensure!(opened.success());
            stage.focus_reaches_nameplate().await?;
        }
        ensure!(stage.demo().ledger().await? == before, "something was sent to the provider");
        ensure!(accounts(stage, &app.home).await?.is_empty());
        app.window.screen("welcome").await?;
        ensure!(
            !app.window.page().has("[data-testid=problem]").await?,
            "a stranger's link shows a problem"
        );
        Ok(())
    })
    .await
}

/// U1: the handler that the desktop is told of is valid, is the default, and takes the link as its one argument.
#[tokio::test]
async fn the_handler_is_registered_as_desktops_want_it() -> Result<()> {
    play("the_handler_is_registered_as_desktops_want_it", Cast::Usual, async |stage| {
        let _app = App::fresh(stage).await?;
        let handler = handler(stage).await?;
        let file = stage.folders().path("data/applications").join(&handler);
        let text = fs::read_to_string(&file)?;
        let exec = text.lines().find_map(|line| line.strip_prefix("Exec=")).context("no Exec")?;
        ensure!(exec.starts_with("env NAMEPLATE_HOME=") && exec.ends_with(" %u"), "{exec}");
        let validated =
            stage.surroundings().command("desktop-file-validate").arg(&file).output().await?;
        ensure!(validated.status.success(), "{}", String::from_utf8_lossy(&validated.stdout));
        Ok(())
    })
    .await
}

/// The file that opens our scheme, as the desktop knows it.
pub async fn handler(stage: &mut Stage) -> Result<String> {
    let mut query = stage.surroundings().command("xdg-mime");
    let output =
        query.args(["query", "default"]).arg(format!("x-scheme-handler/{SCHEME}")).output().await?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// An address that is nobody's business.
const ELSEWHERE: &str = "http://127.0.0.1:1/";

/// A command of the Nameplate plugin.
pub fn plugin(command: &str) -> String {
    format!("plugin:nameplate|{command}")
}

/// Calls a command as the page's own code would.
pub const INVOKE: &str = r"
const [command, given, done] = arguments;
window.__TAURI_INTERNALS__.invoke(command, given).then(
  (answer) => done({ answer: answer ?? null }),
  (refused) => done({ refused: refused ?? null }),
);
";

/// What Tauri, its plugins and this program emit or have emitted.
const EVENTS: [&str; 6] = [
    "deep-link://new-url",
    "overview",
    "single-instance",
    "tauri://focus",
    "tauri://webview-created",
    "anything",
];

/// Listens to everything as every kind of listener, and notes whatever comes to the page.
const EAVESDROP: &str = r"
const [events, done] = arguments;
const heard = (window.heard = []);
const note = (what) => { heard.push(typeof what === 'string' ? what : (JSON.stringify(what) ?? '')); };
const noting = (callback) => (data) => { note(data); return callback(data); };
const tauri = window.__TAURI_INTERNALS__;
const callbacks = tauri.callbacks;
for (const [id, callback] of callbacks) callbacks.set(id, noting(callback));
callbacks.set = (id, callback) => Map.prototype.set.call(callbacks, id, noting(callback));
for (const name of ['json', 'text']) {
  const read = Response.prototype[name];
  Response.prototype[name] = async function () { const body = await read.call(this); note(body); return body; };
}
window.addEventListener('message', (message) => note(message.data));
const targets = [{ kind: 'Any' }, { kind: 'App' }];
for (const kind of ['AnyLabel', 'Window', 'Webview', 'WebviewWindow']) targets.push({ kind, label: 'main' });
(async () => {
  const accepted = [];
  for (const event of events)
    for (const target of targets) {
      const handler = tauri.transformCallback(note);
      await tauri.invoke('plugin:event|listen', { event, target, handler }).then(
        () => accepted.push(`${event} ${target.kind}`),
        () => {},
      );
    }
  done(accepted);
})();
";

/// What was noted; the sign-in took long enough for all of it to come.
const HEARD: &str = r"
const [done] = arguments;
done(window.heard);
";

const FENCES: &str = r"
const [host, done] = arguments;
(async () => {
  const fetched = fetch(host + '/demo/request-log').then(() => 'reached', () => 'blocked');
  const drawn = new Promise((tell) => {
    const image = new Image();
    image.onload = () => tell('reached');
    image.onerror = () => tell('blocked');
    image.src = host + '/demo/users/haneul.png';
  });
  const script = document.createElement('script');
  script.textContent = 'document.documentElement.dataset.inline = 1';
  document.head.append(script);
  done({
    tauri: '__TAURI__' in window,
    frozen: Object.isFrozen(Object.prototype),
    fetch: await fetched,
    image: await drawn,
    inline: 'inline' in document.documentElement.dataset,
  });
})();
";
