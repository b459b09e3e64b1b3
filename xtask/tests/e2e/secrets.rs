//! After a run nothing secret lies anywhere but in the keychain and in `providers.toml`.

use crate::scene::{App, PERSON, play};
use anyhow::{Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use url::form_urlencoded;
use xtask::project;
use xtask::stage::{Cast, Stage};

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

/// S48: neither home, nor logs, nor the webview's data hold what was issued, in no common spelling.
#[tokio::test]
async fn nothing_secret_is_left_behind() -> Result<()> {
    play("nothing_secret_is_left_behind", Cast::Usual, async |stage| {
        let app = App::fresh(stage).await?;
        app.begin(stage, "google").await?;
        stage.browser()?.answer(PERSON, "deny").await?;
        app.complains("access_denied").await?;
        let home = app.quit(stage).await?;
        for provider in ["discord", "google", "kakao", "company"] {
            let app = App::at(stage, home.clone()).await?;
            app.sign_in(stage, provider).await?;
            for window in stage.nameplate_windows()? {
                ensure!(!window.title.contains(['=', '&']), "a title: {}", window.title);
            }
            // Also while it runs: a journal of the database may be tidied away at the end.
            search(stage, &home).await?;
            app.window.page().click("[data-testid=sign-out]").await?;
            app.window.page().click("[data-testid=sign-out-confirm]").await?;
            app.window.screen("welcome").await?;
            app.quit(stage).await?;
            search(stage, &home).await?;
        }
        Ok(())
    })
    .await
}

/// The shipped programs have no keychain that keeps secrets in plain memory for tests.
#[tokio::test]
async fn the_programs_know_no_test_vault() -> Result<()> {
    for program in ["nameplate", "nameplate-desktop"] {
        let bytes = fs::read(project::program(program))?;
        ensure!(!contains(&bytes, b"TestVault"), "{program} holds TestVault");
    }
    Ok(())
}

async fn search(stage: &Stage, home: &Path) -> Result<()> {
    let spellings = spellings(&stage.demo().ledger().await?);
    ensure!(!spellings.is_empty(), "the ledger is empty");
    let own = ["cache", "config", "data", "state", "home", "logs", "tmp"]
        .map(|name| stage.folders().path(name));
    let mut places: Vec<PathBuf> = own.into();
    places.push(home.to_owned());
    let mut looked_at = 0;
    for file in places.iter().flat_map(|place| files(place)) {
        // The person's browser keeps its own history; the keyring is where secrets belong.
        let exempt = file.ends_with("providers.toml")
            || file.iter().any(|part| part == "keyrings" || part == "chromium");
        let Ok(content) = fs::read(&file) else { continue };
        looked_at += 1;
        for (kind, spelling) in &spellings {
            ensure!(
                exempt || !contains(&content, spelling.as_bytes()),
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

/// Raw, percent-encoded, and base64 at each of the three places where it can begin in a longer text.
pub fn spellings(ledger: &Value) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for kind in KINDS {
        for secret in ledger
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
                    // The letters at both ends depend on what stands beside it.
                    let first = [0, 2, 3].get(before).copied().unwrap_or_default();
                    found.push((
                        kind,
                        encoded.get(first..encoded.len() - 1).unwrap_or_default().to_owned(),
                    ));
                }
            }
        }
    }
    found.retain(|(_, spelling)| spelling.len() >= 8);
    found.sort_unstable();
    found.dedup();
    found
}

pub fn contains(content: &[u8], part: &[u8]) -> bool {
    content.windows(part.len()).any(|piece| piece == part)
}

/// A search that finds nothing must be able to find something.
#[test]
fn the_search_finds_every_spelling() {
    let ledger = serde_json::json!({ "codes": ["a secret/of+ours?"] });
    let spellings = spellings(&ledger);
    let holds = |text: &str| {
        spellings.iter().any(|(_, spelling)| contains(text.as_bytes(), spelling.as_bytes()))
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
