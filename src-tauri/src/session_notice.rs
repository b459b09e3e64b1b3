//! Tells the user, by a notification of the desktop, that a provider ended a session.

use std::collections::BTreeMap;

use nameplate::{AccountId, AccountState, Code, Error, Nameplate};
use tauri::{AppHandle, Manager, Runtime};
use tauri_plugin_nameplate::NameplateExt;
use tokio::sync::broadcast::error::RecvError;

use crate::{notification, window};

/// Accounts that need a sign-in, with their providers.
type Ended = BTreeMap<AccountId, String>;

/// Watches for as long as the app runs.
pub fn start<R: Runtime>(app: &AppHandle<R>) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        app.nameplate_opened().await;
        let Ok(nameplate) = app.nameplate().cloned() else { return };
        let mut news = nameplate.events();
        let mut before = ended(&nameplate);
        loop {
            if let Err(RecvError::Closed) = news.recv().await {
                return;
            }
            let now = ended(&nameplate);
            for provider in newly(&before, &now) {
                notify(&app, &nameplate, provider);
            }
            before = now;
        }
    });
}

/// The window shows it.
fn notify<R: Runtime>(app: &AppHandle<R>, nameplate: &Nameplate, provider: &str) {
    let window = app.get_webview_window(window::MAIN);
    if window.is_some_and(|window| window.is_focused().unwrap_or(false)) {
        return;
    }
    let error = Error::new(Code::NeedsSignIn).at(provider);
    let problem = nameplate.explain(nameplate.preferences().language(), &error);
    notification::show(app, &problem.message, &problem.next);
}

fn ended(nameplate: &Nameplate) -> Ended {
    let users = nameplate.accounts().list().unwrap_or_default();
    let accounts = users.into_iter().flat_map(|user| user.accounts);
    let ended = accounts.filter(|account| account.state == AccountState::NeedsSignIn);
    ended.map(|account| (account.id, account.provider)).collect()
}

/// The providers of accounts that are in the second list alone.
fn newly<'a>(before: &Ended, now: &'a Ended) -> Vec<&'a str> {
    let new = now.iter().filter(|(id, _)| !before.contains_key(id));
    new.map(|(_, provider)| provider.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A session that ended before is not told again.
    #[test]
    fn each_end_is_told_once() {
        let account =
            |id: &str, provider: &str| (AccountId::from(id.to_owned()), provider.to_owned());
        let (one, two) = (account("1", "discord"), account("2", "google"));
        let before = Ended::from([one.clone()]);
        assert_eq!(newly(&before, &Ended::from([one.clone(), two])), ["google"]);
        assert!(newly(&before, &before).is_empty());
        assert!(newly(&before, &Ended::new()).is_empty());
        assert_eq!(newly(&Ended::new(), &before), ["discord"]);
    }
}
