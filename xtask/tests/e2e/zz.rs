#[tokio::test]
async fn zz() -> anyhow::Result<()> {
    xtask::run::unattended::run().await
}
