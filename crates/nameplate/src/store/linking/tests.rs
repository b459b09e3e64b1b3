use super::*;
use crate::store::tests::store;

/// Every issuer of these tests.
fn all() -> TrustedIssuers {
    let issuers = [
        "a",
        "b",
        "otruefalse",
        "ofalsetrue",
        "ofalsefalse",
        "mtruefalse",
        "mfalsetrue",
        "mfalsefalse",
    ];
    TrustedIssuers::new(issuers.map(|issuer| ("p", issuer)))
}

/// A user with one account with this address.
fn account_with(store: &Store, issuer: &str, email: &str, trusted: bool) -> AccountId {
    let (account, user) = (AccountId::random(), UserId::random());
    store
        .write(|t| {
            t.execute("INSERT INTO users (id, created_at) VALUES (?1, 0)", [user.as_str()])?;
            t.execute(
                "INSERT INTO accounts (id, user, provider, label, issuer, subject, nickname, email, email_trusted, scopes, state, notes, created_at)
                 VALUES (?1, ?2, 'p', 'P', ?3, 's', 'n', ?4, ?5, '', 'active', '', 0)",
                params![account.as_str(), user.as_str(), issuer, email, trusted],
            )
        })
        .unwrap();
    account
}

/// S39, N4: accounts are linked only on request, and can be unlinked.
#[test]
fn accounts_are_linked_only_on_request() {
    let (_dir, _home, store) = store();
    let first = account_with(&store, "a", "Nari@Example.com", true);
    let second = account_with(&store, "b", "nari@example.com", true);
    store.offer_link(&second, &all()).unwrap();
    assert_eq!(store.users().unwrap().len(), 2);
    let user = store.link(&second, &all()).unwrap();
    assert_eq!(store.account(&first).unwrap().user, user);
    assert_eq!(store.users().unwrap().len(), 1);
    assert!(store.link_offers(&all()).unwrap().is_empty());
    store.unlink(&second, 1).unwrap();
    assert_eq!(store.users().unwrap().len(), 2);
    assert_eq!(store.unlink(&first, 1).unwrap_err().code(), Code::LastAccount);
}

/// S39: both addresses must be trusted.
#[test]
fn nothing_is_offered_for_an_untrusted_address() {
    let (_dir, _home, store) = store();
    for (mine, other) in [(true, false), (false, true), (false, false)] {
        let address = format!("{mine}{other}@example.com");
        account_with(&store, &format!("o{mine}{other}"), &address, other);
        let account = account_with(&store, &format!("m{mine}{other}"), &address, mine);
        store.offer_link(&account, &all()).unwrap();
    }
    assert!(store.link_offers(&all()).unwrap().is_empty());
    assert_eq!(store.link(&AccountId::random(), &all()).unwrap_err().code(), Code::UnknownAccount);
}
