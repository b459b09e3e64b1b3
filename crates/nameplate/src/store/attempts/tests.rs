use super::*;
use crate::store::tests::store;

fn row(hash: &str, sign_in: &str) -> AttemptRow {
    AttemptRow {
        hash: hash.into(),
        sign_in: sign_in.into(),
        provider: "discord".into(),
        issuer: "https://discord.com".into(),
        server: None,
        intent: Intent::SignIn,
        method: RedirectMethod::Loopback.into(),
        storage: TokenStorage::Keychain,
        redirect_uri: "http://127.0.0.1:1/callback/discord".into(),
        owner: "o".into(),
        expires_at: 600,
        claimed: false,
        outcome: None,
    }
}

/// S19: two processes use a response once.
#[test]
fn an_attempt_is_claimed_once_across_programs() {
    let (_dir, home, window) = store();
    let terminal = Store::open(&home).unwrap();
    window.add_attempt(&row("h", "s"), 0).unwrap();
    assert_eq!(terminal.claim("h", "o", 1).unwrap(), Claim::Ours);
    assert_eq!(window.claim("h", "o", 1).unwrap(), Claim::Taken);
}

/// S26, N3: a claim ends the other attempts of its sign-in, and none of another.
#[test]
fn a_claim_ends_the_other_attempts_of_its_sign_in() {
    let (_dir, _home, store) = store();
    for (hash, sign_in) in [("a", "s"), ("b", "s"), ("c", "t")] {
        store.add_attempt(&row(hash, sign_in), 0).unwrap();
    }
    assert_eq!(store.claim("a", "o", 1).unwrap(), Claim::Ours);
    assert_eq!(store.claim("b", "o", 1).unwrap(), Claim::Taken);
    let waiting: Vec<_> = store.waiting(1).unwrap().into_iter().map(|row| row.hash).collect();
    assert_eq!(waiting, ["c"]);
}

#[test]
fn cancelling_lets_a_taken_response_finish() {
    let (_dir, _home, store) = store();
    store.add_attempt(&row("a", "s"), 0).unwrap();
    store.claim("a", "o", 1).unwrap();
    store.end_sign_in("s", Code::Cancelled.into()).unwrap();
    assert_eq!(store.attempt("a").unwrap().unwrap().outcome, None);
}

#[test]
fn an_outcome_is_stored_with_its_detail() {
    let (_dir, _home, store) = store();
    let error = Error::new(Code::AccessDenied).at("discord").with_detail("no");
    for (hash, outcome) in [("a", Err(error)), ("b", Ok(SignInOutcome::SignedIn(UserId::random())))]
    {
        store.add_attempt(&row(hash, "s"), 0).unwrap();
        store.finish_attempt(hash, &outcome).unwrap();
        assert_eq!(store.attempt(hash).unwrap().unwrap().outcome, Some(outcome));
    }
}
