//! The engine's news, as window events: after each, all there is to show.

use login::{Event, Login};
use tauri::async_runtime::spawn;
use tauri::{AppHandle, Emitter, Manager, Window, WindowEvent};
use tokio::sync::broadcast::error::RecvError;

use crate::door::Door;
use crate::{MAIN, show};

/// Forwards the news for as long as the program runs.
pub fn forward(app: &AppHandle, login: &Login) {
    let (app, login) = (app.clone(), login.clone());
    spawn(async move {
        match login.watch() {
            Ok(watching) => drop(spawn(watching)),
            Err(error) => login.report(error),
        }
        let news = login.news();
        if let Err(error) = login.resume().await {
            login.report(error);
        }
        let outside = login.clone();
        spawn(async move { outside.read_shown_again().await });
        tell(&app, news).await;
    });
}

/// A person who comes back to the window sees what has changed while nobody looked.
pub fn look_up(window: &Window, event: &WindowEvent) {
    let door = window.state::<Door>();
    if let (WindowEvent::Focused(true), Ok(login)) = (event, door.login()) {
        let login = login.clone();
        spawn(async move { login.wake().await });
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
        let overview = app.state::<Door>().overview();
        if let Err(error) = app.emit_to(MAIN, "overview", overview) {
            tracing::warn!(%error, "the window was not told");
        }
    }
}
