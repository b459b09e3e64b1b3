//! Signs in by a code that the user enters in a browser, perhaps on another device, and prints
//! the profile.
//!
//! Without arguments it signs in at a demo provider that it starts itself; else at the OpenID
//! Connect issuer that is given: `cargo run -p native-oauth --example device_code ISSUER CLIENT_ID`.

#![allow(clippy::print_stdout, reason = "a program")]

use std::sync::Arc;
use std::time::Duration;

use demo_provider::DemoProvider;
use native_oauth::clock::system_clock;
use native_oauth::http::Http;
use native_oauth::id_token::IdTokenContext;
use native_oauth::{Client, ProviderConfig};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let demo = DemoProvider::start("127.0.0.1:0").await?;
    let mut arguments = std::env::args().skip(1);
    let issuer = arguments.next().unwrap_or_else(|| format!("{}/oidc", demo.base()));
    let client_id =
        arguments.next().unwrap_or_else(|| demo_provider::providers::oidc::CLIENT_ID.to_owned());

    let mut config = ProviderConfig::issuer("company", &issuer).with_client(&client_id, None);
    // The demo provider speaks plain http.
    config.plain_loopback = true;
    let http = Http::new("Example/1.0", Arc::new(system_clock))?;
    let client = Client::new(http, config).discover().await?;

    let (authorization, lifetime) = client.device_authorization().await?;
    let prompt = &authorization.prompt;
    println!("Open {} and enter {}", prompt.verification_uri, prompt.user_code);
    let lifetime = Duration::from_secs(lifetime);
    let tokens = authorization.wait_for_token(&client, lifetime).await?;
    let context = IdTokenContext::Device { now: system_clock() };
    let signed_in = client.identify(tokens, context, None).await?;

    println!("{:#?}", signed_in.userinfo.profile);
    Ok(())
}
