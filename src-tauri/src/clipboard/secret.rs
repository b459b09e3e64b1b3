//! Puts a secret on the clipboard, for a time, and out of its history.

use std::rc::Rc;
use std::time::Duration;

use gtk::gdk::{Atom, SELECTION_CLIPBOARD};
use gtk::{Clipboard, TargetEntry, TargetFlags, glib};
use secrecy::{ExposeSecret, SecretString};
use tauri::{AppHandle, Runtime};
use tokio::sync::oneshot;

/// The forms in which other programs ask for a text.
const TEXTS: [&str; 5] =
    ["UTF8_STRING", "text/plain;charset=utf-8", "text/plain", "TEXT", "STRING"];

/// KDE's clipboard history, and others after it, keep nothing that is offered together with this.
const HINT: &str = "x-kde-passwordManagerHint";
/// What the hint says.
const HINT_VALUE: &[u8] = b"secret";

const TEXT_ID: u32 = 0;
const HINT_ID: u32 = 1;

/// The clipboard does not have the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

/// Puts a secret there and takes it away after a time, unless something else is there by then. Returns when the
/// clipboard gives it back.
///
/// # Errors
/// [`Refused`], for example by a desktop that lets only a focused window write.
pub async fn put<R: Runtime>(
    app: &AppHandle<R>,
    secret: SecretString,
    stays: Duration,
) -> Result<(), Refused> {
    let (sender, received) = oneshot::channel();
    // The toolkit may be asked in the main thread alone.
    app.run_on_main_thread(move || put_now(secret, stays, sender)).map_err(|_| Refused)?;
    match received.await {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(Refused),
    }
}

fn put_now(secret: SecretString, stays: Duration, is_there: oneshot::Sender<bool>) {
    let (clipboard, secret) = (Clipboard::get(&SELECTION_CLIPBOARD), Rc::new(secret));
    if !offer(&clipboard, Rc::clone(&secret)) {
        let _ = is_there.send(false);
        return;
    }
    let expected = Rc::clone(&secret);
    clipboard.request_text(move |_, text| {
        let _ = is_there.send(text == Some(expected.expose_secret()));
    });
    glib::timeout_add_local_once(stays, move || {
        clipboard.request_text(move |clipboard, text| {
            if text == Some(secret.expose_secret()) {
                clipboard.set_text("");
            }
        });
    });
}

/// Whether this program owns the clipboard then.
fn offer(clipboard: &Clipboard, secret: Rc<SecretString>) -> bool {
    let text = |name| TargetEntry::new(name, TargetFlags::empty(), TEXT_ID);
    let hint = TargetEntry::new(HINT, TargetFlags::empty(), HINT_ID);
    let targets: Vec<_> = TEXTS.into_iter().map(text).chain([hint]).collect();
    clipboard.set_with_data(&targets, move |_, asked, id| match id {
        HINT_ID => asked.set(&Atom::intern(HINT), 8, HINT_VALUE),
        _ => {
            asked.set_text(secret.expose_secret());
        }
    })
}
