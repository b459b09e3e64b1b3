//! Screenshots of a run: each state of window and browser, under `target/demo`.

use crate::environment::Environment;
use crate::environment::browser::Browser;
use crate::environment::window::Window;
use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};

/// The provider that is shown in both languages and themes.
const MODEL: &str = "discord";

/// The folder of the screenshots.
#[derive(Debug)]
pub struct Gallery {
    folder: PathBuf,
}

impl Gallery {
    /// Creates the folder and deletes earlier screenshots.
    pub fn create(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "png") {
                fs::remove_file(path)?;
            }
        }
        Ok(Self { folder: folder.to_owned() })
    }

    /// The welcome screen.
    pub async fn welcome(&self, window: &Window, provider: &str) -> Result<()> {
        self.window(window, &format!("{provider}-welcome")).await?;
        if provider == MODEL { self.every_look(window, "welcome").await } else { Ok(()) }
    }

    /// The profile.
    pub async fn profile(&self, window: &Window, provider: &str) -> Result<()> {
        self.window(window, &format!("{provider}-profile")).await?;
        if provider == MODEL { self.every_look(window, "profile").await } else { Ok(()) }
    }

    /// The window as it is.
    pub async fn window(&self, window: &Window, name: &str) -> Result<()> {
        window.screenshot(&self.file(name)).await
    }

    /// A page in the browser.
    pub async fn page(&self, browser: &Browser, name: &str) -> Result<()> {
        browser.screenshot(&self.file(name)).await
    }

    /// Logs and screenshots of a failure.
    pub async fn failure(&self, env: &Environment, provider: &str) {
        env.save_diagnostics(&self.folder.join(format!("failed-{provider}"))).await;
    }

    /// Both languages in both themes, by the settings.
    async fn every_look(&self, window: &Window, name: &str) -> Result<()> {
        for language in ["ko", "en"] {
            for theme in ["dark", "light"] {
                self.choose(window, language, theme).await?;
                self.window(window, &format!("{name}-{language}-{theme}")).await?;
            }
        }
        self.choose(window, "system", "system").await
    }

    async fn choose(&self, window: &Window, language: &str, theme: &str) -> Result<()> {
        let page = window.page();
        page.click("[data-testid=open-settings]").await?;
        page.click(&format!("[data-testid=language-{language}]")).await?;
        page.click(&format!("[data-testid=theme-{theme}]")).await?;
        if theme != "system" {
            page.shown(&format!("html[lang={language}][data-theme={theme}]")).await?;
            self.window(window, &format!("settings-{language}-{theme}")).await?;
        }
        page.click("[data-testid=back]").await
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.png"))
    }
}
