//! What is stored, where, and what is never stored.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use demo_provider::Fault;
use nameplate::vault::VaultError;
use nameplate::{
    AccountState, Code, RedirectMethod, RefreshPolicy, SignInRequest, SignOutScope, TokenStorage,
};

use crate::browser::parameters;
use crate::fixture::{Fixture, ask, complete, quiet, realm, waiting_url};
use crate::vault::Mood;

/// S48: after sign-ins, denials and failures of every provider, database and log have no code,
/// token, verifier, secret, state or nonce: raw, percent-encoded or in base64.
#[tokio::test]
async fn nothing_secret_is_in_a_file() {
    let fixture = Fixture::new().await;
    let subscriber = nameplate::log::subscriber(&fixture.home, "engine");
    tracing::subscriber::set_global_default(subscriber).unwrap();
    for provider in ["discord", "google", "kakao", "company"] {
        fixture.sign_in(provider).await.unwrap();
        let begun = fixture.begin(provider, quiet(provider)).await;
        let denied = fixture.browser.decide(&begun.url, "haneul", "deny").await;
        complete(&fixture.nameplate, &denied).await.unwrap_err();
        // An expired code.
        let begun = fixture.begin(provider, quiet(provider)).await;
        let late = fixture.grant(&begun).await;
        fixture.demo.advance_clock(601);
        let refused = complete(&fixture.nameplate, &late).await.unwrap_err();
        assert_eq!(refused.code(), Code::CodeRefused, "{refused}");
        fixture.advance(601);
        let faults = [Fault::Profile401, Fault::TokenNotJson];
        for fault in faults {
            fixture.demo.set_faults(realm(provider), [fault]);
            // With an id_token, an unread profile is a note, and the error is in the log.
            let ended = fixture.sign_in(provider).await;
            assert!(ended.is_err() || fault == Fault::Profile401, "{provider} {fault:?}");
            fixture.demo.set_faults(realm(provider), []);
        }
        // A pending attempt.
        fixture.begin(provider, quiet(provider)).await;
    }
    let ledger = fixture.demo.request_log();
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
    let files = fixture.files();
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

/// The encodings of a secret: raw, percent-encoded, and inside of base64.
fn spellings(secret: &str) -> Vec<String> {
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let mut found = vec![secret.to_owned(), encoded];
    for shift in 0..3 {
        for engine in [&STANDARD, &URL_SAFE] {
            let shifted = [&vec![b' '; shift], secret.as_bytes()].concat();
            let text = engine.encode(shifted);
            // Without the characters that depend on neighbouring bytes.
            let middle = text.trim_end_matches('=');
            let start = if shift == 0 { 0 } else { 4 };
            found.push(middle[start..middle.len() - 4].to_owned());
        }
    }
    found
}

/// S49: verifier and nonce of a pending attempt are in the vault only, and deleted afterwards.
#[tokio::test]
async fn a_waiting_attempt_is_in_the_vault_alone() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("company", RedirectMethod::Manual).await;
    let entries = fixture.vault.entries();
    let (name, entry) = entries.first_key_value().unwrap();
    assert!(entries.len() == 1 && name.starts_with("attempt."), "{name}");
    let kept: serde_json::Value = serde_json::from_str(entry).unwrap();
    assert_eq!(kept["nonce"], parameters(&begun.url)["nonce"]);
    for secret in ["verifier", "nonce", "key"] {
        let secret = kept[secret].as_str().unwrap();
        for (path, text) in fixture.files() {
            assert!(!text.contains(secret), "{}", path.display());
        }
    }
    let response = fixture.grant(&begun).await;
    complete(&fixture.nameplate, &response).await.unwrap();
    assert!(fixture.vault.names().iter().all(|name| !name.starts_with("attempt.")));
}

/// S50, U25: without a keychain the user is asked before the browser opens; nothing is written
/// elsewhere.
#[tokio::test]
async fn without_a_keychain_nothing_begins() {
    let fixture = Fixture::new().await;
    fixture.vault.set(Mood::Absent);
    for method in [RedirectMethod::DeepLink, RedirectMethod::Loopback] {
        let refused = fixture.nameplate.sign_ins().begin(ask("discord", method)).await.unwrap_err();
        assert_eq!(refused.code(), Code::KeychainAbsent);
    }
    assert_eq!(fixture.rows("SELECT count(*) FROM attempts"), 0);
    assert_eq!(waiting_url(&fixture.nameplate), None);
    assert!(fixture.demo.request_log().paths.is_empty());
    let problem = fixture.state().problem.unwrap();
    assert_eq!(problem.remedies, [nameplate::Remedy::Restart, nameplate::Remedy::ThisRun]);
    fixture.assert_nothing_kept();
}

/// S50: a session in memory writes no secret, and signing out leaves nothing.
#[tokio::test]
async fn a_session_of_this_run_needs_no_keychain() {
    let fixture = Fixture::new().await;
    fixture.vault.set(Mood::Absent);
    let user = sign_in_for_this_run(&fixture).await;
    assert!(fixture.vault.entries().is_empty());
    for (path, text) in fixture.files() {
        for token in &fixture.demo.request_log().access_tokens {
            assert!(!text.contains(token), "{}", path.display());
        }
    }
    fixture
        .nameplate
        .accounts()
        .sign_out(user.accounts[0].id.as_str(), SignOutScope::Here)
        .await
        .unwrap();
    fixture.assert_nothing_kept();
    sign_in_for_this_run(&fixture).await;
    fixture.nameplate.accounts().reset().await.unwrap();
    fixture.assert_nothing_kept();
}

async fn sign_in_for_this_run(fixture: &Fixture) -> nameplate::User {
    let this_run =
        SignInRequest { storage: TokenStorage::Memory, ..ask("discord", RedirectMethod::DeepLink) };
    let begun = fixture.nameplate.sign_ins().begin(this_run).await.unwrap();
    let response = fixture.grant(&begun).await;
    complete(&fixture.nameplate, &response).await.unwrap()
}

/// S50, S52, U15, U25: each keychain error has its own code, before the browser opens.
#[tokio::test]
async fn the_keychains_refusals_are_told_apart() {
    let fixture = Fixture::new().await;
    for (refusal, code) in [
        (VaultError::Locked, Code::KeychainLocked),
        (VaultError::Ambiguous, Code::KeychainAmbiguous),
        (VaultError::TooLong, Code::KeychainTooLong),
        (VaultError::Failed("broken".into()), Code::KeychainFailed),
        (VaultError::Absent, Code::KeychainAbsent),
    ] {
        fixture.vault.set(Mood::Refusing(refusal));
        let refused = fixture
            .nameplate
            .sign_ins()
            .begin(ask("discord", RedirectMethod::Loopback))
            .await
            .unwrap_err();
        assert_eq!(refused.code(), code);
        assert_eq!(fixture.rows("SELECT count(*) FROM attempts"), 0);
        assert_eq!(waiting_url(&fixture.nameplate), None);
        fixture.vault.set(Mood::Willing);
        fixture.assert_nothing_kept();
    }
}

/// S50, S52: a keychain that is locked at the response does not lose the response.
#[tokio::test]
async fn a_response_waits_for_a_locked_keychain() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let response = fixture.grant(&begun).await;
    fixture.vault.set(Mood::Refusing(VaultError::Locked));
    let refused = complete(&fixture.nameplate, &response).await.unwrap_err();
    assert_eq!((refused.code(), refused.provider()), (Code::KeychainLocked, Some("discord")));
    fixture.vault.set(Mood::Willing);
    complete(&fixture.nameplate, &response).await.unwrap();
}

/// U25: a session that cannot be stored is an error, and no account is left.
#[tokio::test]
async fn a_session_that_cannot_be_kept_is_no_sign_in() {
    for refusal in [VaultError::Locked, VaultError::TooLong, VaultError::Failed("full".into())] {
        let fixture = Fixture::new().await;
        fixture.vault.set(Mood::Tiring(1, refusal.clone()));
        let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
        let response = fixture.grant(&begun).await;
        let refused = complete(&fixture.nameplate, &response).await.unwrap_err();
        assert_eq!(refused.code(), nameplate::Error::from(refusal).code());
        fixture.assert_nothing_kept();
        let told = fixture.nameplate.sign_ins().outcome(&begun.id).await.unwrap_err();
        assert_eq!(told.code(), refused.code());
    }
}

/// U25: an account that was there keeps its session.
#[tokio::test]
async fn a_failed_second_sign_in_keeps_the_first() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("discord").await.unwrap();
    let before = fixture.vault.entries();
    fixture.vault.set(Mood::Tiring(1, VaultError::TooLong));
    fixture.sign_in("discord").await.unwrap_err();
    assert_eq!(fixture.users(), [user]);
    assert_eq!(fixture.vault.entries(), before);
}

/// S38: the identity is issuer and subject: the same e-mail address elsewhere is another account,
/// and another address there is the same account.
#[tokio::test]
async fn an_account_is_not_known_by_its_email() {
    let fixture = Fixture::new().await;
    let discord = fixture.sign_in("discord").await.unwrap();
    let company = fixture.sign_in("company").await.unwrap();
    assert_eq!(discord.email, company.email);
    assert_ne!(discord.id, company.id);
    fixture.demo.set_faults("discord", [Fault::EmailMissing]);
    fixture.advance(5);
    let again = fixture.sign_in("discord").await.unwrap();
    assert_eq!((&again.id, &again.accounts[0].id), (&discord.id, &discord.accounts[0].id));
    assert_eq!((again.email.as_deref(), again.read_at), (None, discord.read_at + 5));
    let other = fixture.sign_in_as("discord", "no-avatar").await.unwrap();
    assert_ne!(other.id, discord.id);
    assert_eq!(fixture.users().len(), 3);
    assert_eq!(fixture.vault.entries().len(), 3);
}

/// S38: a configured issuer with the same subject is another account.
#[tokio::test]
async fn the_same_subject_elsewhere_is_another_account() {
    let fixture = Fixture::with(|demo| {
        let base = demo.base();
        let second = crate::fixture::company(demo, "oidc/rp/idtoken-sig-rs256")
            .replace("[company]", "[partner]");
        format!("{}{second}# {base}\n", crate::fixture::company(demo, "oidc"))
    })
    .await;
    let company = fixture.sign_in("company").await.unwrap();
    let partner = fixture.sign_in("partner").await.unwrap();
    assert_ne!(company.id, partner.id);
    assert_ne!(company.accounts[0].issuer, partner.accounts[0].issuer);
}

/// S38: the client belongs to the identity if the subjects are pairwise.
#[tokio::test]
async fn the_client_counts_where_subjects_are_its_own() {
    let fixture = Fixture::new().await;
    for provider in ["discord", "google", "kakao", "company"] {
        fixture.sign_in(provider).await.unwrap();
        fixture.sign_in(provider).await.unwrap();
    }
    assert_eq!(fixture.rows("SELECT count(*) FROM accounts"), 4);
    let known =
        fixture.rows("SELECT count(*) FROM accounts WHERE provider = 'kakao' AND client <> ''");
    assert_eq!((known, fixture.rows("SELECT count(*) FROM accounts WHERE client = ''")), (1, 3));
}

/// Signing out leaves nothing, and an item that the keychain did not delete is deleted later.
#[tokio::test]
async fn signing_out_leaves_nothing() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("discord").await.unwrap();
    fixture
        .nameplate
        .accounts()
        .sign_out(user.accounts[0].id.as_str(), SignOutScope::Here)
        .await
        .unwrap();
    fixture.assert_nothing_kept();
    let user = fixture.sign_in("discord").await.unwrap();
    fixture.vault.set(Mood::Refusing(VaultError::Locked));
    let refused = fixture
        .nameplate
        .accounts()
        .sign_out(user.accounts[0].id.as_str(), SignOutScope::Here)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::KeychainLocked);
    assert!(fixture.users().is_empty(), "not shown any more");
    assert_eq!(fixture.vault.entries().len(), 1);
    fixture.vault.set(Mood::Willing);
    fixture.begin("discord", RedirectMethod::DeepLink).await;
    fixture.nameplate.sign_ins().cancel().await.unwrap();
    fixture.vault.until(|entries| entries.is_empty()).await;
    fixture.assert_nothing_kept();
}

/// Recovery undoes a half-stored account.
#[tokio::test]
async fn a_half_written_account_is_undone() {
    let fixture = Fixture::new().await;
    fixture.sign_in("discord").await.unwrap();
    let database = rusqlite::Connection::open(fixture.home.database()).unwrap();
    database.execute("UPDATE accounts SET state = 'storing'", []).unwrap();
    assert!(fixture.users().is_empty());
    fixture.begin("company", RedirectMethod::Manual).await;
    assert_eq!(fixture.rows("SELECT count(*) FROM accounts"), 0);
    assert!(fixture.vault.names().iter().all(|name| name.starts_with("attempt.")));
}

/// Recovery leaves an account alone while its lock is held.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_being_written_is_left_alone() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let response = fixture.grant(&begun).await;
    let hold = fixture.vault.hold_next_put();
    let nameplate = fixture.nameplate.clone();
    let finishing = tokio::spawn(async move { complete(&nameplate, &response).await });
    fixture.vault.until_held().await;
    fixture.another().sign_ins().begin(ask("company", RedirectMethod::Manual)).await.unwrap();
    drop(hold);
    let user = finishing.await.unwrap().unwrap();
    assert_eq!(fixture.users(), std::slice::from_ref(&user));
    assert!(fixture.vault.names().contains(&user.accounts[0].id.to_string()));
}

/// A reset leaves nothing.
#[tokio::test]
async fn forgetting_leaves_nothing() {
    let fixture = Fixture::new().await;
    fixture.sign_in("discord").await.unwrap();
    fixture.sign_in("company").await.unwrap();
    fixture.begin("google", RedirectMethod::Manual).await;
    fixture.nameplate.accounts().reset().await.unwrap();
    fixture.assert_nothing_kept();
    assert_eq!(fixture.rows("SELECT count(*) FROM attempts"), 0);
    for (path, text) in fixture.files() {
        assert!(!text.contains("하늘"), "{}", path.display());
    }
}

/// An account that moved from the keychain to memory leaves nothing in the keychain.
#[tokio::test]
async fn signing_out_of_this_run_looks_into_the_keychain_too() {
    let fixture = Fixture::new().await;
    fixture.sign_in("discord").await.unwrap();
    let user = sign_in_for_this_run(&fixture).await;
    assert_eq!(fixture.vault.entries().len(), 1);
    fixture
        .nameplate
        .accounts()
        .sign_out(user.accounts[0].id.as_str(), SignOutScope::Here)
        .await
        .unwrap();
    fixture.assert_nothing_kept();
}

/// S50: a session in the memory of another process is not ended.
#[tokio::test]
async fn a_session_of_another_run_is_left_alone() {
    let fixture = Fixture::new().await;
    let user = sign_in_for_this_run(&fixture).await;
    let account = user.accounts[0].id.as_str();
    let refused = fixture
        .another()
        .sessions()
        .access_token(account, RefreshPolicy::Always)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::SessionElsewhere);
    assert_eq!(fixture.users()[0].accounts[0].state, AccountState::Active);
    fixture.access_token(account, RefreshPolicy::WhenNeeded).await.unwrap();
}

/// S50: a keychain that waits to be unlocked is reported after two seconds, until it opens.
#[tokio::test]
async fn a_keychain_that_waits_is_reported() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("discord", RedirectMethod::DeepLink).await;
    let response = fixture.grant(&begun).await;
    let hold = fixture.vault.hold_next_put();
    let (nameplate, mut news) = (fixture.nameplate.clone(), fixture.nameplate.events());
    let finishing = tokio::spawn(async move { complete(&nameplate, &response).await });
    fixture.vault.until_held().await;
    assert_eq!(fixture.nameplate.notices().waiting_for(), None);
    fixture.pass(2).await;
    while fixture.nameplate.notices().waiting_for().is_none() {
        news.recv().await.unwrap();
    }
    assert_eq!(fixture.nameplate.notices().waiting_for().unwrap().code(), Code::KeychainWaiting);
    drop(hold);
    finishing.await.unwrap().unwrap();
    assert_eq!(fixture.nameplate.notices().waiting_for(), None);
}
