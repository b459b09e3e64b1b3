//! The engine's news, as messages to the page: after each change, the whole overview.
//!
//! The page hears them by the IPC channel that it hands over. Permission to listen to one event of
//! Tauri is permission to listen to all, so the page has none and nothing is emitted.

use std::sync::{Mutex, PoisonError};

use nameplate::Event;
use tauri::async_runtime::spawn;
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager, Runtime};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::app_state::AppState;
use crate::{NameplateExt, window};

/// The page's channel; a page that is loaded anew hands over another.
#[derive(Default)]
pub struct Subscriber(Mutex<Option<Channel<nameplate::State>>>);

impl Subscriber {
    /// Sends all news from now on to this channel.
    pub fn replace(&self, channel: Channel<nameplate::State>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(channel);
    }

    fn send(&self, state: &AppState) {
        let channel = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(channel) = channel else { return };
        if let Err(error) = channel.send(state.overview()) {
            tracing::warn!(%error, "the page was not told");
        }
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
        spawn(async move { outside.accounts().refresh_shown_profiles().await });
        send(&app, news).await;
    });
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
        app.state::<Subscriber>().send(&app.state::<AppState>());
    }
}
