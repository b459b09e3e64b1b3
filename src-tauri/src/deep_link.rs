//! URLs that the operating system hands over: to the running program, or as what started it.

use login::{DeepLink, Home, Login};
use tauri::{App, AppHandle};
use tauri_plugin_deep_link::DeepLinkExt;

use crate::show;

/// Registers the handler, and takes the links that come and the one that started the program.
pub fn receive(app: &App, home: &Home, login: &Login) {
    register(home);
    let (handle, scheme, engine) = (app.handle().clone(), home.scheme(), login.clone());
    let take = move |link: &str| take(&handle, &scheme, &engine, link);
    if let Ok(Some(links)) = app.deep_link().get_current() {
        links.iter().for_each(|link| take(link.as_str()));
    }
    app.deep_link().on_open_url(move |event| {
        event.urls().iter().for_each(|link| take(link.as_str()));
    });
}

/// Makes the operating system hand our links over. Done again before each sign-in: forgetting
/// everything takes the handler too, and the person may go on.
pub fn register(home: &Home) {
    let program = std::env::current_exe();
    if let Err(error) = program.and_then(|program| login::register_handler(home, &program)) {
        tracing::warn!(%error, "deep links do not reach this program");
    }
}

/// Anybody can send a link (S21), so one that matches nothing is ignored without a word.
fn take(app: &AppHandle, scheme: &str, login: &Login, link: &str) {
    match login::read_deep_link(scheme, link) {
        Some(DeepLink::Open) => show(app),
        Some(DeepLink::Answer(address)) => {
            let login = login.clone();
            tauri::async_runtime::spawn(async move { answer(&login, &address).await });
        }
        None => tracing::info!("a link that is not ours was ignored"),
    }
}

async fn answer(login: &Login, address: &str) {
    let Err(error) = login.answer(address).await else { return };
    tracing::info!(code = %error.code(), "a link was not taken");
    // Only an answer that belongs to a sign-in of ours names a provider.
    if error.provider().is_some() {
        login.report(error);
    }
}
