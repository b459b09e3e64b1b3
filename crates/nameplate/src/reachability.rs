//! Whether the provider of the current user can be reached.

use std::sync::atomic::Ordering;

use crate::config::Entry;
use crate::context::Context;
use crate::error::{Code, Error};

impl Context {
    /// Whether the provider of the current user could not be reached last time.
    pub(crate) fn is_offline(&self) -> bool {
        self.offline.load(Ordering::Relaxed)
    }

    pub(crate) fn set_offline(&self, offline: bool) {
        if self.offline.swap(offline, Ordering::Relaxed) != offline {
            self.events.changed();
        }
    }

    /// Finds out whether the provider of the current user can be reached, without a token.
    pub(crate) async fn check_reachability(&self) {
        let Some((entry, url)) = self.current_endpoint() else {
            return self.set_offline(false);
        };
        let reached = self.http_for(&entry).reaches(&url).await;
        if reached {
            let solved = |problem: &Error| {
                problem.code() == Code::Unreachable && problem.provider() == Some(&entry.oauth.id)
            };
            self.notices.solve(solved);
        }
        self.set_offline(!reached);
    }

    /// An endpoint of the current user's provider; a local profile has none.
    fn current_endpoint(&self) -> Option<(Entry, url::Url)> {
        let user = self.current_user().ok()??;
        user.accounts.iter().find_map(|account| {
            let entry = self.entry(&account.provider, &account.issuer).ok()?;
            let token = entry.oauth.endpoints.token.clone();
            let url = token.or_else(|| entry.oauth.issuer.parse().ok())?;
            Some((entry, url))
        })
    }
}
