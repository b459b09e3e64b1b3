use super::*;
use crate::account::AccountState;
use crate::store::tests::store;

fn record<'a>(profile: &'a Profile, scopes: &'a [String]) -> SignInRecord<'a> {
    SignInRecord {
        provider: "discord",
        label: "Discord",
        identity: Identity { issuer: "https://discord.com", subject: &profile.subject, client: "" },
        profile,
        email_trusted: false,
        picture: None,
        scopes,
        lifetime: Lifetime { expires_at: Some(9), renews: true },
        notes: &[],
        owner: None,
        now: 1,
    }
}

#[test]
fn an_account_is_shown_only_once_it_is_whole() {
    let (_dir, _home, store) = store();
    let profile =
        Profile { subject: "1".into(), nickname: Some("나리".into()), ..Profile::default() };
    let scopes = ["identify".to_owned()];
    let id = AccountId::random();
    store.reserve(&id, None, &record(&profile, &scopes)).unwrap();
    assert!(store.users().unwrap().is_empty());
    assert_eq!(store.unfinished_accounts().unwrap()[0].state, AccountState::Storing);
    store.activate(&id, &record(&profile, &scopes)).unwrap();
    let users = store.users().unwrap();
    assert_eq!(users[0].nickname, "나리");
    assert_eq!(users[0].accounts[0].scopes, ["identify"]);
    store.begin_removing(&id, None).unwrap();
    assert!(store.users().unwrap().is_empty());
    store.remove(&id).unwrap();
    assert!(store.unfinished_accounts().unwrap().is_empty());
    let people: i64 =
        store.read(|c| c.query_row("SELECT count(*) FROM users", [], |r| r.get(0))).unwrap();
    assert_eq!(people, 0);
}

/// S38: the same subject of another issuer is another account, also with the same e-mail
/// address.
#[test]
fn an_account_is_known_by_issuer_and_subject_alone() {
    let (_dir, _home, store) = store();
    let profile =
        Profile { subject: "1".into(), email: Some("a@b.c".into()), ..Profile::default() };
    let id = AccountId::random();
    store.reserve(&id, None, &record(&profile, &[])).unwrap();
    let known =
        |issuer, subject| store.account_of(Identity { issuer, subject, client: "" }).unwrap();
    assert_eq!(known("https://discord.com", "1"), Some(id));
    assert_eq!(known("https://accounts.google.com", "1"), None);
    assert_eq!(known("https://discord.com", "2"), None);
}

/// S38: the same pairwise subject of another client is another account.
#[test]
fn a_subject_may_be_one_clients_own() {
    let (_dir, _home, store) = store();
    let profile = Profile { subject: "1".into(), ..Profile::default() };
    let told_to = |client| Identity { issuer: "k", subject: "1", client };
    let of = |client| SignInRecord { identity: told_to(client), ..record(&profile, &[]) };
    let (first, other) = (AccountId::random(), AccountId::random());
    store.reserve(&first, None, &of("one")).unwrap();
    let known = |client| store.account_of(told_to(client)).unwrap();
    assert_eq!((known("one"), known("two")), (Some(first), None));
    store.reserve(&other, None, &of("two")).unwrap();
    assert_eq!(known("two"), Some(other));
}
