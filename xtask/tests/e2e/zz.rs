use anyhow::Result;
use xtask::stage::{Cast, Stage};
#[tokio::test]
async fn mini() -> Result<()> {
    let stage = Stage::open(Cast::Usual).await?;
    let home = stage.home()?;
    for _ in 0..2 {
        let mut p = stage.start(&home)?;
        p.drain();
        let t = std::time::Instant::now();
        let w = stage.window().await?;
        eprintln!("attached {:?}", t.elapsed());
        w.screen("profile").await?;
        eprintln!("screen {:?}", t.elapsed());
        let e = w.page().shown("[data-testid=nickname]").await?;
        eprintln!("found {:?}", t.elapsed());
        eprintln!("displayed {:?} {:?}", e.is_displayed().await, t.elapsed());
        eprintln!("text {:?} {:?}", e.text().await, t.elapsed());
        eprintln!("avatar {:?} {:?}", w.avatar().await, t.elapsed());
        w.resize(360, 700).await?;
        w.screenshot(std::path::Path::new("/tmp/w/exp/mini.png"))
            .await?;
        w.page().click("[data-testid=b]").await?;
        eprintln!("{:?}", stage.nameplate_windows()?);
        let page = w.page().clone();
        let seen = tokio::spawn(async move {
            let r = page.shown("#late").await.map(|_| ());
            (r, std::time::Instant::now())
        });
        w.detach().await;
        let _ = seen;
        stage.quit()?;
        eprintln!("quit {:?}", t.elapsed());
    }
    eprintln!("{:?}", stage.close().await);
    Ok(())
}
