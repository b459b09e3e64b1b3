//! Pages of a provider for a user with an account there.

use serde::{Deserialize, Serialize};

/// Pages of a provider for a user with an account there; none needs a token or a parameter. Where a
/// provider documents no address, it is the one that its site leads to.
#[derive(Debug, Clone, Copy)]
pub struct AccountPages {
    /// The account and its profile.
    pub account: Option<&'static str>,
    /// The programs that may use the account, where access can be revoked.
    pub connected_apps: Option<&'static str>,
}

/// One of [`AccountPages`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum AccountPage {
    /// [`AccountPages::account`].
    Account,
    /// [`AccountPages::connected_apps`].
    ConnectedApps,
}

impl AccountPages {
    /// None is known.
    pub const NONE: Self = Self { account: None, connected_apps: None };

    /// Address of a page.
    pub fn url(&self, page: AccountPage) -> Option<&'static str> {
        match page {
            AccountPage::Account => self.account,
            AccountPage::ConnectedApps => self.connected_apps,
        }
    }

    /// The pages that there are.
    pub fn known(&self) -> Vec<AccountPage> {
        let all = [AccountPage::Account, AccountPage::ConnectedApps];
        all.into_iter().filter(|page| self.url(*page).is_some()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_an_address_is_not_offered() {
        let pages = AccountPages { account: Some("https://a.example"), connected_apps: None };
        assert_eq!(pages.known(), [AccountPage::Account]);
        assert_eq!(pages.url(AccountPage::Account), Some("https://a.example"));
        assert_eq!(pages.url(AccountPage::ConnectedApps), None);
    }
}
