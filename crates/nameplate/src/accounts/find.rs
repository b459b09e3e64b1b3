//! Finds the account that a person names.

use super::Accounts;
use crate::account::Account;
use crate::error::{Code, Error, Result};

impl Accounts {
    /// The account with this name: its id, its provider's id, its e-mail address, or
    /// `provider:address`. Providers and addresses are compared without letter case.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`] if no account has the name; [`Code::AmbiguousAccount`] if several
    /// have it, with a name for each that no other account has.
    pub fn find(&self, name: &str) -> Result<Account> {
        let accounts: Vec<_> = self.list()?.into_iter().flat_map(|user| user.accounts).collect();
        let named = with_name(&accounts, name);
        match named.as_slice() {
            [] => Err(Error::new(Code::UnknownAccount).with_detail(name)),
            [account] => Ok((*account).clone()),
            several => {
                let names: Vec<_> =
                    several.iter().map(|account| unique_name(&accounts, account)).collect();
                Err(Error::new(Code::AmbiguousAccount)
                    .with_detail(format!("{name} → {}", names.join(", "))))
            }
        }
    }
}

/// The accounts with a name; an id has precedence.
fn with_name<'a>(accounts: &'a [Account], name: &str) -> Vec<&'a Account> {
    let by_id: Vec<_> = accounts.iter().filter(|account| account.id.as_str() == name).collect();
    if !by_id.is_empty() {
        return by_id;
    }
    let has_name = |account: &&Account| names(account).any(|own| own.eq_ignore_ascii_case(name));
    accounts.iter().filter(has_name).collect()
}

/// The names of an account besides its id, the shortest first.
pub(crate) fn names(account: &Account) -> impl Iterator<Item = String> {
    let Account { provider, email, .. } = account;
    let by_email =
        email.iter().flat_map(move |email| [email.clone(), format!("{provider}:{email}")]);
    std::iter::once(provider.clone()).chain(by_email)
}

/// The shortest name that no other account has: `provider:address`, else the id.
fn unique_name(accounts: &[Account], account: &Account) -> String {
    let unique = names(account).find(|name| with_name(accounts, name).len() == 1);
    unique.unwrap_or_else(|| account.id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AccountId;

    fn account(id: &str, provider: &str, email: Option<&str>) -> Account {
        Account {
            id: AccountId::from(id.to_owned()),
            provider: provider.into(),
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
}
