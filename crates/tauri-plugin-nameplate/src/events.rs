//! The engine's news, as messages to the page: after each change, the whole state.
//!
//! A page receives them by the IPC channel that it passes. Permission to listen to one event of
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

/// The channels of the page of each window, by the window's label.
#[derive(Default)]
pub struct Subscribers(Mutex<HashMap<String, Vec<Channel<nameplate::State>>>>);

impl Subscribers {
    /// Sends each later state to this channel too.
    pub fn add(&self, window: &str, channel: Channel<nameplate::State>) {
        self.lock().entry(window.to_owned()).or_default().push(channel);
    }

    /// Sends nothing more to the channel of this id.
    pub fn remove(&self, window: &str, id: u32) {
        if let Some(channels) = self.lock().get_mut(window) {
            channels.retain(|channel| channel.id() != id);
        }
    }

    /// Drops the channels of a page that is closed or reloaded.
    pub fn forget(&self, window: &str) {
        self.lock().remove(window);
    }

    fn send(&self, snapshot: impl FnOnce() -> nameplate::State) {
        let channels: Vec<_> = self.lock().values().flatten().cloned().collect();
        if channels.is_empty() {
            return;
        }
        let snapshot = snapshot();
        for channel in channels {
            if let Err(error) = channel.send(snapshot.clone()) {
                tracing::warn!(%error, "a page was not told");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<Channel<nameplate::State>>>> {
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
    app.state::<Subscribers>().send(|| app.state::<AppState>().snapshot());
}

/// Looks up what has changed, for a user who comes back to the window.
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use nameplate::{AppIdentity, Code, Home};

    use super::*;

    /// Two sessions of one page are told; one that ended, and a page that is gone, are not.
    #[test]
    fn every_channel_of_a_page_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let identity = AppIdentity::new("com.example.notes", "Notes", "1.0.0");
        let home = Home::own(&identity, dir.path()).unwrap();
        let state = || nameplate::State::of_failure(&home, &Code::StoreFailed.into());
        let subscribers = Subscribers::default();
        let counts = [(); 4].map(|()| Arc::new(AtomicUsize::new(0)));
        let mut ended = None;
        for (window, count) in ["main", "main", "main", "closed"].iter().zip(&counts) {
            let count = count.clone();
            let channel = Channel::new(move |_| {
                count.fetch_add(1, Ordering::Relaxed);
                Ok(())
            });
            ended.get_or_insert(channel.id());
            subscribers.add(window, channel);
        }
        subscribers.remove("main", ended.unwrap());
        subscribers.forget("closed");
        subscribers.send(state);
        assert_eq!(counts.map(|count| count.load(Ordering::Relaxed)), [0, 1, 1, 0]);
    }
}
