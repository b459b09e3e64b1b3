//! The window of the minimal example, twice, with a provider that this file defines, and an API beside it.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::env;

use tauri_plugin_nameplate::Profile;
use tauri_plugin_nameplate::provider::{
    Endpoints, MissingField, ProfileResponses, Provider, subject, text,
};
use tauri_plugin_nameplate::providers::custom;

/// The definition. Where the addresses never change it is a `static`; here a variable may name
/// another server.
fn company(issuer: &str) -> &'static Provider {
    let at = |path: &str| -> &'static str { String::leak(format!("{issuer}{path}")) };
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
        picture: text(&person["picture"]),
        ..Profile::default()
    })
}

/// A variable, or what the app is built with.
fn variable(name: &str, otherwise: &str) -> String {
    env::var(name).unwrap_or_else(|_| otherwise.to_owned())
}

fn main() -> tauri::Result<()> {
    let mut context = tauri::generate_context!();
    let issuer = variable("OWN_PROVIDER_ISSUER", "https://login.example.com");
    let api = variable("OWN_PROVIDER_API", "https://api.example.com");
    let sign_in = tauri_plugin_nameplate::Builder::default()
        .separate_home(&mut context, env::var_os("OWN_PROVIDER_HOME"))
        .provider(custom(company(&issuer)).client_id("demo-oidc"))
        .api_of_issuer(["/userinfo"])
        .api(&api, ["/v1/"])
        .build();
    tauri::Builder::default().plugin(sign_in).run(context)
}
