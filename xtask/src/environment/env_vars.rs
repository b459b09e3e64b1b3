//! The environment variables of every child process; none is inherited except `PATH`.

use super::folders::Folders;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use tokio::process::Command;

/// Names and values. Display and bus add theirs when they start.
#[derive(Debug, Clone)]
pub struct EnvVars(BTreeMap<OsString, OsString>);

impl EnvVars {
    /// A GNOME session with the folders of the environment.
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
        // Makes the real xdg-open call `gio open`.
        new.set("XDG_CURRENT_DESKTOP", "GNOME");
        new.set("XDG_SESSION_TYPE", "x11");
        new.set("GDK_BACKEND", "x11");
        new.set("LANG", "C.UTF-8");
        new.set("USER", "nameplate");
        // No GPU and no screen reader: looking for them takes seconds at each start.
        new.set("LIBGL_ALWAYS_SOFTWARE", "1");
        new.set("NO_AT_BRIDGE", "1");
        new
    }

    /// Adds or replaces one.
    pub fn set(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) {
        self.0.insert(name.as_ref().to_owned(), value.as_ref().to_owned());
    }

    /// A command with exactly these variables, which is killed when its parent ends.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("setpriv");
        command.arg("--pdeathsig=KILL").arg("--").arg(program).env_clear().envs(&self.0);
        command.current_dir(Path::new("/"));
        command
    }
}
