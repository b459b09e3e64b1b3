//! Signs in at a provider that this file defines, and prints the profile:
//! `cargo run -p nameplate --example own_provider`.

#![allow(clippy::print_stdout, reason = "a program")]

use demo_provider::DemoProvider;
use demo_provider::providers::oidc::CLIENT_ID;
use nameplate::provider::{Endpoints, MissingField, ProfileResponses, Provider, subject, text};
use nameplate::providers::custom;
use nameplate::vault::MemoryVault;
use nameplate::{AppIdentity, Home, Nameplate, Profile, SignInOutcome, SignInRequest};

/// The definition. Where the addresses are known it is a `static`; those of the demo provider, which
/// plays the server, are known only now.
fn example(base: &str) -> &'static Provider {
    let at = |path: &str| -> &'static str { String::leak(format!("{base}/oidc{path}")) };
    Box::leak(Box::new(Provider {
        id: "company",
        label: "Example Company",
        issuer: at(""),
        endpoints: Endpoints {
            authorization: at("/authorize"),
            token: at("/token"),
            userinfo: at("/userinfo"),
            ..Endpoints::NONE
        },
        scopes: &["openid", "profile", "email"],
        profile,
        ..Provider::STANDARD
    }))
}

/// Reads userinfo. What the server leaves out or spells otherwise costs a field, not the sign-in.
fn profile(responses: &ProfileResponses) -> Result<Profile, MissingField> {
    let person = responses.body("userinfo");
    Ok(Profile {
        subject: subject(&person["sub"], "sub")?,
        nickname: text(&person["name"]).map(|name| format!("{name} of Example Company")),
        email: text(&person["email"]),
        ..Profile::default()
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let demo = DemoProvider::start("127.0.0.1:0").await?;
    let folder = tempfile::tempdir()?;
    let identity = AppIdentity::new("com.example.notes", "Notes", "1.0.0");
    let nameplate = Nameplate::builder(Home::own(&identity, folder.path())?)
        .provider(custom(example(demo.base())).client_id(CLIENT_ID))
        .vault(MemoryVault::default())
        .open()?;

    let pending = nameplate.sign_ins().begin(SignInRequest::new("company")).await?;
    println!("Open {}", pending.start_url);
    let SignInOutcome::SignedIn(user) = nameplate.sign_ins().outcome(&pending.id).await? else {
        return Err("no sign-in".into());
    };
    let user = nameplate.accounts().user(user.as_str())?;
    println!("{} at {}", user.nickname, user.accounts[0].label);
    nameplate.close().await;
    Ok(())
}
