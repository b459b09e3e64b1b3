//! Limits of the page in the webview, and links from other programs.

use crate::account_list::accounts;
use crate::fixture::{App, NICKNAME, USER, run};
use crate::secret_leaks::encodings;
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::fs;
use xtask::environment::browser::SCHEME;
use xtask::environment::{Environment, Services};

/// S56: the page cannot reach a host or run inline scripts, has no global Tauri, and its prototypes are frozen.
#[tokio::test]
async fn the_page_cannot_reach_the_network() -> Result<()> {
    run("the_page_cannot_reach_the_network", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        let before = env.demo().request_log().await?;
        let seen = app.window.script(FENCES, vec![json!(env.demo().base())]).await?;
        let fenced = json!({ "tauri": false, "frozen": true, "fetch": "blocked", "image": "blocked", "inline": false });
        ensure!(seen == fenced, "{seen}");
        ensure!(env.demo().request_log().await? == before, "the page reached the network");
        Ok(())
    })
    .await
}

/// S55: commands of other plugins are refused.
#[tokio::test]
async fn the_page_has_no_commands_of_other_plugins() -> Result<()> {
    run("the_page_has_no_commands_of_other_plugins", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        for (command, arguments) in [
            ("plugin:deep-link|get_current", json!({})),
            ("plugin:opener|open_url", json!({ "url": ELSEWHERE })),
            ("plugin:window|close", json!({ "label": "main" })),
            ("plugin:event|emit", json!({ "event": "overview", "payload": {} })),
        ] {
            let outcome = app.window.script(INVOKE, vec![json!(command), arguments]).await?;
            ensure!(outcome.get("refused").is_some(), "{command} was carried out: {outcome}");
        }
        ensure!(env.opened()?.is_empty(), "opened: {:?}", env.opened()?);
        app.window.screen("welcome").await
    })
    .await
}

/// S60: the page cannot listen to events, and receives neither code nor state of a deep link; only the authorization request that
/// it displays.
#[tokio::test]
async fn no_link_reaches_the_page() -> Result<()> {
    run("no_link_reaches_the_page", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        let recorded = app.window.script(EAVESDROP, vec![json!(EVENTS)]).await?;
        ensure!(recorded == json!([]), "the page listens to {recorded}");
        app.click("button[data-provider=discord]").await?;
        let before = env.next_link().await?;
        app.change_method("deep_link").await?;
        let authorize = env.open_next_link().await?;
        env.browser()?.answer(USER, "allow").await?;
        app.sees(NICKNAME).await?;

        let recorded = app.window.script(HEARD, vec![]).await?.to_string();
        ensure!(recorded.contains(NICKNAME), "nothing was recorded: {recorded}");
        let recorded = recorded.replace(&authorize, "").replace(&before, "");
        for (kind, encoding) in encodings(&env.demo().request_log().await?) {
            let secret = ["codes", "states", "access_tokens", "verifiers"].contains(&kind);
            ensure!(!secret || !recorded.contains(&encoding), "the page received one of {kind}");
        }
        Ok(())
    })
    .await
}

/// S57: unknown arguments of commands are refused; nothing is opened and no sign-in begins.
#[tokio::test]
async fn unknown_arguments_are_refused() -> Result<()> {
    run("unknown_arguments_are_refused", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        let answer = format!("{SCHEME}:/callback/discord?code=x&state=y");
        for (command, arguments) in [
            (
                "sign_in",
                json!({ "provider": ELSEWHERE, "server": null, "method": null, "storage": "keychain" }),
            ),
            (
                "sign_in",
                json!({ "provider": "discord", "server": null, "method": "carrier-pigeon", "storage": "keychain" }),
            ),
            (
                "sign_in",
                json!({ "provider": "kakao", "server": null, "method": "deep_link", "storage": "keychain" }),
            ),
            ("open_register_page", json!({ "provider": ELSEWHERE })),
            ("sign_out", json!({ "account": "../../nobody" })),
            ("complete", json!({ "url": answer })),
        ] {
            app.window.script(INVOKE, vec![json!(plugin(command)), arguments]).await?;
            let state = vec![json!(plugin("state")), json!({})];
            let now = app.window.script(INVOKE, state).await?;
            ensure!(
                now.pointer("/answer/signing_in") == Some(&json!(null)),
                "{command} began a sign-in: {now}"
            );
            ensure!(
                now.pointer("/answer/users") == Some(&json!([])),
                "{command} signed a user in: {now}"
            );
        }
        ensure!(env.opened()?.is_empty(), "opened: {:?}", env.opened()?);
        app.window.screen("welcome").await
    })
    .await
}

/// S21: a link without a pending sign-in brings the window to the front and does nothing else.
#[tokio::test]
async fn a_forged_deep_link_is_ignored() -> Result<()> {
    run("a_forged_deep_link_is_ignored", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        let before = env.demo().request_log().await?;
        for link in [
            "/callback/discord?code=x&state=y",
            "/callback/discord?error=access_denied&state=y",
            "//evil/open?x=%00",
        ] {
            env.focus_leaves_nameplate()?;
            let opened =
                env.env_vars().command("xdg-open").arg(format!("{SCHEME}:{link}")).status().await?;
            ensure!(opened.success());
            env.focus_reaches_nameplate().await?;
        }
        ensure!(env.demo().request_log().await? == before, "something was sent to the provider");
        ensure!(accounts(env, &app.home).await?.is_empty());
        app.window.screen("welcome").await?;
        ensure!(
            !app.window.page().has("[data-testid=problem]").await?,
            "a stranger's link shows a problem"
        );
        Ok(())
    })
    .await
}

/// U1: the registered desktop entry is valid, is the default, and takes the link as its only argument.
#[tokio::test]
async fn the_desktop_entry_is_registered() -> Result<()> {
    run("the_desktop_entry_is_registered", Services::Standard, async |env| {
        let _app = App::fresh(env).await?;
        let handler = handler(env).await?;
        let file = env.folders().path("data/applications").join(&handler);
        let text = fs::read_to_string(&file)?;
        let exec = text.lines().find_map(|line| line.strip_prefix("Exec=")).context("no Exec")?;
        ensure!(exec.starts_with("env NAMEPLATE_HOME=") && exec.ends_with(" %u"), "{exec}");
        let validated = env.env_vars().command("desktop-file-validate").arg(&file).output().await?;
        ensure!(validated.status.success(), "{}", String::from_utf8_lossy(&validated.stdout));
        Ok(())
    })
    .await
}

/// The default desktop entry of our scheme.
pub async fn handler(env: &mut Environment) -> Result<String> {
    let mut query = env.env_vars().command("xdg-mime");
    let output =
        query.args(["query", "default"]).arg(format!("x-scheme-handler/{SCHEME}")).output().await?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// A foreign address.
const ELSEWHERE: &str = "http://127.0.0.1:1/";

/// A command of the Nameplate plugin.
pub fn plugin(command: &str) -> String {
    format!("plugin:nameplate|{command}")
}

/// Calls a command.
pub const INVOKE: &str = r"
const [command, given, done] = arguments;
window.__TAURI_INTERNALS__.invoke(command, given).then(
  (answer) => done({ answer: answer ?? null }),
  (refused) => done({ refused: refused ?? null }),
);
";

/// Events of Tauri, of its plugins, and of earlier versions.
pub const EVENTS: [&str; 6] = [
    "deep-link://new-url",
    "overview",
    "single-instance",
    "tauri://focus",
    "tauri://webview-created",
    "anything",
];

/// Listens to every event and target, and records everything that reaches the page.
pub const EAVESDROP: &str = r"
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

/// The recorded texts.
pub const HEARD: &str = r"
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
