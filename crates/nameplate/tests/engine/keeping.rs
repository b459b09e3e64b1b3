//! What is kept, where, and what is never kept.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use demo_provider::Fault;
use nameplate::vault::VaultError;
use nameplate::{AccountState, Ask, Channel, Code, RefreshPolicy, SignOutScope, TokenStorage};

use crate::browser::parameters;
use crate::stage::{Stage, ask, quiet, realm};
use crate::vault::Mood;

/// S48: after sign-ins, denials and failures of every provider, no code, token, verifier, secret,
/// state or nonce is in the database or the log: raw, percent-encoded or in base64.
#[tokio::test]
async fn nothing_secret_is_in_a_file() {
    let stage = Stage::new().await;
    let log = nameplate::log::start(&stage.home).unwrap();
    for provider in ["discord", "google", "kakao", "company"] {
        stage.sign_in(provider).await.unwrap();
        let begun = stage.begin(provider, quiet(provider)).await;
        let denied = stage.browser.decide(&begun.url, "haneul", "deny").await;
        stage.login.finish(&denied).await.unwrap_err();
        // A code that is too old, in the words of whoever refuses it.
        let begun = stage.begin(provider, quiet(provider)).await;
        let late = stage.grant(&begun).await;
        stage.demo.advance_clock(601);
        let refused = stage.login.finish(&late).await.unwrap_err();
        assert_eq!(refused.code(), Code::CodeRefused, "{refused}");
        stage.advance(601);
        let faults = [Fault::Profile401, Fault::TokenNotJson];
        for fault in faults {
            stage.demo.set_faults(realm(provider), [fault]);
            // Beside an id_token an unread profile is a note, and its words are in the log.
            let ended = stage.sign_in(provider).await;
            assert!(ended.is_err() || fault == Fault::Profile401, "{provider} {fault:?}");
            stage.demo.set_faults(realm(provider), []);
        }
        // One that still waits.
        stage.begin(provider, quiet(provider)).await;
    }
    drop(log);
    let ledger = stage.demo.ledger();
    let secrets: Vec<&String> = [
        &ledger.codes,
        &ledger.access_tokens,
        &ledger.refresh_tokens,
        &ledger.id_tokens,
        &ledger.verifiers,
        &ledger.client_secrets,
        &ledger.states,
        &ledger.nonces,
    ]
    .into_iter()
    .flatten()
    .collect();
    assert!(secrets.len() > 40, "{}", secrets.len());
    let files = stage.files();
    let named = |end: &str| {
        files.iter().any(|(path, text)| path.to_string_lossy().ends_with(end) && !text.is_empty())
    };
    assert!(named(".db") && named(".log"));
    for secret in secrets {
        for needle in spellings(secret) {
            for (path, text) in &files {
                assert!(!text.contains(&needle), "{needle} ({secret}) is in {}", path.display());
            }
        }
    }
}

/// A secret as it may be written: as it is, percent-encoded, or inside of something in base64.
fn spellings(secret: &str) -> Vec<String> {
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let mut found = vec![secret.to_owned(), encoded];
    for shift in 0..3 {
        for engine in [&STANDARD, &URL_SAFE] {
            let shifted = [&vec![b' '; shift], secret.as_bytes()].concat();
            let text = engine.encode(shifted);
            // What the bytes beside it have a part in is left out.
            let middle = text.trim_end_matches('=');
            let start = if shift == 0 { 0 } else { 4 };
            found.push(middle[start..middle.len() - 4].to_owned());
        }
    }
    found
}

/// S49: verifier and nonce of a waiting attempt are in the vault alone, and gone when it is over.
#[tokio::test]
async fn a_waiting_attempt_is_in_the_vault_alone() {
    let stage = Stage::new().await;
    let begun = stage.begin("company", Channel::Paste).await;
    let entries = stage.vault.entries();
    let (name, entry) = entries.first_key_value().unwrap();
    assert!(entries.len() == 1 && name.starts_with("attempt."), "{name}");
    let kept: serde_json::Value = serde_json::from_str(entry).unwrap();
    assert_eq!(kept["nonce"], parameters(&begun.url)["nonce"]);
    for secret in ["verifier", "nonce", "key"] {
        let secret = kept[secret].as_str().unwrap();
        for (path, text) in stage.files() {
            assert!(!text.contains(secret), "{}", path.display());
        }
    }
    let answer = stage.grant(&begun).await;
    stage.login.finish(&answer).await.unwrap();
    assert!(stage.vault.names().iter().all(|name| !name.starts_with("attempt.")));
}

/// S50, U25: without a keychain the person is asked before the browser opens; nothing is written
/// in its stead.
#[tokio::test]
async fn without_a_keychain_nothing_begins() {
    let stage = Stage::new().await;
    stage.vault.set(Mood::Absent);
    for channel in [Channel::DeepLink, Channel::Loopback] {
        let refused = stage.login.begin(ask("discord", channel)).await.unwrap_err();
        assert_eq!(refused.code(), Code::KeychainAbsent);
    }
    assert_eq!(stage.rows("SELECT count(*) FROM attempts"), 0);
    assert_eq!(stage.login.waiting_url(), None);
    assert!(stage.demo.ledger().paths.is_empty());
    let problem = stage.login.state().unwrap().problem.unwrap();
    assert_eq!(problem.remedies, [nameplate::Remedy::Restart, nameplate::Remedy::ThisRun]);
    stage.assert_nothing_kept();
}

/// S50: a session of this run, chosen by the person, writes nothing secret anywhere, and signing
/// out of it leaves nothing.
#[tokio::test]
async fn a_session_of_this_run_needs_no_keychain() {
    let stage = Stage::new().await;
    stage.vault.set(Mood::Absent);
    let user = sign_in_for_this_run(&stage).await;
    assert!(stage.vault.entries().is_empty());
    for (path, text) in stage.files() {
        for token in &stage.demo.ledger().access_tokens {
            assert!(!text.contains(token), "{}", path.display());
        }
    }
    stage.login.sign_out(user.accounts[0].id.as_str(), SignOutScope::Here).await.unwrap();
    stage.assert_nothing_kept();
    sign_in_for_this_run(&stage).await;
    stage.login.reset().await.unwrap();
    stage.assert_nothing_kept();
}

async fn sign_in_for_this_run(stage: &Stage) -> nameplate::User {
    let this_run = Ask { storage: TokenStorage::Memory, ..ask("discord", Channel::DeepLink) };
    let begun = stage.login.begin(this_run).await.unwrap();
    let answer = stage.grant(&begun).await;
    stage.login.finish(&answer).await.unwrap()
}

/// S50, S52, U15, U25: what the keychain refuses with is told apart, before the browser opens.
#[tokio::test]
async fn the_keychains_refusals_are_told_apart() {
    let stage = Stage::new().await;
    for (refusal, code) in [
        (VaultError::Locked, Code::KeychainLocked),
        (VaultError::Ambiguous, Code::KeychainAmbiguous),
        (VaultError::TooLong, Code::KeychainTooLong),
        (VaultError::Failed("broken".into()), Code::KeychainFailed),
        (VaultError::Absent, Code::KeychainAbsent),
    ] {
        stage.vault.set(Mood::Refusing(refusal));
        let refused = stage.login.begin(ask("discord", Channel::Loopback)).await.unwrap_err();
        assert_eq!(refused.code(), code);
        assert_eq!(stage.rows("SELECT count(*) FROM attempts"), 0);
        assert_eq!(stage.login.waiting_url(), None);
        stage.vault.set(Mood::Willing);
        stage.assert_nothing_kept();
    }
}

/// S50, S52: a keychain that is locked when the answer comes does not cost the answer.
#[tokio::test]
async fn an_answer_waits_for_a_locked_keychain() {
    let stage = Stage::new().await;
    let begun = stage.begin("discord", Channel::DeepLink).await;
    let answer = stage.grant(&begun).await;
    stage.vault.set(Mood::Refusing(VaultError::Locked));
    let refused = stage.login.finish(&answer).await.unwrap_err();
    assert_eq!((refused.code(), refused.provider()), (Code::KeychainLocked, Some("discord")));
    stage.vault.set(Mood::Willing);
    stage.login.finish(&answer).await.unwrap();
}

/// U25: a session that cannot be kept at the very end is an error, and nobody is signed in half.
#[tokio::test]
async fn a_session_that_cannot_be_kept_is_no_sign_in() {
    for refusal in [VaultError::Locked, VaultError::TooLong, VaultError::Failed("full".into())] {
        let stage = Stage::new().await;
        stage.vault.set(Mood::Tiring(1, refusal.clone()));
        let begun = stage.begin("discord", Channel::DeepLink).await;
        let answer = stage.grant(&begun).await;
        let refused = stage.login.finish(&answer).await.unwrap_err();
        assert_eq!(refused.code(), nameplate::Error::from(refusal).code());
        stage.assert_nothing_kept();
        let told = stage.login.outcome(&begun.sign_in).await.unwrap_err();
        assert_eq!(told.code(), refused.code());
    }
}

/// U25: one that was signed in before keeps what it had.
#[tokio::test]
async fn a_failed_second_sign_in_keeps_the_first() {
    let stage = Stage::new().await;
    let user = stage.sign_in("discord").await.unwrap();
    let before = stage.vault.entries();
    stage.vault.set(Mood::Tiring(1, VaultError::TooLong));
    stage.sign_in("discord").await.unwrap_err();
    assert_eq!(stage.login.users().unwrap(), [user]);
    assert_eq!(stage.vault.entries(), before);
}

/// S38: who it is, is issuer and subject: the same e-mail elsewhere is another account, and
/// another e-mail there is the same.
#[tokio::test]
async fn an_account_is_not_known_by_its_email() {
    let stage = Stage::new().await;
    let discord = stage.sign_in("discord").await.unwrap();
    let company = stage.sign_in("company").await.unwrap();
    assert_eq!(discord.email, company.email);
    assert_ne!(discord.id, company.id);
    stage.demo.set_faults("discord", [Fault::EmailMissing]);
    stage.advance(5);
    let again = stage.sign_in("discord").await.unwrap();
    assert_eq!((&again.id, &again.accounts[0].id), (&discord.id, &discord.accounts[0].id));
    assert_eq!((again.email.as_deref(), again.read_at), (None, discord.read_at + 5));
    let other = stage.sign_in_as("discord", "no-avatar").await.unwrap();
    assert_ne!(other.id, discord.id);
    assert_eq!(stage.login.users().unwrap().len(), 3);
    assert_eq!(stage.vault.entries().len(), 3);
}

/// S38: an issuer of the person's own that claims the subject of another is another account.
#[tokio::test]
async fn the_same_subject_elsewhere_is_another_account() {
    let stage = Stage::with(|demo| {
        let base = demo.base();
        let second = crate::stage::company(demo, "oidc/rp/idtoken-sig-rs256")
            .replace("[company]", "[partner]");
        format!("{}{second}# {base}\n", crate::stage::company(demo, "oidc"))
    })
    .await;
    let company = stage.sign_in("company").await.unwrap();
    let partner = stage.sign_in("partner").await.unwrap();
    assert_ne!(company.id, partner.id);
    assert_ne!(company.accounts[0].issuer, partner.accounts[0].issuer);
}

/// S38: the client is part of what an account is known by where the provider's subjects are its own.
#[tokio::test]
async fn the_client_counts_where_subjects_are_its_own() {
    let stage = Stage::new().await;
    for provider in ["discord", "google", "kakao", "company"] {
        stage.sign_in(provider).await.unwrap();
        stage.sign_in(provider).await.unwrap();
    }
    assert_eq!(stage.rows("SELECT count(*) FROM accounts"), 4);
    let known =
        stage.rows("SELECT count(*) FROM accounts WHERE provider = 'kakao' AND client <> ''");
    assert_eq!((known, stage.rows("SELECT count(*) FROM accounts WHERE client = ''")), (1, 3));
}

/// Signing out leaves nothing of the account here, and what the keychain keeps back is removed
/// when it opens again.
#[tokio::test]
async fn signing_out_leaves_nothing() {
    let stage = Stage::new().await;
    let user = stage.sign_in("discord").await.unwrap();
    stage.login.sign_out(user.accounts[0].id.as_str(), SignOutScope::Here).await.unwrap();
    stage.assert_nothing_kept();
    let user = stage.sign_in("discord").await.unwrap();
    stage.vault.set(Mood::Refusing(VaultError::Locked));
    let refused =
        stage.login.sign_out(user.accounts[0].id.as_str(), SignOutScope::Here).await.unwrap_err();
    assert_eq!(refused.code(), Code::KeychainLocked);
    assert!(stage.login.users().unwrap().is_empty(), "not shown any more");
    assert_eq!(stage.vault.entries().len(), 1);
    stage.vault.set(Mood::Willing);
    stage.begin("discord", Channel::DeepLink).await;
    stage.login.cancel().await.unwrap();
    stage.vault.until(|entries| entries.is_empty()).await;
    stage.assert_nothing_kept();
}

/// What a program that died left between two writes is undone when the keychain is next opened.
#[tokio::test]
async fn a_half_written_account_is_undone() {
    let stage = Stage::new().await;
    stage.sign_in("discord").await.unwrap();
    let database = rusqlite::Connection::open(stage.home.database()).unwrap();
    database.execute("UPDATE accounts SET state = 'storing'", []).unwrap();
    assert!(stage.login.users().unwrap().is_empty());
    stage.begin("company", Channel::Paste).await;
    assert_eq!(stage.rows("SELECT count(*) FROM accounts"), 0);
    assert!(stage.vault.names().iter().all(|name| name.starts_with("attempt.")));
}

/// What is being written by somebody who lives is left alone.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_being_written_is_left_alone() {
    let stage = Stage::new().await;
    let begun = stage.begin("discord", Channel::DeepLink).await;
    let answer = stage.grant(&begun).await;
    let hold = stage.vault.hold_next_put();
    let login = stage.login.clone();
    let finishing = tokio::spawn(async move { login.finish(&answer).await });
    stage.vault.until_held().await;
    stage.another().begin(ask("company", Channel::Paste)).await.unwrap();
    drop(hold);
    let user = finishing.await.unwrap().unwrap();
    assert_eq!(stage.login.users().unwrap(), std::slice::from_ref(&user));
    assert!(stage.vault.names().contains(&user.accounts[0].id.to_string()));
}

/// Forgetting leaves nothing of anybody.
#[tokio::test]
async fn forgetting_leaves_nothing() {
    let stage = Stage::new().await;
    stage.sign_in("discord").await.unwrap();
    stage.sign_in("company").await.unwrap();
    stage.begin("google", Channel::Paste).await;
    stage.login.reset().await.unwrap();
    stage.assert_nothing_kept();
    assert_eq!(stage.rows("SELECT count(*) FROM attempts"), 0);
    for (path, text) in stage.files() {
        assert!(!text.contains("하늘"), "{}", path.display());
    }
}

/// An account that moved from the keychain to this run leaves nothing in the keychain behind.
#[tokio::test]
async fn signing_out_of_this_run_looks_into_the_keychain_too() {
    let stage = Stage::new().await;
    stage.sign_in("discord").await.unwrap();
    let user = sign_in_for_this_run(&stage).await;
    assert_eq!(stage.vault.entries().len(), 1);
    stage.login.sign_out(user.accounts[0].id.as_str(), SignOutScope::Here).await.unwrap();
    stage.assert_nothing_kept();
}

/// S50: what another program keeps for its own run is not in ours, and not for us to end.
#[tokio::test]
async fn a_session_of_another_run_is_left_alone() {
    let stage = Stage::new().await;
    let user = sign_in_for_this_run(&stage).await;
    let account = user.accounts[0].id.as_str();
    let refused = stage.another().access_token(account, RefreshPolicy::Always).await.unwrap_err();
    assert_eq!(refused.code(), Code::NeedsSignIn);
    assert_eq!(stage.login.users().unwrap()[0].accounts[0].state, AccountState::Active);
    stage.login.access_token(account, RefreshPolicy::WhenNeeded).await.unwrap();
}

/// S50: a keychain that waits to be unlocked is reported after two seconds, and no longer once it
/// has opened.
#[tokio::test]
async fn a_keychain_that_waits_is_reported() {
    let stage = Stage::new().await;
    let begun = stage.begin("discord", Channel::DeepLink).await;
    let answer = stage.grant(&begun).await;
    let hold = stage.vault.hold_next_put();
    let (login, mut news) = (stage.login.clone(), stage.login.news());
    let finishing = tokio::spawn(async move { login.finish(&answer).await });
    stage.vault.until_held().await;
    assert_eq!(stage.login.waits_for(), None);
    stage.pass(2).await;
    while stage.login.waits_for().is_none() {
        news.recv().await.unwrap();
    }
    assert_eq!(stage.login.waits_for().unwrap().code(), Code::KeychainWaiting);
    drop(hold);
    finishing.await.unwrap().unwrap();
    assert_eq!(stage.login.waits_for(), None);
}
