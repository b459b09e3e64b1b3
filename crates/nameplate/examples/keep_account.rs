//! Signs in at a demo provider that it starts itself, prints the profile, and opens the home again,
//! as the program does at its next start: `cargo run -p nameplate --example keep_account`.

#![allow(clippy::print_stdout, reason = "a program")]

use std::sync::Arc;

use demo_provider::DemoProvider;
use demo_provider::providers::oidc::CLIENT_ID;
use nameplate::providers::oidc;
use nameplate::vault::MemoryVault;
use nameplate::{AppIdentity, Home, Nameplate, RefreshPolicy, SignInOutcome, SignInRequest};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let demo = DemoProvider::start("127.0.0.1:0").await?;
    let issuer = format!("{}/oidc", demo.base());
    let folder = tempfile::tempdir()?;
    let identity = AppIdentity::new("com.example.notes", "Notes", "1.0.0");
    // A program for people uses `Home::of_user`. The demo provider speaks plain http, which is for a
    // separate home only.
    let home = Home::own(&identity, folder.path())?;
    // In place of the operating system's keychain, which an example should not write to.
    let keychain = Arc::new(MemoryVault::default());
    let open = || {
        let company = oidc("company", &issuer).client_id(CLIENT_ID);
        Nameplate::builder(home.clone()).provider(company).vault(Arc::clone(&keychain)).open()
    };

    let nameplate = open()?;
    let pending = nameplate.sign_ins().begin(SignInRequest::new("company")).await?;
    // A program opens it itself: `nameplate::browser::open(&pending.start_url).await?`.
    println!("Open {}", pending.start_url);
    let SignInOutcome::SignedIn(user) = nameplate.sign_ins().outcome(&pending.id).await? else {
        return Err("no sign-in".into());
    };
    let user = nameplate.accounts().user(user.as_str())?;
    println!("{} is signed in", user.nickname);
    nameplate.close().await;
    drop(nameplate);

    let nameplate = open()?;
    for user in nameplate.accounts().list()? {
        println!("{} is still signed in as {:?}", user.nickname, user.email);
        for account in user.accounts {
            let sessions = nameplate.sessions();
            let token = sessions.access_token(account.id.as_str(), RefreshPolicy::WhenNeeded);
            println!("with an access token for {}", token.await?.scopes.join(" "));
        }
    }
    Ok(())
}
