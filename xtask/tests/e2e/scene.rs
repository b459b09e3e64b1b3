//! What most tests begin with: a stage, a window on it, somebody who signs in.

use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use url::Url;
use xtask::picture::Colour;
use xtask::project;
use xtask::stage::until::until;
use xtask::stage::window::Window;
use xtask::stage::{Cast, Stage};

/// The person who has everything, and what the window calls her.
pub const PERSON: &str = "haneul";
pub const NICKNAME: &str = "하늘";

/// Somebody else.
pub const OTHER: &str = "no-avatar";
pub const OTHERS_NICKNAME: &str = "Mira Novak";

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

    /// The same for a person who is not here yet, beside those who are.
    pub async fn sign_in_beside(
        &self,
        stage: &mut Stage,
        provider: &str,
        person: &str,
    ) -> Result<()> {
        self.click("[data-testid=people]").await?;
        self.click("[data-testid=add-person]").await?;
        self.begin(stage, provider).await?;
        stage.browser()?.answer(person, "allow").await
    }

    /// Gives the person shown one more account, where they are `person`.
    pub async fn add_account(&self, stage: &mut Stage, provider: &str, person: &str) -> Result<()> {
        self.click("[data-testid=add-account]").await?;
        self.click(&format!("[data-testid=add-account-{provider}]")).await?;
        stage.follow().await?;
        stage.browser()?.answer(person, "allow").await
    }

    /// Chooses one of the people who are here.
    pub async fn show(&self, user: &str) -> Result<()> {
        self.click("[data-testid=people]").await?;
        self.click(&format!("[data-testid=person][data-user='{user}']")).await
    }

    /// Chooses what stands behind "More" of an account.
    pub async fn choose(&self, what: &str, account: &str) -> Result<()> {
        let more = format!("[data-testid=more][data-account='{account}']");
        if self.window.page().attribute(&more, "aria-expanded").await?.as_deref() != Some("true") {
            self.click(&more).await?;
        }
        self.click(&format!("[data-testid={what}][data-account='{account}']")).await
    }

    /// Clicks as soon as it is there.
    pub async fn click(&self, selector: &str) -> Result<()> {
        self.window.page().click(selector).await
    }

    /// Waits until something is not there any more.
    pub async fn loses(&self, selector: &str) -> Result<()> {
        until(&format!("{selector} is still there"), async || {
            Ok((!self.window.page().has(selector).await?).then_some(()))
        })
        .await
    }

    /// Waits until the profile shows this nickname.
    pub async fn sees(&self, nickname: &str) -> Result<()> {
        self.window.screen("profile").await?;
        let named =
            until("", async || Ok((self.window.nickname().await? == nickname).then_some(())));
        if named.await.is_err() {
            bail!("the window shows {:?}, not {nickname:?}", self.window.nickname().await);
        }
        Ok(())
    }

    /// Waits until the avatar is painted in this colour: a picture comes after its sign-in.
    pub async fn paints(&self, colour: Colour) -> Result<()> {
        let painted = until("", async || {
            Ok(self.window.avatar().await?.filter(|shown| shown.looks_like(colour)))
        });
        if painted.await.is_err() {
            bail!("the avatar shows {:?}, not {colour:?}", self.window.avatar().await);
        }
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
