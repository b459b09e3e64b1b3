//! Configuration errors: each has a code, and no sign-in begins.

use std::time::Duration;

use nameplate::providers::oidc;
use nameplate::settings::{LanguageChoice, Settings};
use nameplate::{Code, Event, Nameplate, RedirectMethod, RefreshPolicy, SignOutScope};
use secrecy::ExposeSecret;
use tokio::sync::broadcast;

use crate::fixture::{Fixture, ask};

/// An unreadable file is reported with line and reason, without values; the engine runs, and
/// continues once the file is repaired.
#[tokio::test]
async fn an_unreadable_file_names_line_and_reason() {
    let fixture = Fixture::new().await;
    let good = fixture.demo.providers_toml();
    for (text, words) in [
        ("[discord]\nclient_id = \"x\nclient_secret = \"s3cret\"\n", "line 2"),
        ("[discord\n", "line 1"),
        ("[discord]\n\nclient_identity = \"s3cret\"\n", "line 3"),
        ("[company]\nkind = \"oidc\"\nclient_id = \"s3cret\"\n", "issuer"),
        ("[company]\nkind = \"saml\"\nissuer = \"https://s\"\n", "saml"),
        (
            "[discord]\nclient_id = \"x\"\ntoken_endpoint = \"http://example.com/\"\n",
            "token_endpoint",
        ),
        ("[google]\nclient_id = \"x\"\nmethod = \"deep-link\"\n", "method"),
        ("[discord]\nclient_id = \"x\"\nredirect_ports = []\n", "redirect_ports"),
        ("[discord]\nclient_id = \"x\"\nredirect_ports = [53682, 0]\n", "1024"),
        ("[discord]\nclient_id = \"x\"\nredirect_ports = [1023]\n", "1024"),
        ("[discord]\nclient_id = \"x\"\nclient_secret = 123456789\n", "line 3"),
        ("[discord]\nclient_id = \"x\"\nclient_secret = 1234.56789\n", "line 3"),
        ("[discord]\nclient_id = \"x\"\nclient_secret = 2001-02-03\n", "line 3"),
        ("[discord]\nclient_id = \"x\"\nclient_secret = [\"s3cret\"]\n", "line 3"),
        ("[discord]\nclient_id = \"x\"\nclient_secret = s3cret\n", "line 3"),
        ("[discord]\nclient_id = \"x\"\nclient_auth = \"s3cret\"\n", "line 3"),
        ("[Discord]\nkind = \"oidc\"\nissuer = \"https://x\"\n", "small letters"),
    ] {
        fixture.write_providers(text);
        let problem = fixture.state().problem.unwrap();
        assert_eq!(problem.code, Code::ConfigUnreadable, "{text}");
        let detail = problem.detail.unwrap();
        assert!(detail.contains(words) && quotes_nothing(&detail), "{detail}");
        let refused = fixture
            .nameplate
            .sign_ins()
            .begin(ask("company", RedirectMethod::Manual))
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::ConfigUnreadable, "{text}");
    }
    assert_eq!(fixture.rows("SELECT count(*) FROM attempts"), 0);
    fixture.write_providers(&good);
    fixture.sign_in("company").await.unwrap();
}

/// A value that does not fit its provider takes away that provider alone. A file that cannot be read takes
/// away neither people, nor tokens before their expiry, nor providers that need no client.
#[tokio::test]
async fn an_unreadable_file_leaves_people_and_tokens() {
    let fixture = Fixture::new().await;
    let account = fixture.sign_in("discord").await.unwrap().accounts[0].id.clone();
    let token = |policy| fixture.access_token(account.as_str(), policy);
    let first = token(RefreshPolicy::WhenNeeded).await.unwrap();
    let cards = || fixture.state().providers;
    let ready = || {
        let ready = cards().into_iter().filter(|card| card.ready);
        ready.map(|card| card.id).collect::<Vec<_>>()
    };
    let (good, all) = (fixture.demo.providers_toml(), ready());

    let unfit = "[kakao]\nissuer = \"https://id.example.com\"\n";
    fixture.write_providers(&good.replace("[kakao]\n", unfit));
    let others: Vec<_> = all.into_iter().filter(|id| id != "kakao").collect();
    assert_eq!(ready(), others);
    assert!(cards().iter().all(|card| card.problem.is_none()), "it is about none of them");
    token(RefreshPolicy::Always).await.unwrap();
    let second = token(RefreshPolicy::WhenNeeded).await.unwrap();
    assert_ne!(second.token.expose_secret(), first.token.expose_secret());

    fixture.write_providers(&format!("{good}[\n"));
    assert_eq!(ready(), ["bluesky", "mastodon", "oidc", "email"]);
    assert!(cards().iter().all(|card| card.problem.is_some() || card.id == "email"));
    assert_eq!(fixture.users().len(), 1);
    let kept = token(RefreshPolicy::WhenNeeded).await.unwrap();
    assert_eq!(kept.token.expose_secret(), second.token.expose_secret());
    let refused = token(RefreshPolicy::Always).await.unwrap_err();
    assert_eq!(refused.code(), Code::ConfigUnreadable);
    let found = fixture.nameplate.doctor().examine();
    assert!(found.iter().any(|finding| finding.name == "config_unreadable"));
}

/// S9: every configured endpoint is https, except loopback hosts in a separate home; no user name,
/// no fragment.
#[tokio::test]
async fn configured_endpoints_must_be_https() {
    let fixture = Fixture::new().await;
    for key in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "people_endpoint",
        "avatar_base",
        "revocation_endpoint",
    ] {
        for address in [
            "http://example.com/",
            "http://127.0.0.1.example.com/",
            "http://localhost.example.com/",
            "http://[::2]/",
            "http://0.0.0.0/",
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
            "https://user@example.com/",
            "https://example.com/#x",
            "example.com",
        ] {
            fixture
                .write_providers(&format!("[google]\nclient_id = \"x\"\n{key} = \"{address}\"\n"));
            let refused = fixture
                .nameplate
                .sign_ins()
                .begin(ask("google", RedirectMethod::Manual))
                .await
                .unwrap_err();
            assert_eq!(refused.code(), Code::ConfigUnreadable, "{key} = {address}");
        }
        for address in [
            "https://example.com/",
            "http://127.0.0.1:1/",
            "http://localhost:1/",
            "http://[::1]:1/",
        ] {
            fixture
                .write_providers(&format!("[google]\nclient_id = \"x\"\n{key} = \"{address}\"\n"));
            assert_eq!(
                fixture.nameplate.provider_setup().config().problem,
                None,
                "{key} = {address}"
            );
        }
    }
}

/// A provider without a client id is reported as not set up.
#[tokio::test]
async fn a_missing_client_id_is_told() {
    let fixture = Fixture::with(|_| String::new()).await;
    for provider in ["discord", "google", "kakao"] {
        let refused = fixture
            .nameplate
            .sign_ins()
            .begin(ask(provider, RedirectMethod::Manual))
            .await
            .unwrap_err();
        assert_eq!((refused.code(), refused.provider()), (Code::NotSetUp, Some(provider)));
        let problem = fixture.state().problem.unwrap();
        assert_eq!(problem.remedies, [nameplate::Remedy::SetUp, nameplate::Remedy::CheckAgain]);
    }
    let blank = "[discord]\nclient_id = \"  \"\n";
    fixture.write_providers(blank);
    let refused = fixture
        .nameplate
        .sign_ins()
        .begin(ask("discord", RedirectMethod::Manual))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::NotSetUp);
    let cards = fixture.state().providers;
    assert!(cards.iter().all(|card| card.file.ends_with("providers.toml")));
    let ready: Vec<_> = cards.iter().filter(|card| card.ready).map(|card| &card.id).collect();
    assert_eq!(
        ready,
        ["bluesky", "mastodon", "oidc", "email"],
        "a server that a person names, and a profile of this device, need no set-up"
    );
    fixture.assert_nothing_kept();
}

/// A provider has its name in the user's language, also at a sign-in that waits and at an account that was stored in
/// another language; a configured label stays as it is written.
#[tokio::test]
async fn a_provider_is_labelled_in_the_users_language() {
    let fixture = Fixture::new().await;
    fixture.sign_in("kakao").await.unwrap();
    fixture.begin("kakao", RedirectMethod::Manual).await;
    let labels = |language| {
        let preferences = fixture.nameplate.preferences();
        preferences.save(Settings { language, ..preferences.get().unwrap() }).unwrap();
        let state = fixture.state();
        let card = |id| state.providers.iter().find(|card| card.id == id).unwrap().label.clone();
        let account = state.users[0].accounts[0].label.clone();
        [card("kakao"), account, state.signing_in.unwrap().label, card("company"), card("line")]
    };
    let [company, line] = ["Company SSO", "LINE"];
    assert_eq!(labels(LanguageChoice::Ko), ["카카오", "카카오", "카카오", company, line]);
    assert_eq!(labels(LanguageChoice::En), ["Kakao", "Kakao", "Kakao", company, line]);
    let written =
        fixture.demo.providers_toml().replace("[kakao]\n", "[kakao]\nlabel = \"Kakao 2\"\n");
    fixture.write_providers(&written);
    assert_eq!(labels(LanguageChoice::Ko)[0], "Kakao 2");
}

/// S7, S8: the redirect URIs to register are those that are sent.
#[tokio::test]
async fn what_is_to_be_registered_is_what_is_sent() {
    let fixture = Fixture::new().await;
    for card in fixture.state().providers {
        let uris = card.redirect_uris;
        // Google's desktop clients, clients of the AT Protocol and local profiles register none.
        let nothing = matches!(&*card.id, "google" | "bluesky" | "email");
        assert_eq!(uris.is_empty(), nothing, "{}", card.id);
        if uris.is_empty() {
            continue;
        }
        assert!(uris.iter().all(|uri| uri.ends_with(&format!("/{}", card.id))));
        for method in [RedirectMethod::DeepLink, RedirectMethod::Manual, RedirectMethod::HttpsPage]
        {
            let Ok(begun) = fixture.nameplate.sign_ins().begin(ask(&card.id, method)).await else {
                continue;
            };
            // `localhost` cannot be registered at Facebook.
            if (&*card.id, method) == ("facebook", RedirectMethod::Manual) {
                continue;
            }
            let without_port = begun.redirect_uri.replace(":53682", "");
            assert!(uris.contains(&begun.redirect_uri) || uris.contains(&without_port), "{uris:?}");
        }
    }
}

/// A file that is written while the program runs is read, and what it solves is not shown any
/// more.
#[tokio::test]
async fn a_changed_file_is_noticed() {
    let fixture = Fixture::new().await;
    let good = fixture.demo.providers_toml();
    fixture.write_providers("");
    let nameplate = &fixture.nameplate;
    let mut events = nameplate.events();
    tokio::spawn(nameplate.watch().unwrap());
    let refused =
        nameplate.sign_ins().begin(ask("discord", RedirectMethod::Manual)).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotSetUp);
    assert_eq!(nameplate.state().unwrap().problem.unwrap().code, Code::NotSetUp);

    let file = nameplate.home().providers_file();
    std::fs::write(&file, "[discord\n").unwrap();
    until(&mut events, || shown(nameplate) == Some(Code::ConfigUnreadable)).await;
    // An editor writes another file and renames it.
    let new = file.with_extension("new");
    std::fs::write(&new, &good).unwrap();
    std::fs::rename(&new, &file).unwrap();
    until(&mut events, || shown(nameplate).is_none()).await;
    assert!(
        nameplate.state().unwrap().providers.iter().any(|card| card.id == "discord" && card.ready)
    );

    // What the file does not solve stays.
    nameplate.notices().report(nameplate::Error::new(Code::AccessDenied).at("discord"));
    std::fs::write(&file, format!("{good}\n# changed\n")).unwrap();
    until(&mut events, || true).await;
    assert_eq!(shown(nameplate), Some(Code::AccessDenied));
}

fn shown(nameplate: &Nameplate) -> Option<Code> {
    nameplate.state().unwrap().problem.map(|problem| problem.code)
}

/// Waits for events until something is so.
async fn until(events: &mut broadcast::Receiver<Event>, is_so: impl Fn() -> bool) {
    let waiting = async {
        loop {
            events.recv().await.unwrap();
            if is_so() {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.unwrap();
}

fn quotes_nothing(detail: &str) -> bool {
    !["s3cret", "123456789", "1234.5", "2001-02"].iter().any(|secret| detail.contains(secret))
}

/// S9: a provider that the program runs itself is known while it is offered. Its account stays, and
/// can be removed afterwards.
#[tokio::test]
async fn a_loopback_provider_is_known_while_it_is_offered() {
    let fixture = Fixture::with(|_| String::new()).await;
    let setup = fixture.nameplate.provider_setup();
    let issuer = format!("{}/oidc", fixture.demo.base());
    let client = demo_provider::providers::oidc::CLIENT_ID;
    let demo = |issuer: &str| oidc("demo", issuer).client_id(client).label("Demo");
    for (provider, why) in [
        (demo("https://id.example.com"), "not at a loopback address"),
        (demo("http://127.0.0.1.example.com/oidc"), "not at a loopback address"),
        (oidc("discord", &issuer).client_id(client), "has this id"),
    ] {
        let refused = setup.offer_loopback(provider).map(drop).unwrap_err();
        assert_eq!(refused.code(), Code::LoopbackProviderFailed);
        assert!(refused.detail().unwrap().contains(why), "{refused}");
    }
    let begin = || fixture.nameplate.sign_ins().begin(ask("demo", RedirectMethod::Manual));
    assert_eq!(begin().await.unwrap_err().code(), Code::UnknownProvider);

    let offered = setup.offer_loopback(demo(&issuer)).unwrap();
    let second = oidc("other", &issuer).client_id(client);
    let refused = setup.offer_loopback(second).map(drop).unwrap_err();
    assert_eq!(refused.code(), Code::LoopbackProviderFailed);
    assert!(refused.detail().unwrap().contains("offered already"), "{refused}");
    let user = fixture.sign_in("demo").await.unwrap();
    assert_eq!(user.accounts[0].label, "Demo");
    fixture.write_providers("# written while it is offered\n");
    fixture.sign_in("demo").await.unwrap();

    let is_offered = || {
        let state = fixture.state();
        state.providers.iter().find(|card| card.id == "demo").unwrap().loopback
    };
    assert!(is_offered());
    fixture.write_providers(&format!("[demo]\nkind = \"oidc\"\nissuer = \"{issuer}\"\n"));
    setup.reload();
    assert!(!is_offered(), "a provider of the person's own is shown as the program's");
    fixture.write_providers("");
    setup.reload();
    assert!(is_offered());

    drop(offered);
    assert_eq!(begin().await.unwrap_err().code(), Code::UnknownProvider);
    drop(setup.offer_loopback(oidc("other", &issuer).client_id(client)).unwrap());
    let account = fixture.users().remove(0).accounts.remove(0);
    let token = fixture.nameplate.sessions();
    token.access_token(account.id.as_str(), RefreshPolicy::WhenNeeded).await.unwrap();
    let accounts = fixture.nameplate.accounts();
    accounts.sign_out(account.id.as_str(), SignOutScope::Here).await.unwrap();
    fixture.assert_nothing_kept();
}
