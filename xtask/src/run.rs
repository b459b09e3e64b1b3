//! `cargo xtask run`.
/// Runs.
pub async fn run() -> anyhow::Result<()> {
    Ok(())
}
