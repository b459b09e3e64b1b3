//! Several users and accounts on one device: adding, linking, unlinking and signing in again.

use demo_provider::{DemoProvider, Fault};
use nameplate::{
    AccountId, AccountState, Code, EmailTrust, Intent, RedirectMethod, RefreshPolicy,
    SignInRequest, SignOutScope, TokenStorage, User, UserId,
};

use crate::browser::parameters;
use crate::fixture::{Fixture, ask, company, complete, quiet};

async fn answered(fixture: &Fixture, wish: SignInRequest, person: &str) -> nameplate::Result<User> {
    let begun = fixture.nameplate.sign_ins().begin(wish).await?;
    let response = fixture.browser.decide(&begun.url, person, "allow").await;
    complete(&fixture.nameplate, &response).await
}

async fn added(
    fixture: &Fixture,
    user: &UserId,
    at: &str,
    person: &str,
) -> nameplate::Result<User> {
    let wish = SignInRequest { intent: Intent::AddTo(user.clone()), ..ask(at, quiet(at)) };
    answered(fixture, wish, person).await
}

async fn again(
    fixture: &Fixture,
    account: &AccountId,
    intent: fn(AccountId) -> Intent,
    person: &str,
) -> nameplate::Result<User> {
    let wish = fixture.nameplate.sign_ins().request_for_account(account.as_str(), intent)?;
    let method = Some(quiet(&wish.provider).into());
    answered(fixture, SignInRequest { method, ..wish }, person).await
}

fn shown(fixture: &Fixture) -> Option<UserId> {
    fixture.state().current
}

/// Everything that a refused sign-in may not change.
fn kept(fixture: &Fixture) -> impl PartialEq + std::fmt::Debug + use<> {
    (fixture.users(), fixture.vault.entries(), shown(fixture))
}

/// `[company]` and `[partner]`: two issuers with trusted addresses.
fn trusted(demo: &DemoProvider) -> String {
    let partner = company(demo, "oidc/rp/idtoken-sig-rs256").replace("[company]", "[partner]");
    format!("{}email_trusted = true\n{partner}email_trusted = true\n", company(demo, "oidc"))
}

/// U20: from the second sign-in on, the provider is asked for the account, in its own way.
#[tokio::test]
async fn the_second_sign_in_asks_which_account() {
    let fixture = Fixture::new().await;
    for (provider, first, second) in [
        ("discord", None, None),
        ("google", Some("consent"), Some("select_account consent")),
        ("kakao", None, Some("select_account")),
        ("github", None, Some("select_account")),
        ("microsoft", None, Some("select_account")),
        ("company", Some("consent"), Some("login consent")),
    ] {
        let prompt = async || {
            let begun = fixture.begin(provider, quiet(provider)).await;
            parameters(&begun.url).get("prompt").cloned()
        };
        assert_eq!(prompt().await.as_deref(), first, "{provider}");
        fixture.sign_in(provider).await.unwrap();
        assert_eq!(prompt().await.as_deref(), second, "{provider}");
    }
}

/// U20: signing in again refreshes the account; another account at the provider is another user,
/// who is shown.
#[tokio::test]
async fn signing_in_again_never_makes_a_second_account() {
    for provider in ["discord", "google", "kakao", "company"] {
        let fixture = Fixture::new().await;
        let haneul = fixture.sign_in(provider).await.unwrap();
        let mira = fixture.sign_in_as(provider, "no-avatar").await.unwrap();
        assert_ne!(haneul.id, mira.id);
        for (person, was) in [("haneul", &haneul), ("no-avatar", &mira), ("haneul", &haneul)] {
            let former = fixture.vault.entries();
            fixture.advance(5);
            let now = fixture.sign_in_as(provider, person).await.unwrap();
            assert_eq!((&now.id, &now.accounts[0].id), (&was.id, &was.accounts[0].id));
            assert_eq!((now.accounts.len(), now.read_at), (1, fixture.now()), "{provider}");
            assert_eq!(shown(&fixture), Some(now.id));
            let entries = fixture.vault.entries();
            let name = was.accounts[0].id.as_str();
            assert_ne!(entries[name], former[name], "the session is a new one");
            assert_eq!(entries.len(), 2);
        }
        assert_eq!(fixture.users().len(), 2, "{provider}");
    }
}

/// U20: accounts are added to the shown user, each with its own session.
#[tokio::test]
async fn accounts_are_added_to_a_person() {
    let fixture = Fixture::new().await;
    let first = fixture.sign_in("discord").await.unwrap();
    added(&fixture, &first.id, "company", "no-avatar").await.unwrap();
    let user = added(&fixture, &first.id, "discord", "long-name").await.unwrap();
    assert_eq!(fixture.users(), std::slice::from_ref(&user));
    assert_eq!((&user.id, &user.nickname, &user.email), (&first.id, &first.nickname, &first.email));
    let at: Vec<_> = user.accounts.iter().map(|account| account.provider.as_str()).collect();
    assert_eq!(at, ["discord", "company", "discord"]);
    assert_eq!(user.accounts[1].nickname, "Mira Novak");
    assert_eq!(fixture.vault.entries().len(), 3);
    for account in &user.accounts {
        fixture.access_token(account.id.as_str(), RefreshPolicy::WhenNeeded).await.unwrap();
    }
    assert!(fixture.nameplate.accounts().link_offers().unwrap().is_empty(), "adding is consent");
    let same = added(&fixture, &first.id, "company", "no-avatar").await.unwrap();
    assert_eq!(same.accounts.len(), 3, "one that is there already is refreshed");
}

/// U20: adding asks for the account, also without a user.
#[tokio::test]
async fn adding_asks_which_account() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("discord").await.unwrap();
    let wish =
        SignInRequest { intent: Intent::AddTo(user.id), ..ask("company", RedirectMethod::Manual) };
    let begun = fixture.nameplate.sign_ins().begin(wish).await.unwrap();
    assert_eq!(parameters(&begun.url)["prompt"], "login consent");
    fixture.nameplate.sign_ins().cancel().await.unwrap();
    let nobody = SignInRequest {
        intent: Intent::AddTo(UserId::random()),
        ..ask("company", RedirectMethod::Manual)
    };
    assert_eq!(
        fixture.nameplate.sign_ins().begin(nobody).await.unwrap_err().code(),
        Code::UnknownAccount
    );
}

/// OpenID Connect Core, section 3.1.2.1: the expected account is named to the provider, also when the
/// sign-in is repeated, and is no condition: any account is signed in.
#[tokio::test]
async fn an_expected_account_is_named() {
    let fixture = Fixture::new().await;
    let sign_ins = fixture.nameplate.sign_ins();
    let hinted = |provider| SignInRequest {
        account_hint: Some("mira@example.com".to_owned()),
        ..ask(provider, quiet(provider))
    };
    let begun = sign_ins.begin(hinted("company")).await.unwrap();
    assert_eq!(parameters(&begun.url)["login_hint"], "mira@example.com");
    let again = sign_ins.current().unwrap().request;
    let begun = sign_ins.begin(again).await.unwrap();
    assert_eq!(parameters(&begun.url)["login_hint"], "mira@example.com");
    let user = answered(&fixture, hinted("company"), "haneul").await.unwrap();
    assert_eq!(user.email.as_deref(), Some("haneul@example.com"));
    let begun = sign_ins.begin(hinted("discord")).await.unwrap();
    assert!(!begun.url.contains("mira"), "{}", begun.url);
}

/// An account of another user is not moved.
#[tokio::test]
async fn an_account_is_not_taken_from_another_person() {
    let fixture = Fixture::new().await;
    let haneul = fixture.sign_in("discord").await.unwrap();
    fixture.sign_in_as("company", "no-avatar").await.unwrap();
    let before = kept(&fixture);
    let refused = added(&fixture, &haneul.id, "company", "no-avatar").await.unwrap_err();
    assert_eq!((refused.code(), refused.detail()), (Code::AccountElsewhere, Some("Mira Novak")));
    assert_eq!(kept(&fixture), before);
}

/// A user who was removed during the sign-in is not created again.
#[tokio::test]
async fn no_account_is_added_to_a_removed_user() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("discord").await.unwrap();
    let wish =
        SignInRequest { intent: Intent::AddTo(user.id), ..ask("company", RedirectMethod::Manual) };
    let begun = fixture.nameplate.sign_ins().begin(wish).await.unwrap();
    let response = fixture.grant(&begun).await;
    fixture
        .nameplate
        .accounts()
        .sign_out(user.accounts[0].id.as_str(), SignOutScope::Here)
        .await
        .unwrap();
    complete(&fixture.nameplate, &response).await.unwrap_err();
    fixture.assert_nothing_kept();
}

/// Signing in again with another account is refused, with both names.
#[tokio::test]
async fn another_account_is_refused_by_name() {
    let fixture = Fixture::new().await;
    let haneul = fixture.sign_in("google").await.unwrap();
    for known in [false, true] {
        if known {
            fixture.sign_in_as("google", "no-avatar").await.unwrap();
        }
        for intent in [Intent::Reauthenticate, Intent::MoreScopes] {
            let before = kept(&fixture);
            let id = &haneul.accounts[0].id;
            let refused = again(&fixture, id, intent, "no-avatar").await.unwrap_err();
            assert_eq!(refused.code(), Code::OtherAccount);
            assert_eq!(refused.detail(), Some("하늘 / Mira Novak"));
            assert_eq!(kept(&fixture), before);
            let told = fixture.state().problem.unwrap().message;
            assert!(told.contains("하늘") && told.contains("Mira Novak"), "{told}");
        }
    }
}

/// Signing in again restores an ended session.
#[tokio::test]
async fn an_ended_session_comes_back() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("discord").await.unwrap();
    let account = &user.accounts[0].id;
    fixture.demo.set_faults("discord", [Fault::TokenInvalidGrant]);
    fixture.access_token(account.as_str(), RefreshPolicy::Always).await.unwrap_err();
    fixture.demo.set_faults("discord", []);
    let back = again(&fixture, account, Intent::Reauthenticate, "haneul").await.unwrap();
    assert_eq!((&back.id, &back.accounts[0].id), (&user.id, account));
    assert_eq!(back.accounts[0].state, AccountState::Active);
    fixture.access_token(account.as_str(), RefreshPolicy::WhenNeeded).await.unwrap();
}

/// More scopes are requested together with the granted ones, each once.
#[tokio::test]
async fn more_is_asked_for_with_what_was_granted() {
    let fixture = Fixture::new().await;
    for (provider, separator, more) in [
        ("google", ' ', "https://www.googleapis.com/auth/user.birthday.read"),
        ("kakao", ',', "phone_number"),
    ] {
        let user = fixture.sign_in(provider).await.unwrap();
        let account = &user.accounts[0];
        let wish = fixture
            .nameplate
            .sign_ins()
            .request_for_account(account.id.as_str(), Intent::MoreScopes)
            .unwrap();
        let wish = SignInRequest { method: Some(quiet(provider).into()), ..wish };
        let begun = fixture.nameplate.sign_ins().begin(wish).await.unwrap();
        let asked = parameters(&begun.url)["scope"].clone();
        let mut asked: Vec<_> = asked.split(separator).collect();
        assert!(asked.contains(&more), "{asked:?}");
        for granted in &account.scopes {
            assert!(asked.contains(&granted.as_str()), "{granted} of {asked:?}");
        }
        let all = asked.len();
        asked.sort_unstable();
        asked.dedup();
        assert_eq!(asked.len(), all, "each once");
        let response = fixture.grant(&begun).await;
        let richer = complete(&fixture.nameplate, &response).await.unwrap();
        assert_eq!((&richer.id, &richer.accounts[0].id), (&user.id, &account.id));
        assert!(richer.accounts[0].scopes.iter().any(|scope| scope == more));
        assert_eq!(richer.birthday.as_deref(), Some("1997-03-14"), "{provider}");
        assert!(richer.gender.is_some() && richer.phone.is_some(), "{provider}");
    }
}

/// Signing in again requests the granted scopes as well, each once, and not those of other
/// accounts.
#[tokio::test]
async fn signing_in_again_asks_for_what_was_granted() {
    let fixture = Fixture::new().await;
    for (provider, separator, more) in [
        ("google", ' ', "https://www.googleapis.com/auth/user.birthday.read"),
        ("kakao", ',', "phone_number"),
    ] {
        let user = fixture.sign_in(provider).await.unwrap();
        let id = &user.accounts[0].id;
        again(&fixture, id, Intent::MoreScopes, "haneul").await.unwrap();
        fixture.sign_in_as(provider, "no-avatar").await.unwrap();
        let usual = fixture
            .nameplate
            .provider_setup()
            .config()
            .entry(provider)
            .unwrap()
            .oauth
            .scopes
            .clone();
        let accounts = fixture.users().into_iter().map(|user| user.accounts);
        for account in accounts.flatten() {
            let wish = fixture
                .nameplate
                .sign_ins()
                .request_for_account(account.id.as_str(), Intent::Reauthenticate)
                .unwrap();
            let wish = SignInRequest { method: Some(quiet(provider).into()), ..wish };
            let begun = fixture.nameplate.sign_ins().begin(wish).await.unwrap();
            fixture.nameplate.sign_ins().cancel().await.unwrap();
            let asked = parameters(&begun.url)["scope"].clone();
            let mut asked: Vec<_> = asked.split(separator).map(str::to_owned).collect();
            asked.sort_unstable();
            let mut union = [usual.clone(), account.scopes.clone()].concat();
            union.sort_unstable();
            union.dedup();
            assert_eq!(asked, union, "{provider}");
            assert!(account.id != *id || asked.iter().any(|scope| scope == more), "{asked:?}");
        }
        fixture.nameplate.accounts().reset().await.unwrap();
    }
}

/// A plain sign-in requests the usual scopes only.
#[tokio::test]
async fn a_plain_sign_in_asks_for_no_more_than_usual() {
    let fixture = Fixture::new().await;
    let begun = fixture.begin("google", RedirectMethod::Manual).await;
    assert_eq!(parameters(&begun.url)["scope"], "openid email profile");
}

/// U20: any user can be shown, also after a restart.
#[tokio::test]
async fn any_person_can_be_shown() {
    let fixture = Fixture::new().await;
    let haneul = fixture.sign_in("discord").await.unwrap();
    let mira = fixture.sign_in_as("discord", "no-avatar").await.unwrap();
    for user in [&haneul.id, &mira.id, &haneul.id] {
        fixture.nameplate.accounts().show(user.as_str()).unwrap();
        assert_eq!(shown(&fixture).as_ref(), Some(user));
        assert_eq!(fixture.another().state().unwrap().current.as_ref(), Some(user));
    }
    assert_eq!(
        fixture.nameplate.accounts().show("nobody").unwrap_err().code(),
        Code::UnknownAccount
    );
    fixture
        .nameplate
        .accounts()
        .sign_out(haneul.accounts[0].id.as_str(), SignOutScope::Here)
        .await
        .unwrap();
    assert_eq!(shown(&fixture), Some(mira.id), "the other user is shown");
}

/// A name that was set stays after sign-ins; an empty one restores the nickname.
#[tokio::test]
async fn a_person_is_called_as_they_like() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("discord").await.unwrap();
    let id = user.id.as_str();
    let called = || fixture.users()[0].nickname.clone();
    fixture.nameplate.accounts().rename(id, "  나의 \u{7}계정\n ").unwrap();
    assert_eq!(called(), "나의 계정");
    fixture.sign_in("discord").await.unwrap();
    fixture.nameplate.profiles().refresh(user.accounts[0].id.as_str()).await.unwrap();
    assert_eq!(called(), "나의 계정");
    fixture.nameplate.accounts().rename(id, &"가".repeat(500)).unwrap();
    assert_eq!(called().chars().count(), 100);
    fixture.nameplate.accounts().rename(id, " \n ").unwrap();
    assert_eq!(called(), "하늘");
    assert_eq!(
        fixture.nameplate.accounts().rename("nobody", "x").unwrap_err().code(),
        Code::UnknownAccount
    );
}

/// N4, S39: a link is offered for a known trusted address, and made on request; the last account
/// cannot be unlinked.
#[tokio::test]
async fn an_offer_that_is_agreed_to_joins() {
    let fixture = Fixture::with(trusted).await;
    let first = fixture.sign_in("company").await.unwrap();
    assert!(fixture.state().offers.is_empty());
    let second = fixture.sign_in("partner").await.unwrap();
    assert_eq!(fixture.users().len(), 2, "no accounts are linked without consent");
    let account = second.accounts[0].id.clone();
    let offers = fixture.state().offers;
    let [offer] = offers.as_slice() else { panic!("{offers:?}") };
    assert_eq!(
        (&offer.account, &offer.user, &offer.nickname),
        (&account, &first.id, &first.nickname)
    );
    fixture.nameplate.accounts().link(account.as_str()).unwrap();
    let users = fixture.users();
    assert_eq!((users.len(), &users[0].id, users[0].accounts.len()), (1, &first.id, 2));
    assert_eq!(
        (shown(&fixture), fixture.nameplate.accounts().link_offers().unwrap().len()),
        (Some(first.id.clone()), 0)
    );
    for account in &users[0].accounts {
        fixture.access_token(account.id.as_str(), RefreshPolicy::WhenNeeded).await.unwrap();
    }
    let again = fixture.sign_in("partner").await.unwrap();
    assert_eq!((&again.id, again.accounts.len()), (&first.id, 2), "joined ones stay so");
    fixture.nameplate.accounts().unlink(account.as_str()).unwrap();
    let users = fixture.users();
    assert_eq!(users.len(), 2);
    let parted = users.iter().find(|user| user.accounts[0].id == account).unwrap();
    assert_eq!((&parted.nickname, shown(&fixture)), (&first.nickname, Some(parted.id.clone())));
    let before = kept(&fixture);
    let refused = fixture.nameplate.accounts().unlink(account.as_str()).unwrap_err();
    assert_eq!((refused.code(), kept(&fixture) == before), (Code::LastAccount, true));
    fixture.access_token(account.as_str(), RefreshPolicy::WhenNeeded).await.unwrap();
}

/// N4: a declined offer is not repeated.
#[tokio::test]
async fn a_declined_offer_links_no_account() {
    let fixture = Fixture::with(trusted).await;
    fixture.sign_in("company").await.unwrap();
    let second = fixture.sign_in("partner").await.unwrap();
    let account = second.accounts[0].id.as_str();
    let users = fixture.users();
    fixture.nameplate.accounts().decline_link(account).unwrap();
    assert_eq!(fixture.users(), users);
    assert!(fixture.state().offers.is_empty());
    assert_eq!(
        fixture.nameplate.accounts().link(account).unwrap_err().code(),
        Code::UnknownAccount
    );
    fixture.sign_in("partner").await.unwrap();
    assert!(fixture.state().offers.is_empty());
}

/// S39: no offer without proof on both sides: overridden endpoints, untrusted issuer, unverified
/// address, or none.
#[tokio::test]
async fn an_untrusted_address_links_no_account() {
    let one_side = |demo: &DemoProvider| trusted(demo).replacen("email_trusted = true\n", "", 1);
    let other_side = |demo: &DemoProvider| {
        let both = trusted(demo);
        both[..both.len() - "email_trusted = true\n".len()].to_owned()
    };
    let overridden = |demo: &DemoProvider| {
        demo.providers_toml().replace("[company]", "[company]\nemail_trusted = true")
    };
    for (fixture, second, person) in [
        (Fixture::with(one_side).await, "partner", "haneul"),
        (Fixture::with(other_side).await, "partner", "haneul"),
        (Fixture::with(overridden).await, "discord", "haneul"),
        (Fixture::with(overridden).await, "kakao", "haneul"),
        (Fixture::with(trusted).await, "partner", "unverified"),
        (Fixture::with(trusted).await, "partner", "no-email"),
    ] {
        fixture.sign_in_as("company", person).await.unwrap();
        fixture.sign_in_as(second, person).await.unwrap();
        assert_eq!(fixture.users().len(), 2, "{second} {person}");
        assert!(
            fixture.nameplate.accounts().link_offers().unwrap().is_empty(),
            "{second} {person}"
        );
    }
}

/// N4: an offer is deleted with its account or user.
#[tokio::test]
async fn an_offer_goes_with_its_account() {
    let fixture = Fixture::with(trusted).await;
    let first = fixture.sign_in("company").await.unwrap();
    let second = fixture.sign_in("partner").await.unwrap();
    fixture
        .nameplate
        .accounts()
        .sign_out(second.accounts[0].id.as_str(), SignOutScope::Here)
        .await
        .unwrap();
    assert!(fixture.nameplate.accounts().link_offers().unwrap().is_empty());
    let second = fixture.sign_in("partner").await.unwrap();
    assert_eq!(fixture.nameplate.accounts().link_offers().unwrap().len(), 1);
    fixture
        .nameplate
        .accounts()
        .sign_out(first.accounts[0].id.as_str(), SignOutScope::Here)
        .await
        .unwrap();
    assert!(fixture.state().offers.is_empty());
    let nobody = fixture.nameplate.accounts().link(second.accounts[0].id.as_str()).unwrap_err();
    assert_eq!(nobody.code(), Code::UnknownAccount);
    assert_eq!(fixture.users().len(), 1);
}

/// U5: the purpose of a sign-in survives a restart.
#[tokio::test]
async fn a_response_from_cold_knows_what_it_was_for() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("discord").await.unwrap();
    let deep = |intent| SignInRequest { intent, ..ask("company", RedirectMethod::DeepLink) };
    let begun =
        fixture.another().sign_ins().begin(deep(Intent::AddTo(user.id.clone()))).await.unwrap();
    let response = fixture.grant(&begun).await;
    let cold = complete(&fixture.another(), &response).await.unwrap();
    assert_eq!((&cold.id, cold.accounts.len()), (&user.id, 2));
    let company = cold.accounts[1].id.clone();
    let begun =
        fixture.another().sign_ins().begin(deep(Intent::Reauthenticate(company))).await.unwrap();
    let response = fixture.browser.decide(&begun.url, "no-avatar", "allow").await;
    let refused = complete(&fixture.another(), &response).await.unwrap_err();
    assert_eq!(refused.code(), Code::OtherAccount);
}

/// U12: after a cancelled or expired sign-in the next one begins at once, on the same port.
#[tokio::test]
async fn a_sign_in_that_was_left_frees_the_button() {
    let fixture = Fixture::new().await;
    for cancelled in [true, false] {
        let begun = fixture.begin("discord", RedirectMethod::Loopback).await;
        assert!(fixture.state().signing_in.is_some());
        match cancelled {
            true => fixture.nameplate.sign_ins().cancel().await.unwrap(),
            false => {
                fixture.advance(600);
                fixture.nameplate.wake().await;
            }
        }
        let shown = fixture.state();
        assert_eq!(shown.signing_in, None);
        let problem = shown.problem.map(|problem| (problem.code, problem.remedies));
        let expected =
            (Code::TimedOut, vec![nameplate::Remedy::TryAgain, nameplate::Remedy::SetUp]);
        assert_eq!(problem, (!cancelled).then_some(expected));
        assert!(fixture.nameplate.sign_ins().outcome(&begun.id).await.is_err());
    }
    fixture.sign_in("discord").await.unwrap();
    let shown = fixture.state();
    assert!(shown.signing_in.is_none() && shown.problem.is_none());
}

/// U12: the same with storage in memory.
#[tokio::test]
async fn a_sign_in_for_this_run_frees_the_button() {
    let fixture = Fixture::new().await;
    let wish =
        SignInRequest { storage: TokenStorage::Memory, ..ask("discord", RedirectMethod::DeepLink) };
    fixture.nameplate.sign_ins().begin(wish).await.unwrap();
    fixture.nameplate.sign_ins().cancel().await.unwrap();
    assert_eq!(fixture.state().signing_in, None);
    fixture.assert_nothing_kept();
}

/// S39: the reason why an account cannot be linked; an address that is not read again stays as
/// trusted as it was.
#[tokio::test]
async fn why_an_account_is_not_linked_is_told() {
    use nameplate::EmailTrust::{NoAddress, NoProof, Overridden, Trusted, Unverified};
    let fixture = Fixture::with(|demo| {
        demo.providers_toml().replace("[company]", "[company]\nemail_trusted = true")
    })
    .await;
    let trust = |fixture: &Fixture| fixture.users()[0].accounts[0].email_trust;
    let user = fixture.sign_in("company").await.unwrap();
    assert_eq!(trust(&fixture), Trusted);
    fixture.demo.set_faults("oidc", [Fault::EmailMissing]);
    fixture.nameplate.profiles().refresh(user.accounts[0].id.as_str()).await.unwrap();
    assert_eq!((fixture.users()[0].email.clone(), trust(&fixture)), (user.email, Trusted));
    fixture.demo.set_faults("oidc", []);
    fixture.nameplate.accounts().reset().await.unwrap();
    // The endpoints of the built-in providers are overridden.
    fixture.sign_in("discord").await.unwrap();
    assert_eq!(trust(&fixture), Overridden);
    fixture.nameplate.accounts().reset().await.unwrap();
    fixture.demo.set_faults("discord", [Fault::EmailUnverified]);
    fixture.sign_in("discord").await.unwrap();
    assert_eq!(trust(&fixture), Unverified);
    fixture.nameplate.accounts().reset().await.unwrap();
    fixture.demo.set_faults("discord", [Fault::EmailMissing]);
    fixture.sign_in("discord").await.unwrap();
    assert_eq!(trust(&fixture), NoAddress);
    fixture.nameplate.accounts().reset().await.unwrap();
    fixture.write_providers(&fixture.demo.providers_toml());
    fixture.sign_in("company").await.unwrap();
    assert_eq!(trust(&fixture), NoProof);
}

/// S39: why an account cannot be linked is told by the configuration of now, not of its sign-in.
#[tokio::test]
async fn why_an_account_is_not_linked_follows_the_configuration() {
    let fixture = Fixture::with(trusted).await;
    fixture.sign_in("company").await.unwrap();
    let trust = || fixture.users()[0].accounts[0].email_trust;
    assert_eq!(trust(), EmailTrust::Trusted);
    let at = format!("userinfo_endpoint = \"{}/oidc/userinfo\"\n", fixture.demo.base());
    fixture.write_providers(&trusted(&fixture.demo).replacen(
        "[company]\n",
        &format!("[company]\n{at}"),
        1,
    ));
    assert_eq!(trust(), EmailTrust::Overridden);
    fixture.write_providers(&trusted(&fixture.demo).replace("email_trusted = true\n", ""));
    assert_eq!(trust(), EmailTrust::NoProof);
}

/// A sign-in for an account that was removed meanwhile is refused.
#[tokio::test]
async fn a_person_who_was_removed_is_added_to_no_more() {
    let fixture = Fixture::new().await;
    let haneul = fixture.sign_in("discord").await.unwrap();
    let wish = SignInRequest {
        intent: Intent::AddTo(haneul.id.clone()),
        ..ask("company", RedirectMethod::Manual)
    };
    let begun = fixture.nameplate.sign_ins().begin(wish).await.unwrap();
    let response = fixture.grant(&begun).await;
    fixture
        .nameplate
        .accounts()
        .sign_out(haneul.accounts[0].id.as_str(), SignOutScope::Here)
        .await
        .unwrap();
    assert_eq!(complete(&fixture.nameplate, &response).await.unwrap_err().code(), Code::PersonGone);
    fixture.assert_nothing_kept();
}

/// S39: both addresses are checked again when the link is made; otherwise the offer is withdrawn.
#[tokio::test]
async fn an_offer_is_withdrawn_with_the_trust() {
    type Change = fn(&Fixture);
    let changes: [(&str, Change); 4] = [
        ("untrusted", |fixture| {
            let set_up = trusted(&fixture.demo).replacen("email_trusted = true\n", "", 1);
            fixture.write_providers(&set_up);
        }),
        ("overridden", |fixture| {
            let at = format!("userinfo_endpoint = \"{}/oidc/userinfo\"\n", fixture.demo.base());
            fixture.write_providers(&(trusted(&fixture.demo) + &at));
        }),
        ("unverified", |fixture| distrust(fixture, "partner")),
        ("unverified on the other side", |fixture| distrust(fixture, "company")),
    ];
    for (what, change) in changes {
        let fixture = Fixture::with(trusted).await;
        fixture.sign_in("company").await.unwrap();
        let second = fixture.sign_in("partner").await.unwrap();
        assert_eq!(fixture.nameplate.accounts().link_offers().unwrap().len(), 1);
        change(&fixture);
        assert!(fixture.nameplate.accounts().link_offers().unwrap().is_empty(), "{what}");
        let refused =
            fixture.nameplate.accounts().link(second.accounts[0].id.as_str()).unwrap_err();
        assert_eq!(refused.code(), Code::OfferWithdrawn, "{what}");
        assert_eq!(fixture.users().len(), 2, "{what}");
    }
}

/// Stores an address as no longer proven.
fn distrust(fixture: &Fixture, provider: &str) {
    let database = rusqlite::Connection::open(fixture.home.database()).unwrap();
    let change = "UPDATE accounts SET email_trusted = 0 WHERE provider = ?1";
    assert_eq!(database.execute(change, [provider]).unwrap(), 1);
}

/// Each account keeps its own profile: name, picture and extras. Any of them can be the user's, until
/// it goes.
#[tokio::test]
async fn any_accounts_profile_can_be_shown() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("discord").await.unwrap();
    added(&fixture, &user.id, "kakao", "haneul").await.unwrap();
    added(&fixture, &user.id, "company", "no-avatar").await.unwrap();
    let (accounts, profiles) = (fixture.nameplate.accounts(), fixture.nameplate.profiles());
    profiles.pictures_downloaded().await;
    let now = || accounts.list().unwrap().remove(0);
    let [discord, kakao, company] = now().accounts.try_into().unwrap();
    assert_eq!(now().profile, discord.id);
    assert!(discord.birthday.is_none() && kakao.birthday.is_some(), "{kakao:?}");
    assert!(discord.avatar.is_some() && kakao.avatar.is_some() && company.avatar.is_none());
    assert!(profiles.picture(kakao.id.as_str()).unwrap().is_some());

    accounts.rename(user.id.as_str(), "나의 계정").unwrap();
    profiles.show(company.id.as_str()).unwrap();
    let shown = now();
    assert_eq!((&shown.nickname, &shown.avatar), (&company.nickname, &None));
    profiles.show(kakao.id.as_str()).unwrap();
    assert_eq!((now().avatar, now().birthday), (kakao.avatar.clone(), kakao.birthday.clone()));

    // It goes with its account, and the other's is shown.
    fixture.nameplate.accounts().unlink(kakao.id.as_str()).unwrap();
    assert_eq!(now().profile, discord.id);
    let apart = accounts.list().unwrap().remove(1);
    assert_eq!((&apart.avatar, &apart.birthday), (&kakao.avatar, &kakao.birthday));
    let unknown = profiles.show("nobody").unwrap_err();
    assert_eq!(unknown.code(), Code::UnknownAccount);
}

/// Who got a token last is noted, once a minute for one program.
#[tokio::test]
async fn the_last_use_of_a_token_is_noted() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("discord").await.unwrap();
    let id = user.accounts[0].id.as_str();
    let (accounts, sessions) = (fixture.nameplate.accounts(), fixture.nameplate.sessions());
    let last = || accounts.list().unwrap()[0].accounts[0].last_use.clone();
    assert_eq!(last(), None);
    let first = fixture.now();
    for (passed, program, at, by) in [
        (0, "nameplate token", first, "nameplate token"),
        (59, "nameplate token", first, "nameplate token"),
        (1, "nameplate token", first + 60, "nameplate token"),
        (0, "de\u{202e}ploy\n", first + 60, "deploy"),
    ] {
        fixture.advance(passed);
        sessions.note_use(id, program).unwrap();
        let last = last().unwrap();
        assert_eq!((last.at, last.by.as_str()), (at, by));
    }
    let unknown = sessions.note_use("nobody", "x").unwrap_err();
    assert_eq!(unknown.code(), Code::UnknownAccount);
}

/// An export has what is shown and no token, in a file of this user alone.
#[tokio::test]
async fn an_export_has_no_token() {
    let fixture = Fixture::new().await;
    let user = fixture.sign_in("discord").await.unwrap();
    let account = &user.accounts[0];
    let folder = tempfile::tempdir().unwrap();
    let export = || fixture.nameplate.accounts().export(account.id.as_str(), folder.path());
    let path = export().unwrap();
    assert_eq!(export().unwrap(), path, "it replaces an earlier one");
    let text = std::fs::read_to_string(&path).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["subject"], account.subject.as_str());
    for token in &fixture.demo.request_log().access_tokens {
        assert!(!text.contains(token.as_str()));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

/// The first screen offers the provider that was used last first, also after a sign-out.
#[tokio::test]
async fn the_provider_used_last_is_listed_first() {
    let fixture = Fixture::new().await;
    let listed =
        || -> Vec<String> { fixture.state().providers.into_iter().map(|card| card.id).collect() };
    let before = listed();
    assert_ne!(before[0], "google");
    for provider in ["google", "kakao", "google"] {
        let user = fixture.sign_in(provider).await.unwrap();
        let account = user.accounts[0].id.as_str();
        fixture.nameplate.accounts().sign_out(account, SignOutScope::Here).await.unwrap();
    }
    let others = before.iter().filter(|id| !["google", "kakao"].contains(&id.as_str()));
    let expected: Vec<_> =
        ["google", "kakao"].map(String::from).iter().chain(others).cloned().collect();
    assert_eq!(listed(), expected);
}
