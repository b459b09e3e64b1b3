//! Local profiles: e-mail address and password, without a provider.

use nameplate::settings::{LanguageChoice, Settings};
use nameplate::vault::VaultError;
use nameplate::{
    AccountState, Code, NewProfile, RefreshPolicy, RevocationEffect, SignOutScope, User, UserId,
};

use crate::fixture::{Fixture, ask};
use crate::vault::Mood;

const PASSWORD: &str = "correct horse battery";

fn new(address: &str) -> NewProfile {
    NewProfile {
        address: address.to_owned(),
        password: PASSWORD.to_owned().into(),
        nickname: String::new(),
        user: None,
    }
}

impl Fixture {
    async fn create(&self, address: &str) -> User {
        self.nameplate.local_profiles().create(new(address)).await.unwrap()
    }

    async fn enter(&self, account: &str, password: &str) -> nameplate::Result<User> {
        self.nameplate.local_profiles().unlock(account, password.to_owned().into()).await
    }
}

#[tokio::test]
async fn a_profile_is_made_of_an_address_and_a_password() {
    let fixture = Fixture::with(|_| String::new()).await;
    let user = fixture
        .nameplate
        .local_profiles()
        .create(NewProfile { nickname: " 나리 ".into(), ..new(" Nari@Example.com ") })
        .await
        .unwrap();
    let account = &user.accounts[0];
    assert_eq!((user.nickname.as_str(), user.email.as_deref()), ("나리", Some("Nari@Example.com")));
    assert_eq!((account.provider.as_str(), account.issuer.as_str()), ("email", "local"));
    assert_eq!(uuid::Uuid::parse_str(&account.subject).unwrap().get_version_num(), 4);
    assert!(!user.email_verified && !account.email_verified && user.avatar.is_none());
    assert_eq!(fixture.state().current, Some(user.id));
    // Without a nickname the address is shown.
    assert_eq!(fixture.create("a@b").await.nickname, "a@b");
    assert!(fixture.demo.request_log().paths.is_empty(), "no request");
}

/// It is called what it is in the user's language, also after that was changed.
#[tokio::test]
async fn a_profile_is_labelled_in_the_users_language() {
    let fixture = Fixture::with(|_| String::new()).await;
    fixture.create("a@b").await;
    for (language, label) in
        [(LanguageChoice::Ko, "로컬 프로필"), (LanguageChoice::En, "Local profile")]
    {
        let preferences = fixture.nameplate.preferences();
        preferences.save(Settings { language, ..preferences.get().unwrap() }).unwrap();
        let state = fixture.state();
        let card = state.providers.iter().find(|card| card.id == "email").unwrap();
        assert_eq!((&*state.users[0].accounts[0].label, &*card.label), (label, label));
    }
}

/// Only a salted hash of the password is stored, in the keychain.
#[tokio::test]
async fn a_password_is_kept_as_a_hash_alone() {
    let fixture = Fixture::with(|_| String::new()).await;
    let user = fixture.create("nari@example.com").await;
    let account = user.accounts[0].id.to_string();
    let entries = fixture.vault.entries();
    assert_eq!(entries.keys().collect::<Vec<_>>(), [&account]);
    assert!(entries[&account].starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    let wrong = fixture.enter(&account, "a wrong password").await.unwrap_err();
    for secret in [PASSWORD, "a wrong password", "$argon2id$"] {
        for (path, text) in fixture.files() {
            assert!(!text.contains(secret), "{secret} in {}", path.display());
        }
        let overview = serde_json::json!(fixture.state()).to_string();
        assert!(!overview.contains(secret) && !format!("{wrong:?} {wrong}").contains(secret));
    }
    assert!(!format!("{:?}", new("a@b")).contains(PASSWORD));
}

/// Signing out keeps the profile and locks it; disconnecting deletes it.
#[tokio::test]
async fn leaving_keeps_the_profile_and_disconnecting_deletes_it() {
    let fixture = Fixture::with(|_| String::new()).await;
    let account = fixture.create("nari@example.com").await.accounts[0].id.to_string();
    fixture.nameplate.accounts().sign_out(&account, SignOutScope::Here).await.unwrap();
    let state = |nameplate: &nameplate::Nameplate| {
        nameplate.accounts().list().unwrap()[0].accounts[0].state
    };
    assert_eq!(state(&fixture.nameplate), AccountState::NeedsSignIn);
    assert_eq!(
        fixture.enter(&account, "not the password").await.unwrap_err().code(),
        Code::WrongPassword
    );
    assert_eq!(state(&fixture.nameplate), AccountState::NeedsSignIn);
    let user = fixture.enter(&account, PASSWORD).await.unwrap();
    assert_eq!(
        (user.nickname.as_str(), state(&fixture.nameplate)),
        ("nari@example.com", AccountState::Active)
    );
    // After a restart the profile can be unlocked.
    let again = fixture.another();
    again.accounts().sign_out(&account, SignOutScope::Here).await.unwrap();
    assert_eq!(state(&fixture.nameplate), AccountState::NeedsSignIn);
    fixture.enter(&account, PASSWORD).await.unwrap();
    let card = fixture.state().providers.pop().unwrap();
    assert_eq!(
        (card.id.as_str(), card.ready, card.revocation_effect),
        ("email", true, RevocationEffect::Profile)
    );
    fixture.nameplate.accounts().sign_out(&account, SignOutScope::Everywhere).await.unwrap();
    fixture.assert_nothing_kept();
    assert_eq!(fixture.enter(&account, PASSWORD).await.unwrap_err().code(), Code::WrongPassword);
}

/// An unknown profile and a wrong password have the same error.
#[tokio::test]
async fn an_unknown_profile_is_refused_like_a_wrong_password() {
    let fixture = Fixture::new().await;
    let account = fixture.create("nari@example.com").await.accounts[0].id.to_string();
    let discord = fixture.sign_in("discord").await.unwrap().accounts[0].id.to_string();
    let wrong = fixture.enter(&account, "not the password").await.unwrap_err();
    for unknown in
        ["nobody", &discord, fixture.nameplate.local_profiles().find("x@y").unwrap().as_str()]
    {
        assert_eq!(fixture.enter(unknown, PASSWORD).await.unwrap_err(), wrong);
    }
    let found = fixture.nameplate.local_profiles().find(" NARI@example.COM").unwrap();
    assert_eq!(found.as_str(), account);
    fixture.enter(found.as_str(), PASSWORD).await.unwrap();
}

#[tokio::test]
async fn what_is_no_address_no_password_or_taken_is_refused_and_leaves_nothing() {
    let fixture = Fixture::with(|_| String::new()).await;
    let refused = async |new| fixture.nameplate.local_profiles().create(new).await.unwrap_err();
    assert_eq!(refused(new("nari")).await.code(), Code::BadAddress);
    let short = NewProfile { password: "1234567".to_owned().into(), ..new("a@b") };
    assert_eq!(refused(short).await.code(), Code::WeakPassword);
    let nobodys = NewProfile { user: Some(UserId::from("nobody".to_owned())), ..new("a@b") };
    assert_eq!(refused(nobodys).await.code(), Code::UnknownAccount);
    fixture.assert_nothing_kept();
    fixture.create("nari@example.com").await;
    let taken = refused(new("NARI@EXAMPLE.COM")).await;
    assert_eq!((taken.code(), taken.provider()), (Code::AddressTaken, Some("email")));
    assert_eq!(fixture.vault.names().len(), 1);
}

/// Two processes create one profile for one address.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_taken_once_across_processes() {
    let fixture = Fixture::with(|_| String::new()).await;
    let (one, other) = (fixture.another(), fixture.another());
    let made = tokio::join!(
        one.local_profiles().create(new("a@b")),
        other.local_profiles().create(new("A@b"))
    );
    assert_eq!([made.0.is_ok(), made.1.is_ok()].iter().filter(|made| **made).count(), 1);
    assert_eq!(
        (fixture.rows("SELECT count(*) FROM accounts"), fixture.vault.names().len()),
        (1, 1)
    );
}

/// S50: an absent or locked keychain is reported before anything is written, and a failed write
/// leaves nothing.
#[tokio::test]
async fn a_keychain_that_cannot_be_used_is_told_first() {
    let fixture = Fixture::with(|_| String::new()).await;
    for (mood, code) in [
        (Mood::Absent, Code::KeychainAbsent),
        (Mood::Refusing(VaultError::Locked), Code::KeychainLocked),
        (Mood::Tiring(0, VaultError::Locked), Code::KeychainLocked),
    ] {
        fixture.vault.set(mood);
        let refused = fixture.nameplate.local_profiles().create(new("a@b")).await.unwrap_err();
        assert_eq!(refused.code(), code);
        fixture.vault.set(Mood::Willing);
        fixture.assert_nothing_kept();
    }
    let account = fixture.create("a@b").await.accounts[0].id.to_string();
    fixture.nameplate.accounts().sign_out(&account, SignOutScope::Here).await.unwrap();
    fixture.vault.set(Mood::Refusing(VaultError::Locked));
    assert_eq!(fixture.enter(&account, PASSWORD).await.unwrap_err().code(), Code::KeychainLocked);
    fixture.vault.set(Mood::Refusing(VaultError::NotFound));
    assert_eq!(fixture.enter(&account, PASSWORD).await.unwrap_err().code(), Code::ProfileLost);
}

/// S39: the unverified address of a local profile links nothing.
#[tokio::test]
async fn an_address_links_no_account() {
    let trusted = |demo: &demo_provider::DemoProvider| {
        format!("{}email_trusted = true\n", crate::fixture::company(demo, "oidc"))
    };
    for local_first in [true, false] {
        let fixture = Fixture::with(trusted).await;
        if local_first {
            fixture.create("haneul@example.com").await;
        }
        let user = fixture.sign_in("company").await.unwrap();
        assert_eq!(fixture.rows("SELECT count(*) FROM accounts WHERE email_trusted"), 1);
        if !local_first {
            fixture.create(&user.email.unwrap()).await;
        } else {
            assert_eq!(user.email.as_deref(), Some("haneul@example.com"));
        }
        assert_eq!(fixture.nameplate.accounts().link_offers().unwrap(), Vec::new());
        assert_eq!(fixture.users().len(), 2);
    }
}

/// A local profile has no token, and no request is sent for it.
#[tokio::test]
async fn there_is_no_token() {
    let fixture = Fixture::with(|_| String::new()).await;
    let account = fixture.create("a@b").await.accounts[0].id.to_string();
    for want in [RefreshPolicy::WhenNeeded, RefreshPolicy::Always] {
        let refused = fixture.access_token(&account, want).await.unwrap_err();
        assert_eq!((refused.code(), refused.provider()), (Code::NoAccessToken, Some("email")));
    }
    fixture.nameplate.profiles().refresh(&account).await.unwrap();
    fixture.nameplate.profiles().refresh_shown().await;
    let overview = fixture.state();
    assert!(!overview.offline && overview.problem.is_none());
    assert_eq!(overview.users[0].accounts[0].state, AccountState::Active);
    let begun = fixture
        .nameplate
        .sign_ins()
        .begin(ask("email", nameplate::RedirectMethod::Manual))
        .await
        .unwrap_err();
    assert_eq!(begun.code(), Code::MethodRefused);
    let well = fixture.nameplate.doctor().examine();
    assert!(well.iter().any(|finding| finding.name == "no_provider_set_up"), "{well:?}");
}

#[tokio::test]
async fn a_profile_can_belong_to_a_user_who_is_here() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("discord").await.unwrap();
    let joined = NewProfile { user: Some(user.id.clone()), ..new("a@b") };
    let joined = fixture.nameplate.local_profiles().create(joined).await.unwrap();
    assert_eq!((&joined.id, joined.accounts.len()), (&user.id, 2));
    assert_eq!(joined.nickname, user.nickname);
    let account = joined.accounts[1].id.to_string();
    fixture.nameplate.accounts().sign_out(&account, SignOutScope::Everywhere).await.unwrap();
    assert_eq!(fixture.users()[0].accounts.len(), 1);
}

/// A reset deletes it.
#[tokio::test]
async fn a_profile_is_forgotten_with_the_rest() {
    let fixture = Fixture::with(|_| String::new()).await;
    let new = NewProfile { nickname: "나리나리".into(), ..new("nari@example.com") };
    let account =
        fixture.nameplate.local_profiles().create(new).await.unwrap().accounts[0].id.to_string();
    fixture.nameplate.accounts().reset().await.unwrap();
    fixture.assert_nothing_kept();
    for (path, text) in fixture.files() {
        for word in ["나리나리", "nari@example.com", account.as_str()] {
            assert!(!text.contains(word), "{word} in {}", path.display());
        }
    }
}
