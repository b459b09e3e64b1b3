//! The window: the only code that knows Tauri. It turns wishes into calls of the engine, and the
//! engine's news into messages to the page.

mod avatars;
mod commands;
mod deep_link;
mod door;
mod events;

use nameplate::{Home, Nameplate};
use tauri::utils::config::WebviewUrl;
use tauri::{App, AppHandle, Context, Manager, Url, WebviewWindowBuilder};

use door::Door;
use events::Subscriber;

/// The one window's name; the capability file names it too.
const MAIN: &str = "main";

/// Runs until the person closes the window.
///
/// # Errors
/// Where there is no home folder or no display.
pub fn run() -> Result<(), Box<dyn std::error::Error>> {
    let home = Home::choose(None)?;
    home.prepare()?;
    let _log = nameplate::log::start(&home);
    let context = context(&home);
    let (links, received) = deep_link::queue();
    links.take_arguments(&deep_link::own_arguments());
    let from_second = links.clone();
    let builder = tauri::Builder::default()
        // First, so that a second start ends before it touches anything.
        .plugin(tauri_plugin_single_instance::init(move |app, arguments, _folder| {
            from_second.take_arguments(&arguments);
            show(app);
        }));
    // On macOS the plugin would hand each link to the page.
    #[cfg(not(target_os = "macos"))]
    let builder = builder.plugin(tauri_plugin_deep_link::init());
    let app = builder
        .manage(Subscriber::default())
        .register_asynchronous_uri_scheme_protocol("avatar", avatars::serve)
        .invoke_handler(tauri::generate_handler![
            commands::overview,
            commands::watch_overview,
            commands::begin_sign_in,
            commands::open_browser,
            commands::finish,
            commands::create_profile,
            commands::enter_profile,
            commands::cancel,
            commands::dismiss_problem,
            commands::sign_out,
            commands::add_account,
            commands::sign_in_again,
            commands::ask_for_more,
            commands::add_bot,
            commands::dismiss_bot,
            commands::disconnect,
            commands::forget,
            commands::show_user,
            commands::rename_user,
            commands::join,
            commands::keep_apart,
            commands::part,
            commands::read_again,
            commands::check_again,
            commands::set_up,
            commands::save_settings,
            commands::open_register_page,
            commands::restart,
        ])
        .on_window_event(events::look_up)
        .setup(move |app| start(app, home, received))
        .build(context)?;
    app.run(move |_app, event| links.take_event(&event));
    Ok(())
}

/// What the build knows, under the names that belong to this home.
fn context(home: &Home) -> Context {
    let mut context = tauri::generate_context!();
    let config = context.config_mut();
    config.identifier = home.identifier();
    // The schemes are for the bundler. A plugin that knows them emits each link to the page.
    config.plugins.0.remove("deep-link");
    context
}

fn start(
    app: &mut App,
    home: Home,
    links: deep_link::Received,
) -> Result<(), Box<dyn std::error::Error>> {
    let door = Door::new(home.clone(), Nameplate::open(home.clone()));
    app.manage(door.clone());
    open_window(app, &home)?;
    if let Ok(nameplate) = door.nameplate() {
        deep_link::receive(app, &home, nameplate, links);
        events::forward(app.handle(), nameplate);
    }
    Ok(())
}

fn open_window(app: &App, home: &Home) -> tauri::Result<()> {
    // The pages of a build for development come from a server of its own.
    let server = app.config().build.dev_url.clone().filter(|_| tauri::is_dev());
    let mut window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title("Nameplate")
        .inner_size(900.0, 700.0)
        .min_inner_size(360.0, 480.0)
        // Whatever a page is led to, the window shows no other than its own.
        .on_navigation(move |url| {
            is_own(url) || server.as_ref().is_some_and(|server| server.origin() == url.origin())
        });
    if let Some(dir) = home.own_dir() {
        window = window.data_directory(dir.join("webview"));
    }
    window.build()?;
    Ok(())
}

/// Whether an address is one of the window's own pages; Windows knows the scheme as a host.
fn is_own(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => url.host_str() == Some("tauri.localhost") && url.port().is_none(),
        _ => false,
    }
}

/// Brings the window to the person; where the desktop refuses focus, it asks for attention.
pub(crate) fn show(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    let shown = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
    if shown.is_err() || !window.is_focused().unwrap_or(false) {
        let _ = window.request_user_attention(Some(tauri::UserAttentionType::Informational));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S60: the plugin takes no link, since it would emit each to the page; the bundler still writes
    /// the scheme into packages.
    #[test]
    #[allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]
    fn the_plugin_knows_no_scheme() {
        let home = Home::of_person().unwrap();
        assert!(!context(&home).config().plugins.0.contains_key("deep-link"));
        let built: serde_json::Value =
            serde_json::from_str(include_str!("../../tauri.conf.json")).unwrap();
        let schemes = &built["plugins"]["deep-link"]["desktop"]["schemes"];
        assert_eq!(schemes, &serde_json::json!(["app.nameplate.desktop"]));
    }

    /// The window cannot be led to a page of anybody else.
    #[test]
    #[allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]
    fn only_its_own_pages_are_shown() {
        for (address, own) in [
            ("tauri://localhost", true),
            ("tauri://localhost/index.html", true),
            ("http://tauri.localhost/", true),
            ("https://tauri.localhost/index.html", true),
            ("tauri://elsewhere/", false),
            ("https://tauri.localhost.example.com/", false),
            ("http://tauri.localhost:8080/", false),
            ("http://localhost/", false),
            ("https://discord.com/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,x", false),
            ("javascript:alert(1)", false),
        ] {
            assert_eq!(is_own(&address.parse().unwrap()), own, "{address}");
        }
    }
}
