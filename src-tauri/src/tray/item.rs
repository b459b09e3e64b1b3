//! The item of the StatusNotifierItem specification, and its menu.

use ksni::menu::{StandardItem, SubMenu};
use ksni::{Handle, Icon, MenuItem, OfflineReason, TrayMethods};
use nameplate::{Account, AccountState, Error, Home, Language, Nameplate, RefreshPolicy, User};
use secrecy::SecretString;
use tauri::async_runtime::{JoinHandle, spawn};
use tauri::{AppHandle, Manager, Runtime};
use tauri_plugin_nameplate::NameplateExt;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use super::{Absence, watcher};
use crate::clipboard::secret::{self, Refused};
use crate::messages::messages;
use crate::{notification, stored_settings, window};

/// What a program calls itself that takes a token.
const PROGRAM: &str = "the tray of Nameplate";

/// The item, and the task that keeps its menu up to date.
pub struct Shown {
    end: tokio::sync::oneshot::Sender<()>,
    watching: JoinHandle<()>,
    /// Whether the desktop shows it.
    online: watch::Receiver<bool>,
}

impl Shown {
    /// # Errors
    /// Where the desktop takes no item, or the engine did not open.
    pub async fn new<R: Runtime>(
        app: &AppHandle<R>,
        absence: Absence,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let nameplate = app.nameplate().map_err(Clone::clone)?.clone();
        let mut news = nameplate.events();
        let (sender, online) = watch::channel(true);
        let menu = Menu::new(app, &nameplate, sender);
        let handle = menu.assume_sni_available(absence == Absence::Wait).spawn().await?;
        // ksni sees a tray that ends only after this, not one that ended since the item was registered.
        if !super::Tray::is_available().await {
            handle.update(|menu: &mut Menu<R>| menu.note_absence()).await;
        }
        spawn(watcher::show_window_without(app.clone(), online.clone()));
        let (end, mut ended) = tokio::sync::oneshot::channel();
        let watching = spawn(async move {
            loop {
                tokio::select! {
                    _ = &mut ended => break,
                    event = news.recv() => {
                        if let Err(RecvError::Closed) = event {
                            break;
                        }
                        let users = nameplate.accounts().list().unwrap_or_default();
                        let language = nameplate.preferences().language();
                        handle.update(|menu: &mut Menu<R>| menu.set(language, users)).await;
                    }
                }
            }
            shut_down(&handle).await;
        });
        Ok(Self { end, watching, online })
    }

    /// Whether the desktop shows it; not while its panel is gone.
    pub fn is_online(&self) -> bool {
        *self.online.borrow()
    }

    /// Removes it.
    pub async fn end(self) {
        let _ = self.end.send(());
        let _ = self.watching.await;
    }
}

async fn shut_down<R: Runtime>(handle: &Handle<Menu<R>>) {
    handle.shutdown().await;
}

struct Menu<R: Runtime> {
    app: AppHandle<R>,
    language: Language,
    users: Vec<User>,
    online: watch::Sender<bool>,
}

impl<R: Runtime> Menu<R> {
    fn new(app: &AppHandle<R>, nameplate: &Nameplate, online: watch::Sender<bool>) -> Self {
        let language = nameplate.preferences().language();
        let users = nameplate.accounts().list().unwrap_or_default();
        Self { app: app.clone(), language, users, online }
    }

    fn note_absence(&self) {
        tracing::info!("the desktop shows no tray");
        self.online.send_replace(false);
    }

    fn set(&mut self, language: Language, users: Vec<User>) {
        (self.language, self.users) = (language, users);
    }

    fn account(&self, account: &Account) -> MenuItem<Self> {
        let texts = messages(self.language);
        let is_signed_in = account.state == AccountState::Active;
        let text = if is_signed_in { &texts.copy_token } else { &texts.signed_out };
        let name = format!("{} ({})", account.label, account.nickname);
        let id = account.id.clone();
        StandardItem {
            label: plain(&text.replace("{account}", &name)),
            enabled: is_signed_in,
            activate: Box::new(move |menu: &mut Self| {
                let (app, id) = (menu.app.clone(), id.clone());
                spawn(async move { copy_token(&app, id.as_str()).await });
            }),
            ..StandardItem::default()
        }
        .into()
    }
}

impl<R: Runtime> ksni::Tray for Menu<R> {
    fn id(&self) -> String {
        self.app.config().identifier.clone()
    }

    fn title(&self) -> String {
        "Nameplate".to_owned()
    }

    fn icon_pixmap(&self) -> Vec<Icon> {
        let icon = self.app.default_window_icon().and_then(|icon| {
            // RGBA becomes ARGB in network byte order.
            let argb = |pixel: &[u8]| match pixel {
                [red, green, blue, alpha] => [*alpha, *red, *green, *blue],
                _ => [0; 4],
            };
            let data = icon.rgba().chunks_exact(4).flat_map(argb).collect();
            let (width, height) = (icon.width().try_into().ok()?, icon.height().try_into().ok()?);
            Some(Icon { width, height, data })
        });
        icon.into_iter().collect()
    }

    fn watcher_online(&self) {
        self.online.send_replace(true);
    }

    fn watcher_offline(&self, _reason: OfflineReason) -> bool {
        self.note_absence();
        // It may come back.
        true
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        show(&self.app);
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        let texts = messages(self.language);
        let people = self.users.iter().map(|user| {
            // A local profile has no token.
            let accounts = user.accounts.iter().filter(|account| account.issuer != "local");
            let accounts = accounts.map(|account| self.account(account));
            let label = plain(&user.nickname);
            SubMenu { label, submenu: accounts.collect(), ..SubMenu::default() }.into()
        });
        let mut menu: Vec<MenuItem<Self>> = people.collect();
        if menu.is_empty() {
            let label = texts.nobody.clone();
            menu.push(StandardItem { label, enabled: false, ..StandardItem::default() }.into());
        }
        menu.push(MenuItem::Separator);
        menu.push(
            StandardItem {
                label: texts.open.clone(),
                activate: Box::new(|menu: &mut Self| show(&menu.app)),
                ..StandardItem::default()
            }
            .into(),
        );
        menu.push(
            StandardItem {
                label: texts.quit.clone(),
                activate: Box::new(|menu: &mut Self| menu.app.exit(0)),
                ..StandardItem::default()
            }
            .into(),
        );
        menu
    }
}

/// Names come from providers: an underscore would mark a key in the menu's protocol.
fn plain(text: &str) -> String {
    text.replace('_', "__")
}

fn show<R: Runtime>(app: &AppHandle<R>) {
    if let Some(window) = app.get_webview_window(window::MAIN) {
        let shown = window.unminimize().and_then(|()| window.show());
        if let Err(error) = shown.and_then(|()| window.set_focus()) {
            tracing::warn!(%error, "the window is not shown");
        }
    }
}

/// Puts the access token of an account on the clipboard for a time, and tells whether it is there.
async fn copy_token<R: Runtime>(app: &AppHandle<R>, account: &str) {
    let Ok(nameplate) = app.nameplate() else { return };
    match token(nameplate, account).await {
        Ok(token) => {
            let stays = stored_settings::token_stays(&app.state::<Home>());
            let texts = messages(nameplate.preferences().language());
            let (title, hint) = match secret::put(app, token, stays).await {
                Ok(()) => (&texts.copied, &texts.copied_hint),
                Err(Refused) => (&texts.not_copied, &texts.not_copied_hint),
            };
            let hint = hint.replace("{seconds}", &stays.as_secs().to_string());
            notification::show(app, title, &hint);
        }
        Err(error) => {
            nameplate.notices().report(error);
            show(app);
        }
    }
}

async fn token(nameplate: &Nameplate, account: &str) -> Result<SecretString, Error> {
    let given = nameplate.sessions().access_token(account, RefreshPolicy::WhenNeeded).await?;
    nameplate.sessions().note_use(account, PROGRAM)?;
    Ok(given.token)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name that a provider gave marks no key of the menu.
    #[test]
    fn a_name_is_shown_as_it_is() {
        assert_eq!(plain("a_b"), "a__b");
    }
}
