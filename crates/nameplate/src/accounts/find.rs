//! Finds the account that a user names.

use super::Accounts;
use crate::account::Account;
use crate::error::{Code, Error, Result};

impl Accounts {
    /// The account with this name: its id, its provider's id, its e-mail address, `provider:address`,
    /// or its provider's label. An id goes first and a label last; all but the id are compared
    /// without letter case.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`] if no account has the name; [`Code::AmbiguousAccount`] if several
    /// have it, with a name for each that no other account has.
    pub fn find(&self, name: &str) -> Result<Account> {
        let accounts = self.all()?;
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

    /// The names by which [`Accounts::find`] finds this account and no other, the most exact one
    /// first: `provider:address` before the provider, and the id last.
    ///
    /// # Errors
    /// [`Code::UnknownAccount`] if no account has this id.
    pub fn unique_names(&self, account: &str) -> Result<Vec<String>> {
        let accounts = self.all()?;
        let known = accounts.iter().find(|known| known.id.as_str() == account);
        let known = known.ok_or_else(|| Error::new(Code::UnknownAccount).with_detail(account))?;
        let mut names: Vec<_> =
            names(known).filter(|name| is_name_of(&accounts, name, known)).collect();
        names.reverse();
        names.push(known.id.to_string());
        Ok(names)
    }

    fn all(&self) -> Result<Vec<Account>> {
        Ok(self.list()?.into_iter().flat_map(|user| user.accounts).collect())
    }
}

/// The accounts with a name. An id has precedence; a label, which anyone may write into a
/// configuration, takes the place of no other name.
fn with_name<'a>(accounts: &'a [Account], name: &str) -> Vec<&'a Account> {
    let by_id: Vec<_> = accounts.iter().filter(|account| account.id.as_str() == name).collect();
    if !by_id.is_empty() {
        return by_id;
    }
    let has_name = |account: &&Account| names(account).any(|own| own.eq_ignore_ascii_case(name));
    let named: Vec<_> = accounts.iter().filter(has_name).collect();
    if !named.is_empty() {
        return named;
    }
    let name = name.to_lowercase();
    accounts.iter().filter(|account| account.label.to_lowercase() == name).collect()
}

/// The names of an account besides its id and its label, the shortest first.
pub(crate) fn names(account: &Account) -> impl Iterator<Item = String> {
    let Account { provider, email, .. } = account;
    // A provider may send any text as an address.
    let address = email.iter().filter(|email| email.contains('@'));
    let by_email = address.flat_map(move |email| [email.clone(), format!("{provider}:{email}")]);
    std::iter::once(provider.clone()).chain(by_email)
}

/// Whether the account has this name, and no other account has it.
fn is_name_of(accounts: &[Account], name: &str, account: &Account) -> bool {
    matches!(*with_name(accounts, name), [one] if one.id == account.id)
}

/// The shortest name that no other account has: `provider:address` or the label, else the id.
fn unique_name(accounts: &[Account], account: &Account) -> String {
    let mut names = names(account).chain([account.label.clone()]);
    let unique = names.find(|name| is_name_of(accounts, name, account));
    unique.unwrap_or_else(|| account.id.to_string())
}

#[cfg(test)]
mod tests;
