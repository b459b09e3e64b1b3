//! The environment that every child of a stage gets: built from nothing, so that nothing of the machine's own leaks in.

use super::folders::Folders;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use tokio::process::Command;

/// Names and values; grows while the stage is set up (display, bus).
#[derive(Debug, Clone)]
pub struct Surroundings(BTreeMap<OsString, OsString>);

impl Surroundings {
    /// A person's session on GNOME, with folders of its own.
    pub fn new(folders: &Folders) -> Self {
        let mut new = Self(BTreeMap::new());
        let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
        let mut first = folders.path("bin").into_os_string();
        first.push(":");
        first.push(path);
        new.set("PATH", first);
        new.set("HOME", folders.path("home"));
        new.set("XDG_DATA_HOME", folders.path("data"));
        new.set("XDG_CONFIG_HOME", folders.path("config"));
        new.set("XDG_CACHE_HOME", folders.path("cache"));
        new.set("XDG_STATE_HOME", folders.path("state"));
        new.set("XDG_RUNTIME_DIR", folders.path("run"));
        new.set("TMPDIR", folders.path("tmp"));
        // With it the real xdg-open hands over to `gio open`, as on most people's desktops.
        new.set("XDG_CURRENT_DESKTOP", "GNOME");
        new.set("XDG_SESSION_TYPE", "x11");
        new.set("GDK_BACKEND", "x11");
        new.set("LANG", "C.UTF-8");
        new.set("USER", "nameplate");
        // Neither a GPU nor a screen reader is there; asking for them costs seconds at each start.
        new.set("LIBGL_ALWAYS_SOFTWARE", "1");
        new.set("NO_AT_BRIDGE", "1");
        new
    }

    /// Adds or replaces one.
    pub fn set(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) {
        self.0.insert(name.as_ref().to_owned(), value.as_ref().to_owned());
    }

    /// A command that sees exactly this environment and ends when we end.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("setpriv");
        command.arg("--pdeathsig=KILL").arg("--").arg(program).env_clear().envs(&self.0);
        command.current_dir(Path::new("/"));
        command
    }
}
