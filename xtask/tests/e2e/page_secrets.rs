//! No secret of a sign-in is ever in the page of an app: not in its memory, its storage, or what it hears.

use crate::example_apps::ExampleApp;
use crate::fixture::{NICKNAME, USER, run};
use crate::process_memory::{Search, Wanted, as_strings, search_webkit};
use crate::secret_leaks::{encodings, search};
use crate::webview_security::{EAVESDROP, EVENTS, HEARD};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use xtask::environment::{Environment, Services};

/// What the page must never have. The state and the nonce are in the authorization request, which it may show.
const KINDS: [&str; 6] =
    ["codes", "access_tokens", "refresh_tokens", "id_tokens", "verifiers", "client_secrets"];

/// S48, S60, S68: while and after a signed-in example calls an API, no issued token, code or verifier is in
/// the memory of WebKit's processes, in the page's storage and document, on its console, or in a message to it.
/// One that is put there is found.
#[tokio::test]
async fn no_secret_is_in_the_page() -> Result<()> {
    run("no_secret_is_in_the_page", Services::Standard, async |env| {
        let issuer = format!("{}/oidc", env.demo().base());
        let app = ExampleApp::minimal(env, &issuer).await?;
        let recorded = app.window.script(EAVESDROP, vec![json!(EVENTS)]).await?;
        ensure!(recorded == json!([]), "the page listens to {recorded}");
        app.window.script(RECORD_CONSOLE, vec![]).await?;
        app.begin(env).await?;
        env.browser()?.answer(USER, "allow").await?;
        app.sees(NICKNAME).await?;
        nothing_in_memory(env).await?;
        let (userinfo, _) = app.ask().await?;
        ensure!(userinfo["name"] == NICKNAME, "{userinfo}");

        let heard = app.window.script(HEARD, vec![]).await?.to_string();
        let stored = app.window.script(STORED, vec![]).await?.to_string();
        ensure!(heard.contains(NICKNAME) && stored.contains(NICKNAME), "nothing was recorded");
        for (kind, secret) in secrets(env).await? {
            let is_in =
                |text: &str| text.as_bytes().windows(secret.len()).any(|part| part == secret);
            ensure!(!is_in(&heard), "one of {kind} is in a message to the page: {heard}");
            ensure!(!is_in(&stored), "one of {kind} is in the page: {stored}");
        }
        search(env, &app.home).await?;
        nothing_in_memory(env).await?;

        // What can be found is found: the page gets a token by hand.
        let log = env.demo().request_log().await?;
        let token = log.pointer("/access_tokens/0").context("no token was issued")?;
        app.window.script(PLANT, vec![token.clone()]).await?;
        let found = in_memory(env).await?.found;
        ensure!(found.contains("access_tokens"), "a token in the page is not found: {found:?}");
        Ok(())
    })
    .await
}

async fn nothing_in_memory(env: &Environment) -> Result<()> {
    let Search { processes, bytes, mut found } = in_memory(env).await?;
    ensure!(processes > 1 && bytes > 16 << 20, "{processes} processes with {bytes} bytes");
    ensure!(found.remove("nickname"), "not even the nickname is in the page");
    ensure!(found.is_empty(), "in the memory of the page: {found:?}");
    eprintln!("{processes} processes with {} MiB have no secret", bytes >> 20);
    Ok(())
}

async fn in_memory(env: &Environment) -> Result<Search> {
    let mut wanted = secrets(env).await?;
    wanted.extend(as_strings("nickname", NICKNAME));
    let started = env.started_pid().context("no program was started")?;
    tokio::task::spawn_blocking(move || search_webkit(started, &wanted)).await?
}

/// Every secret that the provider has issued or received, in every encoding.
async fn secrets(env: &Environment) -> Result<Vec<Wanted>> {
    let log = env.demo().request_log().await?;
    for kind in ["codes", "access_tokens", "id_tokens", "verifiers"] {
        let issued = log.get(kind).and_then(Value::as_array);
        ensure!(issued.is_some_and(|issued| !issued.is_empty()), "the log has no {kind}");
    }
    let all = encodings(&log).into_iter().filter(|(kind, _)| KINDS.contains(kind));
    Ok(all.flat_map(|(kind, text)| as_strings(kind, &text)).collect())
}

/// Records what is written to the console, besides what [`EAVESDROP`] records.
const RECORD_CONSOLE: &str = r"
const [done] = arguments;
for (const name of ['log', 'info', 'warn', 'error', 'debug']) {
  const write = console[name];
  console[name] = (...what) => { window.heard.push(`${name} ${what.map(String).join(' ')}`); write(...what); };
}
for (const name of ['error', 'unhandledrejection'])
  window.addEventListener(name, (event) => window.heard.push(String(event.reason ?? event.message)));
done(true);
";

/// The document, and everything that the page can store.
const STORED: &str = r"
const [done] = arguments;
(async () => done(JSON.stringify({
  document: document.documentElement.outerHTML,
  local: { ...localStorage }, session: { ...sessionStorage }, cookies: document.cookie,
  databases: await indexedDB.databases(), caches: (await globalThis.caches?.keys()) ?? [],
  window: Object.entries(window).filter(([, value]) => typeof value === 'string'),
})))();
";

const PLANT: &str = r"
const [token, done] = arguments;
window.planted = token;
done(true);
";
