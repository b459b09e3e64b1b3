//! Several people and accounts on one device: who is added, joined, parted and asked again.

use demo_provider::{DemoProvider, Fault};
use nameplate::{
    AccountId, AccountState, Ask, Channel, Code, Intent, RefreshPolicy, SignOutScope, TokenStorage,
    User, UserId,
};

use crate::browser::parameters;
use crate::stage::{Stage, ask, company, quiet};

async fn answered(stage: &Stage, wish: Ask, person: &str) -> nameplate::Result<User> {
    let begun = stage.login.begin(wish).await?;
    let answer = stage.browser.decide(&begun.url, person, "allow").await;
    stage.login.finish(&answer).await
}

async fn added(stage: &Stage, user: &UserId, at: &str, person: &str) -> nameplate::Result<User> {
    let wish = Ask { intent: Intent::AddTo(user.clone()), ..ask(at, quiet(at)) };
    answered(stage, wish, person).await
}

async fn again(
    stage: &Stage,
    account: &AccountId,
    intent: fn(AccountId) -> Intent,
    person: &str,
) -> nameplate::Result<User> {
    let wish = stage.login.ask_again(account.as_str(), intent)?;
    let channel = Some(quiet(&wish.provider));
    answered(stage, Ask { channel, ..wish }, person).await
}

fn shown(stage: &Stage) -> Option<UserId> {
    stage.login.state().unwrap().current
}

/// Everything that a refused sign-in may not change.
fn kept(stage: &Stage) -> impl PartialEq + std::fmt::Debug + use<> {
    (stage.login.users().unwrap(), stage.vault.entries(), shown(stage))
}

/// `[company]` and `[partner]`: two issuers whose addresses the person trusts.
fn trusted(demo: &DemoProvider) -> String {
    let partner = company(demo, "oidc/rp/idtoken-sig-rs256").replace("[company]", "[partner]");
    format!("{}email_trusted = true\n{partner}email_trusted = true\n", company(demo, "oidc"))
}

/// U20: whoever is here already is not signed in again in silence: the provider is asked to let
/// the person choose, in its own way, from the second sign-in on.
#[tokio::test]
async fn the_second_sign_in_asks_which_account() {
    let stage = Stage::new().await;
    for (provider, first, second) in [
        ("discord", None, None),
        ("google", Some("consent"), Some("select_account consent")),
        ("kakao", None, Some("select_account")),
        ("github", None, Some("select_account")),
        ("microsoft", None, Some("select_account")),
        ("company", Some("consent"), Some("login consent")),
    ] {
        let prompt = async || {
            let begun = stage.begin(provider, quiet(provider)).await;
            parameters(&begun.url).get("prompt").cloned()
        };
        assert_eq!(prompt().await.as_deref(), first, "{provider}");
        stage.sign_in(provider).await.unwrap();
        assert_eq!(prompt().await.as_deref(), second, "{provider}");
    }
}

/// U20: signing in again refreshes the account and never makes a second one; somebody else at the
/// same provider is another person beside the first, and whoever came last is shown.
#[tokio::test]
async fn signing_in_again_never_makes_a_second_account() {
    for provider in ["discord", "google", "kakao", "company"] {
        let stage = Stage::new().await;
        let haneul = stage.sign_in(provider).await.unwrap();
        let mira = stage.sign_in_as(provider, "no-avatar").await.unwrap();
        assert_ne!(haneul.id, mira.id);
        for (person, was) in [("haneul", &haneul), ("no-avatar", &mira), ("haneul", &haneul)] {
            let former = stage.vault.entries();
            stage.advance(5);
            let now = stage.sign_in_as(provider, person).await.unwrap();
            assert_eq!((&now.id, &now.accounts[0].id), (&was.id, &was.accounts[0].id));
            assert_eq!((now.accounts.len(), now.read_at), (1, stage.now()), "{provider}");
            assert_eq!(shown(&stage), Some(now.id));
            let entries = stage.vault.entries();
            let name = was.accounts[0].id.as_str();
            assert_ne!(entries[name], former[name], "the session is a new one");
            assert_eq!(entries.len(), 2);
        }
        assert_eq!(stage.login.users().unwrap().len(), 2, "{provider}");
    }
}

/// U20: accounts are added to the person shown, of other providers and of the same one; each has a
/// session of its own, and the person is called as before.
#[tokio::test]
async fn accounts_are_added_to_a_person() {
    let stage = Stage::new().await;
    let first = stage.sign_in("discord").await.unwrap();
    added(&stage, &first.id, "company", "no-avatar").await.unwrap();
    let user = added(&stage, &first.id, "discord", "long-name").await.unwrap();
    assert_eq!(stage.login.users().unwrap(), std::slice::from_ref(&user));
    assert_eq!((&user.id, &user.nickname, &user.email), (&first.id, &first.nickname, &first.email));
    let at: Vec<_> = user.accounts.iter().map(|account| account.provider.as_str()).collect();
    assert_eq!(at, ["discord", "company", "discord"]);
    assert_eq!(user.accounts[1].nickname, "Mira Novak");
    assert_eq!(stage.vault.entries().len(), 3);
    for account in &user.accounts {
        stage.login.access_token(account.id.as_str(), RefreshPolicy::WhenNeeded).await.unwrap();
    }
    assert!(stage.login.link_offers().unwrap().is_empty(), "whoever adds has agreed");
    let same = added(&stage, &first.id, "company", "no-avatar").await.unwrap();
    assert_eq!(same.accounts.len(), 3, "one that is there already is refreshed");
}

/// U20: adding asks which account, also where nobody is signed in yet.
#[tokio::test]
async fn adding_asks_which_account() {
    let stage = Stage::new().await;
    let user = stage.sign_in("discord").await.unwrap();
    let wish = Ask { intent: Intent::AddTo(user.id), ..ask("company", Channel::Paste) };
    let begun = stage.login.begin(wish).await.unwrap();
    assert_eq!(parameters(&begun.url)["prompt"], "login consent");
    stage.login.cancel().await.unwrap();
    let nobody = Ask { intent: Intent::AddTo(UserId::random()), ..ask("company", Channel::Paste) };
    assert_eq!(stage.login.begin(nobody).await.unwrap_err().code(), Code::UnknownAccount);
}

/// An account that belongs to another person here is not taken from them.
#[tokio::test]
async fn an_account_is_not_taken_from_another_person() {
    let stage = Stage::new().await;
    let haneul = stage.sign_in("discord").await.unwrap();
    stage.sign_in_as("company", "no-avatar").await.unwrap();
    let before = kept(&stage);
    let refused = added(&stage, &haneul.id, "company", "no-avatar").await.unwrap_err();
    assert_eq!((refused.code(), refused.words()), (Code::AccountElsewhere, Some("Mira Novak")));
    assert_eq!(kept(&stage), before);
}

/// A person who has gone while the provider asked is not brought back, and nothing half is left.
#[tokio::test]
async fn nobody_is_added_to_a_person_who_has_gone() {
    let stage = Stage::new().await;
    let user = stage.sign_in("discord").await.unwrap();
    let wish = Ask { intent: Intent::AddTo(user.id), ..ask("company", Channel::Paste) };
    let begun = stage.login.begin(wish).await.unwrap();
    let answer = stage.grant(&begun).await;
    stage.login.sign_out(user.accounts[0].id.as_str(), SignOutScope::Here).await.unwrap();
    stage.login.finish(&answer).await.unwrap_err();
    stage.assert_nothing_kept();
}

/// Whoever is to sign in again, or to be asked for more, must be who comes back: else the person
/// reads both names, and nothing has changed.
#[tokio::test]
async fn somebody_else_is_refused_by_name() {
    let stage = Stage::new().await;
    let haneul = stage.sign_in("google").await.unwrap();
    for known in [false, true] {
        if known {
            stage.sign_in_as("google", "no-avatar").await.unwrap();
        }
        for intent in [Intent::Reauthenticate, Intent::MoreScopes] {
            let before = kept(&stage);
            let id = &haneul.accounts[0].id;
            let refused = again(&stage, id, intent, "no-avatar").await.unwrap_err();
            assert_eq!(refused.code(), Code::SomebodyElse);
            assert_eq!(refused.words(), Some("하늘 / Mira Novak"));
            assert_eq!(kept(&stage), before);
            let told = stage.login.state().unwrap().problem.unwrap().message;
            assert!(told.contains("하늘") && told.contains("Mira Novak"), "{told}");
        }
    }
}

/// Signing in again brings an ended session back to life, for the same person and account.
#[tokio::test]
async fn an_ended_session_comes_back() {
    let stage = Stage::new().await;
    let user = stage.sign_in("discord").await.unwrap();
    let account = &user.accounts[0].id;
    stage.demo.set_faults("discord", [Fault::TokenInvalidGrant]);
    stage.login.access_token(account.as_str(), RefreshPolicy::Always).await.unwrap_err();
    stage.demo.set_faults("discord", []);
    let back = again(&stage, account, Intent::Reauthenticate, "haneul").await.unwrap();
    assert_eq!((&back.id, &back.accounts[0].id), (&user.id, account));
    assert_eq!(back.accounts[0].state, AccountState::Active);
    stage.login.access_token(account.as_str(), RefreshPolicy::WhenNeeded).await.unwrap();
}

/// More of the profile is asked for with everything that was granted before, each scope once, and
/// what comes is shown.
#[tokio::test]
async fn more_is_asked_for_with_what_was_granted() {
    let stage = Stage::new().await;
    for (provider, separator, more) in [
        ("google", ' ', "https://www.googleapis.com/auth/user.birthday.read"),
        ("kakao", ',', "phone_number"),
    ] {
        let user = stage.sign_in(provider).await.unwrap();
        let account = &user.accounts[0];
        let wish = stage.login.ask_again(account.id.as_str(), Intent::MoreScopes).unwrap();
        let wish = Ask { channel: Some(quiet(provider)), ..wish };
        let begun = stage.login.begin(wish).await.unwrap();
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
        let answer = stage.grant(&begun).await;
        let richer = stage.login.finish(&answer).await.unwrap();
        assert_eq!((&richer.id, &richer.accounts[0].id), (&user.id, &account.id));
        assert!(richer.accounts[0].scopes.iter().any(|scope| scope == more));
        assert_eq!(richer.birthday.as_deref(), Some("1997-03-14"), "{provider}");
        assert!(richer.gender.is_some() && richer.phone.is_some(), "{provider}");
    }
}

/// Signing in again asks for everything that was granted before beside the usual, each once: what a
/// person agreed to later is not lost with an ended session. Other accounts' are not asked for.
#[tokio::test]
async fn signing_in_again_asks_for_what_was_granted() {
    let stage = Stage::new().await;
    for (provider, separator, more) in [
        ("google", ' ', "https://www.googleapis.com/auth/user.birthday.read"),
        ("kakao", ',', "phone_number"),
    ] {
        let user = stage.sign_in(provider).await.unwrap();
        let id = &user.accounts[0].id;
        again(&stage, id, Intent::MoreScopes, "haneul").await.unwrap();
        stage.sign_in_as(provider, "no-avatar").await.unwrap();
        let usual = stage.login.config().entry(provider).unwrap().oauth.scopes.clone();
        let accounts = stage.login.users().unwrap().into_iter().map(|user| user.accounts);
        for account in accounts.flatten() {
            let wish = stage.login.ask_again(account.id.as_str(), Intent::Reauthenticate).unwrap();
            let wish = Ask { channel: Some(quiet(provider)), ..wish };
            let begun = stage.login.begin(wish).await.unwrap();
            stage.login.cancel().await.unwrap();
            let asked = parameters(&begun.url)["scope"].clone();
            let mut asked: Vec<_> = asked.split(separator).map(str::to_owned).collect();
            asked.sort_unstable();
            let mut union = [usual.clone(), account.scopes.clone()].concat();
            union.sort_unstable();
            union.dedup();
            assert_eq!(asked, union, "{provider}");
            assert!(account.id != *id || asked.iter().any(|scope| scope == more), "{asked:?}");
        }
        stage.login.reset().await.unwrap();
    }
}

/// What was granted to a person here is no longer asked of them by a plain sign-in.
#[tokio::test]
async fn a_plain_sign_in_asks_for_no_more_than_usual() {
    let stage = Stage::new().await;
    let begun = stage.begin("google", Channel::Paste).await;
    assert_eq!(parameters(&begun.url)["scope"], "openid email profile");
}

/// U20: any of several people can be shown, and stays so after a restart.
#[tokio::test]
async fn any_person_can_be_shown() {
    let stage = Stage::new().await;
    let haneul = stage.sign_in("discord").await.unwrap();
    let mira = stage.sign_in_as("discord", "no-avatar").await.unwrap();
    for user in [&haneul.id, &mira.id, &haneul.id] {
        stage.login.show(user.as_str()).unwrap();
        assert_eq!(shown(&stage).as_ref(), Some(user));
        assert_eq!(stage.another().state().unwrap().current.as_ref(), Some(user));
    }
    assert_eq!(stage.login.show("nobody").unwrap_err().code(), Code::UnknownAccount);
    stage.login.sign_out(haneul.accounts[0].id.as_str(), SignOutScope::Here).await.unwrap();
    assert_eq!(shown(&stage), Some(mira.id), "whoever is left is shown");
}

/// A name that was given here stays through sign-ins, and is the provider's again once emptied.
#[tokio::test]
async fn a_person_is_called_as_they_like() {
    let stage = Stage::new().await;
    let user = stage.sign_in("discord").await.unwrap();
    let id = user.id.as_str();
    let called = || stage.login.users().unwrap()[0].nickname.clone();
    stage.login.rename(id, "  나의 \u{7}계정\n ").unwrap();
    assert_eq!(called(), "나의 계정");
    stage.sign_in("discord").await.unwrap();
    stage.login.read_again(user.accounts[0].id.as_str()).await.unwrap();
    assert_eq!(called(), "나의 계정");
    stage.login.rename(id, &"가".repeat(500)).unwrap();
    assert_eq!(called().chars().count(), 100);
    stage.login.rename(id, " \n ").unwrap();
    assert_eq!(called(), "하늘");
    assert_eq!(stage.login.rename("nobody", "x").unwrap_err().code(), Code::UnknownAccount);
}

/// N4, S39: an account whose trusted address is known here is offered to be joined, and is only
/// where the person agrees; joined ones can be parted, and the last account cannot.
#[tokio::test]
async fn an_offer_that_is_agreed_to_joins() {
    let stage = Stage::with(trusted).await;
    let first = stage.sign_in("company").await.unwrap();
    assert!(stage.login.state().unwrap().offers.is_empty());
    let second = stage.sign_in("partner").await.unwrap();
    assert_eq!(stage.login.users().unwrap().len(), 2, "nobody is joined unasked");
    let account = second.accounts[0].id.clone();
    let offers = stage.login.state().unwrap().offers;
    let [offer] = offers.as_slice() else { panic!("{offers:?}") };
    assert_eq!(
        (&offer.account, &offer.user, &offer.nickname),
        (&account, &first.id, &first.nickname)
    );
    stage.login.link(account.as_str()).unwrap();
    let users = stage.login.users().unwrap();
    assert_eq!((users.len(), &users[0].id, users[0].accounts.len()), (1, &first.id, 2));
    assert_eq!(
        (shown(&stage), stage.login.link_offers().unwrap().len()),
        (Some(first.id.clone()), 0)
    );
    for account in &users[0].accounts {
        stage.login.access_token(account.id.as_str(), RefreshPolicy::WhenNeeded).await.unwrap();
    }
    let again = stage.sign_in("partner").await.unwrap();
    assert_eq!((&again.id, again.accounts.len()), (&first.id, 2), "joined ones stay so");
    stage.login.unlink(account.as_str()).unwrap();
    let users = stage.login.users().unwrap();
    assert_eq!(users.len(), 2);
    let parted = users.iter().find(|user| user.accounts[0].id == account).unwrap();
    assert_eq!((&parted.nickname, shown(&stage)), (&first.nickname, Some(parted.id.clone())));
    let before = kept(&stage);
    let refused = stage.login.unlink(account.as_str()).unwrap_err();
    assert_eq!((refused.code(), kept(&stage) == before), (Code::LastAccount, true));
    stage.login.access_token(account.as_str(), RefreshPolicy::WhenNeeded).await.unwrap();
}

/// N4: an offer that is refused leaves two people, and is not made at every sign-in.
#[tokio::test]
async fn an_offer_that_is_refused_joins_nobody() {
    let stage = Stage::with(trusted).await;
    stage.sign_in("company").await.unwrap();
    let second = stage.sign_in("partner").await.unwrap();
    let account = second.accounts[0].id.as_str();
    let users = stage.login.users().unwrap();
    stage.login.decline_link(account).unwrap();
    assert_eq!(stage.login.users().unwrap(), users);
    assert!(stage.login.state().unwrap().offers.is_empty());
    assert_eq!(stage.login.link(account).unwrap_err().code(), Code::UnknownAccount);
    stage.sign_in("partner").await.unwrap();
    assert!(stage.login.state().unwrap().offers.is_empty());
}

/// S39: where either address proves nothing, there is a separate person and no offer: endpoints
/// that somebody set up, an issuer that nobody trusts, an address that nobody verified, or none.
#[tokio::test]
async fn an_untrusted_address_joins_nobody() {
    let one_side = |demo: &DemoProvider| trusted(demo).replacen("email_trusted = true\n", "", 1);
    let other_side = |demo: &DemoProvider| {
        let both = trusted(demo);
        both[..both.len() - "email_trusted = true\n".len()].to_owned()
    };
    let overridden = |demo: &DemoProvider| {
        demo.providers_toml().replace("[company]", "[company]\nemail_trusted = true")
    };
    for (stage, second, person) in [
        (Stage::with(one_side).await, "partner", "haneul"),
        (Stage::with(other_side).await, "partner", "haneul"),
        (Stage::with(overridden).await, "discord", "haneul"),
        (Stage::with(overridden).await, "kakao", "haneul"),
        (Stage::with(trusted).await, "partner", "unverified"),
        (Stage::with(trusted).await, "partner", "no-email"),
    ] {
        stage.sign_in_as("company", person).await.unwrap();
        stage.sign_in_as(second, person).await.unwrap();
        assert_eq!(stage.login.users().unwrap().len(), 2, "{second} {person}");
        assert!(stage.login.link_offers().unwrap().is_empty(), "{second} {person}");
    }
}

/// N4: an offer goes with whoever it was about.
#[tokio::test]
async fn an_offer_goes_with_its_account() {
    let stage = Stage::with(trusted).await;
    let first = stage.sign_in("company").await.unwrap();
    let second = stage.sign_in("partner").await.unwrap();
    stage.login.sign_out(second.accounts[0].id.as_str(), SignOutScope::Here).await.unwrap();
    assert!(stage.login.link_offers().unwrap().is_empty());
    let second = stage.sign_in("partner").await.unwrap();
    assert_eq!(stage.login.link_offers().unwrap().len(), 1);
    stage.login.sign_out(first.accounts[0].id.as_str(), SignOutScope::Here).await.unwrap();
    assert!(stage.login.state().unwrap().offers.is_empty());
    let nobody = stage.login.link(second.accounts[0].id.as_str()).unwrap_err();
    assert_eq!(nobody.code(), Code::UnknownAccount);
    assert_eq!(stage.login.users().unwrap().len(), 1);
}

/// U5: what a sign-in was for is known from cold as well: the answer that starts the program adds
/// to the right person, and is held to who was asked.
#[tokio::test]
async fn an_answer_from_cold_knows_what_it_was_for() {
    let stage = Stage::new().await;
    let user = stage.sign_in("discord").await.unwrap();
    let deep = |intent| Ask { intent, ..ask("company", Channel::DeepLink) };
    let begun = stage.another().begin(deep(Intent::AddTo(user.id.clone()))).await.unwrap();
    let answer = stage.grant(&begun).await;
    let cold = stage.another().finish(&answer).await.unwrap();
    assert_eq!((&cold.id, cold.accounts.len()), (&user.id, 2));
    let company = cold.accounts[1].id.clone();
    let begun = stage.another().begin(deep(Intent::Reauthenticate(company))).await.unwrap();
    let answer = stage.browser.decide(&begun.url, "no-avatar", "allow").await;
    let refused = stage.another().finish(&answer).await.unwrap_err();
    assert_eq!(refused.code(), Code::SomebodyElse);
}

/// U12: a browser that was closed leaves no dead button: cancelled or out of time, nothing waits
/// any more, and the next sign-in begins at once, by the same port.
#[tokio::test]
async fn a_sign_in_that_was_left_frees_the_button() {
    let stage = Stage::new().await;
    for cancelled in [true, false] {
        let begun = stage.begin("discord", Channel::Loopback).await;
        assert!(stage.login.state().unwrap().signing_in.is_some());
        match cancelled {
            true => stage.login.cancel().await.unwrap(),
            false => {
                stage.advance(600);
                stage.login.wake().await;
            }
        }
        let shown = stage.login.state().unwrap();
        assert_eq!(shown.signing_in, None);
        let problem = shown.problem.map(|problem| (problem.code, problem.remedies));
        let expected =
            (Code::TimedOut, vec![nameplate::Remedy::TryAgain, nameplate::Remedy::SetUp]);
        assert_eq!(problem, (!cancelled).then_some(expected));
        assert!(stage.login.outcome(&begun.sign_in).await.is_err());
    }
    stage.sign_in("discord").await.unwrap();
    let shown = stage.login.state().unwrap();
    assert!(shown.signing_in.is_none() && shown.problem.is_none());
}

/// U12: so does a sign-in for this run alone.
#[tokio::test]
async fn a_sign_in_for_this_run_frees_the_button() {
    let stage = Stage::new().await;
    let wish = Ask { storage: TokenStorage::Memory, ..ask("discord", Channel::DeepLink) };
    stage.login.begin(wish).await.unwrap();
    stage.login.cancel().await.unwrap();
    assert_eq!(stage.login.state().unwrap().signing_in, None);
    stage.assert_nothing_kept();
}

/// S39: why an account joins nobody is told with it; an address that a later reading does not name
/// is as trusted as it was.
#[tokio::test]
async fn why_an_account_joins_nobody_is_told() {
    use nameplate::EmailTrust::{NoAddress, NoProof, Overridden, Trusted, Unverified};
    let stage = Stage::with(|demo| {
        demo.providers_toml().replace("[company]", "[company]\nemail_trusted = true")
    })
    .await;
    let trust = |stage: &Stage| stage.login.users().unwrap()[0].accounts[0].email_trust;
    let user = stage.sign_in("company").await.unwrap();
    assert_eq!(trust(&stage), Trusted);
    stage.demo.set_faults("oidc", [Fault::EmailMissing]);
    stage.login.read_again(user.accounts[0].id.as_str()).await.unwrap();
    assert_eq!(
        (stage.login.users().unwrap()[0].email.clone(), trust(&stage)),
        (user.email, Trusted)
    );
    stage.demo.set_faults("oidc", []);
    stage.login.reset().await.unwrap();
    // The demo's endpoints of a built-in provider are overridden ones.
    stage.sign_in("discord").await.unwrap();
    assert_eq!(trust(&stage), Overridden);
    stage.login.reset().await.unwrap();
    stage.demo.set_faults("discord", [Fault::EmailUnverified]);
    stage.sign_in("discord").await.unwrap();
    assert_eq!(trust(&stage), Unverified);
    stage.login.reset().await.unwrap();
    stage.demo.set_faults("discord", [Fault::EmailMissing]);
    stage.sign_in("discord").await.unwrap();
    assert_eq!(trust(&stage), NoAddress);
    stage.login.reset().await.unwrap();
    stage.write_providers(&stage.demo.providers_toml());
    stage.sign_in("company").await.unwrap();
    assert_eq!(trust(&stage), NoProof);
}

/// An account that comes back for somebody who was removed meanwhile is a clear refusal, and nothing
/// of it is left.
#[tokio::test]
async fn a_person_who_was_removed_is_added_to_no_more() {
    let stage = Stage::new().await;
    let haneul = stage.sign_in("discord").await.unwrap();
    let wish = Ask { intent: Intent::AddTo(haneul.id.clone()), ..ask("company", Channel::Paste) };
    let begun = stage.login.begin(wish).await.unwrap();
    let answer = stage.grant(&begun).await;
    stage.login.sign_out(haneul.accounts[0].id.as_str(), SignOutScope::Here).await.unwrap();
    assert_eq!(stage.login.finish(&answer).await.unwrap_err().code(), Code::PersonGone);
    stage.assert_nothing_kept();
}

/// S39: whether both sides are trusted is looked at again when the person agrees: an address that is
/// not vouched for any more, or settings that changed, withdraw the offer.
#[tokio::test]
async fn an_offer_is_withdrawn_with_the_trust() {
    type Change = fn(&Stage);
    let changes: [(&str, Change); 4] = [
        ("untrusted", |stage| {
            let set_up = trusted(&stage.demo).replacen("email_trusted = true\n", "", 1);
            stage.write_providers(&set_up);
        }),
        ("overridden", |stage| {
            let at = format!("userinfo_endpoint = \"{}/oidc/userinfo\"\n", stage.demo.base());
            stage.write_providers(&(trusted(&stage.demo) + &at));
        }),
        ("unverified", |stage| distrust(stage, "partner")),
        ("unverified on the other side", |stage| distrust(stage, "company")),
    ];
    for (what, change) in changes {
        let stage = Stage::with(trusted).await;
        stage.sign_in("company").await.unwrap();
        let second = stage.sign_in("partner").await.unwrap();
        assert_eq!(stage.login.link_offers().unwrap().len(), 1);
        change(&stage);
        assert!(stage.login.link_offers().unwrap().is_empty(), "{what}");
        let refused = stage.login.link(second.accounts[0].id.as_str()).unwrap_err();
        assert_eq!(refused.code(), Code::OfferWithdrawn, "{what}");
        assert_eq!(stage.login.users().unwrap().len(), 2, "{what}");
    }
}

/// As a profile is stored whose provider does not vouch for the address any more.
fn distrust(stage: &Stage, provider: &str) {
    let database = rusqlite::Connection::open(stage.home.database()).unwrap();
    let change = "UPDATE accounts SET email_trusted = 0 WHERE provider = ?1";
    assert_eq!(database.execute(change, [provider]).unwrap(), 1);
}
