//! The engine's news, as messages to the page: after each, all there is to show.
//!
//! The page hears them by the channel that it hands over, and can listen to no event of Tauri, so
//! that nothing that another part of the program emits reaches it.

use std::sync::{Mutex, PoisonError};

use nameplate::{Event, Nameplate};
use tauri::async_runtime::spawn;
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager, Window, WindowEvent};
use tokio::sync::broadcast::error::RecvError;

use crate::door::Door;
use crate::show;

/// The page's channel; a page that is loaded anew hands over another.
#[derive(Default)]
pub struct Subscriber(Mutex<Option<Channel<nameplate::State>>>);

impl Subscriber {
    /// Sends all news from now on to this channel.
    pub fn replace(&self, channel: Channel<nameplate::State>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(channel);
    }

    fn send(&self, door: &Door) {
        let channel = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(channel) = channel else { return };
        if let Err(error) = channel.send(door.overview()) {
            tracing::warn!(%error, "the window was not told");
        }
    }
}

/// Forwards the news for as long as the program runs.
pub fn forward(app: &AppHandle, nameplate: &Nameplate) {
    let (app, nameplate) = (app.clone(), nameplate.clone());
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
        tell(&app, news).await;
    });
}

/// A person who comes back to the window sees what has changed while nobody looked.
pub fn look_up(window: &Window, event: &WindowEvent) {
    let door = window.state::<Door>();
    if let (WindowEvent::Focused(true), Ok(nameplate)) = (event, door.nameplate()) {
        let nameplate = nameplate.clone();
        spawn(async move { nameplate.wake().await });
    }
}

async fn tell(app: &AppHandle, mut news: tokio::sync::broadcast::Receiver<Event>) {
    loop {
        match news.recv().await {
            Ok(Event::Ended) => show(app),
            // Missed news says the same: look again.
            Ok(Event::Changed) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
        app.state::<Subscriber>().send(&app.state::<Door>());
    }
}
