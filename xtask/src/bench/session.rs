//! A private desktop without a browser, and the programs that are measured on it.

use crate::environment::child_process::ChildProcess;
use crate::environment::demo_provider::DemoProvider;
use crate::environment::desktop::Desktop;
use crate::environment::display::Display;
use crate::environment::env_vars::EnvVars;
use crate::environment::folders::Folders;
use crate::environment::keychain::Keychain;
use crate::environment::process_reaper;
use crate::{project, sign_in_pages};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

use super::paint::{Picture, Watch};
use std::time::{Duration, Instant};

/// Whose window it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// The window of Nameplate.
    Nameplate,
    /// The empty one.
    Empty,
}

impl Program {
    /// Its file.
    pub fn file(self) -> PathBuf {
        project::program(match self {
            Self::Nameplate => "nameplate-desktop",
            Self::Empty => "empty-window",
        })
    }
}

/// The desktop; what was started on it ends with it.
pub struct Session {
    /// The demo provider.
    pub demo: DemoProvider,
    keychain: Keychain,
    display: Display,
    desktop: Desktop,
    env_vars: EnvVars,
    folders: Folders,
}

/// A window that is painted.
pub struct Window {
    running: ChildProcess,
    /// From the start of the program to the painted window.
    pub time: Duration,
    /// What it shows.
    pub picture: Picture,
}

impl Window {
    /// The process that was started.
    pub fn pid(&self) -> Result<u32> {
        self.running.pid().context("the window is closed")
    }
}

impl Session {
    /// Display, bus, keychain and demo provider, each ready when this returns.
    pub async fn open() -> Result<Self> {
        process_reaper::adopt_orphans();
        let folders = Folders::create()?;
        let mut env_vars = EnvVars::new(&folders);
        let desktop = Desktop::start(&folders, &mut env_vars).await?;
        let display = Display::connect(desktop.display())?;
        let keychain = Keychain::start(&folders, &env_vars).await?;
        let demo = DemoProvider::start(&folders, &env_vars).await?;
        Ok(Self { demo, keychain, display, desktop, env_vars, folders })
    }

    /// A path in the session's folders.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folders.path(name)
    }

    /// An empty home that is set up for the demo provider.
    pub fn home(&self, name: &str) -> Result<PathBuf> {
        let home = self.folders.path(name);
        fs::create_dir_all(&home)?;
        fs::set_permissions(&home, Permissions::from_mode(0o700))?;
        let file = home.join("providers.toml");
        fs::write(&file, self.demo.providers()?)?;
        fs::set_permissions(file, Permissions::from_mode(0o600))?;
        Ok(home)
    }

    /// A program with the session's environment, and nothing on its standard input.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = self.env_vars.command(program.as_ref());
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// `nameplate --home HOME --json`.
    pub fn nameplate(&self, home: &Path) -> Command {
        let mut command = self.command(project::program("nameplate"));
        command.arg("--home").arg(home).arg("--json");
        command
    }

    /// Starts a program whose output is read, with its log in the session's folders.
    pub fn start(&self, name: &str, command: Command) -> Result<ChildProcess> {
        ChildProcess::start(name, command, &self.folders.logs())
    }

    /// Runs a program to its end; how long that took, and its standard output.
    pub async fn run(&self, mut command: Command) -> Result<(Duration, Vec<u8>)> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let start = Instant::now();
        let output = command.spawn()?.wait_with_output().await?;
        let time = start.elapsed();
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{:?}: {errors}", command.as_std().get_program());
        Ok((time, output.stdout))
    }

    /// Signs one user in, by the command line; the account's id.
    pub async fn sign_in(&self, home: &Path) -> Result<String> {
        let mut command = self.nameplate(home);
        command.args(["sign-in", "discord", "--no-browser"]);
        let mut running = self.start("sign-in", command)?;
        let authorize = running.line(|line| field(line, "authorize", "/url")).await?;
        sign_in_pages::follow(sign_in_pages::allow(&authorize).await?).await?;
        let account = running.line(|line| field(line, "signed_in", "/user/accounts/0/id")).await?;
        ensure!(running.ended().await?.success(), "the sign-in failed");
        Ok(account)
    }

    /// Starts a window and waits until it shows this, or changes no more.
    pub async fn window(
        &self,
        program: Program,
        home: &Path,
        awaited: Option<&Picture>,
    ) -> Result<Window> {
        let watch = Watch::begin(self.desktop.display(), awaited.cloned())?;
        let mut command = self.command(program.file());
        command.env("NAMEPLATE_HOME", home);
        let start = Instant::now();
        let mut running = self.start("window", command)?;
        running.drain();
        let (painted, picture) = watch.painted().await?;
        Ok(Window { running, time: painted - start, picture })
    }

    /// Closes a window by its cross and waits until its program has ended.
    pub async fn close(&self, mut window: Window) -> Result<()> {
        let pid = window.pid()?;
        for shown in self.display.windows()?.iter().filter(|shown| shown.pid == pid) {
            self.display.close(shown)?;
        }
        ensure!(window.running.ended().await?.success(), "the window failed");
        Ok(())
    }

    /// Starts the demo provider again, at the same address.
    pub async fn demo_again(&mut self) -> Result<()> {
        self.demo.restart(&self.folders, &self.env_vars).await
    }

    /// Replaces a keychain item that another program wrote.
    pub async fn replace_secret(&self, known: &[(&str, String)], secret: &str) -> Result<()> {
        let known: Vec<_> = known.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let found = self.keychain.search(&known).await?;
        let attributes =
            found.lines().filter_map(|line| line.strip_prefix("attribute.")?.split_once(" = "));
        let attributes: Vec<_> = attributes.filter(|(name, _)| !name.starts_with("xdg:")).collect();
        // secret-tool adds an attribute of its own, so that it would store a second item beside the first.
        let mut clear = self.command("secret-tool");
        clear.arg("clear").args(attributes.iter().flat_map(|(name, value)| [*name, *value]));
        self.run(clear).await?;
        self.keychain.store("Nameplate", &attributes, secret).await
    }

    /// Ends everything.
    pub async fn end(mut self) {
        self.demo.stop().await;
        self.keychain.stop().await;
        self.desktop.stop().await;
        process_reaper::end_all();
    }
}

/// A member of a line of JSON with this event.
pub fn field(line: &str, event: &str, pointer: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    (line["event"] == event).then_some(())?;
    Some(line.pointer(pointer)?.as_str()?.to_owned())
}
