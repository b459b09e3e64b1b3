//! What differs on a phone: the engine stays closed, and every command says so. The part for phones was
//! never built.

use nameplate::{AppIdentity, Error, Home, Nameplate};
use tauri::{AppHandle, Runtime};

/// The folders of the user.
#[cfg(desktop)]
pub fn home<R: Runtime>(
    _app: &AppHandle<R>,
    identity: &AppIdentity,
) -> Result<Home, Box<dyn std::error::Error>> {
    Ok(Home::of_user(identity)?)
}

/// The folder of the app.
#[cfg(mobile)]
pub fn home<R: Runtime>(
    app: &AppHandle<R>,
    identity: &AppIdentity,
) -> Result<Home, Box<dyn std::error::Error>> {
    Ok(Home::own(identity, &tauri::Manager::path(app).app_data_dir()?)?)
}

/// Opens the engine.
#[cfg(desktop)]
pub fn open(engine: nameplate::Builder) -> Result<Nameplate, Error> {
    engine.open()
}

/// # Errors
/// [`nameplate::Code::Unsupported`].
#[cfg(mobile)]
pub fn open(_engine: nameplate::Builder) -> Result<Nameplate, Error> {
    Err(Error::new(nameplate::Code::Unsupported))
}
