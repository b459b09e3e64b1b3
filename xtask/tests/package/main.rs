//! The installed package: started from its menu entry, signed in by the deep link that its handler receives, upgraded
//! and removed. `cargo xtask package --check` builds the packages and runs it as root.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask::environment::until::until;
use xtask::environment::window::Window;
use xtask::environment::{Environment, Services};

const ENTRY: &str = "/usr/share/applications/app.nameplate.desktop.desktop";
const HANDLER: &str = "x-scheme-handler/app.nameplate.desktop";
const PERSON: &str = "haneul";
const NICKNAME: &str = "하늘";

/// From a menu entry to a token and away again: what is installed works without a home of its own.
#[tokio::test]
async fn the_package_is_installed_upgraded_and_removed() -> Result<()> {
    let [deb, older] = ["NAMEPLATE_DEB", "NAMEPLATE_OLDER_DEB"].map(package);
    let (deb, older) = (deb?, older?);
    ensure!(!Path::new(ENTRY).exists(), "Nameplate is installed on this machine already");
    let installed = Installed;
    dpkg(&["--install"], Some(&older))?;
    let mut environment = Environment::open(Services::ForPackage).await?;
    let outcome = steps(&mut environment, &deb).await;
    if outcome.is_err() {
        environment
            .save_diagnostics(&xtask::project::target().join("package-check/evidence"))
            .await;
    }
    let data = environment.folders().path("data/applications");
    drop(installed);
    let left = removed(&mut environment, &data).await;
    environment.close().await;
    outcome.and(left)
}

async fn steps(environment: &mut Environment, deb: &Path) -> Result<()> {
    configure(environment)?;
    ensure!(
        handler(environment).await?.contains("app.nameplate.desktop"),
        "the handler is not the package's"
    );

    let window = start(environment).await?;
    window.screen("welcome").await?;
    the_demo_is_tried(environment, &window).await?;
    it_starts_at_login(environment, &window).await?;
    window.page().click("button[data-provider=github]").await?;
    let link = environment.open_next_link().await?;
    ensure!(link.contains("app.nameplate.desktop%3A%2Fcallback"), "not by a deep link: {link}");
    environment.browser()?.answer(PERSON, "allow").await?;
    window.screen("profile").await?;
    ensure!(window.nickname().await? == NICKNAME, "{:?}", window.nickname().await);
    ensure!(
        environment.opened()?.contains(&"app.nameplate.desktop".to_owned()),
        "{:?}",
        environment.opened()?
    );
    ensure!(
        fs::read_dir(environment.folders().path("data/applications"))?.next().is_none(),
        "an entry of the user shadows that of the package"
    );
    let token = nameplate(environment, &["token", "github"]).await?;
    ensure!(token["access_token"].is_string(), "no token");
    window.detach().await;
    environment.quit()?;

    dpkg(&["--install"], Some(deb))?;
    let version =
        environment.env_vars().command("/usr/bin/nameplate").arg("--version").output().await?;
    ensure!(String::from_utf8_lossy(&version.stdout).contains(env!("CARGO_PKG_VERSION")));
    let window = start(environment).await?;
    window.screen("profile").await?;
    ensure!(window.nickname().await? == NICKNAME, "the profile did not survive the upgrade");
    ensure!(
        nameplate(environment, &["token", "github"]).await? == token,
        "the session did not survive"
    );
    let demo = environment
        .env_vars()
        .command("/usr/lib/nameplate/demo-provider")
        .arg("--version")
        .output()
        .await?;
    ensure!(demo.status.success(), "the demo provider is not in the package");
    window.detach().await;
    environment.quit()
}

/// The demo provider of the package is at http, which an installed program accepts from no other provider.
async fn the_demo_is_tried(environment: &mut Environment, window: &Window) -> Result<()> {
    window.page().click("[data-testid=try-demo]").await?;
    environment.open_next_link().await?;
    environment.browser()?.answer(PERSON, "allow").await?;
    window.screen("profile").await?;
    window.page().shown("[data-testid=demo-badge]").await?;
    let token = nameplate(environment, &["token", "demo"]).await?;
    ensure!(token["access_token"].is_string(), "no token of the demo");
    window.page().click("[data-testid=sign-out]").await?;
    window.page().click("[data-testid=sign-out-confirm]").await?;
    window.screen("welcome").await
}

/// An entry of the user's own, for as long as it is asked for.
async fn it_starts_at_login(environment: &Environment, window: &Window) -> Result<()> {
    let entry = environment.folders().path("config/autostart/app.nameplate.desktop.desktop");
    window.page().click("[data-testid=open-settings]").await?;
    for wanted in [true, false] {
        window.page().click("[data-testid=start_at_login]").await?;
        until("the entry does not follow the setting", async || {
            Ok((entry.exists() == wanted).then_some(()))
        })
        .await?;
        if wanted {
            let text = fs::read_to_string(&entry)?;
            ensure!(text.contains("Exec=/usr/bin/nameplate-desktop --background"), "{text}");
        }
    }
    window.page().click("[data-testid=back]").await?;
    window.screen("welcome").await
}

/// Nothing of the package is left, and no link opens it.
async fn removed(environment: &mut Environment, applications: &Path) -> Result<()> {
    for place in [ENTRY, "/usr/bin/nameplate", "/usr/bin/nameplate-desktop", "/usr/lib/nameplate"] {
        ensure!(!Path::new(place).exists(), "{place} is still there");
    }
    ensure!(handler(environment).await?.is_empty(), "a handler is left");
    ensure!(fs::read_dir(applications)?.next().is_none(), "an entry of the user is left");
    Ok(())
}

/// Starts the window as the menu does.
async fn start(environment: &mut Environment) -> Result<Window> {
    let launched = environment.env_vars().command("gio").args(["launch", ENTRY]).status().await?;
    ensure!(launched.success(), "the menu entry does not start");
    environment.window().await
}

/// GitHub alone, by the deep link, at the demo provider behind https: an installed program accepts nothing else.
fn configure(environment: &Environment) -> Result<()> {
    let all =
        environment.demo().providers()?.replace(environment.demo().base(), environment.https()?);
    let table =
        all.split("\n[").find(|table| table.starts_with("github]")).context("no [github]")?;
    let folder = environment.folders().path("config/app.nameplate.desktop");
    fs::create_dir_all(&folder)?;
    Ok(fs::write(
        folder.join("providers.toml"),
        format!("[{}\nmethod = \"deep-link\"\n", table.trim_end()),
    )?)
}

async fn nameplate(environment: &mut Environment, arguments: &[&str]) -> Result<Value> {
    let mut command = environment.env_vars().command("/usr/bin/nameplate");
    let output = command.arg("--json").args(arguments).output().await?;
    ensure!(output.status.success(), "{arguments:?}: {}", output.status);
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The entry that opens our links, or nothing.
async fn handler(environment: &mut Environment) -> Result<String> {
    let mut query = environment.env_vars().command("xdg-mime");
    let output = query.args(["query", "default", HANDLER]).output().await?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn package(variable: &str) -> Result<PathBuf> {
    let package = std::env::var_os(variable);
    package
        .map(PathBuf::from)
        .with_context(|| format!("{variable}: run `cargo xtask package --check`"))
}

fn dpkg(arguments: &[&str], package: Option<&Path>) -> Result<()> {
    let status = Command::new("dpkg").args(arguments).args(package).status()?;
    ensure!(status.success(), "dpkg {arguments:?}: {status}");
    Ok(())
}

/// Removes the package at the end, also when a step fails.
struct Installed;

impl Drop for Installed {
    fn drop(&mut self) {
        if let Err(error) = dpkg(&["--purge", "nameplate"], None) {
            eprintln!("the package is still installed: {error:#}");
        }
    }
}
