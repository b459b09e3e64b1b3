//! The environment of the end-to-end tests: a private display, session bus, keychain, browser and demo provider, and
//! Nameplate started in it.
//!
//! The user's own session is neither used nor changed, and no process or file is left at the end. One environment at a time per
//! process, because closing it ends every descendant of the process.

pub mod accessibility;
pub mod browser;
pub mod child_process;
pub mod demo_provider;
pub mod desktop;
pub mod devtools;
pub mod display;
pub mod env_vars;
pub mod folders;
pub mod https;
pub mod keychain;
pub mod oidc_peer;
pub mod page;
pub mod pds;
pub mod process_reaper;
mod programs;
pub mod tray;
pub mod until;
pub mod window;
pub mod xdg_open;

use crate::http;
use anyhow::{Context, Result};
use browser::{Browser, Trusted};
use child_process::ChildProcess;
use demo_provider::DemoProvider;
use desktop::Desktop;
use display::Display;
use env_vars::EnvVars;
use folders::Folders;
use https::Https;
use keychain::Keychain;
use oidc_peer::OidcPeer;
use pds::Pds;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tokio::sync::{Mutex, MutexGuard};
use url::Url;
use window::{Inspector, Window};
use xdg_open::XdgOpen;

static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// The services of an environment beside display, bus and browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Services {
    /// Keychain and demo provider.
    Standard,
    /// The demo provider; the session bus has no Secret Service.
    WithoutKeychain,
    /// Keychain, demo provider, and the certified OpenID provider of npm.
    WithOidcPeer,
    /// Keychain, demo provider, and Bluesky's own server software.
    WithPds,
    /// Keychain, and the demo provider by https as well, for an installed package.
    ForPackage,
}

/// A running environment.
#[derive(Debug)]
pub struct Environment {
    // Dropped in this order: each field before those that it depends on.
    started: Vec<ChildProcess>,
    browser: Option<Browser>,
    peer: Option<OidcPeer>,
    pds: Option<Pds>,
    https: Option<Https>,
    demo: DemoProvider,
    xdg_open: XdgOpen,
    keychain: Option<Keychain>,
    display: Display,
    inspector: Inspector,
    desktop: Desktop,
    env_vars: EnvVars,
    _reaper: ReapOnDrop,
    folders: Folders,
    _lock: MutexGuard<'static, ()>,
}

impl Environment {
    /// Starts every service and waits until each is ready.
    pub async fn open(services: Services) -> Result<Self> {
        let lock = ONE_AT_A_TIME.lock().await;
        process_reaper::adopt_orphans();
        let reaper = ReapOnDrop;
        let folders = Folders::create()?;
        let mut env_vars = EnvVars::new(&folders);
        let inspector = Inspector::choose()?;
        inspector.announce(&mut env_vars);
        let desktop = Desktop::start(&folders, &mut env_vars).await?;
        let display = Display::connect(desktop.display())?;
        let keychain = match services {
            Services::WithoutKeychain => None,
            Services::Standard
            | Services::WithOidcPeer
            | Services::WithPds
            | Services::ForPackage => Some(Keychain::start(&folders, &env_vars).await?),
        };
        let xdg_open = XdgOpen::install(&folders)?;
        let demo = DemoProvider::start(&folders, &env_vars).await?;
        let peer = match services {
            Services::WithOidcPeer => Some(OidcPeer::start(&folders, &env_vars).await?),
            Services::Standard
            | Services::WithoutKeychain
            | Services::WithPds
            | Services::ForPackage => None,
        };
        let https = match services {
            Services::ForPackage => Some(Https::start(&folders, &mut env_vars, &demo).await?),
            Services::Standard
            | Services::WithoutKeychain
            | Services::WithOidcPeer
            | Services::WithPds => None,
        };
        let mut origins = vec![demo.base().to_owned(), demo.https_redirect().to_owned()];
        origins.extend(https.iter().map(|https| https.base().to_owned()));
        origins.extend(peer.iter().map(|peer| peer.base().to_owned()));
        let trusted = Trusted { origins, spki: demo.https_redirect_spki().to_owned() };
        let browser = Some(Browser::start(&folders, &env_vars, &trusted).await?);
        // Its variables are for programs, and not for the browser.
        let pds = match services {
            Services::WithPds => Some(Pds::start(&folders, &mut env_vars).await?),
            Services::Standard
            | Services::WithoutKeychain
            | Services::WithOidcPeer
            | Services::ForPackage => None,
        };
        Ok(Self {
            started: Vec::new(),
            browser,
            peer,
            pds,
            https,
            demo,
            xdg_open,
            keychain,
            display,
            inspector,
            desktop,
            env_vars,
            folders,
            _reaper: reaper,
            _lock: lock,
        })
    }

    /// An empty home for Nameplate with the `providers.toml` of the demo provider.
    pub fn home(&self) -> Result<PathBuf> {
        let home = self.folders.path("nameplate");
        self.home_at(&home)?;
        Ok(home)
    }

    /// The same at a given path, whose content is deleted.
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

    /// Attaches WebDriver to the window that runs now.
    pub async fn window(&self) -> Result<Window> {
        Window::attach(&self.inspector, &self.folders, &self.env_vars).await
    }

    /// The schemes of all links that programs opened with `xdg-open` so far, in order.
    pub fn opened(&self) -> Result<Vec<String>> {
        let log = self.folders.logs().join("opened.log");
        let text = if log.exists() { fs::read_to_string(log)? } else { String::new() };
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Opens the next web link that a program passes to `xdg-open` in the browser. Returns the link, or, for a start link
    /// of Nameplate, the address that it redirects to.
    pub async fn open_next_link(&mut self) -> Result<String> {
        let link = self.xdg_open.next().await?;
        self.browser()?.open(&link).await?;
        if is_start_link(&link) {
            return Ok(self.browser()?.page().client().current_url().await?.into());
        }
        Ok(link)
    }

    /// The same without the browser.
    pub async fn next_link(&mut self) -> Result<String> {
        let link = self.xdg_open.next().await?;
        if is_start_link(&link) { http::location(&link).await } else { Ok(link) }
    }

    /// The browser.
    pub fn browser(&self) -> Result<&Browser> {
        self.browser.as_ref().context("the browser is closed")
    }

    /// The demo provider.
    pub fn demo(&self) -> &DemoProvider {
        &self.demo
    }

    /// Copies the logs and screenshots of the current moment into a folder. Errors are ignored.
    pub async fn save_diagnostics(&self, folder: &Path) {
        let _ = fs::create_dir_all(folder);
        for log in fs::read_dir(self.folders.logs()).into_iter().flatten().flatten() {
            let _ = fs::copy(log.path(), folder.join(log.file_name()));
        }
        if let Ok(browser) = self.browser() {
            let _ = browser.screenshot(&folder.join("browser.png")).await;
        }
        let mut import = self.env_vars.command("import");
        let _ = import.args(["-window", "root"]).arg(folder.join("screen.png")).status().await;
        eprintln!("logs and pictures are in {}", folder.display());
    }

    /// Stops the demo provider and Bluesky's server, as when there is no network.
    pub async fn disconnect_network(&mut self) {
        self.demo.stop().await;
        if let Some(pds) = &mut self.pds {
            pds.stop().await;
        }
    }

    /// Starts both again at the same addresses.
    pub async fn reconnect_network(&mut self) -> Result<()> {
        self.demo.restart(&self.folders, &self.env_vars).await?;
        match &mut self.pds {
            Some(pds) => pds.restart(&self.folders, &self.env_vars).await,
            None => Ok(()),
        }
    }

    /// The certified OpenID provider.
    pub fn peer(&self) -> Result<&OidcPeer> {
        self.peer.as_ref().context("this environment has no OpenID peer")
    }

    /// Bluesky's own server.
    pub fn pds(&self) -> Result<&Pds> {
        self.pds.as_ref().context("this environment has no server of Bluesky")
    }

    /// The demo provider's address by https.
    pub fn https(&self) -> Result<&str> {
        self.https.as_ref().map(Https::base).context("this environment has no https")
    }

    /// The keychain.
    pub fn keychain(&self) -> Result<&Keychain> {
        self.keychain.as_ref().context("this environment has no keychain")
    }

    /// The display.
    pub fn display(&self) -> &Display {
        &self.display
    }

    /// The environment variables, for further commands.
    pub fn env_vars(&mut self) -> &mut EnvVars {
        &mut self.env_vars
    }

    /// The folders.
    pub fn folders(&self) -> &Folders {
        &self.folders
    }

    /// Stops every service. Returns the names of processes that were still running afterwards and had to be killed.
    pub async fn close(mut self) -> Vec<String> {
        if let Some(browser) = self.browser.take() {
            browser.stop().await;
        }
        if let Some(mut peer) = self.peer.take() {
            peer.stop().await;
        }
        if let Some(mut pds) = self.pds.take() {
            pds.stop().await;
        }
        if let Some(mut https) = self.https.take() {
            https.stop().await;
        }
        self.demo.stop().await;
        if let Some(mut keychain) = self.keychain.take() {
            keychain.stop().await;
        }
        self.desktop.stop().await;
        process_reaper::end_all()
    }
}

/// Whether a link is a start link, which redirects once to the authorization request.
fn is_start_link(link: &str) -> bool {
    Url::parse(link).is_ok_and(|link| link.path().starts_with("/start/"))
}

/// Kills the remaining processes on drop, also when a test panics.
#[derive(Debug)]
struct ReapOnDrop;

impl Drop for ReapOnDrop {
    fn drop(&mut self) {
        process_reaper::end_all();
    }
}
