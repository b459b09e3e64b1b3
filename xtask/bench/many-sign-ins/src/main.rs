//! Signs in again and again in one process, for `cargo xtask bench`, which plays the browser.
//!
//! Each line on standard output is the address of an authorization request. Sessions go to a vault in memory: what is
//! measured is this process, not the keychain.

use anyhow::{Result, ensure};
use nameplate::vault::MemoryVault;
use nameplate::{AppIdentity, Environment, Home, Nameplate, SignInOutcome, SignInRequest};
use std::io::{Write, stdout};

#[tokio::main]
async fn main() -> Result<()> {
    // Those of the program, for which the measured home is set up.
    let identity = AppIdentity::new("app.nameplate.desktop", "Nameplate", "0.0.0");
    let environment: Environment = std::env::vars_os().collect();
    let home = Home::choose(&identity, None, &environment)?;
    let nameplate = Nameplate::builder(home).vault(MemoryVault::default()).open()?;
    loop {
        let request = SignInRequest {
            method: Some(nameplate::RedirectMethod::Loopback.into()),
            ..SignInRequest::new("discord")
        };
        let pending = nameplate.sign_ins().begin(request).await?;
        writeln!(stdout(), "{}", pending.url)?;
        let outcome = nameplate.sign_ins().outcome(&pending.id).await?;
        ensure!(matches!(outcome, SignInOutcome::SignedIn(_)), "another outcome");
        nameplate.profiles().pictures_downloaded().await;
    }
}
