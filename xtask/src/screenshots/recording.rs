//! Pictures for the README: a recording of a sign-in at the demo, and the window afterwards in both languages.

use crate::environment::window::Window;
use crate::environment::{Environment, Services};
use crate::project;
use anyhow::{Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use tokio::process::Command;

const USER: &str = "haneul";

/// How long each frame is shown, in hundredths of a second.
const DELAY: &str = "170";

/// Size of the window, in pixels.
const SIZE: (u32, u32) = (900, 760);

/// Largest recording, in bytes.
const LARGEST: u64 = 1_500_000;

/// Makes them in a private environment.
pub async fn record(folder: &Path) -> Result<()> {
    let mut env = Environment::open(Services::Standard).await?;
    let taken = take(&mut env, folder).await;
    env.close().await;
    let frames = taken?;
    let recording = images().join("sign-in.gif");
    let mut convert = Command::new("convert");
    convert.args(["-delay", DELAY, "-loop", "0"]).args(&frames);
    convert.args(["-resize", "1200x", "-layers", "Optimize"]);
    ensure!(convert.arg(&recording).status().await?.success(), "convert failed");
    let size = fs::metadata(&recording)?.len();
    ensure!(size < LARGEST, "{} has {size} bytes", recording.display());
    Ok(())
}

fn images() -> PathBuf {
    project::root().join("docs/images")
}

/// The frames of the recording.
async fn take(env: &mut Environment, folder: &Path) -> Result<Vec<PathBuf>> {
    let home = env.home()?;
    env.configure(&home, "")?;
    env.start(&home)?;
    let window = env.window().await?;
    window.screen("welcome").await?;
    window.resize(SIZE.0, SIZE.1).await?;
    env.browser()?.open("about:blank").await?;
    let frame = |name| folder.join(format!("recording-{name}.png"));
    let mut frames = vec![shoot(env, &window, frame("1-welcome")).await?];
    window.page().click("[data-testid=try-demo]").await?;
    env.open_next_link().await?;
    env.browser()?.page().shown("button[name=user]").await?;
    window.screen("waiting").await?;
    frames.push(shoot(env, &window, frame("2-who")).await?);
    env.browser()?.log_in(USER).await?;
    frames.push(shoot(env, &window, frame("3-consent")).await?);
    env.browser()?.page().click("button[name=decision][value=allow]").await?;
    window.screen("profile").await?;
    window.page().shown("[data-testid=avatar]").await?;
    let signed_in = shoot(env, &window, frame("4-signed-in")).await?;
    // Shown for twice as long.
    frames.extend([signed_in.clone(), signed_in]);
    pictures(&window).await?;
    window.detach().await;
    Ok(frames)
}

/// The window in both languages.
async fn pictures(window: &Window) -> Result<()> {
    for (language, file) in [("ko", "window.ko.png"), ("en", "window.png")] {
        let page = window.page();
        page.click("[data-testid=open-settings]").await?;
        page.click(&format!("[data-testid=language-{language}]")).await?;
        page.click("[data-testid=theme-light]").await?;
        page.shown(&format!("html[lang={language}][data-theme=light]")).await?;
        page.click("[data-testid=back]").await?;
        window.screen("profile").await?;
        window.screenshot(&images().join(file)).await?;
    }
    Ok(())
}

/// The window on the left, the page in the browser on the right.
async fn shoot(env: &Environment, window: &Window, frame: PathBuf) -> Result<PathBuf> {
    let parts = ["window.png", "browser.png"].map(|name| frame.with_extension(name));
    window.screenshot(&parts[0]).await?;
    env.browser()?.screenshot(&parts[1]).await?;
    let height = format!("x{}", SIZE.1);
    let mut join = Command::new("convert");
    join.args(&parts).args([
        "-resize",
        &height,
        "-bordercolor",
        "#8a8174",
        "-border",
        "2",
        "+append",
        "+repage",
    ]);
    ensure!(join.arg(&frame).status().await?.success(), "convert failed");
    Ok(frame)
}
