//! Signs in again and again in one process, for `cargo xtask bench`, which plays the browser.
//!
//! Each line on standard output is the address of an authorization request. Sessions go to a vault in memory: what is
//! measured is this process, not the keychain.

use anyhow::{Result, ensure};
use nameplate::vault::MemoryVault;
use nameplate::{Home, Nameplate, SignInOutcome, SignInRequest};
use std::io::{Write, stdout};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or_default()
}

#[tokio::main]
async fn main() -> Result<()> {
    let home = Home::choose(None)?;
    let vault = Arc::new(MemoryVault::default());
    let nameplate = Nameplate::open_with(home, vault, Arc::new(now))?;
    loop {
        let request = SignInRequest {
            channel: Some(nameplate::Channel::Loopback),
            ..SignInRequest::new("discord")
        };
        let pending = nameplate.sign_ins().begin(request).await?;
        writeln!(stdout(), "{}", pending.url)?;
        let outcome = nameplate.sign_ins().outcome(&pending.id).await?;
        ensure!(matches!(outcome, SignInOutcome::SignedIn(_)), "another outcome");
        nameplate.accounts().pictures_downloaded().await;
    }
}
