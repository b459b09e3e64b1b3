use native_oauth::ErrorKind;
use native_oauth::provider::IdToken;

use super::*;
use crate::error::Error;

fn entry(table: &str) -> Result<Entry, String> {
    let config = crate::config::Config::of_text_alone(table).map_err(|error| error.to_string())?;
    let id = table.trim_start_matches('[').split(']').next().unwrap_or_default();
    match config.problem.as_ref().and_then(Error::detail) {
        Some(words) => Err(words.to_owned()),
        None => config.entry(id).cloned().map_err(|error| error.to_string()),
    }
}

/// The name of a table is part of redirect URIs and deep links.
#[test]
fn an_id_is_letters_digits_and_hyphens() {
    let longest = "a".repeat(40);
    for id in ["x", "my-company-2", &longest] {
        assert!(is_id(id), "{id}");
    }
    for id in ["", "2x", "-x", "X", "a_b", "a/b", "a.b", &format!("{longest}a")] {
        assert!(!is_id(id), "{id}");
    }
}

/// The device method exists if the provider has device codes, or its metadata may say so.
#[test]
fn a_method_is_one_that_the_provider_has() {
    let chosen = |id: &str, more: &str| entry(&format!("[{id}]\nclient_id = \"c\"\n{more}"));
    let oidc = "kind = \"oidc\"\nissuer = \"https://id.example.com\"\nmethod = \"device\"";
    assert_eq!(chosen("company", oidc).unwrap().methods[0], Grant::DeviceCode);
    let github = chosen("github", "method = \"device-code\"").unwrap();
    assert_eq!(github.methods[0], Grant::DeviceCode);
    assert_eq!(github.all_methods().iter().filter(|way| **way == Grant::DeviceCode).count(), 1);
    assert!(chosen("kakao", "method = \"device-code\"").unwrap_err().contains("does not allow it"));
    let discord = chosen("discord", "method = \"loopback\"").unwrap();
    assert_eq!(
        discord.methods,
        [RedirectMethod::Loopback, RedirectMethod::DeepLink].map(Grant::from)
    );
    assert_eq!(
        discord.all_methods(),
        [
            RedirectMethod::Loopback.into(),
            RedirectMethod::DeepLink.into(),
            RedirectMethod::Manual.into(),
            Grant::DeviceCode,
        ][..discord.all_methods().len()]
    );
}

/// Reads a configured provider from its table.
#[test]
fn an_entry_says_what_it_is() {
    let google = entry("[google]\nclient_id = \"g\"").unwrap();
    assert!(
        google.is_ready()
            && google.oauth.provider.id_token != IdToken::Never
            && !google.oauth.is_discovered()
    );
    assert!(!google.oauth.is_on_this_machine());
    let issuers = google.oauth.issuers();
    assert!(issuers.contains(&"accounts.google.com") && !issuers.contains(&"https://evil.example"));
    assert!(google.oauth.token_endpoint().is_ok());
    let empty = entry("[discord]").unwrap();
    assert!(!empty.is_ready() && empty.oauth.provider.id_token == IdToken::Never);
    assert_eq!(empty.oauth.client().unwrap_err().kind(), ErrorKind::NotSetUp);
    let company =
        "[company]\nkind = \"oidc\"\nissuer = \"https://id.example.com\"\nclient_id = \"c\"\n";
    let oidc = entry(company).unwrap();
    assert!(oidc.oauth.is_discovered() && !oidc.links_by_email);
    assert_eq!(oidc.oauth.token_endpoint().unwrap_err().kind(), ErrorKind::DiscoveryFailed);
    assert!(entry(&format!("{company}email_trusted = true")).unwrap().links_by_email);
    let overridden = "email_trusted = true\ntoken_endpoint = \"https://x.example/t\"";
    assert!(!entry(&format!("{company}{overridden}")).unwrap().links_by_email);
    let query = entry(&company.replace("example.com", "example.com/?tenant=1")).unwrap_err();
    assert_eq!(query, "providers.toml, [company] issuer: has a query");
    assert!(entry(&format!("{company}redirect_ports = []")).unwrap_err().contains("is empty"));
    assert!(entry(&format!("{company}redirect_ports = [1023]")).unwrap_err().contains("1023"));
    assert!(entry(&format!("{company}redirect_ports = [1024]")).is_ok());
}

/// S69: PAR, DPoP and `iss` are used at servers of the AT Protocol, whatever the table says; its own
/// client and directory are settings.
#[test]
fn the_at_protocol_leaves_no_choice() {
    use native_oauth::provider_config::{ExtensionPolicy, IssRule};
    for table in ["", "dpop = \"never\"\npar = \"if_offered\"\niss = \"if_present\""] {
        let oauth = entry(&format!("[bluesky]\n{table}")).unwrap().oauth;
        let both = (oauth.dpop, oauth.par);
        assert_eq!(both, (ExtensionPolicy::Required, ExtensionPolicy::Required), "{table}");
        assert_eq!(oauth.iss, IssRule::Required, "{table}");
        assert!(oauth.client.is_none());
    }
    let own = "client_id = \"https://example.com/client-metadata.json\"\nplc_directory = \"https://plc.example.com\"";
    let own = entry(&format!("[bluesky]\n{own}")).unwrap();
    assert_eq!(own.overrides, ["plc_directory"]);
    assert!(own.oauth.client.is_some() && own.is_ready());
    assert!(entry("[bluesky]\nplc_directory = \"http://plc.example.com\"").is_err());
}

/// A user names a server where the configuration names no issuer.
#[test]
fn a_server_is_named_where_there_is_none() {
    let built_in = crate::config::Config::of_text_alone("").unwrap();
    for (id, input) in [
        ("oidc", ServerInput::Issuer),
        ("mastodon", ServerInput::Server),
        ("bluesky", ServerInput::Handle),
        ("discord", ServerInput::None),
    ] {
        assert_eq!(built_in.entry(id).unwrap().server_input(), input, "{id}");
    }
    let table =
        "[company]\nkind = \"oidc\"\nissuer = \"https://id.example.com\"\nclient_id = \"c\"";
    assert_eq!(entry(table).unwrap().server_input(), ServerInput::None);
}

/// S66: a server is untrusted if a user named it, except in a home of its own.
#[test]
fn a_server_that_a_person_named_is_untrusted() {
    let configured = entry("[mastodon]\n").unwrap();
    let named = Entry { server: Some("mastodon.example".to_owned()), ..configured.clone() };
    let mut of_test = named.clone();
    of_test.oauth.plain_loopback = true;
    let untrusted = [configured, named, of_test].map(|entry| entry.is_untrusted());
    assert_eq!(untrusted, [false, true, false]);
}

/// A client that registers itself at each server cannot be given, by any of its parts.
#[test]
fn a_client_of_named_servers_cannot_be_given() {
    let problem = |options: crate::providers::ProviderOptions| {
        let mut config = crate::config::Config::default();
        config.add_entries(Default::default(), &[options], &Default::default(), false);
        config.problem.map(|problem| problem.to_string())
    };
    let any = crate::providers::any_issuer;
    for options in [
        any().client_id("c"),
        any().client_secret("s".to_owned()),
        any().redirect_uri("https://x.example/callback"),
    ] {
        let problem = problem(options).unwrap();
        assert!(problem.contains("registers itself"), "{problem}");
    }
    assert_eq!(problem(any().label("Any issuer")), None);
}
