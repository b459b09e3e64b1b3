//! What most tests begin with: a stage, a window on it, somebody who signs in.

use anyhow::{Context, Result, ensure};
use std::path::PathBuf;
use url::Url;
use xtask::project;
use xtask::stage::window::Window;
use xtask::stage::{Cast, Stage};

/// The person who has everything, and what the window calls her.
pub const PERSON: &str = "haneul";
pub const NICKNAME: &str = "하늘";

/// Plays a scene; when it fails, logs and pictures of the moment are kept under `target/e2e`.
pub async fn play(
    name: &str,
    cast: Cast,
    scene: impl AsyncFnOnce(&mut Stage) -> Result<()>,
) -> Result<()> {
    let mut stage = Stage::open(cast).await?;
    let outcome = scene(&mut stage).await;
    if outcome.is_err() {
        stage.evidence(&project::target().join("e2e").join(name)).await;
    }
    stage.close().await;
    outcome
}

/// A running Nameplate.
pub struct App {
    pub home: PathBuf,
    pub window: Window,
}

impl App {
    /// Starts at a fresh home; the first page is there when this returns.
    pub async fn fresh(stage: &mut Stage) -> Result<Self> {
        let app = {
            let home = stage.home()?;
            Self::at(stage, home).await?
        };
        app.window.screen("welcome").await?;
        Ok(app)
    }

    /// Starts at this home.
    pub async fn at(stage: &mut Stage, home: PathBuf) -> Result<Self> {
        stage.start(&home)?;
        Ok(Self { home, window: stage.window().await? })
    }

    /// Closes the window and waits for the end; the home is left.
    pub async fn quit(self, stage: &Stage) -> Result<PathBuf> {
        self.window.detach().await;
        stage.quit()?;
        Ok(self.home)
    }

    /// Presses a provider's button; the browser has its page open when this returns.
    pub async fn begin(&self, stage: &mut Stage, provider: &str) -> Result<Asked> {
        self.window.page().click(&format!("button[data-provider={provider}]")).await?;
        Asked::parse(&stage.follow().await?)
    }

    /// The whole way to the profile.
    pub async fn sign_in(&self, stage: &mut Stage, provider: &str) -> Result<Asked> {
        let asked = self.begin(stage, provider).await?;
        stage.browser()?.answer(PERSON, "allow").await?;
        self.sees(NICKNAME).await?;
        Ok(asked)
    }

    /// Waits until the profile shows this nickname.
    pub async fn sees(&self, nickname: &str) -> Result<()> {
        self.window.screen("profile").await?;
        let shown = self.window.nickname().await?;
        ensure!(shown == nickname, "the window shows {shown:?}, not {nickname:?}");
        Ok(())
    }

    /// Waits for a problem with this code.
    pub async fn complains(&self, code: &str) -> Result<()> {
        self.window
            .page()
            .shown(&format!("[data-testid=problem][data-code={code}]"))
            .await
            .map(drop)
    }
}

/// An authorize URL, taken apart.
#[derive(Debug)]
pub struct Asked {
    pub redirect: Url,
}

impl Asked {
    pub fn parse(link: &str) -> Result<Self> {
        let asked = Url::parse(link)?;
        let redirect = asked
            .query_pairs()
            .find(|(name, _)| name == "redirect_uri")
            .context("no redirect_uri")?
            .1;
        Ok(Self { redirect: Url::parse(&redirect)? })
    }

    /// The port that the answer comes back to.
    pub fn port(&self) -> Result<u16> {
        self.redirect.port().context("the answer comes back to no port")
    }
}

/// What the command line says of the accounts at a home: each `provider:state`.
pub async fn accounts(stage: &Stage, home: &std::path::Path) -> Result<Vec<String>> {
    let output = stage.command_line(home).arg("accounts").output().await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let users = said.get("users").and_then(|users| users.as_array()).context("no users")?;
    let accounts = users.iter().filter_map(|user| user.get("accounts")?.as_array()).flatten();
    let word =
        |account: &serde_json::Value, name: &str| Some(account.get(name)?.as_str()?.to_owned());
    Ok(accounts
        .filter_map(|a| Some(format!("{}:{}", word(a, "provider")?, word(a, "state")?)))
        .collect())
}
