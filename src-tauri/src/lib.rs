//! The desktop app: its identity, its window, and the plugin that does the rest.

mod arguments;
mod clipboard;
mod commands;
mod demo;
mod diagnostics;
mod identity;
mod licences;
mod messages;
mod notification;
mod session_notice;
mod settings;
mod start_at_login;
mod stored_settings;
mod token_command;
mod tray;
mod window;

#[cfg(target_os = "linux")]
use nameplate::settings::LanguageChoice;
use nameplate::{Environment, Home};
use tauri::{AppHandle, Context, Manager, RunEvent, Runtime, WindowEvent};
use tauri_plugin_nameplate::NameplateExt;

pub use crate::arguments::Answer;
use crate::tray::{Absence, Tray};

/// The answer to `--help`, `--version` or an unknown option.
pub fn answer_of_arguments() -> Option<Answer> {
    let given = std::env::args_os().skip(1);
    let given: Vec<_> = given.map(|argument| argument.to_string_lossy().into_owned()).collect();
    arguments::answer(&given, &identity::identity().url_scheme)
}

/// Runs until the user closes the window.
///
/// # Errors
/// Where there is no home folder or no display.
pub fn run() -> Result<(), Box<dyn std::error::Error>> {
    let environment: Environment = std::env::vars_os().collect();
    find_display()?;
    let home = Home::choose(&identity::identity(), None, &environment)?;
    home.prepare()?;
    // It fails where there is one already.
    let _ = tracing::subscriber::set_global_default(nameplate::log::subscriber(
        &home,
        "nameplate_desktop",
    ));
    let context = context(&home);
    let nameplate = tauri_plugin_nameplate::Builder::new(identity::identity())
        .home(home.clone())
        .providers(identity::providers())
        .environment(environment)
        .window(window::MAIN)
        .build();
    write_icon(&home);
    tauri::Builder::default()
        .plugin(nameplate)
        .plugin(window::state(&home))
        .invoke_handler(tauri::generate_handler![
            commands::quit,
            commands::zoom,
            commands::diagnostics,
            commands::client_id_on_clipboard,
            commands::token_command,
            commands::start_demo,
            commands::licences,
            commands::desktop_settings,
            commands::save_desktop_settings,
        ])
        .setup(move |app| {
            #[cfg(not(target_os = "linux"))]
            app.handle().plugin(tauri_plugin_notification::init())?;
            app.manage(demo::Demo::default());
            app.manage(Tray::default());
            app.manage(home.clone());
            let tray = stored_settings::wants_tray(&home);
            let start = match tray && arguments::is_in_background() {
                true => window::Start::Hidden,
                false => window::Start::Shown,
            };
            window::open(app, &home, start)?;
            session_notice::start(app.handle());
            if tray {
                show_tray(app.handle());
            }
            Ok(())
        })
        .build(context)?
        .run(|app, event| {
            // With a tray that is seen, the app goes on without a window.
            if let RunEvent::WindowEvent { event: WindowEvent::CloseRequested { api, .. }, .. } =
                event
                && app.state::<Tray>().is_online()
                && let Some(window) = app.get_webview_window(window::MAIN)
                && window.hide().is_ok()
            {
                api.prevent_close();
            }
        });
    Ok(())
}

/// Tauri panics where there is none.
#[cfg(target_os = "linux")]
fn find_display() -> Result<(), &'static str> {
    let texts = messages::messages(LanguageChoice::System.language());
    gtk::init().map_err(|_| &*texts.no_desktop)
}

#[cfg(not(target_os = "linux"))]
fn find_display() -> Result<(), &'static str> {
    Ok(())
}

/// Where there can be no tray, the window is shown instead; one that comes later is waited for.
fn show_tray<R: Runtime>(app: &AppHandle<R>) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        app.nameplate_opened().await;
        let Err(error) = app.state::<Tray>().show(&app, Absence::Wait).await else { return };
        tracing::warn!(error, "the desktop has no tray");
        window::reveal(&app);
    });
}

/// Writes the icon that the desktop entry of this home names; a package installs its own.
fn write_icon(home: &Home) {
    let written = match home.icon_file() {
        file if file.exists() => Ok(()),
        file => std::fs::write(file, include_bytes!("../icons/128x128.png")),
    };
    if let Err(error) = written {
        tracing::warn!(%error, "the desktop entry has no icon");
    }
}

/// What the build knows, under the names that belong to this home.
fn context<R: Runtime>(home: &Home) -> Context<R> {
    let mut context = tauri::generate_context!();
    let config = context.config_mut();
    config.identifier = home.identifier();
    // The schemes are for the bundler. A plugin that knows them emits each link to the page.
    config.plugins.0.remove("deep-link");
    context
}

#[cfg(test)]
mod tests;
