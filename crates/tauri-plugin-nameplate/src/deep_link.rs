//! Deep links: URLs that the operating system hands to the running app, or that start it.
//!
//! They come as arguments on Linux and Windows and as an event on macOS, and go to the engine by a
//! queue. Tauri's plugin would emit them as an event, which every webview can receive.

use nameplate::{DeepLink, Nameplate};
use tauri::{AppHandle, Manager, RunEvent, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::app_state::AppState;
use crate::{NameplateExt, window};

/// Where links are put as they come, also before the engine is open.
#[derive(Clone)]
pub struct Links(UnboundedSender<String>);

/// The links that came, in order.
pub type Received = UnboundedReceiver<String>;

pub fn queue() -> (Links, Received) {
    let (links, received) = unbounded_channel();
    (Links(links), received)
}

impl Links {
    /// Takes the link that a process was started with, on Linux and Windows.
    pub fn take_arguments(&self, arguments: &[String]) {
        if let Some(link) = link_of(arguments).filter(|_| !cfg!(target_os = "macos")) {
            self.put(link);
        }
    }

    /// Takes the links that macOS hands to the running program.
    pub fn take_event(&self, event: &RunEvent) {
        #[cfg(target_os = "macos")]
        if let RunEvent::Opened { urls } = event {
            urls.iter().for_each(|url| self.put(url.as_str()));
        }
        #[cfg(not(target_os = "macos"))]
        let _ = event;
    }

    /// Takes one link.
    pub fn put(&self, link: &str) {
        // Without an engine nothing takes them.
        let _ = self.0.send(link.to_owned());
    }
}

/// The one argument of a process; any other number of arguments is no link (S22).
fn link_of(arguments: &[String]) -> Option<&str> {
    match arguments {
        [_program, link] => Some(link),
        _ => None,
    }
}

/// Registers the handler, and takes the links that came and will come.
pub fn receive<R: Runtime>(app: &AppHandle<R>, mut links: Received) {
    let state = app.state::<AppState>();
    let Ok(nameplate) = app.nameplate().cloned() else { return };
    register(&state);
    #[cfg(windows)]
    register_by_plugin(app, &state.home().scheme());
    let (app, scheme) = (app.clone(), state.home().scheme());
    tauri::async_runtime::spawn(async move {
        while let Some(link) = links.recv().await {
            take(&app, &scheme, &nameplate, &link);
        }
    });
}

/// Makes the operating system hand our links over. Done again before each sign-in: a reset
/// removes the handler too, and the user may go on.
pub fn register(state: &AppState) {
    let Some(program) = &state.program else { return };
    if let Err(error) = nameplate::register_url_scheme(state.home(), program) {
        tracing::warn!(%error, "deep links do not reach this program");
    }
}

/// Tauri's plugin knows the registry of Windows. It is given no configuration, so it takes no link.
#[cfg(windows)]
fn register_by_plugin<R: Runtime>(app: &AppHandle<R>, scheme: &str) {
    use tauri::plugin::Plugin;
    use tauri_plugin_deep_link::DeepLinkExt;
    let registered = || -> Result<(), Box<dyn std::error::Error>> {
        tauri_plugin_deep_link::init().initialize(app, serde_json::Value::Null)?;
        if !app.deep_link().is_registered(scheme)? {
            app.deep_link().register(scheme)?;
        }
        Ok(())
    };
    if let Err(error) = registered() {
        tracing::warn!(%error, "deep links do not reach this program");
    }
}

/// Any program can send a link (S21), so one that matches no attempt changes nothing and is not shown.
fn take<R: Runtime>(app: &AppHandle<R>, scheme: &str, nameplate: &Nameplate, link: &str) {
    match nameplate::read_deep_link(scheme, link) {
        Some(DeepLink::Open) => window::show(app),
        Some(DeepLink::Response(address)) => {
            let nameplate = nameplate.clone();
            tauri::async_runtime::spawn(async move { complete(&nameplate, &address).await });
        }
        None => tracing::info!("a link that is not ours was ignored"),
    }
}

async fn complete(nameplate: &Nameplate, address: &str) {
    let Err(error) = nameplate.sign_ins().submit(address).await else { return };
    tracing::info!(code = %error.code(), "a link was not taken");
    // Only a response that belongs to a sign-in of ours names a provider.
    if error.provider().is_some() {
        nameplate.notices().report(error);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S22: a link is the only argument of its process.
    #[cfg(not(target_os = "macos"))]
    #[test]
    fn a_link_is_the_only_argument() {
        let link = "app.nameplate.desktop.dev:/callback/discord?code=c&state=s";
        for (arguments, taken) in [
            (&["program", link][..], Some(link)),
            (&["program"], None),
            (&[], None),
            (&["program", link, link], None),
            (&["program", link, "--flag"], None),
            (&["program", "--flag", link], None),
            (&["program", "", link], None),
        ] {
            let (links, mut received) = queue();
            let arguments: Vec<_> = arguments.iter().map(|&text| text.to_owned()).collect();
            links.take_arguments(&arguments);
            assert_eq!(received.try_recv().ok().as_deref(), taken, "{arguments:?}");
            assert!(received.try_recv().is_err());
        }
    }
}
