use super::*;
use crate::ids::AccountId;

fn account(id: &str, provider: &str, email: Option<&str>) -> Account {
    Account {
        id: AccountId::from(id.to_owned()),
        provider: provider.into(),
        label: provider.into(),
        email: email.map(str::to_owned),
        ..Account::example()
    }
}

#[test]
fn an_account_has_several_names() {
    let accounts = [
        account("1", "discord", Some("mira@example.com")),
        account("2", "discord", Some("nari@example.com")),
        account("3", "google", Some("mira@example.com")),
        account("4", "line", None),
        account("5", "kakao", None),
        account("6", "kakao", None),
    ];
    let ids = |name: &str| -> Vec<_> {
        with_name(&accounts, name).iter().map(|account| account.id.to_string()).collect()
    };
    assert_eq!(ids("3"), ["3"]);
    assert_eq!(ids("google"), ["3"]);
    assert_eq!(ids("Discord:Mira@Example.com"), ["1"]);
    assert_eq!(ids("nari@example.com"), ["2"]);
    assert_eq!(ids("mira@example.com"), ["1", "3"]);
    assert_eq!(ids("discord"), ["1", "2"]);
    assert!(ids("mira").is_empty() && ids("").is_empty());
    let unique = accounts.each_ref().map(|account| unique_name(&accounts, account));
    let expected = ["discord:mira@example.com", "nari@example.com", "google", "line", "5", "6"];
    assert_eq!(unique, expected);
}

/// A label is found where nothing else has the name.
#[test]
fn a_label_is_the_last_name() {
    let labelled = |id: &str, provider: &str, label: &str| Account {
        label: label.into(),
        ..account(id, provider, None)
    };
    let accounts = [
        labelled("1", "company", "Company SSO"),
        labelled("2", "google", "Google"),
        labelled("3", "other", "GOOGLE"),
        labelled("4", "mastodon", "Mastodon (a.example)"),
        labelled("5", "mastodon", "Mastodon (b.example)"),
        labelled("6", "école", "École"),
        account("7", "hostile", Some("Company SSO")),
    ];
    let ids = |name: &str| -> Vec<_> {
        with_name(&accounts, name).iter().map(|account| account.id.to_string()).collect()
    };
    assert_eq!(ids("company sso"), ["1"]);
    assert_eq!(ids("Google"), ["2"]);
    assert_eq!(ids("ÉCOLE"), ["6"]);
    assert_eq!(unique_name(&accounts, &accounts[4]), "Mastodon (b.example)");
    assert_eq!(unique_name(&accounts, &accounts[2]), "other");
}
