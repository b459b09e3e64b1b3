//! Secrets are in the keychain and in `providers.toml`, and nowhere else.

use crate::fixture::{App, NICKNAME, USER, run};
use anyhow::{Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use url::form_urlencoded;
use xtask::environment::{Environment, Services};
use xtask::project;

const KINDS: [&str; 8] = [
    "codes",
    "access_tokens",
    "refresh_tokens",
    "id_tokens",
    "verifiers",
    "client_secrets",
    "states",
    "nonces",
];

/// S48: neither home, logs nor the webview's data contain an issued secret, in any common encoding.
#[tokio::test]
async fn no_secret_is_in_a_file() -> Result<()> {
    run("no_secret_is_in_a_file", Services::Standard, async |env| {
        let app = App::fresh(env).await?;
        app.begin(env, "google").await?;
        env.browser()?.answer(USER, "deny").await?;
        app.complains("access_denied").await?;
        let home = app.quit(env).await?;
        for provider in ["discord", "google", "kakao", "company"] {
            let app = App::at(env, home.clone()).await?;
            match provider {
                "discord" => {
                    app.begin_by_deep_link(env, provider).await?;
                    env.browser()?.answer(USER, "allow").await?;
                    app.sees(NICKNAME).await?;
                }
                _ => drop(app.sign_in(env, provider).await?),
            }
            for window in env.nameplate_windows()? {
                ensure!(!window.title.contains(['=', '&']), "a title: {}", window.title);
            }
            // Also while it runs: the journal of the database may be deleted at the end.
            search(env, &home).await?;
            app.window.page().click("[data-testid=sign-out]").await?;
            app.window.page().click("[data-testid=sign-out-confirm]").await?;
            app.window.screen("welcome").await?;
            app.quit(env).await?;
            search(env, &home).await?;
        }
        Ok(())
    })
    .await
}

/// The programs do not contain the vault of the tests.
#[tokio::test]
async fn the_programs_do_not_contain_the_test_vault() -> Result<()> {
    for program in ["nameplate", "nameplate-desktop"] {
        let bytes = fs::read(project::program(program))?;
        ensure!(!contains(&bytes, b"TestVault"), "{program} holds TestVault");
    }
    Ok(())
}

pub async fn search(env: &Environment, home: &Path) -> Result<()> {
    let encodings = encodings(&env.demo().request_log().await?);
    ensure!(!encodings.is_empty(), "the request_log is empty");
    let own = ["cache", "config", "data", "state", "home", "logs", "tmp"]
        .map(|name| env.folders().path(name));
    let mut places: Vec<PathBuf> = own.into();
    places.push(home.to_owned());
    let mut looked_at = 0;
    for file in places.iter().flat_map(|place| files(place)) {
        // The browser's history and the keyring contain secrets.
        let exempt = file.ends_with("providers.toml")
            || file.iter().any(|part| part == "keyrings" || part == "chromium");
        let Ok(content) = fs::read(&file) else { continue };
        looked_at += 1;
        for (kind, encoding) in &encodings {
            ensure!(
                exempt || !contains(&content, encoding.as_bytes()),
                "one of {kind} is in {}",
                file.display()
            );
        }
    }
    ensure!(looked_at > 5, "only {looked_at} files were there to look at");
    Ok(())
}

pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => files(&entry.path()),
            Ok(kind) if kind.is_file() => vec![entry.path()],
            _ => vec![],
        })
        .collect()
}

/// Each secret raw, percent-encoded, and in base64 at each of the three possible offsets.
pub fn encodings(request_log: &Value) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for kind in KINDS {
        for secret in request_log
            .get(kind)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            found.push((kind, secret.to_owned()));
            found.push((kind, form_urlencoded::byte_serialize(secret.as_bytes()).collect()));
            for before in 0..3 {
                let shifted = [vec![0; before], secret.as_bytes().to_vec()].concat();
                for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
                    let encoded = engine.encode(&shifted);
                    // The first and last characters depend on the adjacent bytes.
                    let first = [0, 2, 3].get(before).copied().unwrap_or_default();
                    found.push((
                        kind,
                        encoded.get(first..encoded.len() - 1).unwrap_or_default().to_owned(),
                    ));
                }
            }
        }
    }
    found.retain(|(_, encoding)| encoding.len() >= 8);
    found.sort_unstable();
    found.dedup();
    found
}

pub fn contains(content: &[u8], part: &[u8]) -> bool {
    content.windows(part.len()).any(|piece| piece == part)
}

/// The search finds each encoding.
#[test]
fn the_search_finds_every_encoding() {
    let request_log = serde_json::json!({ "codes": ["a secret/of+ours?"] });
    let encodings = encodings(&request_log);
    let holds = |text: &str| {
        encodings.iter().any(|(_, encoding)| contains(text.as_bytes(), encoding.as_bytes()))
    };
    assert!(holds("code=a secret/of+ours?&x"));
    assert!(holds("code=a+secret%2Fof%2Bours%3F&x"));
    for before in ["", "1", "12", "123"] {
        let text = format!("{before}a secret/of+ours?{before}");
        assert!(holds(&STANDARD_NO_PAD.encode(&text)), "{text}");
        assert!(holds(&URL_SAFE_NO_PAD.encode(&text)), "{text}");
    }
    assert!(!holds("nothing of the kind"));
}
