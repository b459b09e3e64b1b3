use native_oauth::provider::TokenEndpointAuthMethod;
use native_oauth::provider::{Grant, RedirectMethod};

use super::*;

fn home(providers: &str) -> (tempfile::TempDir, Home) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("providers.toml"), providers).unwrap();
    let home = Home::own(&crate::identity::testing::identity(), dir.path()).unwrap();
    (dir, home)
}

fn problem(providers: &str) -> String {
    let (_dir, home) = home(providers);
    let problem = Config::read(&home, &Sources::default()).problem.expect("a problem");
    assert_eq!(problem.code(), Code::ConfigUnreadable);
    problem.detail().unwrap().to_owned()
}

#[test]
fn nothing_set_up_still_lists_the_built_in_providers() {
    let (_dir, home) = home("");
    let config = Config::read(&home, &Sources::default());
    let ids: Vec<_> = config.entries().iter().map(|entry| entry.oauth.id.as_str()).collect();
    let built_in: Vec<_> = BUILT_IN.iter().chain([&&OIDC]).map(|known| known.id).collect();
    assert_eq!(ids, built_in);
    assert_eq!(config.ready("discord").unwrap_err().code(), Code::NotSetUp);
    assert_eq!(config.entry("myspace").unwrap_err().code(), Code::UnknownProvider);
}

#[test]
fn an_unreadable_file_names_line_and_reason() {
    assert!(problem("[discord]\nclient_id = 5\n").starts_with("providers.toml, line 2: "));
    assert!(problem("[discord\n").starts_with("providers.toml, line 1: "));
    assert!(problem("[discord]\n\nclient_idd = \"x\"\n").contains("client_idd"));
    assert!(problem("[company]\nissuer = \"https://x\"\n").contains("kind"));
    assert!(problem("[company]\nkind = \"saml\"\n").contains("saml"));
}

#[test]
fn an_unreadable_file_keeps_no_one_from_reading_the_reason() {
    let (_dir, home) = home("[discord\n");
    let config = Config::read(&home, &Sources::default());
    assert_eq!(config.entries().len(), BUILT_IN.len() + 1);
    assert_eq!(config.ready("discord").unwrap_err().code(), Code::ConfigUnreadable);
}

/// An unreadable file chooses no keychain.
#[test]
fn a_keychain_is_chosen_by_a_readable_file() {
    for (file, keychain) in [
        ("", Some(KeychainKind::System)),
        ("keychain = \"kernel\"\n", Some(KeychainKind::Kernel)),
        ("keychain = \"file\"\n", None),
    ] {
        let (_dir, home) = home(file);
        assert_eq!(Config::read(&home, &Sources::default()).keychain, keychain, "{file}");
    }
}

/// S9: http is for loopback hosts, and only in a separate home.
#[test]
fn endpoints_must_be_https() {
    let plain = "[discord]\nclient_id = \"x\"\ntoken_endpoint = \"http://discord.com/token\"\n";
    assert!(problem(plain).contains("token_endpoint"));
    let loopback =
        "[discord]\nclient_id = \"x\"\ntoken_endpoint = \"http://127.0.0.1:9400/token\"\n";
    let (_dir, home) = home(loopback);
    let config = Config::read(&home, &Sources::default());
    assert_eq!(config.problem, None);
    assert_eq!(config.entry("discord").unwrap().overrides, ["token_endpoint"]);
    let tables = file::parse(loopback).unwrap().tables;
    let mut installed = Config::default();
    installed.add_entries(tables, &[], &env::Clients::default(), false);
    assert!(installed.problem.unwrap().detail().unwrap().contains("token_endpoint"));
}

/// S10: a protocol parameter in the query of an endpoint is refused, in any spelling; others
/// stay (RFC 6749, section 3.1).
#[test]
fn an_endpoints_query_holds_no_protocol_parameter() {
    let table = |key: &str, query: &str| {
        format!("[discord]\nclient_id = \"x\"\n{key} = \"https://id.example.com/x?{query}\"\n")
    };
    for query in [
        "response_type=token",
        "tenant=1&state=x",
        "state",
        "%73tate=x",
        "State=x",
        "client_id=other",
        "redirect_uri=https://evil.example",
        "request=eyJ",
        "code_challenge_method=plain",
    ] {
        for key in ["authorization_endpoint", "token_endpoint", "revocation_endpoint"] {
            let words = problem(&table(key, query));
            assert!(words.contains(key) && words.contains("query"), "{query}: {words}");
        }
    }
    let (_dir, home) = home(&table("authorization_endpoint", "tenant=1&audience=api"));
    let config = Config::read(&home, &Sources::default());
    assert_eq!(config.problem, None);
    let endpoint = config.entry("discord").unwrap().oauth.endpoints.authorization.clone().unwrap();
    assert_eq!(endpoint.query(), Some("tenant=1&audience=api"));
}

/// S9: an https redirect page is https, ends with the provider's id and has no query; its
/// method is preferred.
#[test]
fn a_page_of_ones_own_is_a_method() {
    let table = |uri: &str| format!("[kakao]\nclient_id = \"x\"\nredirect_uri = \"{uri}\"\n");
    let (_dir, home) = home(&table("https://example.com/redirect/kakao"));
    let config = Config::read(&home, &Sources::default());
    assert_eq!(config.problem, None);
    let methods = &config.ready("kakao").unwrap().methods;
    assert_eq!(methods, &[RedirectMethod::HttpsPage, RedirectMethod::Loopback].map(Grant::from));
    for (uri, words) in [
        ("http://example.com/redirect/kakao", "https"),
        ("https://example.com/redirect/kakao?x=1", "query"),
        ("https://example.com/redirect/kakao#x", "fragment"),
        ("https://example.com/bounce", "must end with /kakao"),
        ("app.nameplate.desktop:/callback/kakao", "https"),
    ] {
        assert!(problem(&table(uri)).contains(words), "{uri}");
    }
    let chosen = "[kakao]\nclient_id = \"x\"\nmethod = \"https-page\"\n";
    assert!(problem(chosen).contains("does not allow it"));
}

/// Id, secret and authentication method come from one source.
#[test]
fn the_files_way_to_show_a_secret_is_for_the_files_client() {
    let tables =
        file::parse("[discord]\nclient_id = \"theirs\"\nclient_auth = \"basic\"").unwrap().tables;
    let read = |dotenv: &[(&str, &str)]| {
        let dotenv = dotenv.iter().map(|(name, id)| ((*name).into(), (*id).into())).collect();
        let mut config = Config::default();
        let tables = tables.clone();
        config.add_entries(tables, &[], &env::Clients { dotenv, ..env::Clients::default() }, true);
        let entry = config.entry("discord").unwrap();
        (entry.oauth.client().unwrap().id.clone(), entry.oauth.client_auth)
    };
    assert_eq!(read(&[]), ("theirs".into(), Some(TokenEndpointAuthMethod::ClientSecretBasic)));
    assert_eq!(read(&[("DISCORD_CLIENT_ID", "ours")]), ("ours".into(), None));
}

#[test]
fn an_issuer_of_ones_own_is_an_entry() {
    let (_dir, home) = home(
        "[company]\nkind = \"oidc\"\nlabel = \"Company SSO\"\nissuer = \"https://id.example.com\"\nclient_id = \"desktop\"\nredirect_ports = [53682]\n",
    );
    let config = Config::read(&home, &Sources::default());
    let entry = config.ready("company").unwrap();
    assert_eq!(
        (entry.label.as_str(), entry.oauth.issuer.as_str()),
        ("Company SSO", "https://id.example.com")
    );
    assert_eq!(entry.ports.as_deref(), Some(&[53682][..]));
}

/// S9: the provider that the program runs itself may be at http, as long as it is offered. It allows
/// no other entry http, and neither changes one that is written nor is changed by it.
#[test]
fn a_loopback_provider_is_the_only_one_at_http() {
    let demo = || crate::providers::oidc("demo", "http://127.0.0.1:9400/oidc").client_id("c");
    let installed = Home::of_user(&crate::identity::testing::identity()).unwrap();
    let sources = Sources::default();
    let read = |text: &str| Config::of_text(&installed, &sources, text).unwrap();
    assert_eq!(read("").entry("demo").unwrap_err().code(), Code::UnknownProvider);
    assert!(sources.offer_loopback(demo()));
    let config = read("");
    assert_eq!(config.problem, None);
    let entry = config.ready("demo").unwrap();
    assert!(entry.oauth.plain_loopback && !entry.links_by_email);
    assert!(!config.entry("discord").unwrap().oauth.plain_loopback);
    let other = "[company]\nkind = \"oidc\"\nissuer = \"http://127.0.0.1:9400/oidc\"\n";
    assert!(read(other).problem.unwrap().detail().unwrap().contains("https"));
    let written = read("[demo]\nkind = \"oidc\"\nissuer = \"https://id.example.com\"\n");
    let entry = written.entry("demo").unwrap();
    assert_eq!(entry.oauth.issuer, "https://id.example.com");
    assert!(!entry.oauth.plain_loopback && entry.oauth.client.is_none());
    sources.withdraw_loopback();
    assert_eq!(read("").entry("demo").unwrap_err().code(), Code::UnknownProvider);
}

/// A problem of an earlier configuration ends with one that has no error, if it was about that.
#[cfg(feature = "watch")]
#[test]
fn a_configuration_without_an_error_solves_its_problems() {
    let (_dir, home) = home("[discord]\nclient_id = \"c\"\n");
    let config = Config::read(&home, &Sources::default());
    for (code, id, solved) in [
        (Code::ConfigUnreadable, "kakao", true),
        (Code::NotSetUp, "discord", true),
        (Code::NotSetUp, "kakao", false),
        (Code::UnknownProvider, "discord", true),
        (Code::UnknownProvider, "myspace", false),
        (Code::Unreachable, "discord", false),
    ] {
        assert_eq!(config.solves(&Error::new(code).at(id)), solved, "{code} of {id}");
    }
}

/// The provider that a program starts on this computer is offered as such; a written one of its id
/// takes its place.
#[test]
fn a_loopback_provider_is_offered() {
    for (written, offered) in [
        ("", true),
        (
            "[demo]\nkind = \"oidc\"\nissuer = \"https://id.example.com\"\nclient_id = \"c\"\n",
            false,
        ),
    ] {
        let mut config = Config::of_text_alone(written).unwrap();
        config.add_loopback(Some(
            crate::providers::oidc("demo", "http://127.0.0.1:9400/oidc").client_id("demo"),
        ));
        assert_eq!(
            config.entry("demo").unwrap().is_loopback_provider,
            offered,
            "{:?}",
            config.problem
        );
    }
}

/// A written table that names no issuer, or the program's, keeps the program's client; one of another
/// issuer never gets its secret.
#[test]
fn a_written_table_keeps_the_client_of_its_issuer() {
    for (line, client) in [
        ("label = \"Ours\"", Some("ours")),
        ("issuer = \"https://id.example.com\"", Some("ours")),
        ("issuer = \"https://other.example.com\"", None),
    ] {
        let (_dir, home) = home(&format!("[company]\nkind = \"oidc\"\n{line}\n"));
        let given = crate::providers::oidc("company", "https://id.example.com").client_id("ours");
        let sources = Sources { providers: vec![given], ..Sources::default() };
        let config = Config::read(&home, &sources);
        let entry = config.entry("company").unwrap();
        let id = entry.oauth.client.as_ref().map(|client| client.id.as_str());
        assert_eq!(id, client, "{line}");
    }
}

/// A table cannot take the name of local profiles, whatever its kind.
#[test]
fn the_name_of_local_profiles_is_taken() {
    let issuer = "issuer = \"https://id.example.com\"\nclient_id = \"c\"\n";
    for kind in ["", "kind = \"oidc\"\n"] {
        let problem = problem(&format!("[email]\n{kind}{issuer}"));
        assert!(problem.contains("[email] is the name of profiles"), "{problem}");
    }
}

/// A client of `.env` has precedence over that of the table, and its variable is named. A program's own
/// file replaces `.env` of the home.
#[test]
fn a_client_of_the_env_file_is_named_by_its_variable() {
    let (dir, home) = home("[discord]\nclient_id = \"theirs\"\n[kakao]\nclient_id = \"k\"\n");
    std::fs::write(home.env_file(), "DISCORD_CLIENT_ID=ours\n").unwrap();
    let of = |sources: &Sources, id: &str| {
        let entry = Config::read(&home, sources).ready(id).unwrap().clone();
        (entry.oauth.client.unwrap().id, entry.fixed_by)
    };
    let sources = Sources::default();
    assert_eq!(of(&sources, "discord"), ("ours".into(), Some("DISCORD_CLIENT_ID".into())));
    assert_eq!(of(&sources, "kakao"), ("k".into(), None));
    let sources = Sources { env_file: Some(dir.path().join("none")), ..sources };
    assert_eq!(of(&sources, "discord"), ("theirs".into(), None));
}

/// A table of a built-in provider that the program does not offer is no error.
#[test]
fn a_table_of_a_provider_that_is_not_offered_is_ignored() {
    let (_dir, home) = home("[kakao]\nclient_id = \"k\"\n");
    let providers = vec![crate::providers::discord()];
    let config = Config::read(&home, &Sources { providers, ..Sources::default() });
    assert_eq!((config.problem, config.entries.len()), (None, 1));
}
