//! Attacks on `fetch` by the page of a real window.

#[allow(clippy::unwrap_used, dead_code, reason = "of another crate's tests, which panic")]
#[path = "../../../crates/tauri-plugin-nameplate/tests/api/mod.rs"]
mod api;

use crate::example_apps::ExampleApp;
use crate::fixture::{NICKNAME, run};
use anyhow::{Context, Result, ensure};
use api::Api;
use serde_json::{Value, json};
use xtask::environment::Services;
use xtask::environment::until::until;

/// S68: the page reaches the paths that Rust allows, and gets nothing else by any spelling, header, body, redirect or id.
#[tokio::test]
async fn the_page_cannot_misuse_fetch() -> Result<()> {
    run("the_page_cannot_misuse_fetch", Services::Standard, async |env| {
        let (api, elsewhere) = (Api::start().await, Api::start().await);
        let issuer = format!("{}/oidc", env.demo().base());
        let app = ExampleApp::own_provider(env, &issuer, &api.origin).await?;
        app.sign_in(env, &format!("{NICKNAME} of Example Company")).await?;
        let state = app.window.script(STATE, vec![]).await?;
        let account = state.pointer("/users/0/accounts/0/id").context("no account")?;
        let get =
            |url: &str| json!({ "account": account, "url": url, "method": "GET", "headers": [] });
        let at = |path: &str| get(&format!("{}{path}", api.origin));
        let with = |mut head: Value, name: &str, value: Value| {
            head[name] = value;
            head
        };
        let host = api.host();
        for (head, code) in [
            (get(&format!("{}/v1/", elsewhere.origin)), "origin_refused"),
            (get(&format!("https://{host}/v1/")), "origin_refused"),
            (get("file:///etc/passwd"), "origin_refused"),
            (get(&format!("http://{host}@{}/v1/", elsewhere.host())), "bad_url"),
            (get(&format!("http://{}\\@{host}/v1/", elsewhere.host())), "bad_url"),
            (get(&format!("{issuer}/token")), "path_refused"),
            (at("/admin"), "path_refused"),
            (at("/v1/../admin"), "bad_url"),
            (at("/v1/%2e%2e/admin"), "bad_url"),
            (at("/v1/..%2fadmin"), "bad_url"),
            (at("/v1/..\\admin"), "bad_url"),
            (with(at("/v1/"), "headers", json!([["x", "a\r\nAuthorization: b"]])), "bad_header"),
            (with(at("/v1/"), "method", json!("CONNECT")), "bad_method"),
            (with(at("/v1/"), "account", json!("another")), "no_token"),
            (with(at("/v1/"), "surprise", json!(true)), "bad_request"),
        ] {
            let answer = app.window.script(FETCH, vec![head.clone(), json!(0)]).await?;
            ensure!(answer == json!({ "refused": code }), "{head}: {answer}");
        }
        ensure!(api.heard().is_empty() && elsewhere.heard().is_empty(), "something was sent");

        let post = with(at("/v1/notes"), "method", json!("POST"));
        let answer = app.window.script(FETCH, vec![post.clone(), json!((4 << 20) + 1)]).await?;
        ensure!(answer == json!({ "refused": "request_too_large" }), "{answer}");
        api.redirect_to(format!("{}/v1/", elsewhere.origin));
        for (path, code) in [
            ("/v1/redirect/302", "redirected"),
            ("/v1/redirect/307", "redirected"),
            ("/v1/huge", "response_too_large"),
            ("/v1/endless", "response_too_large"),
        ] {
            let answer = app.window.script(FETCH, vec![at(path), json!(0)]).await?;
            ensure!(answer == json!({ "refused": code }), "{path}: {answer}");
        }
        ensure!(elsewhere.heard().is_empty(), "a redirect was followed");

        let own = json!([["Authorization", "Bearer mine"], ["Cookie", "a=b"], ["X-Note", "kept"]]);
        let answer = app.window.script(FETCH, vec![with(post, "headers", own), json!(5)]).await?;
        ensure!(answer["status"] == 200 && answer["body"] == "hello", "{answer}");
        ensure!(!answer.to_string().to_lowercase().contains("cookie"), "{answer}");
        let heard = api.heard().pop().context("nothing was heard")?;
        let log = env.demo().request_log().await?;
        let issued = log.pointer("/access_tokens/0").and_then(Value::as_str).context("no token")?;
        ensure!(heard.header("authorization") == [format!("Bearer {issued}")], "{heard:?}");
        ensure!(
            heard.header("cookie").is_empty() && heard.header("x-note") == ["kept"],
            "{heard:?}"
        );
        ensure!(!answer.to_string().contains(issued), "the token is in the response");
        Ok(())
    })
    .await
}

/// S68: a request of one window is out of reach of the other, whose ids are its own.
#[tokio::test]
async fn a_window_has_no_request_of_another() -> Result<()> {
    run("a_window_has_no_request_of_another", Services::Standard, async |env| {
        let api = Api::start().await;
        let issuer = format!("{}/oidc", env.demo().base());
        let app = ExampleApp::own_provider(env, &issuer, &api.origin).await?;
        let name = format!("{NICKNAME} of Example Company");
        app.sign_in(env, &name).await?;
        let state = app.window.script(STATE, vec![]).await?;
        let account = state.pointer("/users/0/accounts/0/id").context("no account")?;
        let head = |path: &str| {
            let url = format!("{}{path}", api.origin);
            json!({ "id": 7, "account": account, "url": url, "method": "GET", "headers": [] })
        };
        let client = app.window.page().client();
        let own = client.window().await?;
        let windows = client.windows().await?;
        let other = windows.into_iter().find(|window| *window != own).context("one window")?;
        let label = async || app.window.script(LABEL, vec![]).await;
        ensure!(label().await? == "main");

        client.switch_to_window(other.clone()).await?;
        ensure!(label().await? == "second");
        app.sees(&name).await?;
        app.window.script(BEGIN, vec![head("/v1/silent")]).await?;
        api.until_heard(1).await;

        client.switch_to_window(own.clone()).await?;
        let answer = app.window.script(CANCEL, vec![json!(7)]).await?;
        ensure!(answer == json!({ "refused": "unknown_id" }), "{answer}");
        let answer = app.window.script(FETCH, vec![head("/v1/notes"), json!(0)]).await?;
        ensure!(answer["body"] == "hello", "the id is not free in this window: {answer}");

        client.switch_to_window(other).await?;
        ensure!(app.window.script(ENDED, vec![]).await?.is_null(), "it was cancelled");
        let answer = app.window.script(CANCEL, vec![json!(7)]).await?;
        ensure!(answer == json!({ "answer": null }), "{answer}");
        until("it was not cancelled", async || {
            let ended = app.window.script(ENDED, vec![]).await?;
            Ok((ended == json!({ "refused": "cancelled" })).then_some(()))
        })
        .await
    })
    .await
}

/// The label of the window that shows the page.
const LABEL: &str = r"
const [done] = arguments;
done(window.__TAURI_INTERNALS__.metadata.currentWindow.label);
";

/// Sends a request without waiting for its response.
const BEGIN: &str = r"
const [head, done] = arguments;
const text = new TextEncoder().encode(JSON.stringify(head));
const message = new Uint8Array(4 + text.length);
new DataView(message.buffer).setUint32(0, text.length);
message.set(text, 4);
window.__TAURI_INTERNALS__.invoke('plugin:nameplate|fetch', message).then(
  () => (window.ended = 'answered'),
  (refused) => (window.ended = { refused: refused.code ?? refused }),
);
done(true);
";

/// How that request ended.
const ENDED: &str = r"
const [done] = arguments;
done(window.ended ?? null);
";

const CANCEL: &str = r"
const [id, done] = arguments;
window.__TAURI_INTERNALS__.invoke('plugin:nameplate|fetch_cancel', { id }).then(
  (answer) => done({ answer }),
  (refused) => done({ refused: refused.code ?? refused }),
);
";

/// The state, by which a page finds its accounts.
const STATE: &str = r"
const [done] = arguments;
window.__TAURI_INTERNALS__.invoke('plugin:nameplate|state').then(done);
";

/// Sends a request past the npm package, with a body of this length.
const FETCH: &str = r"
const [given, length, done] = arguments;
window.lastId = (window.lastId ?? 1000) + 1;
const head = new TextEncoder().encode(JSON.stringify({ id: window.lastId, ...given }));
const message = new Uint8Array(4 + head.length + length).fill(120);
new DataView(message.buffer).setUint32(0, head.length);
message.set(head, 4);
const read = (answer) => {
  const bytes = new Uint8Array(answer);
  const end = 4 + new DataView(bytes.buffer).getUint32(0);
  const text = (part) => new TextDecoder().decode(part);
  return { ...JSON.parse(text(bytes.subarray(4, end))), body: text(bytes.subarray(end)) };
};
window.__TAURI_INTERNALS__.invoke('plugin:nameplate|fetch', message).then(
  (answer) => done(read(answer)),
  (refused) => done({ refused: refused.code ?? refused }),
);
";
