//! The engine's news, as messages to the page: after each change, the whole state.
//!
//! A page hears them by the IPC channel that it hands over. Permission to listen to one event of
//! Tauri is permission to listen to all, so the page has none and nothing is emitted.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use nameplate::Event;
use tauri::async_runtime::spawn;
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager, Runtime};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::app_state::AppState;
use crate::{NameplateExt, window};

/// The channel of each window; a reloaded page hands over another.
#[derive(Default)]
pub struct Subscribers(Mutex<HashMap<String, Channel<nameplate::State>>>);

impl Subscribers {
    /// Sends all news of this window from now on to this channel.
    pub fn replace(&self, window: &str, channel: Channel<nameplate::State>) {
        self.lock().insert(window.to_owned(), channel);
    }

    /// The window is gone.
    pub fn forget(&self, window: &str) {
        self.lock().remove(window);
    }

    fn send(&self, state: &AppState) {
        let channels: Vec<_> = self.lock().values().cloned().collect();
        if channels.is_empty() {
            return;
        }
        let snapshot = state.snapshot();
        for channel in channels {
            if let Err(error) = channel.send(snapshot.clone()) {
                tracing::warn!(%error, "a page was not told");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Channel<nameplate::State>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forwards the news for as long as the app runs.
pub fn forward<R: Runtime>(app: &AppHandle<R>) {
    let Ok(nameplate) = app.nameplate().cloned() else { return };
    let app = app.clone();
    spawn(async move {
        match nameplate.watch() {
            Ok(watching) => drop(spawn(watching)),
            Err(error) => nameplate.notices().report(error),
        }
        let news = nameplate.events();
        if let Err(error) = nameplate.sign_ins().resume().await {
            nameplate.notices().report(error);
        }
        let outside = nameplate.clone();
        spawn(async move { outside.profiles().refresh_shown().await });
        send(&app, news).await;
    });
}

/// Sends the state.
pub fn tell<R: Runtime>(app: &AppHandle<R>) {
    app.state::<Subscribers>().send(&app.state::<AppState>());
}

/// Looks up what has changed, for a person who comes back to the window.
pub fn wake<R: Runtime>(app: &AppHandle<R>) {
    if let Ok(nameplate) = app.nameplate().cloned() {
        spawn(async move { nameplate.wake().await });
    }
}

async fn send<R: Runtime>(app: &AppHandle<R>, mut news: Receiver<Event>) {
    loop {
        match news.recv().await {
            Ok(Event::Ended) => window::show(app),
            // Missed news says the same: look again.
            Ok(Event::Changed) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
        tell(app);
    }
}
