use secrecy::ExposeSecret;
use serde_json::json;

use super::*;
use crate::config::{Config, Sources};
use crate::home::Home;
use crate::identity::testing::identity;

static EXAMPLE: Provider = Provider {
    id: "example",
    label: "Example",
    issuer: "https://example.com",
    ..Provider::STANDARD
};

/// A table of a built-in provider that the program does not offer changes nothing.
#[test]
fn what_is_not_offered_is_left_out() {
    let given = || vec![oidc("company", "https://login.example.com").client_id("notes")];
    let offered = config(given(), "[discord]\nclient_id = \"1\"\n");
    assert_eq!(offered.problem, None);
    assert_eq!(offered.entries().len(), 1);
    assert!(config(given(), "[myspace]\nclient_id = \"1\"\n").problem.is_some());
}

fn config(providers: Vec<ProviderOptions>, written: &str) -> Config {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("providers.toml"), written).unwrap();
    let home = Home::own(&identity(), dir.path()).unwrap();
    let mut sources = Sources::default();
    sources.providers = providers;
    Config::read(&home, &sources)
}

fn client(config: &Config, id: &str) -> Option<(String, Option<String>)> {
    let client = config.entry(id).unwrap().oauth.client.clone()?;
    Some((client.id, client.secret.map(|secret| secret.expose_secret().to_owned())))
}

#[test]
fn a_program_offers_its_providers_only() {
    let given = vec![
        custom(&EXAMPLE).client_id("a"),
        oidc("company", "https://login.example.com").client_id("b"),
    ];
    let config = config(given, "");
    assert_eq!(config.problem, None);
    let ids: Vec<_> = config.entries().iter().map(|entry| entry.oauth.id.as_str()).collect();
    assert_eq!(ids, ["example", "company"]);
    assert_eq!(client(&config, "example"), Some(("a".into(), None)));
    assert_eq!(config.entry("company").unwrap().oauth.issuer, "https://login.example.com");
}

/// Client id and secret come from one source; a client of the program is never sent to an issuer
/// that the user's file names.
#[test]
fn what_is_written_goes_first() {
    let given = || vec![oidc("company", "https://a.example").client_id("app").client_secret("s")];
    let table = |more: &str| format!("[company]\nkind = \"oidc\"\n{more}");
    let written = config(given(), &table("client_id = \"own\"\nlabel = \"Ours\""));
    assert_eq!(client(&written, "company"), Some(("own".into(), None)));
    assert_eq!(written.entry("company").unwrap().label, "Ours");
    let app = Some(("app".to_owned(), Some("s".to_owned())));
    assert_eq!(client(&config(given(), &table("label = \"Ours\"")), "company"), app);
    let elsewhere = table("issuer = \"https://b.example\"");
    assert_eq!(client(&config(given(), &elsewhere), "company"), None);
}

/// S48: an error names the key and never a value.
#[test]
fn a_table_of_a_configuration_is_checked() {
    let read = |id: &str, table| ProviderOptions::from_table(id, table);
    assert_eq!(read("discord", json!({"client_id": "1"})).unwrap().provider.id, "discord");
    let company = json!({"kind": "oidc", "issuer": "https://a.example"});
    assert_eq!(read("company", company.clone()).unwrap().provider.id, "oidc");
    assert!(read("discord", company).is_err());
    assert!(read("company", json!({"client_id": "1"})).is_err());
    let unknown = read("discord", json!({"client_secrte": "s3cret"})).unwrap_err().to_string();
    assert!(unknown.contains("client_secrte") && !unknown.contains("s3cret"), "{unknown}");
}
