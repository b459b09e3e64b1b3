//! An environment with a running Nameplate, and the steps that tests share.

use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use url::Url;
use xtask::colour::Colour;
use xtask::environment::until::until;
use xtask::environment::window::Window;
use xtask::environment::{Environment, Services};
use xtask::project;

/// The demo user with a complete profile, and the nickname.
pub const USER: &str = "haneul";
pub const NICKNAME: &str = "하늘";

/// Another demo user.
pub const OTHER_USER: &str = "no-avatar";
pub const OTHER_NICKNAME: &str = "Mira Novak";

/// Runs a test in a new environment. After a failure, logs and screenshots are in `target/e2e/NAME`.
pub async fn run(
    name: &str,
    services: Services,
    test: impl AsyncFnOnce(&mut Environment) -> Result<()>,
) -> Result<()> {
    let mut env = Environment::open(services).await?;
    let outcome = test(&mut env).await;
    if outcome.is_err() {
        env.save_diagnostics(&project::target().join("e2e").join(name)).await;
    }
    env.close().await;
    outcome
}

/// A running Nameplate.
pub struct App {
    pub home: PathBuf,
    pub window: Window,
}

impl App {
    /// Starts at an empty home and waits for the welcome screen.
    pub async fn fresh(env: &mut Environment) -> Result<Self> {
        let app = {
            let home = env.home()?;
            Self::at(env, home).await?
        };
        app.window.screen("welcome").await?;
        Ok(app)
    }

    /// Starts at a given home.
    pub async fn at(env: &mut Environment, home: PathBuf) -> Result<Self> {
        env.start(&home)?;
        Ok(Self { home, window: env.window().await? })
    }

    /// Closes the window and waits for the process; returns the home.
    pub async fn quit(self, env: &Environment) -> Result<PathBuf> {
        self.window.detach().await;
        env.quit()?;
        Ok(self.home)
    }

    /// Clicks a provider's button and opens the authorization request in the browser.
    pub async fn begin(&self, env: &mut Environment, provider: &str) -> Result<SentRequest> {
        self.window.page().click(&format!("button[data-provider={provider}]")).await?;
        SentRequest::parse(&env.open_next_link().await?)
    }

    /// The same by the deep link, which is the alternative to a loopback port.
    pub async fn begin_by_deep_link(
        &self,
        env: &mut Environment,
        provider: &str,
    ) -> Result<SentRequest> {
        self.begin(env, provider).await?;
        self.change_method("deep_link").await?;
        SentRequest::parse(&env.open_next_link().await?)
    }

    /// Signs in and waits for the profile.
    pub async fn sign_in(&self, env: &mut Environment, provider: &str) -> Result<SentRequest> {
        let request = self.begin(env, provider).await?;
        env.browser()?.answer(USER, "allow").await?;
        self.sees(NICKNAME).await?;
        Ok(request)
    }

    /// Signs in as an additional user.
    pub async fn sign_in_beside(
        &self,
        env: &mut Environment,
        provider: &str,
        user: &str,
    ) -> Result<()> {
        self.click("[data-testid=people]").await?;
        self.click("[data-testid=add-person]").await?;
        self.begin(env, provider).await?;
        env.browser()?.answer(user, "allow").await
    }

    /// Adds an account to the displayed user; `user` signs in at the provider.
    pub async fn add_account(
        &self,
        env: &mut Environment,
        provider: &str,
        user: &str,
    ) -> Result<()> {
        self.click("[data-testid=add-account]").await?;
        self.click(&format!("[data-testid=add-account-{provider}]")).await?;
        env.open_next_link().await?;
        env.browser()?.answer(user, "allow").await
    }

    /// Selects a user by id.
    pub async fn show(&self, user: &str) -> Result<()> {
        self.click("[data-testid=people]").await?;
        self.click(&format!("[data-testid=person][data-user='{user}']")).await
    }

    /// Clicks an action in the "More" menu of an account.
    pub async fn choose(&self, what: &str, account: &str) -> Result<()> {
        let more = format!("[data-testid=more][data-account='{account}']");
        if self.window.page().attribute(&more, "aria-expanded").await?.as_deref() != Some("true") {
            self.click(&more).await?;
        }
        self.click(&format!("[data-testid={what}][data-account='{account}']")).await
    }

    /// Opens "Trouble signing in?".
    pub async fn help(&self) -> Result<()> {
        self.click("[data-testid=trouble] summary").await
    }

    /// Signs in another way instead.
    pub async fn change_method(&self, method: &str) -> Result<()> {
        self.help().await?;
        self.click(&format!("[data-testid=method-{method}]")).await?;
        self.click("[data-testid=change-method]").await
    }

    /// Waits for an element and clicks it.
    pub async fn click(&self, selector: &str) -> Result<()> {
        self.window.page().click(selector).await
    }

    /// Waits until no element matches.
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

    /// Waits until the avatar has this colour; a picture may arrive after the sign-in.
    pub async fn paints(&self, colour: Colour) -> Result<()> {
        let painted = until("", async || {
            Ok(self.window.avatar().await?.filter(|shown| shown.looks_like(colour)))
        });
        if painted.await.is_err() {
            bail!("the avatar shows {:?}, not {colour:?}", self.window.avatar().await);
        }
        Ok(())
    }

    /// Waits for a displayed problem with this code.
    pub async fn complains(&self, code: &str) -> Result<()> {
        self.window
            .page()
            .shown(&format!("[data-testid=problem][data-code={code}]"))
            .await
            .map(drop)
    }
}

/// The redirect URI of an authorization request.
#[derive(Debug)]
pub struct SentRequest {
    pub redirect: Url,
}

impl SentRequest {
    pub fn parse(link: &str) -> Result<Self> {
        let request = Url::parse(link)?;
        let redirect = request
            .query_pairs()
            .find(|(name, _)| name == "redirect_uri")
            .context("no redirect_uri")?
            .1;
        Ok(Self { redirect: Url::parse(&redirect)? })
    }

    /// The port of the redirect URI.
    pub fn port(&self) -> Result<u16> {
        self.redirect.port().context("the redirect URI has no port")
    }
}
