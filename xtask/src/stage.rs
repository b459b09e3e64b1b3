//! A private desktop with real parts: display, bus, keychain, browser, demo provider, Nameplate.
//!
//! Nothing of the machine's own session is used or changed, and nothing is left when it ends. One stage at a time per
//! process, because the end of a stage is the end of all our descendants.

pub mod browser;
pub mod demo;
pub mod desktop;
pub mod devtools;
pub mod driver;
pub mod folders;
pub mod keychain;
pub mod leftovers;
pub mod opener;
pub mod peer;
pub mod running;
pub mod screen;
pub mod surroundings;
pub mod until;
pub mod window;

use crate::{http, project};
use anyhow::{Context, Result, ensure};
use browser::{Browser, Trusted};
use demo::Demo;
use desktop::Desktop;
use folders::Folders;
use keychain::Keychain;
use opener::Opener;
use peer::Peer;
use running::Running;
use screen::{Screen, Shown};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use surroundings::Surroundings;
use tokio::process::Command;
use tokio::sync::{Mutex, MutexGuard};
use until::until;
use url::Url;
use window::{Inspector, Window};

static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// What a stage has beside display, bus and browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cast {
    /// Keychain and demo provider.
    Usual,
    /// As usual, but the session has no Secret Service.
    NoKeychain,
    /// As usual, and the certified OpenID provider that is not ours.
    WithPeer,
}

/// See the module.
#[derive(Debug)]
pub struct Stage {
    // In the order in which they are dropped: who needs whom.
    started: Vec<Running>,
    browser: Option<Browser>,
    peer: Option<Peer>,
    demo: Demo,
    opener: Opener,
    keychain: Option<Keychain>,
    screen: Screen,
    inspector: Inspector,
    desktop: Desktop,
    surroundings: Surroundings,
    _sweep: Sweep,
    folders: Folders,
    _turn: MutexGuard<'static, ()>,
}

impl Stage {
    /// Sets it up; each part is ready when this returns.
    pub async fn open(cast: Cast) -> Result<Self> {
        let turn = ONE_AT_A_TIME.lock().await;
        leftovers::adopt_orphans();
        let sweep = Sweep;
        let folders = Folders::create()?;
        let mut surroundings = Surroundings::new(&folders);
        let inspector = Inspector::choose()?;
        inspector.announce(&mut surroundings);
        let desktop = Desktop::start(&folders, &mut surroundings).await?;
        let screen = Screen::connect(desktop.display())?;
        let keychain = match cast {
            Cast::NoKeychain => None,
            Cast::Usual | Cast::WithPeer => Some(Keychain::start(&folders, &surroundings).await?),
        };
        let opener = Opener::install(&folders)?;
        let demo = Demo::start(&folders, &surroundings).await?;
        let peer = match cast {
            Cast::WithPeer => Some(Peer::start(&folders, &surroundings).await?),
            Cast::Usual | Cast::NoKeychain => None,
        };
        let mut origins = vec![demo.base().to_owned(), demo.bounce().to_owned()];
        origins.extend(peer.iter().map(|peer| peer.base().to_owned()));
        let trusted = Trusted { origins, spki: demo.bounce_spki().to_owned() };
        let browser = Some(Browser::start(&folders, &surroundings, &trusted).await?);
        Ok(Self {
            started: Vec::new(),
            browser,
            peer,
            demo,
            opener,
            keychain,
            screen,
            inspector,
            desktop,
            surroundings,
            folders,
            _sweep: sweep,
            _turn: turn,
        })
    }

    /// A fresh home for Nameplate, set up for the demo provider.
    pub fn home(&self) -> Result<PathBuf> {
        let home = self.folders.path("nameplate");
        self.home_at(&home)?;
        Ok(home)
    }

    /// The same at a place of the caller's choice; what was there is removed.
    pub fn home_at(&self, home: &Path) -> Result<()> {
        if home.exists() {
            fs::remove_dir_all(home)?;
        }
        fs::create_dir_all(home)?;
        fs::set_permissions(home, Permissions::from_mode(0o700))?;
        self.configure(home, &self.demo.providers()?)
    }

    /// Replaces a home's `providers.toml`.
    pub fn configure(&self, home: &Path, providers: &str) -> Result<()> {
        let file = home.join("providers.toml");
        fs::write(&file, providers)?;
        Ok(fs::set_permissions(file, Permissions::from_mode(0o600))?)
    }

    /// Starts the window, as a person does from the menu; it runs until it is closed or the stage ends.
    pub fn start(&mut self, home: &Path) -> Result<()> {
        let mut started = self.start_another(home)?;
        started.drain();
        self.started.push(started);
        Ok(())
    }

    /// Starts the program once more and hands it to the caller, who wants to see how it ends.
    pub fn start_another(&self, home: &Path) -> Result<Running> {
        self.start_with(home, &[])
    }

    /// The same with arguments, as the desktop starts it for a link.
    pub fn start_with(&self, home: &Path, arguments: &[&str]) -> Result<Running> {
        let mut command = self.window_command(home);
        command.args(arguments);
        Running::start("nameplate", command, &self.folders.logs())
    }

    fn window_command(&self, home: &Path) -> Command {
        let mut command = self.surroundings.command(project::program("nameplate-desktop"));
        command.env("NAMEPLATE_HOME", home);
        command
    }

    /// The command line at the same home.
    pub fn command_line(&self, home: &Path) -> Command {
        let mut command = self.surroundings.command(project::program("nameplate"));
        command.arg("--home").arg(home).arg("--json");
        command
    }

    /// Looks into the window that runs now, whoever started it.
    pub async fn window(&self) -> Result<Window> {
        Window::attach(&self.inspector, &self.folders, &self.surroundings).await
    }

    /// Nameplate's windows on the display.
    pub fn nameplate_windows(&self) -> Result<Vec<Shown>> {
        let ours = fs::canonicalize(project::program("nameplate-desktop"))?;
        let mut windows = self.screen.windows()?;
        windows.retain(|window| {
            fs::read_link(format!("/proc/{}/exe", window.pid)).is_ok_and(|exe| exe == ours)
        });
        Ok(windows)
    }

    /// Takes the keys away from Nameplate, as when a person looks at something else.
    pub fn focus_leaves_nameplate(&self) -> Result<()> {
        self.screen.take_focus_away()
    }

    /// Waits until Nameplate has the keys.
    pub async fn focus_reaches_nameplate(&self) -> Result<()> {
        until("Nameplate did not come to the front", async || {
            let (ours, focused) = (self.nameplate_windows()?, self.screen.focused()?);
            Ok(focused.filter(|focused| ours.contains(focused)))
        })
        .await
        .map(drop)
    }

    /// The schemes of all links that programs had opened so far, in order.
    pub fn opened(&self) -> Result<Vec<String>> {
        let log = self.folders.logs().join("opened.log");
        let text = if log.exists() { fs::read_to_string(log)? } else { String::new() };
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Closes Nameplate's window by its cross and waits until the program has ended.
    pub fn quit(&self) -> Result<()> {
        let windows = self.nameplate_windows()?;
        ensure!(!windows.is_empty(), "Nameplate shows no window");
        for window in &windows {
            self.screen.close(window)?;
        }
        for window in windows {
            ensure!(
                leftovers::ended(window.pid),
                "Nameplate did not end after its window was closed"
            );
        }
        Ok(())
    }

    /// The browser opens the next web link that a program asks for; returns the link, or where a
    /// start link of Nameplate's has led.
    pub async fn follow(&mut self) -> Result<String> {
        let link = self.opener.next().await?;
        self.browser()?.open(&link).await?;
        if is_start_link(&link) {
            return Ok(self.browser()?.page().client().current_url().await?.into());
        }
        Ok(link)
    }

    /// The next web link that a program asks for, or where a start link of Nameplate's leads, without
    /// opening it in the browser.
    pub async fn link(&mut self) -> Result<String> {
        let link = self.opener.next().await?;
        if is_start_link(&link) { http::location(&link).await } else { Ok(link) }
    }

    /// The person's browser.
    pub fn browser(&self) -> Result<&Browser> {
        self.browser.as_ref().context("the browser is closed")
    }

    /// The demo provider.
    pub fn demo(&self) -> &Demo {
        &self.demo
    }

    /// Puts logs and pictures of what there is to see now into a folder, as far as that goes.
    pub async fn evidence(&self, folder: &Path) {
        let _ = fs::create_dir_all(folder);
        for log in fs::read_dir(self.folders.logs()).into_iter().flatten().flatten() {
            let _ = fs::copy(log.path(), folder.join(log.file_name()));
        }
        if let Ok(browser) = self.browser() {
            let _ = browser.screenshot(&folder.join("browser.png")).await;
        }
        let mut import = self.surroundings.command("import");
        let _ = import.args(["-window", "root"]).arg(folder.join("screen.png")).status().await;
        eprintln!("logs and pictures are in {}", folder.display());
    }

    /// Pulls the cable: the demo provider is gone.
    pub async fn unplug(&mut self) {
        self.demo.stop().await;
    }

    /// Plugs it in again, at the same address.
    pub async fn plug_in(&mut self) -> Result<()> {
        self.demo.restart(&self.folders, &self.surroundings).await
    }

    /// The OpenID provider that is not ours.
    pub fn peer(&self) -> Result<&Peer> {
        self.peer.as_ref().context("this stage has no peer")
    }

    /// The keychain.
    pub fn keychain(&self) -> Result<&Keychain> {
        self.keychain.as_ref().context("this stage has no keychain")
    }

    /// The display.
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// The environment, for commands of the caller's own.
    pub fn surroundings(&mut self) -> &mut Surroundings {
        &mut self.surroundings
    }

    /// The folders.
    pub fn folders(&self) -> &Folders {
        &self.folders
    }

    /// Ends everything in good order; returns the names of processes that nobody else had ended.
    pub async fn close(mut self) -> Vec<String> {
        if let Some(browser) = self.browser.take() {
            browser.stop().await;
        }
        if let Some(mut peer) = self.peer.take() {
            peer.stop().await;
        }
        self.demo.stop().await;
        if let Some(mut keychain) = self.keychain.take() {
            keychain.stop().await;
        }
        self.desktop.stop().await;
        leftovers::end_all()
    }
}

/// Whether a link is one that leads to an authorization request, once.
fn is_start_link(link: &str) -> bool {
    Url::parse(link).is_ok_and(|link| link.path().starts_with("/start/"))
}

/// Ends what is left, also when a test panics half-way.
#[derive(Debug)]
struct Sweep;

impl Drop for Sweep {
    fn drop(&mut self) {
        leftovers::end_all();
    }
}
